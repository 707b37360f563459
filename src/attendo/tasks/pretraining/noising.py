"""Texts with parts taken out: what a model of two towers reads, and what it is to write.

Parts are whole words, or tokens; a Chinese character is a word. Two of them never touch. Every draw is a hash, as in
`masking`: a piece loses the same parts in whichever batch it lies, and others in each epoch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.pretraining.masking import uniform
from attendo.text import Tokenizer

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LENGTHS, PLACES, SENTENCES = range(3)
"""What a draw is for."""
_CLOSING = re.compile("\\s*[.!?\u2026。！？]+\\s*")
_SENTINEL = "<extra_id_{}>"


class Sides(NamedTuple):
    """What is read of a text, and what is to be written from it."""

    source: Ints
    target: Ints


class Noise(Protocol):
    """Takes something out of a text; nothing can be taken out of a single word."""

    def __call__(self, ids: Ints, words: Ints, key: np.uint64) -> Sides:
        """Both sides of a text without the tokens that frame it.

        Args:
            words: which word each token is of.
            key: what the draws depend on; see `keys_of`.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Infilling:
    """Each part becomes one mask, some masks stand for nothing, and the whole text is written (arXiv 1910.13461, 2.2).

    Attributes:
        share: of the words, or tokens, that are taken out.
        mean: of the parts' lengths, which are drawn from a Poisson distribution.
        mask: its id.
        whole_words: whether parts are counted in words rather than tokens.
        closing: of each id whether a sentence may end with it; None where sentences stay in their order.
    """

    share: float
    mean: float
    mask: int
    whole_words: bool
    closing: Bools | None = None

    def __call__(self, ids: Ints, words: Ints, key: np.uint64) -> Sides:
        draws, read = _Draws(key), ids
        if self.closing is not None:
            order = _shuffled(ids, words, self.closing, draws)
            read, words = ids[order], words[order]
        borders = _borders(words, self.whole_words)
        spans = _placed(_poisson_lengths(self.share, self.mean, len(borders) - 1, draws), borders, draws)
        return Sides(_marked(read, spans, [self.mask] * len(spans)), ids)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpanCorruption:
    """Each part becomes a sentinel, and is written behind it; one more sentinel closes (arXiv 1910.10683, 3.1.4).

    Attributes:
        share: of the words, or tokens, that are taken out.
        mean: of the parts' lengths in tokens.
        sentinels: their ids, the first of a text first.
        whole_words: whether words are taken out whole.
    """

    share: float
    mean: float
    sentinels: Ints
    whole_words: bool

    def __call__(self, ids: Ints, words: Ints, key: np.uint64) -> Sides:
        draws, borders = _Draws(key), _borders(words, self.whole_words)
        wanted = min(_nearest(self.share * len(ids) / self.mean), len(self.sentinels) - 1)
        spans = _placed(_even_lengths(self.share, len(borders) - 1, wanted, draws), borders, draws)
        marks = self.sentinels[: len(spans) + 1].tolist()
        told = [part for mark, (start, end) in zip(marks, spans, strict=False) for part in ([mark], ids[start:end])]
        return Sides(_marked(ids, spans, marks), np.concatenate([*told, marks[-1:]]).astype(np.int32))


@dataclass(frozen=True)
class _Draws:
    """Numbers that belong to a piece."""

    key: np.uint64

    def numbers(self, count: int, purpose: int) -> Floats:
        """So many numbers from 0 up to 1."""
        return uniform(self.key, np.arange(count), purpose)

    def order(self, count: int, purpose: int) -> Longs:
        """So many things in a drawn order."""
        return np.argsort(self.numbers(count, purpose), kind="stable")


def _borders(words: Ints, whole_words: bool) -> Longs:
    """Where words begin, or tokens, and where the last one ends."""
    begins = np.flatnonzero(np.diff(words, prepend=-1)) if whole_words else np.arange(len(words))
    return np.append(begins, len(words))


def _taken(share: float, units: int) -> int:
    """How many are taken out: one at least, and never all."""
    return min(max(_nearest(share * units), 1), max(units - 1, 0))


def _poisson_lengths(share: float, mean: float, units: int, draws: _Draws) -> Longs:
    """Lengths that come to the share; the last is cut to it.

    There are never more empty parts than others shorten the text by, so that it has a place for each of its tokens.
    """
    taken = _taken(share, units)
    if not taken:
        return np.zeros(0, dtype=np.int64)
    lengths = np.searchsorted(_poisson(mean), draws.numbers(2 * taken + 8, LENGTHS), side="right")
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), taken) + 1]
    lengths[-1] -= max(lengths.sum() - taken, 0)
    empty = np.flatnonzero(lengths == 0)
    lengths = np.delete(lengths, empty[int((lengths - 1).clip(min=0).sum()) :])
    room = units - int(lengths.sum()) + 1
    return np.bincount(np.arange(len(lengths)) % room, weights=lengths).astype(np.int64)  # what finds none joins others


def _even_lengths(share: float, units: int, wanted: int, draws: _Draws) -> Longs:
    """Lengths that come to the share: so many as are wanted, where there is room between them, and none empty."""
    taken = _taken(share, units)
    if not taken:
        return np.zeros(0, dtype=np.int64)
    count = min(max(wanted, 1), taken, units - taken + 1)
    cuts = np.sort(draws.order(taken - 1, LENGTHS)[: count - 1]) + 1
    return np.diff(cuts, prepend=0, append=taken)


def _placed(lengths: Longs, borders: Longs, draws: _Draws) -> list[tuple[int, int]]:
    """The first token of parts of so many words each, and one past the last: anywhere, with a word between any two."""
    kept = len(borders) - 1 - int(lengths.sum())
    before = draws.order(kept + 1, PLACES)[: len(lengths)]  # words that stay, before each part
    order = np.argsort(before)
    before, lengths = before[order], lengths[order]
    starts = before + np.cumsum(lengths) - lengths
    return list(zip(borders[starts].tolist(), borders[starts + lengths].tolist(), strict=True))


def _marked(ids: Ints, spans: Sequence[tuple[int, int]], marks: Sequence[int]) -> Ints:
    """A text with a mark in the place of each part."""
    parts, done = [], 0
    for (start, end), mark in zip(spans, marks, strict=False):
        parts += [ids[done:start], [mark]]
        done = end
    return np.concatenate([*parts, ids[done:]]).astype(np.int32)


def _shuffled(ids: Ints, words: Ints, closing: Bools, draws: _Draws) -> Longs:
    """The places of a text's tokens with its sentences in a drawn order; none ends within a word."""
    ends = closing[ids]
    ends[:-1] &= ~ends[1:] & (words[1:] != words[:-1])
    ends[-1:] = True
    parts = np.split(np.arange(len(ids)), np.flatnonzero(ends)[:-1] + 1)
    return np.concatenate([parts[number] for number in draws.order(len(parts), SENTENCES)])


@cache
def _poisson(mean: float) -> Floats:
    """How probable it is that a length is at most 0, 1, 2 and so on."""
    most = int(mean + 20 * mean**0.5) + 20
    return np.cumsum(np.exp(-mean) * np.cumprod([1.0, *(mean / number for number in range(1, most))]))


def _nearest(number: float) -> int:
    return int(number + 0.5)


def closing_tokens(tokenizer: Tokenizer) -> Bools:
    """Of each id whether a sentence may end with it."""
    spelled = (piece.decode(errors="replace") for piece in tokenizer.spelling.later)
    return np.array([_CLOSING.fullmatch(each) is not None for each in spelled])


def sentinel_names(count: int) -> list[str]:
    """Names of so many sentinels, in the order of their ids: the first of a text has the last."""
    return [_SENTINEL.format(number) for number in reversed(range(count))]


def find_sentinels(tokenizer: Tokenizer) -> Ints:
    """The ids of all sentinels that a tokenizer has, from the first one on; mT5 spells them as pieces."""
    numbers = {token.removeprefix("\u2581"): number for number, token in enumerate(tokenizer.tokens())}
    found: list[int] = []
    while (number := numbers.get(_SENTINEL.format(len(found)))) is not None:
        found.append(number)
    return np.array(found, dtype=np.int32)
