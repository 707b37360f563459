"""What a decoder's blocks keep of the texts that are written from: as many places for each as the longest needs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.nn.contexts import KeyValues, looking


class Remembered:
    """Keys and values of the texts of a memory, side by side, filled up to the longest.

    Args:
        layout: these texts, end to end.
        projected: what each block makes of them, (G, S, D).
    Attributes:
        projected: the same, each text with `longest` places of its own.
        full: whether no text is empty.
    """

    def __init__(self, layout: Layout, projected: Sequence[KeyValues]) -> None:
        self.lengths, self.longest = list(layout.query_lengths), max(layout.query_lengths, default=0)
        self.full = min(self.lengths, default=0) > 0
        self._places = list(range(len(self.lengths)))  # of each text
        self.projected = [self._filled(each, layout) for each in projected]
        self._rows, self._hidden = [], None
        if self.longest and projected:
            self._rows = in_rows(self.projected, len(self.lengths))
            self._hidden = self._behind(self.projected[0].keys)
        self._first = self._rows, self._hidden

    def seen_by(self, queries: Sequence[int], texts: Sequence[int]) -> Layout:
        """Tokens of texts that look at theirs; see `Memory.seen_by`."""
        starts = [place * self.longest for place in self._places]
        return looking(queries, texts, self.lengths, starts)

    def first(self, count: int) -> tuple[list[KeyValues], Tensor | None]:
        """What lies in the first places, (count, G, S, D) for each block, and what is added to scores of it,
        (count, 1, 1, S): -inf behind the end of a text; None where all are of one length."""
        if self._first[0] and len(self._first[0][0].keys) != count:
            rows = [KeyValues(each.keys[:count], each.values[:count]) for each in self._rows]
            self._first = rows, None if self._hidden is None else self._hidden[:count]
        return self._first

    def move(self, moves: Sequence[tuple[int, int]]) -> None:
        """Let what lies in some places lie in others; what lay there is lost."""
        target = dict(moves)
        lost = set(target.values())
        self._places = [target.get(place, -1 if place in lost else place) for place in self._places]
        sources, targets = torch.tensor(moves, device=self.projected[0].keys.device).T
        kept = [row for each in self._rows for row in (each.keys, each.values)]
        for row in kept if self._hidden is None else (*kept, self._hidden):
            row[targets] = row[sources]

    def _filled(self, given: KeyValues, layout: Layout) -> KeyValues:
        if set(self.lengths) <= {self.longest}:
            return given
        layout = Layout(layout.query_lengths, key_starts=tuple(place * self.longest for place in self._places))
        at, size = layout.query_keys(given.keys.device), len(self.lengths) * self.longest
        kept = []
        for row in (given.keys, given.values):
            kept.append(row.new_zeros(row.shape[0], size, row.shape[2]).index_copy_(1, at, row))
        return KeyValues(*kept)

    def _behind(self, like: Tensor) -> Tensor | None:
        if set(self.lengths) == {self.longest}:
            return None
        lengths = torch.tensor(self.lengths, device=like.device)
        behind = torch.arange(self.longest, device=like.device) >= lengths[:, None]
        hidden = torch.zeros(behind.shape, device=like.device, dtype=like.dtype).masked_fill_(behind, -torch.inf)
        return hidden[:, None, None]


def in_rows(rooms: Sequence[KeyValues], rows: int) -> list[KeyValues]:
    """Keys and values (G, rows * S, D) as views (rows, G, S, D)."""
    return [
        KeyValues(*(room.unflatten(1, (rows, -1)).transpose(0, 1) for room in (each.keys, each.values)))
        for each in rooms
    ]
