"""Words as sums of table rows, of sentences in which one word may be marked: the predicate that is asked about.

A word has rows for itself, its parts and its neighbours on both sides. Where a word is marked, every word has more:
for how far away the marked one is and on which side, and for that together with either word. Rows are found by 64-bit
hashes, the same on any machine, so no list of strings is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attendo.text.characters import without_surrogates
from attendo.text.hashing import Hashes, frequent, mixed, part_hashes, word_hash
from attendo.text.rows import FIRST_FREE, UNKNOWN, normal_form
from attendo.text.surroundings import shape_of

Ints = NDArray[np.int64]
Bounds = Sequence[tuple[int, int]]
"""First character of each word of a text, and one past its last."""

UNMARKED = -1
"""In place of the marked word where there is none."""

_EDGE = 0x5E5E_5E5E
_EXACT, _FAR = 5, 10
_AT_ONCE = 1 << 18  # words whose rows are counted at a time


class MarkedBags(NamedTuple):
    """The weighted table rows of some words, end to end, and how many each word has; the first is the word's own."""

    rows: Ints
    sizes: Ints
    weights: NDArray[np.float32]


class MarkedSentences(NamedTuple):
    """The words of sentences as hashes, end to end, and the rows that each has whichever word is marked."""

    starts: Ints
    """The first word of each sentence, and one past the last of all."""
    words: Hashes
    lefts: Hashes
    """The word before each word."""
    tails: Hashes
    """The last letters of each word."""
    signs: Ints
    """How many words up to this one, it included, are not of letters or digits."""
    own: MarkedBags


@dataclass(frozen=True, eq=False)
class MarkedRows:
    """Which words, parts, neighbours and ways of standing by a marked word have a row.

    Attributes:
        keys: sorted hashes; the row of `keys[i]` is FIRST_FREE + i.
    """

    keys: Hashes

    @property
    def num_rows(self) -> int:
        return FIRST_FREE + len(self.keys)

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        bounds: Sequence[Bounds],
        marked: Iterable[tuple[int, int]],
        *,
        min_count: int = 2,
        min_marked: int = 2,
    ) -> MarkedRows:
        """Give a row to what occurs `min_count` times, and to what the marks add if it occurs `min_marked` times.

        Args:
            marked: a sentence and the number of a word in it, for each mark that there will be.
        """
        words = _Words(texts, bounds)
        found = [frequent(feature, min_count) for feature in (words.words, *_around(words), words.parts)]
        sentences = cls(np.zeros(0, np.uint64))._encoded(words)
        counted = [_counted(_beside(sentences, *part)) for part in _parts_of(sentences, list(marked))]
        if counted:
            hashes, place = np.unique(np.concatenate([each for each, _ in counted]), return_inverse=True)
            counts = np.bincount(place, np.concatenate([count for _, count in counted]), len(hashes))
            found.append(hashes[counts >= min_marked])
        return cls(np.unique(np.concatenate(found)))

    def encode(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> MarkedSentences:
        """The words of sentences, ready to be asked for."""
        return self._encoded(_Words(texts, bounds))

    def bags(self, sentences: MarkedSentences, words: Ints, marked: Ints) -> MarkedBags:
        """The rows of some words, counted through all sentences, each with its marked word or `UNMARKED`."""
        own = _chosen(sentences.own, words)
        asked = np.flatnonzero(marked != UNMARKED)
        if not len(asked):
            return own
        found = np.stack([self._rows(each) for each in _beside(sentences, words[asked], marked[asked])], 1)
        known = found != UNKNOWN
        sizes = np.zeros(len(words), np.int64)
        sizes[asked] = known.sum(1)
        rows = found[known]
        return _joined(own, MarkedBags(rows, sizes, np.ones(len(rows), np.float32)))

    def _encoded(self, words: _Words) -> MarkedSentences:
        """The own rows of words: the word, its neighbours, and its parts, which share a weight of one."""
        own = np.stack([self._rows(words.words), *(self._rows(each) for each in _around(words))], 1)
        known = own != UNKNOWN
        known[:, 0] = True
        rows = own[known]
        bags = MarkedBags(rows, known.sum(1), np.ones(len(rows), np.float32))
        parts = self._rows(words.parts)
        shown = parts != UNKNOWN
        part_type = np.repeat(np.arange(len(words.part_counts)), words.part_counts)[shown]
        counts = np.bincount(part_type, minlength=len(words.part_counts))
        shares = (1 / np.maximum(counts, 1)).astype(np.float32)[part_type]
        bags = _joined(bags, _chosen(MarkedBags(parts[shown], counts, shares), words.types))
        lefts = _neighbours(words.words, words.starts, -1)
        return MarkedSentences(words.starts, words.words, lefts, words.tails, words.signs, bags)

    def _rows(self, hashes: Hashes) -> Ints:
        """The row of each hash, UNKNOWN where it has none."""
        if not len(self.keys):
            return np.zeros(len(hashes), np.int64)
        place = np.searchsorted(self.keys, hashes).clip(max=len(self.keys) - 1)
        return np.where(self.keys[place] == hashes, place + FIRST_FREE, UNKNOWN)


class _Words:
    """The words of sentences: each occurrence names a type, each type has hashes of itself and its parts."""

    def __init__(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> None:
        texts = [without_surrogates(text) for text in texts]
        self.starts = np.concatenate([[0], np.cumsum([len(each) for each in bounds])]).astype(np.int64)
        numbers: dict[str, int] = {}
        spelled = (text[start:end] for text, each in zip(texts, bounds, strict=True) for start, end in each)
        self.types = np.fromiter((numbers.setdefault(word, len(numbers)) for word in spelled), np.int64)
        plain = [normal_form(word) for word in numbers]
        self.words, self.tails, self.shapes = (
            np.fromiter(map(word_hash, each), np.uint64, len(plain))[self.types]
            for each in (plain, [f"\1{word[-3:]}" for word in plain], [f"\2{shape_of(word)}" for word in numbers])
        )
        signs = np.fromiter((not any(map(str.isalnum, word)) for word in plain), np.int64, len(plain))
        self.signs = np.cumsum(signs[self.types])
        parts = [part_hashes(word) for word in plain]
        self.part_counts = np.fromiter(map(len, parts), np.int64, len(parts))
        self.parts = np.fromiter((part for each in parts for part in each), np.uint64, int(self.part_counts.sum()))


def _around(words: _Words) -> Iterator[Hashes]:
    """What is seen of each word and its neighbours, whichever word is marked."""
    near = {steps: _neighbours(words.words, words.starts, steps) for steps in (-1, 1)}
    alone = [*near.values(), words.shapes]
    pairs = [(near[-1], words.words), (words.words, near[1])]
    for kind, each in enumerate(alone):
        yield _mix(kind + 1, each)
    for kind, each in enumerate(pairs, len(alone)):
        yield _mix(kind + 1, *each)


def _beside(sentences: MarkedSentences, words: Ints, marked: Ints) -> list[Hashes]:
    """What is seen of each word by its marked word."""
    steps = words - marked
    side = np.sign(steps).astype(np.uint64)
    near = _rough(steps).astype(np.uint64)
    own, theirs = sentences.words[words], sentences.words[marked]
    their_tail, before = sentences.tails[marked], sentences.lefts[marked]
    signs = np.abs(sentences.signs[words] - sentences.signs[marked]).clip(max=3).astype(np.uint64)
    seen = (
        (near,),
        (theirs, side),
        (theirs, near),
        (their_tail, near),
        (own, near),
        (theirs, own),
        (before, side, their_tail),
        (signs, side),
    )
    return [_mix(100 + kind, *each) for kind, each in enumerate(seen)]


def _neighbours(values: Hashes, starts: Ints, steps: int) -> Hashes:
    """For each word the value of the one so many steps behind it in its sentence."""
    if not len(values):
        return values
    shifted = np.full(len(values), _EDGE, np.uint64)
    if abs(steps) < len(values):
        kept = slice(None, -steps) if steps > 0 else slice(-steps, None)
        shifted[kept] = values[steps:] if steps > 0 else values[:steps]
    for each in range(abs(steps)):  # words so close to an end of their sentence that there is none
        edge = starts[1:] - 1 - each if steps > 0 else starts[:-1] + each
        inside = (edge >= starts[:-1]) & (edge < starts[1:])
        shifted[edge[inside]] = _EDGE
    return shifted


def _rough(steps: Ints) -> Ints:
    """A number of words, the rougher the larger it is."""
    size = np.abs(steps)
    rough = np.where(size <= _EXACT, size, np.where(size <= _FAR, _EXACT + 1, _EXACT + 2))
    return np.where(steps < 0, -rough, rough)


def _parts_of(sentences: MarkedSentences, marked: list[tuple[int, int]]) -> Iterator[tuple[Ints, Ints]]:
    """All words of marked sentences, each with its mark, some at a time."""
    if not marked:
        return
    sentence, place = np.array(marked, np.int64).T
    sizes = np.diff(sentences.starts)[sentence]
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        last = max(int(np.searchsorted(ends, (ends[first - 1] if first else 0) + _AT_ONCE)), first + 1)
        chosen = slice(first, last)
        words = ranges(sentences.starts[sentence[chosen]], sizes[chosen])
        yield words, np.repeat(sentences.starts[sentence[chosen]] + place[chosen], sizes[chosen])
        first = last


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """All places of ranges, one range after the other."""
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(starts, sizes) + within


def _counted(features: list[Hashes]) -> tuple[Hashes, Ints]:
    return np.unique(np.concatenate(features), return_counts=True)


def _mix(kind: int, *hashes: Hashes) -> Hashes:
    """One hash of several, and of what they say."""
    key = np.full(len(hashes[0]), kind, np.uint64)
    for each in hashes:
        key = mixed(key, each)
    return key


def _chosen(bags: MarkedBags, words: Ints) -> MarkedBags:
    """The bags of some words, one after the other."""
    starts, sizes = np.cumsum(bags.sizes) - bags.sizes, bags.sizes[words]
    places = ranges(starts[words], sizes)
    return MarkedBags(bags.rows[places], sizes, bags.weights[places])


def _joined(one: MarkedBags, other: MarkedBags) -> MarkedBags:
    """For each word its rows in one, and then those in the other."""
    sizes = one.sizes + other.sizes
    rows, weights = np.zeros(int(sizes.sum()), np.int64), np.zeros(int(sizes.sum()), np.float32)
    starts = np.cumsum(sizes) - sizes
    for bags, shift in ((one, starts), (other, starts + one.sizes)):
        places = ranges(shift, bags.sizes)
        rows[places], weights[places] = bags.rows, bags.weights
    return MarkedBags(rows, sizes, weights)
