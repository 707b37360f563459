"""What a decoder's blocks look at beyond the tokens at hand: their texts so far, and the texts they are written from.

Keys and values of a text are computed once. They lie in one row that is made at the start and never moved; which part
of it belongs to which text is a matter of the `Layout` alone, so that texts may come to an end, or be continued in
several ways, while others go on.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn.contexts import Context, KeyValues, Memory, Past
from attendo.nn.single import Chosen, Single


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
