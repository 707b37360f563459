"""Tags in a row, each of which likes some neighbours better than others: a conditional random field."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn.steps import Chances, LogTotal, Steps, links, reach, shares, steps_of, trace


class Allowed(NamedTuple):
    """Which tags a text may begin with, which may follow each other (from, to), and which it may end with."""

    starts: Bool[Tensor, " K"]
    pairs: Bool[Tensor, "K K"]
    ends: Bool[Tensor, " K"]

    def to(self, device: torch.device) -> Allowed:
        """The same on a device."""
        return Allowed(*(tensor.to(device, non_blocking=True) for tensor in self))


class Chain(nn.Module):
    """A linear-chain conditional random field over the tags of each text.

    The score of a sequence is the sum of its tokens' scores, of its transitions, and of its first and last tag; its
    probability is the softmax over all sequences of that length. Before training all transitions are zero: each token
    has the softmax of its own scores, and `best` with `allowed` is constrained decoding of those.

    Scores are a packed row with its layout, of any precision: sums are made in that of the weights, at least.

    A text for which `allowed` leaves no sequence at all is treated as if everything were allowed.
    """

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        if num_tags < 1:
            raise ShapeError(f"`num_tags` must be at least 1, but is {num_tags}.")
        self.starts = nn.Parameter(torch.zeros(num_tags))
        self.pairs = nn.Parameter(torch.zeros(num_tags, num_tags))
        self.ends = nn.Parameter(torch.zeros(num_tags))

    def log_likelihood(
        self, scores: Float[Tensor, "N K"], tags: Int[Tensor, " N"], layout: Layout
    ) -> Float[Tensor, " B"]:
        """Log-probability of the tags of each text; 0 for a text of no token. It can be differentiated once.

        Raises:
            ShapeError: if the scores are not those of the layout's tokens and this chain's tags.
        """
        scores = self._checked(scores, layout)
        steps = steps_of(layout, scores.device)
        likelihood = scores.new_zeros(layout.num_texts)
        scores = scores.log_softmax(1)[steps.rows]  # the answer is the same, and sums stay small
        starts, pairs, ends = (weight.to(scores.dtype) for weight in self.parameters())
        tags, count = tags[steps.rows], len(steps.texts)
        own = scores.gather(1, tags[:, None])[:, 0]
        moves = torch.cat([starts[tags[:count]], pairs[tags[steps.before], tags[count:]]])
        given = own.new_zeros(count).index_add(0, steps.ranks, own + moves) + ends[tags[steps.last]]
        total: Tensor = LogTotal.apply(scores, starts, pairs, ends, steps)  # pyright: ignore
        return likelihood.index_copy(0, steps.texts, given - total)

    @torch.no_grad()
    def best(self, scores: Float[Tensor, "N K"], layout: Layout, allowed: Allowed | None = None) -> Int[Tensor, " N"]:
        """The most probable sequence of tags of each text (Viterbi), among those allowed.

        Raises:
            ShapeError: if the scores are not those of the layout's tokens and this chain's tags.
        """
        return self._answer(scores, layout, allowed, torch.amax, trace)

    @torch.no_grad()
    def marginals(
        self, scores: Float[Tensor, "N K"], layout: Layout, allowed: Allowed | None = None
    ) -> Float[Tensor, "N K"]:
        """The probability of each tag at each token, among the sequences allowed. Without gradient.

        Raises:
            ShapeError: if the scores are not those of the layout's tokens and this chain's tags.
        """
        return self._answer(scores, layout, allowed, torch.logsumexp, lambda chances: shares(chances)[0])

    @torch.no_grad()
    def span_probability(
        self,
        scores: Float[Tensor, "N K"],
        layout: Layout,
        tags: Int[Tensor, " N"],
        first: Int[Tensor, " S"],
        last: Int[Tensor, " S"],
        allowed: Allowed | None = None,
    ) -> Float[Tensor, " S"]:
        """Log-probability that all tokens from `first` to `last` have exactly the tags given, whatever the others have.

        Args:
            tags: of all tokens of the row, those between the spans too.
            first: places in the packed row; spans may overlap.
            last: the last token is part of the span.
        Raises:
            ShapeError: if a span ends before it begins, or in another text.
        """
        _check_spans(layout, first.cpu(), last.cpu())

        def known(chances: Chances) -> Tensor:
            own = tags[chances.steps.rows]
            ending = shares(chances)[0].gather(1, own[:, None])[:, 0].log()
            return torch.stack([ending, links(chances, own)], 1)

        ending, link = self._answer(scores, layout, allowed, torch.logsumexp, known).unbind(1)
        lengths = last - first  # the tokens before the last: each follows from the one behind it
        spans = torch.arange(len(first), device=first.device).repeat_interleave(lengths)
        within = torch.arange(len(spans), device=first.device) - (lengths.cumsum(0) - lengths)[spans]
        return ending[last].index_add(0, spans, link[first[spans] + within])

    def _answer(
        self,
        scores: Tensor,
        layout: Layout,
        allowed: Allowed | None,
        join: Callable[[Tensor, int], Tensor],
        finish: Callable[[Chances], Tensor],
    ) -> Tensor:
        """What `finish` makes of the paths, in the order of the packed row; again for texts with no allowed path."""
        scores = self._checked(scores, layout)
        steps = steps_of(layout, scores.device)
        chances = self._chances(scores, steps, allowed, join)
        found = finish(chances)
        answer = torch.empty_like(found).index_copy_(0, steps.rows, found)
        if allowed is None:
            return answer
        stuck = (chances.reached[steps.last] + chances.ends).amax(1) == -torch.inf
        if bool(stuck.any()):
            only = stuck.new_zeros(layout.num_texts).index_copy_(0, steps.texts, stuck)
            steps = steps_of(layout, scores.device, only)
            answer.index_copy_(0, steps.rows, finish(self._chances(scores, steps, None, join)))
        return answer

    def _chances(
        self, scores: Tensor, steps: Steps, allowed: Allowed | None, join: Callable[[Tensor, int], Tensor]
    ) -> Chances:
        weights = [weight.to(scores.dtype) for weight in (self.starts, self.pairs, self.ends)]
        if allowed is not None:
            weights = [
                weight.masked_fill(~mask, -torch.inf)
                for weight, mask in zip(weights, allowed.to(scores.device), strict=True)
            ]
        starts, pairs, ends = weights
        return Chances(steps, reach(scores[steps.rows], starts, pairs, steps, join), pairs, ends)

    def _checked(self, scores: Tensor, layout: Layout) -> Tensor:
        """The scores, in a precision that sums can be made in."""
        if scores.shape != (layout.num_queries, len(self.starts)):
            raise ShapeError(
                f"The scores must be those of {layout.num_queries} tokens and {len(self.starts)} tags, "
                f"but have the shape {tuple(scores.shape)}."
            )
        return scores.to(torch.promote_types(torch.promote_types(scores.dtype, self.pairs.dtype), torch.float32))


def _check_spans(layout: Layout, first: Tensor, last: Tensor) -> None:
    texts = layout.query_texts()
    inside = (first >= 0) & (first <= last) & (last < len(texts))
    wrong = ~inside
    wrong[inside] = texts[first[inside]] != texts[last[inside]]
    if wrong.any():
        span = int(wrong.nonzero()[0, 0])
        raise ShapeError(
            f"A span must lie in one text of the row's {len(texts)} tokens, "
            f"but span {span} goes from {int(first[span])} to {int(last[span])}."
        )
