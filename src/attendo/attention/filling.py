"""Packed texts of unlike lengths side by side, each filled up to the longest, so that few operations serve them all.

A fused call costs as much to begin as it takes to compare thousands of tokens. Where short texts differ in length, it
is therefore cheaper to compute some places that no text has than to call once for each length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import NamedTuple

import torch
from torch import Tensor

from attendo.attention.layout import Layout

CALL = 2**21
"""Products of numbers that could be computed in the time in which a fused call begins, Python's share included."""
SPARE = 4
"""Rows filled up where keys lie are computed if they are at most so many times what the texts themselves need."""


class Room(NamedTuple):
    """Keys that are taken as they lie: rows of a cache, each so far behind the one before."""

    start: int
    stride: int
    rows: int


class Group(NamedTuple):
    """Texts side by side: the text of each row, None where a row of the room holds none at present."""

    texts: tuple[int | None, ...]
    query_length: int
    key_length: int
    room: Room | None = None


@dataclass(frozen=True, eq=False)
class Side:
    """How a row of tokens becomes the rows of all groups, one group after the other.

    Attributes:
        places: for each place of the groups the token that stands there; any token where no text has one.
        back: for each token its place.
    """

    places: Tensor
    back: Tensor

    def spread(self, row: Tensor) -> Tensor:
        """(X, N, ...) filled up to (X, M, ...)."""
        return _Spread.apply(row, self.places.to(row.device), self.back.to(row.device))

    def collect(self, filled: Tensor) -> Tensor:
        """(X, M, ...) without what was filled up, (X, N, ...)."""
        return _Collect.apply(filled, self.back.to(filled.device))


@dataclass(frozen=True, eq=False)
class Filling:
    """A layout's texts in groups.

    Attributes:
        queries: how queries get to their groups, and `keys` how keys do; None where these are taken as they lie.
        masks: for each group what is added to its scores, (B, 1, 1, S): -inf where a text has no key; None if all have.
    """

    groups: tuple[Group, ...]
    queries: Side
    keys: Side | None
    masks: tuple[Tensor | None, ...]


@lru_cache(maxsize=64)
def filling_of(layout: Layout, num_keys: int, width: int, causal: bool) -> Filling | None:
    """The groups by which a layout is computed with fewer and larger calls; None where that brings nothing.

    Args:
        num_keys: length of the key row.
        width: numbers of a token over all heads.
        causal: whether tokens look back only.
    """
    if len(layout.runs) < 2 or not _alike(layout, causal):
        return None
    call = CALL // max(width, 1)
    groups = _in_room(layout, num_keys) or _gathered(layout, call)
    if not groups or _cost(groups, call) >= _cost_of_runs(layout, call):
        return None
    with torch.inference_mode(False):  # what is kept serves training too
        queries = _side(groups, layout.query_starts, layout.query_lengths, [group.query_length for group in groups])
        in_room = groups[0].room is not None
        key_lengths = [group.key_length for group in groups]
        keys = None if in_room else _side(groups, layout.key_starts, layout.key_lengths, key_lengths)
        looking_back = causal and max(layout.query_lengths) > 1  # then no query reaches what stands behind its text
        masks = tuple(None if looking_back else _mask(group, layout) for group in groups)
    return Filling(tuple(groups), queries, keys, masks)


def _alike(layout: Layout, causal: bool) -> bool:
    """Whether all texts are masked alike: every text has keys, and one that looks back does so from all of them."""
    pairs = [(q, k) for q, k in zip(layout.query_lengths, layout.key_lengths, strict=True) if q]
    if any(k == 0 for _, k in pairs):
        return False
    return not causal or all(q == k for q, k in pairs) or all(q == 1 for q, _ in pairs)


def _in_room(layout: Layout, num_keys: int) -> list[Group]:
    """All texts over the keys as they lie, if these are rows of a cache that are not much emptier than full."""
    texts = [text for text, queries in enumerate(layout.query_lengths) if queries]
    first = min(layout.key_starts[text] for text in texts)
    stride = gcd(*(layout.key_starts[text] - first for text in texts))
    longest = max(layout.key_lengths[text] for text in texts)
    queries = max(layout.query_lengths)
    rows = 1 + max(layout.key_starts[text] - first for text in texts) // max(stride, 1)
    needed = sum(layout.query_lengths[text] * layout.key_lengths[text] for text in texts)
    fits = longest <= stride and first + (rows - 1) * stride + longest <= num_keys
    if not fits or rows * queries * longest > SPARE * needed:
        return []
    held: list[int | None] = [None] * rows
    for text in texts:
        held[(layout.key_starts[text] - first) // stride] = text
    return [Group(tuple(held), queries, longest, Room(first, stride, rows))]


def _gathered(layout: Layout, call: int) -> list[Group]:
    """Texts of neighbouring lengths together, as long as what is filled up costs less than another call."""
    if not _is_dense(layout):
        return []
    sizes = [(keys, queries) for keys, queries in zip(layout.key_lengths, layout.query_lengths, strict=True)]
    order = sorted((text for text, (_, queries) in enumerate(sizes) if queries), key=lambda text: sizes[text])
    groups: list[Group] = []
    for text in order:
        keys, queries = sizes[text]
        if groups:
            last = groups[-1]
            joined = Group((*last.texts, text), max(last.query_length, queries), max(last.key_length, keys))
            if _cells(joined) - _cells(last) - keys * queries <= call:
                groups[-1] = joined
                continue
        groups.append(Group((text,), queries, keys))
    return groups


def _is_dense(layout: Layout) -> bool:
    """Whether keys lie end to end and all are looked at: what is copied has then no gaps."""
    ends = [start + length for start, length in zip(layout.key_starts, layout.key_lengths, strict=True)]
    asked = all(queries or not keys for queries, keys in zip(layout.query_lengths, layout.key_lengths, strict=True))
    return asked and list(layout.key_starts) == [0, *ends[:-1]]


def _cells(group: Group) -> int:
    return len(group.texts) * group.query_length * group.key_length


def _cost(groups: Sequence[Group], call: int) -> int:
    return sum(call + _cells(group) for group in groups)


def _cost_of_runs(layout: Layout, call: int) -> int:
    return sum(call + run.count * run.query_length * run.key_length for run in layout.runs)


def _side(groups: Sequence[Group], starts: Sequence[int], lengths: Sequence[int], filled: Sequence[int]) -> Side:
    """The places of tokens in rows of these lengths, one length a group."""
    rows = [(text, length) for group, length in zip(groups, filled, strict=True) for text in group.texts]
    begins = torch.tensor([0 if text is None else starts[text] for text, _ in rows])
    own = torch.tensor([0 if text is None else lengths[text] for text, _ in rows])
    widths = torch.tensor([width for _, width in rows])
    ends = widths.cumsum(0)
    within = torch.arange(int(ends[-1])) - (ends - widths).repeat_interleave(widths)
    real = within < own.repeat_interleave(widths)
    tokens = begins.repeat_interleave(widths) + within
    back = torch.empty(int(own.sum()), dtype=torch.long)
    back[tokens[real]] = real.nonzero()[:, 0]
    return Side(tokens.where(real, 0), back)


def _mask(group: Group, layout: Layout) -> Tensor | None:
    """What hides the keys behind each text; a row without a text looks at its first place, and nobody reads it."""
    lengths = [1 if text is None else layout.key_lengths[text] for text in group.texts]
    if min(lengths) == group.key_length:
        return None
    behind = torch.arange(group.key_length) >= torch.tensor(lengths)[:, None]
    return torch.zeros(behind.shape).masked_fill_(behind, -torch.inf)[:, None, None]


class _Spread(torch.autograd.Function):
    """Rows by their numbers; every token stands at one place that counts, so its gradient is found, not summed."""

    @staticmethod
    def forward(ctx, row: Tensor, places: Tensor, back: Tensor) -> Tensor:
        ctx.back = back
        return row.index_select(1, places)

    @staticmethod
    def backward(ctx, *grads: Tensor) -> tuple[Tensor, None, None]:
        return _Collect.apply(grads[0], ctx.back), None, None


class _Collect(torch.autograd.Function):
    """What counts of filled rows; nothing else gets a gradient."""

    @staticmethod
    def forward(ctx, filled: Tensor, back: Tensor) -> Tensor:
        ctx.back, ctx.size = back, filled.shape[1]
        return filled.index_select(1, back)

    @staticmethod
    def backward(ctx, *grads: Tensor) -> tuple[Tensor, None]:
        grad = grads[0]
        whole = grad.new_zeros(grad.shape[0], ctx.size, *grad.shape[2:])
        return whole.index_copy_(1, ctx.back, grad), None
