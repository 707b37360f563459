"""Chains of tags over many texts at once: at step t only the texts that are longer than t take part.

Tokens are ordered by step, and within a step by the length of their text, longest first. The texts of a step are thus
the first of those of the step before, and nothing is padded. Not for weights: those are in `crf`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from attendo.attention import Layout


class Steps(NamedTuple):
    """The tokens of texts in the order of their steps. Texts without a token are left out."""

    rows: Int[Tensor, " M"]
    """The place of each token in the packed row."""
    ranks: Int[Tensor, " M"]
    """The text of each token, counted from the longest."""
    texts: Int[Tensor, " R"]
    """The number in the layout of each of these texts."""
    last: Int[Tensor, " R"]
    """Where in this order each text has its last token."""
    before: Int[Tensor, " P"]
    """Where in this order the token before lies, of each token that is not the first of its text."""
    counts: tuple[int, ...]
    """Texts of each step; a single step of none if there is no token."""


class Chances(NamedTuple):
    """What the paths come to that lead to each tag at each token, and how they go on."""

    steps: Steps
    reached: Float[Tensor, "M K"]
    pairs: Float[Tensor, "K K"]
    ends: Float[Tensor, " K"]


def steps_of(layout: Layout, device: torch.device, only: Bool[Tensor, " B"] | None = None) -> Steps:
    """The steps through the texts of a packed row, or through some of them."""
    lengths = torch.tensor(layout.query_lengths, dtype=torch.long)
    kept = lengths > 0 if only is None else (lengths > 0) & only.cpu()
    texts = lengths.masked_fill(~kept, -1).argsort(descending=True, stable=True)[: int(kept.sum())]
    lengths, starts = lengths[texts], torch.tensor(layout.query_starts, dtype=torch.long)[texts]
    within = torch.arange(int(lengths.sum())) - (lengths.cumsum(0) - lengths).repeat_interleave(lengths)
    ordered = within.argsort(stable=True)
    counts = within.bincount()
    begins = counts.cumsum(0) - counts
    ranks = torch.arange(len(texts)).repeat_interleave(lengths)[ordered]
    rows = (starts.repeat_interleave(lengths) + within)[ordered]
    before = begins[:-1].repeat_interleave(counts[1:]) + ranks[len(texts) :]
    tensors = (rows, ranks, texts, begins[lengths - 1] + torch.arange(len(texts)), before)
    return Steps(*(tensor.to(device, non_blocking=True) for tensor in tensors), counts=tuple(counts.tolist()) or (0,))


def reach(
    scores: Float[Tensor, "M K"],
    starts: Float[Tensor, " K"],
    pairs: Float[Tensor, "K K"],
    steps: Steps,
    join: Callable[[Tensor, int], Tensor],
) -> Float[Tensor, "M K"]:
    """What all paths from the first token to a tag at a token come to, joined by `torch.amax` or `torch.logsumexp`."""
    reached = torch.empty_like(scores)
    parts, given = reached.split(steps.counts), scores.split(steps.counts)
    room = scores.new_empty(steps.counts[0], *pairs.shape)
    for step, count in enumerate(steps.counts):
        if step == 0:
            torch.add(given[0], starts, out=parts[0])
            continue
        paths = torch.add(parts[step - 1][:count, :, None], pairs, out=room[:count])  # (texts, from, to)
        torch.add(given[step], join(paths, 1), out=parts[step])
    return reached


def trace(chances: Chances) -> Int[Tensor, " M"]:
    """Go back from the best last tags to the tags on the way there."""
    steps, reached, _, ends = chances
    arrivals = chances.pairs.T.contiguous()  # (to, from)
    last = reached.new_zeros(len(reached), dtype=torch.long)
    last[steps.last] = (reached[steps.last] + ends).argmax(1)
    found, parts = list(last.split(steps.counts)), reached.split(steps.counts)
    for step in range(len(found) - 2, -1, -1):
        count = steps.counts[step + 1]
        tags = (parts[step][:count] + arrivals[found[step + 1]]).argmax(1)
        found[step] = tags if count == len(found[step]) else torch.cat([tags, found[step][count:]])
    return torch.cat(found)


def shares(
    chances: Chances, weights: Float[Tensor, " R"] | None = None
) -> tuple[Float[Tensor, "M K"], Float[Tensor, "K K"]]:
    """The probability of each tag at each token, and the number of times that each pair is expected.

    Going back, the tag before follows from the tag behind and from the paths that lead up to it; no second sum over
    paths from the end is needed, and each distribution is normalised where it is made.

    Args:
        weights: what each text counts; one by default.
    """
    steps, reached, pairs, ends = chances
    probabilities = torch.zeros_like(reached)
    final = torch.softmax(reached[steps.last] + ends, 1)
    probabilities[steps.last] = final if weights is None else final * weights[:, None]
    expected = torch.zeros_like(pairs)
    parts, places = probabilities.split(steps.counts), reached.split(steps.counts)
    for step in range(len(parts) - 2, -1, -1):
        count, behind = steps.counts[step + 1], parts[step + 1][:, None]
        joint = torch.softmax(places[step][:count, :, None] + pairs, 1).mul_(behind)  # (texts, from, to)
        joint.masked_fill_(behind == 0, 0)  # a tag that no path reaches
        parts[step][:count] = joint.sum(2)
        expected += joint.sum(0)
    return probabilities, expected


def links(chances: Chances, tags: Int[Tensor, " M"]) -> Float[Tensor, " M"]:
    """Log-probability of each token's tag if the next token has the tag given; 0 for the last of a text."""
    steps, reached, pairs, _ = chances
    behind = tags[len(steps.texts) :]
    paths = reached[steps.before] + pairs.T[behind]  # (P, K)
    total = paths.logsumexp(1)
    own = paths.gather(1, tags[steps.before, None])[:, 0] - total
    return torch.zeros_like(reached[:, 0]).index_copy(0, steps.before, own.masked_fill(total == -torch.inf, -torch.inf))


MILD = 40.0
"""Where transitions differ by less, sums over paths may be products of matrices: a path that is lost because it is less
than exp(-87) of the best one so far could not have come to more than exp(-47) of any sum."""


def _reach_mildly(scores: Tensor, starts: Tensor, pairs: Tensor, steps: Steps) -> Tensor:
    """What `reach` gives, joined by `torch.logsumexp`, where transitions are mild."""
    reached = torch.empty_like(scores)
    parts, given, moves = reached.split(steps.counts), scores.split(steps.counts), pairs.exp()
    torch.add(given[0], starts, out=parts[0])
    for step, count in enumerate(steps.counts[1:], 1):
        before = parts[step - 1][:count]
        top = before.amax(1, keepdim=True)
        with torch.autocast(scores.device.type, enabled=False):
            arrived = (before - top).exp_() @ moves
        torch.add(given[step], arrived.log_().add_(top), out=parts[step])
    return reached


def _mild_shares(chances: Chances, weights: Float[Tensor, " R"]) -> tuple[Float[Tensor, "M K"], Float[Tensor, "K K"]]:
    """What `shares` gives, where transitions are mild."""
    steps, reached, pairs, ends = chances
    probabilities = torch.zeros_like(reached)
    probabilities[steps.last] = torch.softmax(reached[steps.last] + ends, 1) * weights[:, None]
    moves, expected = pairs.exp(), torch.zeros_like(pairs)
    parts, places = probabilities.split(steps.counts), reached.split(steps.counts)
    for step in range(len(parts) - 2, -1, -1):
        before = places[step][: steps.counts[step + 1]]
        paths = (before - before.amax(1, keepdim=True)).exp_()
        behind = torch.nan_to_num_(parts[step + 1] / (paths @ moves), nan=0.0, posinf=0.0, neginf=0.0)
        torch.mul(paths, behind @ moves.T, out=parts[step][: len(before)])
        expected.addmm_(paths.T, behind)
    return probabilities, expected.mul_(moves)


class LogTotal(torch.autograd.Function):
    """The logarithm of the sum over all sequences of tags, of each text; its gradients are probabilities."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, starts: Tensor, pairs: Tensor, ends: Tensor, steps: Steps) -> Tensor:
        ctx.mild = len(pairs) > 1 and bool((pairs.max() - pairs.min()).abs() < MILD)
        if ctx.mild:
            reached = _reach_mildly(scores, starts, pairs, steps)
        else:
            reached = reach(scores, starts, pairs, steps, torch.logsumexp)
        ctx.save_for_backward(reached, pairs, ends)
        ctx.steps = steps
        return (reached[steps.last] + ends).logsumexp(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        reached, pairs, ends = ctx.saved_tensors
        steps: Steps = ctx.steps
        find = _mild_shares if ctx.mild else shares
        probabilities, expected = find(Chances(steps, reached, pairs, ends), grads[0])
        first = probabilities[: len(steps.texts)].sum(0)
        return probabilities, first, expected, probabilities[steps.last].sum(0), None
