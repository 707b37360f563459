"""What makes vectors of texts near or far: losses over all pairs of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def contrast(one: Tensor, other: Tensor, temperature: float, same: Tensor | None = None) -> Tensor:
    """How badly each text finds its partner among the partners of all others, both ways (InfoNCE, arXiv 1807.03748).

    Args:
        one, other: vectors of texts and of their partners: (texts, width).
        same: which others are as right as the partner, and so no rivals of it: (texts, texts).
    """
    scores = F.normalize(one, dim=-1) @ F.normalize(other, dim=-1).T / temperature
    if same is not None:
        diagonal = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
        scores = scores.masked_fill(same & ~diagonal, float("-inf"))
    right = torch.arange(len(scores), device=scores.device)
    return (F.cross_entropy(scores, right) + F.cross_entropy(scores.T, right)) / 2


def order_cosines(one: Tensor, other: Tensor, temperature: float, values: Tensor) -> Tensor:
    """How far pairs are from standing in the order of their numbers.

    Each pair is compared with all that have a smaller number: the logarithm of one plus the sum of the exponentials of
    how much nearer those are (a soft count of inversions, as in circle loss, arXiv 2002.10857).
    """
    cosines = F.cosine_similarity(one, other, dim=-1) / temperature
    excess = cosines[None, :] - cosines[:, None]  # of the column over the row
    wrong = values[:, None] > values[None, :]
    terms = excess.masked_select(wrong)
    return torch.logsumexp(torch.cat([terms.new_zeros(1), terms]), 0)


def meet_values(one: Tensor, other: Tensor, values: Tensor) -> Tensor:
    """Mean squared distance of the cosines from numbers between 0 and 1."""
    return F.mse_loss(F.cosine_similarity(one, other, dim=-1), values)


def over_sizes(loss: Callable[[Tensor, Tensor], Tensor], one: Tensor, other: Tensor, sizes: Sequence[int]) -> Tensor:
    """The mean of a loss over vectors cut to several sizes (arXiv 2205.13147)."""
    return torch.stack([loss(one[:, :size], other[:, :size]) for size in sizes]).mean()
