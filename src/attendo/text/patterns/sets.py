"""Sets of characters as ranges of code points, and the fewest classes that tell several sets apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)  # which no text holds


@dataclass(frozen=True)
class CharacterSet:
    """Characters, as ranges with both ends, in order and apart from each other."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> CharacterSet:
        """The characters of ranges in any order."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return cls(tuple(joined))

    @classmethod
    def holding(cls, characters: Iterable[str]) -> CharacterSet:
        """Some characters."""
        return cls.of((ord(character), ord(character)) for character in characters)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: CharacterSet) -> CharacterSet:
        return CharacterSet.of((*self.ranges, *other.ranges))

    def __and__(self, other: CharacterSet) -> CharacterSet:
        return ~(~self | ~other)

    def __invert__(self) -> CharacterSet:
        """All other characters, without surrogates."""
        taken = CharacterSet.of((*self.ranges, _SURROGATES)).ranges
        firsts = [0, *(last + 1 for _, last in taken)]
        lasts = [*(first - 1 for first, _ in taken), LAST]
        return CharacterSet(tuple((a, b) for a, b in zip(firsts, lasts, strict=True) if a <= b))

    def characters(self) -> str:
        """All of them; for sets that are known to be small."""
        return "".join(chr(code) for first, last in self.ranges for code in range(first, last + 1))


NOTHING = CharacterSet(())
EVERYTHING = ~NOTHING


@cache
def escaped_set(letter: str) -> CharacterSet:
    """What `\\d`, `\\w` and `\\s` stand for in Python's regular expressions; capitals stand for all else."""
    if letter.isupper():
        return ~escaped_set(letter.lower())
    every = EVERYTHING.characters()
    places = np.fromiter(map(ord, every), dtype=np.int64)
    found = [match.span() for match in re.finditer(rf"\{letter}+", every)]
    return CharacterSet.of((int(places[first]), int(places[last - 1])) for first, last in found)


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Classes of characters that some sets never tell apart, numbered from 0.

    Attributes:
        sets: the sets that are told apart.
    """

    sets: Sequence[CharacterSet]

    def classes_of(self, codes: NDArray[np.int64]) -> NDArray[np.int32]:
        """The class of each code point."""
        bounds, numbers, _ = self._cut
        return numbers[np.searchsorted(bounds, codes, side="right") - 1]

    def classes_between(self, first: int, last: int) -> list[int]:
        """The classes of a range of code points."""
        bounds, numbers, _ = self._cut
        found = numbers[np.searchsorted(bounds, first, side="right") - 1 : np.searchsorted(bounds, last, side="right")]
        return np.unique(found).tolist()

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self._cut[2])

    @cached_property
    def members(self) -> list[list[int]]:
        """The classes that each set is made of."""
        return [np.flatnonzero(column).tolist() for column in self._cut[2].T]

    @cached_property
    def smallest(self) -> list[int]:
        """The smallest code point of each class."""
        bounds, numbers, _ = self._cut
        return [int(bounds[place]) for place in np.unique(numbers, return_index=True)[1]]

    @cached_property
    def _cut(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
        """Where intervals begin, the class of each, and which sets each class belongs to."""
        edges = [[edge for first, last in each.ranges for edge in (first, last + 1)] for each in self.sets]
        bounds = np.array(sorted({0, *(edge for each in edges for edge in each)} - {LAST + 1}), dtype=np.int64)
        inside = [np.searchsorted(np.array(each, dtype=np.int64), bounds, side="right") % 2 == 1 for each in edges]
        rows = np.stack(inside, axis=1) if inside else np.zeros((len(bounds), 0), dtype=bool)
        kinds, numbers = np.unique(rows, axis=0, return_inverse=True)
        return bounds, numbers.reshape(-1).astype(np.int32), kinds
