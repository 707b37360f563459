"""What can be asked about attention weights, and the answers.

All of it is about the weights before dropout, detached from the graph; a query with no key to look at counts as all
zeros. Keys are named by their place among the keys of their own text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attendo.attention.layout import Layout
from attendo.errors import ShapeError


@dataclass(frozen=True, kw_only=True, eq=False)
class Observe:
    """A request: what to find out about the weights A while they are computed.

    Attributes:
        entropy: -sum_j A log A of each query, in nats.
        peak: the largest weight of each query, and its key.
        top: the k largest weights of each query, and their keys.
        received: sum_i A, what each key receives from all queries.
        map: A pooled (means) to at most this many cells a side: a picture of any length.
        rows: these queries' weights in full; negative places count from the end.
        columns: these keys' weights in full, likewise.
        distance: the mean of |i - j| under A for each query, in positions.
        carry: a vector r over the queries, for r^T A: how weight on queries flows back to keys.
    """

    entropy: bool = False
    peak: bool = False
    top: int = 0
    received: bool = False
    map: int = 0
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    distance: bool = False
    carry: Float[Tensor, "*B T"] | None = None

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            object.__setattr__(self, name, tuple(int(place) for place in getattr(self, name)))
        for name in ("top", "map"):
            if getattr(self, name) < 0:
                raise ShapeError(f"`{name}` must not be negative, but is {getattr(self, name)}.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what was asked for."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple(name for name, value in values if isinstance(value, Tensor) or bool(value))


class Largest(NamedTuple):
    """Weights and their keys; a place without a key has weight 0 and key -1."""

    weights: Tensor
    keys: Int[Tensor, "..."]


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """The answers; what was not asked for is None.

    On packed rows `map`, `rows` and `columns` hold one tensor for each text, since texts differ in length; the others
    lie along the packed row, like the queries and keys they describe.

    Attributes:
        entropy: (..., H, T); `distance` likewise, and `peak` with weights and keys.
        top: weights and keys, (..., H, T, k).
        received: (..., H, S); `carry` likewise.
        map: (..., H, b_T, b_S), cells of nearly equal size.
        rows: (..., H, R, S).
        columns: (..., H, T, C).
        layout: the texts of a packed row; None for batches.
    """

    entropy: Float[Tensor, "*B H T"] | None = None
    peak: Largest | None = None
    top: Largest | None = None
    received: Float[Tensor, "*B H S"] | None = None
    map: Tensor | tuple[Tensor, ...] | None = None
    rows: Tensor | tuple[Tensor, ...] | None = None
    columns: Tensor | tuple[Tensor, ...] | None = None
    distance: Float[Tensor, "*B H T"] | None = None
    carry: Float[Tensor, "*B H S"] | None = None
    layout: Layout | None = None

    def texts(self) -> tuple[Observed, ...]:
        """What was observed of each text of a packed row or of a batch by itself, without leading axes."""
        if self.layout is None:
            whole = self.each(lambda name, value: value.reshape(-1, *value.shape[-_AXES[name] :]))
            return tuple(whole._at(text) for text in range(len(whole._first)))
        return tuple(self._of_text(self.layout, text) for text in range(self.layout.num_texts))

    def of_heads(self, heads: Sequence[int]) -> Observed:
        """What was observed of some heads of a single text.

        Raises:
            ShapeError: if there is no such head.
        """
        count = self._first.shape[0]
        for head in heads:
            if not -count <= head < count:
                raise ShapeError(f"`heads` asks for head {head}, but there are {count}.")
        return self.each(lambda name, value: value[list(heads)])

    @property
    def num_heads(self) -> int:
        """Heads of a single text."""
        return self._first.shape[0]

    def each(self, change: Callable[[str, Tensor], Tensor]) -> Observed:
        """The same with all tensors changed; told which answer each is part of."""
        found = {}
        for name in _AXES:
            value = getattr(self, name)
            if isinstance(value, Largest):
                found[name] = Largest(*(change(name, part) for part in value))
            elif value is not None:
                found[name] = change(name, value)
        return Observed(**found)

    def _at(self, text: int) -> Observed:
        return self.each(lambda name, value: value[text])

    def _of_text(self, layout: Layout, text: int) -> Observed:
        """One text of a packed row, which has no leading axes."""
        pictures = {name: value[text] for name in PICTURES if (value := getattr(self, name)) is not None}
        queries = slice(layout.query_starts[text], layout.query_starts[text] + layout.query_lengths[text])
        keys = slice(layout.key_starts[text], layout.key_starts[text] + layout.key_lengths[text])
        along = replace(self, **dict.fromkeys(PICTURES), layout=None)
        return replace(along.each(lambda name, value: value[:, keys if name in PER_KEY else queries]), **pictures)

    @property
    def _first(self) -> Tensor:
        found = (getattr(self, name) for name in _AXES)
        return next(value[0] if isinstance(value, Largest) else value for value in found if value is not None)


PER_KEY = ("received", "carry")
"""Answers that lie along the keys."""
PICTURES = ("map", "rows", "columns")
"""Answers that are matrices of their own: one for each packed text."""
_AXES = {"entropy": 2, "peak": 2, "top": 3, "received": 2, "distance": 2, "carry": 2, **dict.fromkeys(PICTURES, 3)}
"""Axes of each answer from that of the heads on."""
ANSWERS = tuple(_AXES)
"""The names of all that can be answered."""


def cells(length: int, most: int) -> list[tuple[int, int]]:
    """Cut a length into at most `most` ranges of nearly equal size, without gaps."""
    count = min(length, most)
    return [(length * cell // count, length * (cell + 1) // count) for cell in range(count)]


def places(chosen: Sequence[int], length: int, name: str) -> list[int]:
    """Chosen places of a text as non-negative numbers.

    Raises:
        ShapeError: if a place lies outside the text.
    """
    for place in chosen:
        if not -length <= place < length:
            raise ShapeError(f"`{name}` asks for place {place}, but a text has {length} tokens.")
    return [place % length for place in chosen]


def entropy(weights: Tensor) -> Tensor:
    """Entropy of each row in nats, with 0 log 0 = 0."""
    return torch.special.entr(weights).sum(-1)
