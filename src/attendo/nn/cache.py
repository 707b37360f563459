"""What a decoder's blocks look at beyond the tokens at hand: their texts so far, and the texts they are written from.

Keys and values of a text are computed once. They lie in one row that is made at the start and never moved; which part
of it belongs to which text is a matter of the `Layout` alone, so that texts may come to an end, or be continued in
several ways, while others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from attendo.attention import Layout
from attendo.errors import ShapeError


@dataclass(frozen=True, eq=False)
class KeyValues:
    """Keys and values as `attend` takes them."""

    keys: Float[Tensor, "*B G S D"]
    values: Float[Tensor, "*B G S D"]


@dataclass(frozen=True, eq=False)
class Past:
    """Room for the keys and values of one block's texts, and the places in it of the tokens at hand."""

    row: KeyValues
    places: Int[Tensor, " N"]

    def joined(self, new: KeyValues) -> KeyValues:
        """All keys and values so far, those of the tokens at hand among them; no gradient goes through the room."""
        for held, given in ((self.row.keys, new.keys), (self.row.values, new.values)):
            held.index_copy_(1, self.places, given.detach().to(held.dtype))
        return self.row


@dataclass(frozen=True, eq=False)
class Memory:
    """Texts as an encoder left them, for a decoder to look at: the first text of the one for the first of the other.

    Args:
        layout: the encoder's texts.
    """

    vectors: Float[Tensor, "S E"]
    layout: Layout

    def seen_by(self, queries: Sequence[int], texts: Sequence[int] | None = None) -> Layout:
        """Tokens of texts that look at their memory.

        Args:
            queries: tokens of each text that looks.
            texts: the text of the memory that each looks at, in order; the first at the first by default. Neighbours
                may share one: their queries are then those of one text.
        Raises:
            ShapeError: if there are more or fewer texts than there is memory for, or some share one over others.
        """
        lengths, starts = self.layout.query_lengths, self.layout.query_starts
        if texts is None:
            texts = range(len(queries))
            if len(queries) != len(lengths):
                raise ShapeError(f"There are {len(queries)} texts to look at the memory of {len(lengths)}.")
        joined: list[tuple[int, int]] = []
        for text, number in zip(texts, queries, strict=True):
            if joined and joined[-1][0] == text:
                number += joined.pop()[1]
            joined.append((text, number))
        return Layout(
            tuple(number for _, number in joined),
            tuple(lengths[text] for text, _ in joined),
            key_starts=tuple(starts[text] for text, _ in joined),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """What one block may look at beyond the tokens at hand.

    Attributes:
        past: its own texts so far.
        memory: another text, as vectors or as the keys and values that this very block makes of them.
        seen_by: which tokens look at which part of the memory.
    """

    past: Past | None = None
    memory: Tensor | KeyValues | None = None
    seen_by: Layout | None = None


NOTHING = Context()
"""The context of an encoder's blocks."""


class Written:
    """Texts that are being written: how long each is, and which text of a memory it is written from.

    What a model keeps of them besides is a matter of its kind: keys and values, or no more than a state.

    Args:
        rows: texts that there is room for.
        texts: how many there are to begin with.
        memory: what they are written from, if anything.
    Raises:
        ShapeError: if there are more texts than rows.
    """

    def __init__(self, rows: int, texts: int, memory: Memory | None = None) -> None:
        if texts > rows:
            raise ShapeError(f"The cache has room for {rows} texts, but is to begin with {texts}.")
        self.rows, self._memory = rows, memory
        self._lengths, self._sources = [0] * texts, list(range(texts))

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each text so far."""
        return tuple(self._lengths)

    def grow(self, lengths: Sequence[int]) -> Layout:
        """Take in new tokens of each text: how they lie, as queries over all of their text so far.

        Raises:
            ShapeError: if there are more or fewer texts than in the cache.
        """
        self._lengths = self._grown(lengths)
        return Layout(tuple(lengths), self.lengths)

    def keep(self, texts: Sequence[int]) -> None:
        """Go on with these texts, in this order: the others leave, and one named several times goes on several ways.

        Texts that are written from the same memory must stay neighbours.

        Raises:
            ShapeError: if there is no room for so many, or no such text.
        """
        if len(texts) > self.rows:
            raise ShapeError(f"The cache has room for {self.rows} texts, but is to go on with {len(texts)}.")
        if not all(0 <= text < len(self._lengths) for text in texts):
            raise ShapeError(f"The cache holds {len(self._lengths)} texts, but is to keep {tuple(texts)}.")
        self._rearrange(texts)
        self._lengths = [self._lengths[text] for text in texts]
        self._sources = [self._sources[text] for text in texts]

    def _grown(self, lengths: Sequence[int]) -> list[int]:
        """How long each text will be."""
        if len(lengths) != len(self._lengths):
            raise ShapeError(f"The cache holds {len(self._lengths)} texts, but was given tokens of {len(lengths)}.")
        return [before + new for before, new in zip(self._lengths, lengths, strict=True)]

    def _rearrange(self, texts: Sequence[int]) -> None:
        """Keep of these texts, in this order, what is kept besides."""
        raise NotImplementedError


class Cache(Written):
    """Keys and values of texts that are being written, for every block of a decoder.

    Args:
        own: the room of each block, (G, rows * capacity, D).
        rows: texts that there is room for.
        texts: how many there are to begin with.
        memory: what they are written from, if anything.
        projected: the keys and values that each block makes of the memory.
    Raises:
        ShapeError: if there are more texts than rows.
    """

    def __init__(
        self,
        own: Sequence[KeyValues],
        rows: int,
        texts: int,
        memory: Memory | None = None,
        projected: Sequence[KeyValues] = (),
    ) -> None:
        super().__init__(rows, texts, memory)
        self.capacity = (own[0].keys.shape[1] if own else 0) // max(rows, 1)
        self._own, self._projected = own, projected
        self._places = list(range(texts))
        self._at: Tensor | None = None
        self._seen_by: Layout | None = None

    def grow(self, lengths: Sequence[int]) -> Layout:
        """Take in new tokens of each text: how they lie, as queries over all of their text so far.

        Raises:
            ShapeError: if there are more or fewer texts than in the cache, or one would outgrow its row.
        """
        grown = self._grown(lengths)
        if max(grown, default=0) > self.capacity:
            raise ShapeError(
                f"The cache holds {self.capacity} tokens of a text, but text {grown.index(max(grown))} "
                f"would have {max(grown)}. Make it with a larger `capacity`."
            )
        self._lengths = grown
        starts = tuple(self.capacity * place for place in self._places)
        layout = Layout(tuple(lengths), self.lengths, key_starts=starts)
        self._at = layout.query_keys(self._own[0].keys.device) if self._own else None
        self._seen_by = None if self._memory is None else self._memory.seen_by(lengths, self._sources)
        return layout

    def context(self, block: int) -> Context:
        """What a block may look at while the tokens that came last run through it."""
        assert self._at is not None, "the cache has grown by the tokens at hand"
        past = Past(self._own[block], self._at)
        if self._memory is None:
            return Context(past=past)
        return Context(past=past, memory=self._projected[block], seen_by=self._seen_by)

    def _rearrange(self, texts: Sequence[int]) -> None:
        kept = {self._places[text] for text in texts}
        free = iter([place for place in range(self.rows) if place not in kept])
        places: list[int] = []
        for text in texts:
            place = self._places[text]
            if place in kept:
                kept.remove(place)
            else:
                place = self._copy(place, next(free), self._lengths[text])
            places.append(place)
        self._places = places

    def _copy(self, source: int, target: int, length: int) -> int:
        """Let another row hold the same tokens."""
        source, start = source * self.capacity, target * self.capacity
        for own in self._own:
            for row in (own.keys, own.values):
                row[:, start : start + length] = row[:, source : source + length]
        return target
