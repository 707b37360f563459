"""What a decoder's blocks look at beyond the tokens at hand: their texts so far, and the texts they are written from.

Keys and values of a text are computed once. They lie in rows that are made at the start; which part of these belongs to
which text is a matter of the `Layout` alone, so that texts may come to an end, or be continued in several ways, while
others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn.contexts import Context, KeyValues, Memory, Past
from attendo.nn.remembered import Remembered, in_rows
from attendo.nn.rows import Rows
from attendo.nn.single import Single
from attendo.nn.written import Written

Way: TypeAlias = "Callable[[Tensor, Single], Tensor]"
"""From the latest tokens, as ids in the order of rows, to their vectors."""


class Cache(Written):
    """Keys and values of texts that are being written, for every block of a decoder.

    Args:
        own: the room of each block, (2 * G, rows * capacity, D): keys before values.
        rows: texts that there is room for.
        texts: how many there are to begin with.
        memory: what they are written from, if anything.
        projected: the keys and values that each block makes of the memory.
    Attributes:
        way: the short way through the decoder that it belongs to, if there is one.
    Raises:
        ShapeError: if there are more texts than rows.
    """

    way: Way | None

    def __init__(
        self,
        own: Sequence[Tensor],
        rows: int,
        texts: int,
        memory: Memory | None = None,
        projected: Sequence[KeyValues] = (),
    ) -> None:
        super().__init__(rows, texts, memory)
        self.capacity = (own[0].shape[1] if own else 0) // max(rows, 1)
        self.way = None
        self._rooms, self._own = own, [KeyValues(*room.chunk(2)) for room in own]
        self._remembered = None if memory is None else Remembered(memory.layout, projected)
        whole = memory is not None and texts > 0 and rows % texts == 0
        self._rows = Rows(rows, texts, rows // texts if whole else 1, apart=memory is not None)
        self._rows.strays = memory is not None and not whole
        self._views: list[KeyValues] = []
        self._latest: Layout | None = None

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
        starts = tuple(self.capacity * place for place in self._rows.places)
        self._latest = Layout(tuple(lengths), self.lengths, key_starts=starts)
        return self._latest

    def contexts(self) -> list[Context]:
        """What each block may look at while the tokens that came last run through it."""
        assert self._latest is not None, "the cache has grown by the tokens at hand"
        if not self._own:
            return []
        at = self._latest.query_keys(self._own[0].keys.device)
        pasts = [Past(own, at) for own in self._own]
        if self._remembered is None:
            return [Context(past=past) for past in pasts]
        seen_by = self._remembered.seen_by(self._latest.query_lengths, self._sources)
        return [
            Context(past=past, memory=memory, seen_by=seen_by)
            for past, memory in zip(pasts, self._remembered.projected, strict=True)
        ]

    def single(self) -> Single | None:
        """Take in one new token of each text; None, and nothing is taken in, where that has to go the general way."""
        longest = max(self._lengths, default=0) + 1
        plain = self._own and self._lengths and longest <= self.capacity and not self._rows.strays
        if not plain or (self._remembered is not None and not self._remembered.full):
            return None
        self._lengths = [length + 1 for length in self._lengths]
        count = self._rows.count
        if not self._views or len(self._views[0].keys) != count:
            rows = in_rows(self._own, self.rows)
            self._views = [KeyValues(each.keys[:count], each.values[:count]) for each in rows]
        remembered, hidden = [], None
        if self._remembered is not None:
            remembered, hidden = self._remembered.first(count // self._rows.width)
        return Single((self._rooms, self._views), self._rows.places, self._lengths, remembered, hidden)

    def _rearrange(self, texts: Sequence[int]) -> None:
        copies = self._rows.keep(texts)
        if copies:
            self._copy(copies, 1, max(self._lengths))
        moves = self._rows.close_up()
        if moves:
            self._copy(moves, self._rows.width, max(self._lengths))
            if self._remembered is not None:
                self._remembered.move(moves)

    def _copy(self, moves: Sequence[tuple[int, int]], width: int, longest: int) -> None:
        """Let other rows, or groups of rows, hold the same tokens."""
        if not self._rooms:
            return
        sources, targets = torch.tensor(moves, device=self._rooms[0].device).T
        for room in self._rooms:
            rows = room.view(len(room), -1, width, self.capacity, room.shape[-1])[..., :longest, :]
            rows[:, targets] = rows[:, sources]
