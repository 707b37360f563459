"""A language model that only counts: what a trained one has to beat.

The probability of a token is joined from those under contexts of every length up to a longest one: each counts the
more, the oftener its context was seen and the fewer different tokens followed it (Witten and Bell 1991, doi
10.1109/18.87000, method C, interpolated).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.generating.streams import TokenStreams

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

LONGEST = 8
"""Tokens of the longest n-gram that is tried."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that different n-grams hardly ever have the same number


@dataclass(frozen=True, eq=False)
class _Counts:
    """How often each n-gram of a length was seen; its context, how often, and with how many different tokens."""

    grams: Words
    times: Floats
    contexts: Words
    totals: Floats
    kinds: Floats


class CountingModel:
    """N-grams of tokens, counted in training texts.

    Args:
        train: the texts.
        vocab_size: tokens that there are.
        longest: of the n-grams.
    """

    def __init__(self, train: TokenStreams, vocab_size: int, longest: int = LONGEST) -> None:
        self._vocab_size = vocab_size
        self._levels = [_count(*_numbered(train, length)) for length in range(1, longest + 1)]
        self.order = longest

    def foretell(self, streams: TokenStreams) -> Floats:
        """What each token of the texts costs in nats, by n-grams up to `order`; NaN for those not asked about."""
        return self._orders(streams, self.order)[-1]

    def choose_order(self, dev: TokenStreams) -> None:
        """Take the longest n-grams from now on that foretell held-out texts best."""
        means = [float(np.nanmean(nats)) for nats in self._orders(dev, len(self._levels))]
        self.order = 1 + int(np.argmin(means))

    def _orders(self, streams: TokenStreams, longest: int) -> list[Floats]:
        """The same by n-grams up to each length."""
        chances = np.full(len(streams.ids), 1 / self._vocab_size)
        asked = np.ones(len(chances), bool) if streams.asked is None else streams.asked
        found = []
        for length, counts in enumerate(self._levels[:longest], start=1):
            grams, contexts, there = _numbered(streams, length)
            total, kinds = (_looked_up(counts.contexts, each, contexts) for each in (counts.totals, counts.kinds))
            seen = there & (total > 0)
            times = _looked_up(counts.grams, counts.times, grams)
            chances = np.where(seen, (times + kinds * chances) / np.maximum(total + kinds, 1), chances)
            found.append(np.where(asked, -np.log(chances), np.nan))
        return found


def _numbered(streams: TokenStreams, length: int) -> tuple[Words, Words, NDArray[np.bool_]]:
    """A number for the n-gram that ends with each token, one for what stands before it there, and whether it is there.

    What stands before a whole text counts as one token of its own.
    """
    ids = streams.ids.astype(np.uint64) + np.uint64(2)
    place = np.arange(len(ids)) - np.repeat(streams.starts[:-1], np.diff(streams.starts))
    grams, contexts = ids.copy(), np.zeros(len(ids), np.uint64)
    with np.errstate(over="ignore"):
        for back in range(1, length):
            before = np.ones(len(ids), np.uint64)
            before[back:] = np.where(place >= back, np.roll(ids, back), before)[back:]
            contexts = contexts * _FACTOR + before * (_FACTOR ^ np.uint64(back))
            contexts ^= contexts >> np.uint64(29)
        grams = (contexts ^ (ids * _FACTOR)) * _FACTOR + ids
    return grams, contexts, place >= length - 2


def _count(grams: Words, contexts: Words, there: NDArray[np.bool_]) -> _Counts:
    unique, first, times = np.unique(grams[there], return_index=True, return_counts=True)
    known, place = np.unique(contexts[there][first], return_inverse=True)
    totals = np.bincount(place, weights=times, minlength=len(known)).astype(np.float64)
    kinds = np.bincount(place, minlength=len(known)).astype(np.float64)
    return _Counts(unique, times.astype(np.float64), known, totals, kinds)


def _looked_up(keys: Words, values: Floats, wanted: Words) -> Floats:
    """The values of keys, 0 for those that are not there."""
    if not len(keys):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)
