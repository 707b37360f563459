"""Texts as bags of hashed n-grams of characters and of words, many texts at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from attendo.errors import ConfigError
from attendo.text.characters import CJK, ODD_WHITE, checked_texts, marks

_BASE = np.uint64(0x9E3779B97F4A7C15)
_CHARACTER_SEED, _WORD_SEED = 0x5851F42D4C957F2D, 0x14057B7EF767814F
_LONGEST = 16
_CHARACTERS_AT_ONCE, _TEXTS_AT_ONCE = 1 << 15, 1 << 12  # arrays that stay in the processor's cache
_OTHER, _WHITE, _LETTER, _ALONE = range(4)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bags:
    """Sparse rows, one a text: row i is `buckets[offsets[i]:offsets[i + 1]]`, ascending, with the counts beside.

    For SciPy: `csr_array((bags.counts, bags.buckets, bags.offsets), shape=(len(bags), bags.width))`.
    """

    offsets: NDArray[np.int64]
    buckets: NDArray[np.int32]
    counts: NDArray[np.float32]
    """How often each occurs in its text; its weight, after `TfIdf`."""
    width: int
    """How many buckets there are."""

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, kw_only=True)
class NGramHasher:
    """Counts n-grams into a fixed number of buckets. Call it with a list of texts, normalised beforehand.

    The same texts give the same buckets on every machine. Words are runs of letters and digits, and single Chinese
    characters; punctuation and emoji count in n-grams of characters only.
    """

    characters: tuple[int, int] | None = (2, 5)
    """Shortest and longest n-grams of characters, white space included."""
    words: tuple[int, int] | None = (1, 2)
    """Shortest and longest n-grams of words."""
    buckets: int = 1 << 20
    """Number of buckets, a power of two; n-grams may happen to share one."""
    within_words: bool = False
    """No n-gram of characters reaches over white space, but it may begin or end with a blank, also at a text's ends."""
    sublinear: bool = True
    """Count n occurrences in a text as 1 + ln n."""

    def __post_init__(self) -> None:
        problems = []
        for name, lengths in (("characters", self.characters), ("words", self.words)):
            if lengths is not None and not 1 <= lengths[0] <= lengths[1] <= _LONGEST:
                problems.append(f"`{name}` must be two lengths from 1 to {_LONGEST}, in order, but is {lengths}.")
        if self.characters is None and self.words is None:
            problems.append("`characters` and `words` must not both be null: there would be nothing to count.")
        if self.buckets.bit_count() != 1 or not 2 <= self.buckets <= 1 << 30:
            problems.append(f"`buckets` must be a power of two from 2 to 2^30, but is {self.buckets}.")
        if problems:
            raise ConfigError(problems)

    def __call__(self, texts: Sequence[str]) -> Bags:
        nothing = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
        sizes, buckets, counts = zip(nothing, *map(self._count, _chunks(checked_texts(texts))), strict=True)
        values = np.concatenate(counts)
        if self.sublinear:
            repeated = values > 1
            values[repeated] = 1 + np.log(values[repeated].astype(np.float64))
        return Bags(
            offsets=np.cumsum(np.concatenate([[0], *sizes])),
            buckets=np.concatenate(buckets),
            counts=values,
            width=self.buckets,
        )

    def _count(self, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """How many different buckets each text has, which, and how often each occurs."""
        bits = self.buckets.bit_length() - 1
        keys = np.concatenate([np.zeros(0, np.uint64), *self._keys(texts, bits)])
        if len(texts) << bits <= 1 << 32:
            keys = keys.astype(np.uint32)  # sorts twice as fast
        keys.sort()
        first = np.flatnonzero(np.concatenate([np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]]))
        found = keys[first]
        sizes = np.bincount((found >> bits).astype(np.int64), minlength=len(texts))
        counts = np.diff(first, append=len(keys)).astype(np.float32)
        return sizes, (found & (self.buckets - 1)).astype(np.int32), counts

    def _keys(self, texts: list[str], bits: int) -> Iterator[Hashes]:
        """For every n-gram, its text's number and its bucket in one integer."""
        codes, lengths = _code_points([f" {text} " for text in texts] if self.within_words else texts)
        rows = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
        kinds = _kinds()[codes]
        if self.characters is not None:
            white = kinds == _WHITE if self.within_words else None
            items = codes if white is None else np.where(white, np.uint32(ord(" ")), codes)
            yield from _grams(items.astype(np.uint64), rows, self.characters, _CHARACTER_SEED, bits, white)
        if self.words is not None:
            hashes, rows = _word_hashes(codes, kinds, rows)
            yield from _grams(hashes, rows, self.words, _WORD_SEED, bits)


def _grams(
    items: Hashes,
    rows: Hashes,
    lengths: tuple[int, int],
    seed: int,
    bits: int,
    white: NDArray[np.bool_] | None = None,
) -> Iterator[Hashes]:
    """Keys of all n-grams of items that lie in one row; their hash is the sum of item k times base to the k."""
    hashes = items
    for length in range(1, min(lengths[1], len(items)) + 1):
        if length > 1:
            hashes = items[: len(items) - length + 1] + _BASE * hashes[1:]
        if length < lengths[0]:
            continue
        number = len(hashes)
        inside = rows[:number] == rows[length - 1 :]
        if white is not None:
            inside &= _reaches_over_no_white(white, length)
        mixed = _mix(hashes[inside] + np.uint64(seed * (2 * length + 1) % 2**64))
        yield (rows[:number][inside] << np.uint64(bits)) | (mixed >> np.uint64(64 - bits))


def _reaches_over_no_white(white: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Which n-grams have no white space but at their ends, and not only that."""
    total = np.concatenate([[0], np.cumsum(white)])
    number = len(white) - length + 1
    all_over = total[length:] - total[:number]
    ends = white[:number].astype(np.int64) + white[length - 1 :] if length > 1 else white
    return (all_over == ends) & (all_over < length)


def _mix(hashes: Hashes) -> Hashes:
    """Spread what differs over all bits, the upper ones above all."""
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0xA0761D6478BD642F)
    return hashes


def _word_hashes(codes: NDArray[np.uint32], kinds: NDArray[np.uint8], rows: Hashes) -> tuple[Hashes, Hashes]:
    """The hash of each word, and the row that it is in."""
    joins = (kinds[1:] == _LETTER) & (kinds[:-1] == _LETTER) & (rows[1:] == rows[:-1])
    begins = kinds >= _LETTER
    begins[1:] &= ~joins
    inside = np.flatnonzero(kinds >= _LETTER)
    first = np.flatnonzero(begins[inside])
    if not len(first):
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    lengths = np.diff(first, append=len(inside))
    place = np.arange(len(inside)) - np.repeat(first, lengths)
    powers = np.multiply.accumulate(np.concatenate([[np.uint64(1)], np.full(lengths.max() - 1, _BASE)]))
    sums = np.add.reduceat(codes[inside].astype(np.uint64) * powers[place], first)
    return _mix(sums), rows[inside[first]]


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    room = _CHARACTERS_AT_ONCE
    for text in texts:
        if chunk and (len(text) > room or len(chunk) == _TEXTS_AT_ONCE):
            yield chunk
            chunk, room = [], _CHARACTERS_AT_ONCE
        chunk.append(text)
        room -= len(text)
    if chunk:
        yield chunk


def _code_points(texts: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4"), lengths


@cache
def _kinds() -> NDArray[np.uint8]:
    """What each code point is: white space, part of a word, a word of its own, or something else."""
    kinds = np.full(0x110000, _OTHER, dtype=np.uint8)
    everything = "".join(map(chr, range(0x40000)))
    for pattern, kind in ((rf"[{marks()}]+", _LETTER), (r"\w+", _LETTER), (rf"[ {ODD_WHITE}]+", _WHITE)):
        for match in re.finditer(pattern, everything):
            kinds[match.start() : match.end()] = kind
    for match in re.finditer(f"[{CJK}]+", everything):
        block = kinds[match.start() : match.end()]
        block[block == _LETTER] = _ALONE
    kinds[0xFE00:0xFE10] = _OTHER  # marks that only choose the look of a symbol
    return kinds
