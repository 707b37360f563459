"""Copying, taught by pairs in which there is nothing to copy: words that translate each other give way to marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from attendo.data import SourceTarget
from attendo.tasks.translating.copying import MARKS
from attendo.text import CJK, split_words

SHARE = 0.2
"""Of the pairs in which there are such words, this share gets marks."""
MOST = 4
"""Marks of a pair at most."""
SEEN, ALIKE = 5, 0.6
"""How often words have to occur, and how much their pairs have to overlap (Dice), to be taken for translations."""
LONGEST = 4
"""Characters of a word where words have no blanks between them."""

_ALONE = re.compile(f"[{CJK}]")


class Unit(NamedTuple):
    """A word, or characters that may be one, and where it stands."""

    text: str
    start: int
    end: int


def taught_to_copy(pairs: Sequence[SourceTarget], seed: int = 0) -> list[SourceTarget]:
    """The pairs; in some of them words of both sides that translate each other have become the same marks."""
    known = word_partners(pairs)
    draw = Random(seed)
    return [_marked(pair, known, draw) if draw.random() < SHARE else pair for pair in pairs]


def word_partners(pairs: Sequence[SourceTarget]) -> dict[str, str]:
    """Words of sources and the words of targets that they stand beside, where each is the best partner of the other."""
    one, ours = _table([pair.text for pair in pairs])
    other, theirs = _table([pair.target for pair in pairs])
    if not ours or not theirs:
        return {}
    together = sparse.coo_array(one.T @ other)
    rows, columns = together.row, together.col
    likeness = 2 * together.data / (_sums(one)[rows] + _sums(other)[columns])
    sizes = [np.array([len(word) for word in words]) for words in (ours, theirs)]
    # Of equals the longer one counts: all of a word of several characters stands wherever its parts do.
    rank = likeness + 1e-6 * (sizes[0][rows] + sizes[1][columns])
    best = _best(rows, rank, len(ours))[rows], _best(columns, rank, len(theirs))[columns]
    mutual = np.flatnonzero((rank == best[0]) & (rank == best[1]) & (likeness >= ALIKE))
    return {ours[rows[place]]: theirs[columns[place]] for place in mutual.tolist()}


def _table(texts: Sequence[str]) -> tuple[sparse.csr_array, list[str]]:
    """Which words stand in which texts, and the words, of those that are seen often enough."""
    side = [{unit.text for unit in _units(text)} for text in texts]
    counts = Counter(word for words in side for word in words)
    names = sorted(word for word, count in counts.items() if count >= SEEN)
    numbers = {word: number for number, word in enumerate(names)}
    found = [[numbers[word] for word in words if word in numbers] for words in side]
    columns = np.array([number for each in found for number in each], dtype=np.int64)
    starts = np.cumsum([0, *map(len, found)])
    table = sparse.csr_array((np.ones(len(columns)), columns, starts), shape=(len(side), len(names)))
    return table, names


def _sums(table: sparse.csr_array) -> NDArray[np.float64]:
    """In how many texts each word stands."""
    return np.asarray(table.sum(0)).ravel()


def _best(keys: NDArray[np.integer], rank: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    best = np.zeros(size)
    np.maximum.at(best, keys, rank)
    return best


def _units(text: str) -> Iterator[Unit]:
    """The words of a text, and all runs of a few characters where words have no blanks between them."""
    words = [(start, end) for start, end in split_words(text) if any(map(str.isalnum, text[start:end]))]
    for number, (start, end) in enumerate(words):
        yield Unit(text[start:end], start, end)
        if not _ALONE.match(text[start]):
            continue
        for first, last in words[number + 1 : number + LONGEST]:
            if first != end or not _ALONE.match(text[first]):
                break
            end = last
            yield Unit(text[start:end], start, end)


def _marked(pair: SourceTarget, known: dict[str, str], draw: Random) -> SourceTarget:
    """A pair with marks for words that stand in it once."""
    source, target = ([*_units(text)] for text in (pair.text, pair.target))
    counted = [Counter(unit.text for unit in side) for side in (source, target)]
    places = {unit.text: unit for unit in target}
    found = [
        (unit, places[known[unit.text]])
        for unit in source
        if counted[0][unit.text] == 1 and counted[1][known.get(unit.text, "")] == 1
    ]
    draw.shuffle(found)
    chosen: list[tuple[Unit, Unit]] = []
    for one, other in found:
        if all(_apart(one, own) and _apart(other, their) for own, their in chosen):
            chosen.append((one, other))
    chosen = chosen[: draw.randint(1, MOST)]
    source_marks = [(one, MARKS[number]) for number, (one, _) in enumerate(chosen)]
    target_marks = [(other, MARKS[number]) for number, (_, other) in enumerate(chosen)]
    return replace(pair, text=_replaced(pair.text, source_marks), target=_replaced(pair.target, target_marks))


def _apart(one: Unit, other: Unit) -> bool:
    return one.end <= other.start or other.end <= one.start


def _replaced(text: str, marks: Sequence[tuple[Unit, str]]) -> str:
    for unit, mark in sorted(marks, key=lambda each: -each[0].start):
        text = text[: unit.start] + mark + text[unit.end :]
    return text
