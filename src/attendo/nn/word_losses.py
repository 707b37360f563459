"""The loss of saying which word comes, without ever holding the scores of all words for all places.

Scores are made, compared and turned into gradients for a few places at a time, which stays within a processor's cache.
The whole table of scores is several times as large as everything else that a small model keeps for its gradients.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from attendo.nn.scores import WordScores

AT_ONCE = 2**21
"""Scores that are held at a time."""


class WordLoss(NamedTuple):
    """Sums over all places that have a target.

    Attributes:
        smoothed: what is learned from, with a gradient.
        plain: the negative log-probability of the targets, without one.
    """

    smoothed: Float[Tensor, ""]
    plain: Float[Tensor, ""]


def word_loss(
    vectors: Float[Tensor, "N E"], words: WordScores | nn.Linear, targets: Int[Tensor, " N"], smoothing: float = 0.0
) -> WordLoss:
    """Cross-entropy with label smoothing (arXiv 1512.00567, section 7), summed.

    Args:
        words: what scores them; a linear layer has no bias here.
        targets: the word that is right at each place; below 0 where none is asked for.
        smoothing: share of the target that is spread over all words.
    """
    if isinstance(words, nn.Linear):
        assert words.bias is None, "no gradient is made for a bias"
        start = words.weight.new_zeros(1, words.out_features)
    else:
        start = words.start
    return WordLoss(*_Summed.apply(vectors, words.weight, start, targets, smoothing))


class _Summed(torch.autograd.Function):
    """Gradients are made on the way: what they need is at hand then, and gone a moment later."""

    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, weight: Tensor, start: Tensor, targets: Tensor, smoothing: float
    ) -> tuple[Tensor, Tensor]:
        device = vectors.device.type
        short = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else vectors.dtype
        found = _Found(vectors, weight, start, learns=any(ctx.needs_input_grad))
        with torch.autocast(device, enabled=False):
            words = weight.to(short)
            for first in range(0, len(vectors), max(1, AT_ONCE // len(weight))):
                rows = slice(first, first + max(1, AT_ONCE // len(weight)))
                found.add(rows, words, targets[rows], smoothing)
        ctx.save_for_backward(*found.gradients)
        ctx.mark_non_differentiable(found.plain)
        return found.smoothed, found.plain

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return (*(each * grads[0] for each in ctx.saved_tensors), None, None, None)


class _Found:
    """Losses and gradients, as they are summed up."""

    def __init__(self, vectors: Tensor, weight: Tensor, start: Tensor, *, learns: bool) -> None:
        precise = torch.promote_types(vectors.dtype, torch.float32)
        self._vectors, self._start = vectors, start if bool(start.any()) else None
        never = start[0].isneginf()
        self._never = never if bool(never.any()) else None  # nothing of the target is spread over these
        self._others = len(weight) - int(never.sum())
        self.smoothed, self.plain = vectors.new_zeros((), dtype=precise), vectors.new_zeros((), dtype=precise)
        self.gradients: tuple[Tensor, ...] = (torch.empty_like(vectors), torch.zeros_like(weight)) if learns else ()

    def add(self, rows: slice, words: Tensor, targets: Tensor, smoothing: float) -> None:
        """Take in some places."""
        vectors, asked, targets = self._vectors[rows].to(words.dtype), targets >= 0, targets.clamp(min=0)
        scores = (vectors @ words.T).to(self.smoothed.dtype)  # (n, V)
        if self._start is not None:
            scores += self._start
        total = scores.logsumexp(1)
        plain = (total - scores.gather(1, targets[:, None])[:, 0])[asked].sum()
        self.plain += plain
        self.smoothed += (1 - smoothing) * plain
        if smoothing:
            self.smoothed += smoothing * (total - self._mean(scores))[asked].sum()
        if self.gradients:
            excess = self._excess(scores, total, targets, smoothing)
            self._learn(rows, words, vectors, excess if bool(asked.all()) else excess.masked_fill_(~asked[:, None], 0))

    def _mean(self, scores: Tensor) -> Tensor:
        return (scores if self._never is None else scores.masked_fill(self._never, 0)).sum(1) / self._others

    def _excess(self, scores: Tensor, total: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        """By how much each word is too probable: the gradient of the scores, made in their place."""
        excess = scores.sub_(total[:, None]).exp_()
        if smoothing:
            excess -= smoothing / self._others
            if self._never is not None:
                excess.masked_fill_(self._never, 0)
        excess[torch.arange(len(targets), device=targets.device), targets] -= 1 - smoothing
        return excess

    def _learn(self, rows: slice, words: Tensor, vectors: Tensor, excess: Tensor) -> None:
        of_vectors, of_words = self.gradients
        excess = excess.to(words.dtype)
        of_vectors[rows] = excess @ words
        of_words += excess.T @ vectors
