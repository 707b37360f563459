"""Words as sums of table rows: a word's own row, the n-grams that end in it, and its character n-grams.

A word that was not seen in training still has its parts (arXiv 1607.04606), and a phrase has a row of its own. Rows are
found by 64-bit hashes, the same on any machine, so no list of strings is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attendo.text.characters import without_surrogates
from attendo.text.hashing import Hashes, frequent, mixed, part_hashes, word_hash
from attendo.text.surroundings import hashes_around, shape_of
from attendo.text.words import word_bounds

UNKNOWN, SECOND, SHARED = 0, 1, 2
"""Rows with a meaning of their own: an unknown word; a word of a pair's second text; a word that both texts have."""

FIRST_FREE = 3
LONGEST_NGRAM = 3

Bounds = Sequence[tuple[int, int]]
"""First character of each word of a text, and one past its last."""


class RowTokens(NamedTuple):
    """The words of texts, and the weighted table rows of each word, end to end.

    Attributes:
        lengths: words of each text.
        sizes: rows of each word; the first one is the word's own.
        bounds: first character, and one past the last, of each word in its own text.
        seconds: whether a word belongs to the second text of a pair.
    """

    lengths: NDArray[np.int64]
    rows: NDArray[np.int64]
    sizes: NDArray[np.int64]
    weights: NDArray[np.float32]
    bounds: NDArray[np.int32]
    seconds: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RowVocabulary:
    """Which words, n-grams and word parts have a row.

    Attributes:
        keys: sorted hashes; the row of `keys[i]` is FIRST_FREE + i.
        max_words: a longer text keeps its start and its end, half of the words each.
        around: whether words are described by what stands on both sides of them, and by their shapes.
    """

    keys: Hashes
    max_words: int = 512
    around: bool = False

    @property
    def num_rows(self) -> int:
        return FIRST_FREE + len(self.keys)

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        *,
        bounds: Sequence[Bounds] | None = None,
        max_words: int = 512,
        min_count: int = 2,
        ngrams: int = LONGEST_NGRAM,
        around: bool = False,
    ) -> RowVocabulary:
        """Give a row to each word and n-gram that occurs `min_count` times, and to parts that as many words share.

        Args:
            bounds: the places of the words of each text, where these are known; none of them is left out then.
            around: whether n-grams on both sides of a word describe it, and shapes, rather than those that end in it.
        """
        words = _Words(list(texts), max_words, bounds)
        hashes = words.hashes[words.types]
        found = [frequent(hashes, min_count)]
        if around:
            found += [frequent(keys, min_count) for keys in words.surroundings()]
        else:
            for size in range(2, ngrams + 1):
                keys, inside = _ngrams(hashes, words.places, size)
                found.append(frequent(keys[inside], min_count))
        found.append(frequent(words.parts, min_count))
        return cls(np.unique(np.concatenate(found)), max_words, around)

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> RowTokens:
        """The words of each text (and then of its pair) as rows."""
        joined = list(texts) if pairs is None else [text for both in zip(texts, pairs, strict=True) for text in both]
        words = _Words(joined, self.max_words if pairs is None else self.max_words // 2)
        pieces = self._pieces(words)
        seconds = np.zeros(len(words.types), dtype=np.bool_)
        if pairs is not None:
            seconds = words.texts % 2 == 1
            pieces += [_flagged(seconds, SECOND), _flagged(words.shared_with_other(), SHARED)]
        rows, sizes, weights = _interleave(pieces, len(words.types))
        lengths = words.lengths if pairs is None else words.lengths.reshape(-1, 2).sum(1)
        return RowTokens(lengths, rows, sizes, weights, words.bounds, seconds)

    def encode_words(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> RowTokens:
        """The words of each text as rows, where the places of all words are known; none of them is left out."""
        words = _Words(list(texts), self.max_words, bounds)
        rows, sizes, weights = _interleave(self._pieces(words), len(words.types))
        return RowTokens(words.lengths, rows, sizes, weights, words.bounds, np.zeros(len(words.types), dtype=np.bool_))

    def _pieces(self, words: _Words) -> list[_Piece]:
        if self.around:
            return [self._own(words), *(self._known(keys) for keys in words.surroundings())]
        return [self._own(words), *(self._ngram(words, size) for size in range(2, LONGEST_NGRAM + 1))]

    def _rows(self, hashes: Hashes) -> NDArray[np.int64]:
        """The row of each hash, UNKNOWN where it has none."""
        if not len(self.keys):
            return np.zeros(len(hashes), dtype=np.int64)
        place = np.searchsorted(self.keys, hashes).clip(max=len(self.keys) - 1)
        return np.where(self.keys[place] == hashes, place + FIRST_FREE, UNKNOWN)

    def _own(self, words: _Words) -> _Piece:
        """Each word's own row, then its known parts, which share a weight of one."""
        parts = self._rows(words.parts)
        known = parts != UNKNOWN
        part_type = np.repeat(np.arange(len(words.hashes)), words.part_counts)[known]
        counts = np.bincount(part_type, minlength=len(words.hashes))
        own = (self._rows(words.hashes), np.ones(len(words.hashes), np.int64), np.ones(len(words.hashes), np.float32))
        shares = (1 / np.maximum(counts, 1)).astype(np.float32)[part_type]
        rows, sizes, weights = _interleave([own, (parts[known], counts, shares)], len(words.hashes))
        return _gather(rows, sizes, weights, words.types)

    def _ngram(self, words: _Words, size: int) -> _Piece:
        keys, inside = _ngrams(words.hashes[words.types], words.places, size)
        return self._known(keys, inside)

    def _known(self, keys: Hashes, inside: NDArray[np.bool_] | bool = True) -> _Piece:
        """For each word the row of a key, if it has one."""
        rows = np.where(inside, self._rows(keys), UNKNOWN)
        known = rows != UNKNOWN
        return rows[known], known.astype(np.int64), np.ones(int(known.sum()), np.float32)


_Piece = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""Rows, how many of them each word has, and their weights."""


class _Words:
    """The words of texts: each occurrence names a type, each type has a hash and the hashes of its parts."""

    def __init__(self, texts: Sequence[str], max_words: int, given: Sequence[Bounds] | None = None) -> None:
        texts = [without_surrogates(text) for text in texts]
        joined = "".join(f"{text}\n" for text in texts)  # no word reaches over a line end
        ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64)
        starts = np.concatenate([[0], ends])
        if given is None:
            bounds = word_bounds(joined)
            owner = np.searchsorted(ends, bounds[:, 0], side="right")
            kept = _both_ends(owner, len(texts), max_words)
            bounds, owner = bounds[kept], owner[kept]
        else:
            owner = np.repeat(np.arange(len(texts)), [len(each) for each in given])
            own = np.array([place for each in given for place in each], dtype=np.int64).reshape(-1, 2)
            bounds, kept = own + starts[owner][:, None], np.arange(len(owner))
        self.texts = owner
        self.lengths = np.bincount(owner, minlength=len(texts)).astype(np.int64)
        self.places = _unbroken(kept, owner)
        self.bounds = (bounds - starts[owner][:, None]).astype(np.int32)
        numbers: dict[str, int] = {}
        spelled = (joined[start:end] for start, end in bounds.tolist())
        self.types = np.fromiter((numbers.setdefault(word, len(numbers)) for word in spelled), np.int64, len(bounds))
        self._spelled = list(numbers)
        plain = [normal_form(word) for word in numbers]
        self.hashes = np.fromiter((word_hash(word) for word in plain), np.uint64, len(plain))
        parts = [part_hashes(word) for word in plain]
        self.part_counts = np.fromiter((len(each) for each in parts), np.int64, len(parts))
        self.parts = np.fromiter((part for each in parts for part in each), np.uint64, int(self.part_counts.sum()))

    def surroundings(self) -> list[Hashes]:
        """For each kind of surroundings a hash for each word."""
        shapes, written = (
            np.fromiter((word_hash(make(word)) for word in self._spelled), np.uint64, len(self._spelled))[self.types]
            for make in (shape_of, str)
        )
        return hashes_around(self.hashes[self.types], shapes, written, self.texts)

    def shared_with_other(self) -> NDArray[np.bool_]:
        """Whether a word also occurs in the other text of its pair."""
        hashes = self.hashes[self.types]
        here = mixed(hashes, self.texts.astype(np.uint64))
        there = mixed(hashes, (self.texts ^ 1).astype(np.uint64))
        return np.isin(there, here)


def normal_form(word: str) -> str:
    """The form in which words are compared: compatibility forms made plain, lower case, digits as they are."""
    return unicodedata.normalize("NFKC", word).lower()


def _ngrams(hashes: Hashes, places: NDArray[np.int64], size: int) -> tuple[Hashes, NDArray[np.bool_]]:
    """The hash of the n-gram that ends in each word, and whether it stands in the text."""
    keys = np.full(len(hashes), size, dtype=np.uint64)
    for back in range(size - 1, -1, -1):
        keys = mixed(keys, np.roll(hashes, back))
    return keys, places >= size - 1


def _flagged(flags: NDArray[np.bool_], row: int) -> _Piece:
    count = int(flags.sum())
    return np.full(count, row, np.int64), flags.astype(np.int64), np.ones(count, np.float32)


def _gather(rows: NDArray, sizes: NDArray, weights: NDArray, chosen: NDArray[np.int64]) -> _Piece:
    """The rows of the chosen bags, one after the other."""
    starts = np.cumsum(sizes) - sizes
    picked = sizes[chosen]
    within = np.arange(int(picked.sum())) - np.repeat(np.cumsum(picked) - picked, picked)
    places = np.repeat(starts[chosen], picked) + within
    return rows[places], picked, weights[places]


def _interleave(pieces: list[_Piece], count: int) -> _Piece:
    """For each of `count` bags its rows of the first piece, then of the second, and so on."""
    sizes = np.zeros(count, np.int64)
    for piece in pieces:
        sizes += piece[1]
    rows, weights = np.zeros(int(sizes.sum()), np.int64), np.zeros(int(sizes.sum()), np.float32)
    target = np.cumsum(sizes) - sizes
    for piece_rows, piece_sizes, piece_weights in pieces:
        within = np.arange(len(piece_rows)) - np.repeat(np.cumsum(piece_sizes) - piece_sizes, piece_sizes)
        places = np.repeat(target, piece_sizes) + within
        rows[places], weights[places] = piece_rows, piece_weights
        target = target + piece_sizes
    return rows, sizes, weights


def _both_ends(owner: NDArray[np.int64], count: int, limit: int) -> NDArray[np.int64]:
    """Which words to keep, so that each of `count` texts has at most `limit`: half from either end."""
    lengths = np.bincount(owner, minlength=count)
    if not len(lengths) or lengths.max() <= limit:
        return np.arange(len(owner))
    place = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    size = lengths[owner]
    return np.flatnonzero((size <= limit) | (place < limit - limit // 2) | (place >= size - limit // 2))


def _unbroken(kept: NDArray[np.int64], owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many words stand right before each kept word: none at the start of a text, none behind a cut."""
    number = np.arange(len(kept))
    goes_on = (np.diff(kept, prepend=-2) == 1) & (np.diff(owner, prepend=-1) == 0)
    return number - np.maximum.accumulate(np.where(goes_on, 0, number))
