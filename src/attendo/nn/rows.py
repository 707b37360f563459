"""Which row of a cache each text has. Texts stay in their rows; only what goes on in several ways is copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

CROWDED = 0.75
"""The share of rows up to the last one that is taken, from which on closing up would not pay."""

Moves = list[tuple[int, int]]
"""From where to where."""


class Rows:
    """The rows of texts.

    Where texts are written from others, as many neighbouring rows belong to each of these; a text whose own have no
    room for it is a stray.

    Args:
        texts: how many there are to begin with, each with the first row of its own.
        width: rows that belong together.
    """

    def __init__(self, rows: int, texts: int, width: int, *, apart: bool) -> None:
        self.width, self.strays = width, False
        self._rows, self._apart = rows, apart
        self.places = [text * width for text in range(texts)]

    @property
    def count(self) -> int:
        """Rows up to the last that may be taken."""
        return (max(self.places, default=-1) // self.width + 1) * self.width

    def keep(self, texts: Sequence[int]) -> Moves:
        """Go on with some of the texts, one of them perhaps several times: rows that have to be copied."""
        kept = {self.places[text] for text in texts}
        free: dict[int, list[int]] = defaultdict(list)
        for place in range(self._rows - 1, -1, -1):
            if place not in kept:
                free[self._room(place)].append(place)
        places: list[int] = []
        copies: Moves = []
        for text in texts:
            place = self.places[text]
            if place in kept:
                kept.remove(place)
            else:
                copies.append((place, self._taken(free, self._room(place))))
                place = copies[-1][1]
            places.append(place)
        self.places = places
        return copies

    def close_up(self) -> Moves:
        """Move what belongs together into free rows further ahead, if many are free: groups of rows to be copied."""
        taken = sorted({place // self.width for place in self.places})
        if self.strays or not taken or len(taken) > CROWDED * (taken[-1] + 1):
            return []
        free = sorted(set(range(len(taken))).difference(taken))
        moves = list(zip(taken[-len(free) :], free, strict=True)) if free else []
        target = dict(moves)
        self.places = [
            target.get(place // self.width, place // self.width) * self.width + place % self.width
            for place in self.places
        ]
        return moves

    def _room(self, place: int) -> int:
        """What a copy of a text is looked for a row in."""
        return place // self.width if self._apart else 0

    def _taken(self, free: dict[int, list[int]], room: int) -> int:
        """A free row, in this room if there is one."""
        if not free[room]:
            self.strays = True
            room = next(each for each, places in free.items() if places)
        return free[room].pop()
