"""What a decoder's blocks look at beyond the tokens at hand: their texts so far, and the texts they are written from.

Keys and values of a text are computed once. They lie in one row that is made at the start and never moved; which part
of it belongs to which text is a matter of the `Layout` alone, so that texts may come to an end, or be continued in
several ways, while others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
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
        self._latest: Layout | None = None
        self._looked_at: Chosen | None = None

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
        self._latest = Layout(tuple(lengths), self.lengths, key_starts=starts)
        return self._latest

    def contexts(self) -> list[Context]:
        """What each block may look at while the tokens that came last run through it."""
        assert self._latest is not None, "the cache has grown by the tokens at hand"
        if not self._own:
            return []
        at = self._latest.query_keys(self._own[0].keys.device)
        pasts = [Past(own, at) for own in self._own]
        if self._memory is None:
            return [Context(past=past) for past in pasts]
        seen_by = self._memory.seen_by(self._latest.query_lengths, self._sources)
        return [
            Context(past=past, memory=memory, seen_by=seen_by)
            for past, memory in zip(pasts, self._projected, strict=True)
        ]

    def single(self) -> Single | None:
        """The same where the tokens that came last are one of each text; None where they are not."""
        if self._latest is None or not self._own or set(self._latest.query_lengths) != {1}:
            return None
        if self._memory is not None and (self._looked_at is None or self._looked_at.sources != self._sources):
            if not min((self._memory.layout.query_lengths[source] for source in self._sources), default=0):
                return None
            self._looked_at = Chosen.of(self._sources, self._memory.layout, self._projected)
        return Single(self._own, self.rows, self._places, self._lengths, self._looked_at)

    def _rearrange(self, texts: Sequence[int]) -> None:
        kept = {self._places[text] for text in texts}
        free = iter([place for place in range(self.rows) if place not in kept])
        places: list[int] = []
        copies: list[tuple[int, int]] = []
        for text in texts:
            place = self._places[text]
            if place in kept:
                kept.remove(place)
            else:
                copies.append((place, next(free)))
                place = copies[-1][1]
            places.append(place)
        self._places = places
        if copies:
            self._copy(copies, max(self._lengths))

    def _copy(self, copies: Sequence[tuple[int, int]], longest: int) -> None:
        """Let other rows hold the same tokens."""
        sources, targets = torch.tensor(copies, device=self._own[0].keys.device).T if self._own else ((), ())
        for own in self._own:
            for row in (own.keys, own.values):
                rows = row.unflatten(1, (self.rows, self.capacity))[:, :, :longest]
                rows[:, targets] = rows[:, sources]


@dataclass(frozen=True, eq=False)
class Chosen:
    """Keys and values of the texts of a memory that are looked at, side by side, filled up to the longest.

    Attributes:
        sources: the text of the memory that each text is written from.
        rows: of each block, (n, G, S, D) each.
        mask: what is added to scores, (n, 1, 1, S): -inf behind the end of a text; None where all are of one length.
    """

    sources: list[int]
    rows: Sequence[KeyValues]
    mask: Tensor | None

    @classmethod
    def of(cls, sources: Sequence[int], layout: Layout, projected: Sequence[KeyValues]) -> Chosen:
        """Several texts share the keys of a source where all sources have as many texts, which are neighbours."""
        own = list(dict.fromkeys(sources))
        share = len(sources) // len(own)
        own = own if list(sources) == [each for each in own for _ in range(share)] else list(sources)
        device = projected[0].keys.device
        lengths = torch.tensor([layout.query_lengths[each] for each in own], device=device)
        starts = torch.tensor([layout.query_starts[each] for each in own], device=device)
        within = torch.arange(int(lengths.max()), device=device)
        behind = within >= lengths[:, None]  # (n, S)
        places = (starts[:, None] + within).masked_fill(behind, 0)
        rows = [
            KeyValues(*(tensor[:, places].transpose(0, 1) for tensor in (each.keys, each.values))) for each in projected
        ]
        mask = torch.zeros(behind.shape, device=device, dtype=rows[0].keys.dtype).masked_fill_(behind, -torch.inf)
        return cls(list(sources), rows, mask[:, None, None] if bool(behind.any()) else None)


class Single:
    """One new token of each text, understood once for all blocks.

    Args:
        own: the room of each block.
        rows: texts that there is room for.
        places: the row of each text.
        lengths: tokens of each text, the new one included.
        chosen: what they are written from.
    """

    def __init__(
        self,
        own: Sequence[KeyValues],
        rows: int,
        places: Sequence[int],
        lengths: Sequence[int],
        chosen: Chosen | None,
    ) -> None:
        device, self._own, self._chosen = own[0].keys.device, own, chosen
        self._capacity, self._longest = own[0].keys.shape[1] // rows, max(lengths)
        self._count, self._ordered = max(places) + 1, list(places) == list(range(len(places)))
        self._places, held = torch.tensor([places, lengths], device=device)
        self.positions = held - 1
        self._at = self._places * self._capacity + self.positions
        self.mask = self._mask(held, own[0].keys.dtype)

    def joined(self, block: int, key: Float[Tensor, "B G D"], value: Float[Tensor, "B G D"]) -> tuple[Tensor, Tensor]:
        """All keys and values of a block's texts so far, (R, G, S, D), the new ones among them."""
        room = self._own[block]
        room.keys.index_copy_(1, self._at, key.transpose(0, 1))
        room.values.index_copy_(1, self._at, value.transpose(0, 1))
        return self._rows(room.keys), self._rows(room.values)

    def memory(self, block: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Keys and values of the sources, and their mask."""
        assert self._chosen is not None, "a block that looks at a memory is given one"
        return self._chosen.rows[block].keys, self._chosen.rows[block].values, self._chosen.mask

    def rowed(self, x: Float[Tensor, "B H D"]) -> Float[Tensor, "R H D"]:
        """The queries of texts in the rows of the room; zeros where a row is free."""
        return x if self._ordered else x.new_zeros(self._count, *x.shape[1:]).index_copy_(0, self._places, x)

    def unrowed(self, x: Float[Tensor, "R E"]) -> Float[Tensor, "B E"]:
        """What was found for them."""
        return x if self._ordered else x.index_select(0, self._places)

    def _rows(self, room: Tensor) -> Tensor:
        return room.unflatten(1, (-1, self._capacity))[:, : self._count, : self._longest].transpose(0, 1)

    def _mask(self, held: Tensor, dtype: torch.dtype) -> Tensor | None:
        """Hides what lies behind a text; a free row sees its first place, and nobody reads what it finds."""
        if self._ordered and bool((held == self._longest).all()):
            return None
        lengths = held.new_ones(self._count).index_copy_(0, self._places, held)
        behind = torch.arange(self._longest, device=held.device) >= lengths[:, None]
        return torch.zeros(behind.shape, device=held.device, dtype=dtype).masked_fill_(behind, -torch.inf)[
            :, None, None
        ]
