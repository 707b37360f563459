"""What a linear model can see of a pair of texts: how they differ, and how much they have in common.

A linear model that reads each text alone cannot compare them. These features do it for it: the n-grams that only one of
the two texts has; shares of what they have in common, cut into steps; and which word of the one stands against which
word of the other (the cross unigrams of Bowman et al. 2015, arXiv 1508.05326, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attendo.text import NGramHasher

Sparse: TypeAlias = Any
"""SciPy's csr_matrix, (texts, features), which has no types to check."""

STEPS = 12
"""Steps that each measure of overlap is cut into, with as many training pairs in each."""
STEP_WEIGHT = 0.3
"""What being in a step weighs, where a text's n-grams of one kind have length one."""
MOST_WORDS = 32
"""Words of one text that stand against those of the other; more of them, in long texts, say nothing."""
CROSS_BITS = 18

_WORDS = NGramHasher(characters=None, words=(1, 1))


@dataclass(frozen=True, eq=False)
class PairFeatures:
    """What is known of pairs: where the steps of their overlaps lie, and which words stood against each other.

    Attributes:
        steps: the inner bounds of the steps of each measure of overlap.
        kept: the crossed words that at least two training pairs had, in order.
    """

    steps: NDArray[np.float64]
    kept: NDArray[np.int64]

    @classmethod
    def train(cls, blocks: Sequence[tuple[Sparse, Sparse]], texts: Sequence[str], pairs: Sequence[str]) -> PairFeatures:
        """Learn from training pairs.

        Args:
            blocks: for each kind of n-grams, those of the texts and of their second texts, weighted.
            texts: as n-grams see them.
            pairs: their second texts, likewise.
        """
        shares = np.linspace(0, 1, STEPS + 1)[1:-1]
        found, counts = np.unique(_crossed(texts, pairs)[1], return_counts=True)
        return cls(np.quantile(_overlaps(blocks), shares, axis=0).T, found[counts > 1])

    @property
    def size(self) -> int:
        """Features beside the n-grams."""
        return len(self.steps) * STEPS + len(self.kept)

    def matrix(self, blocks: Sequence[tuple[Sparse, Sparse]], texts: Sequence[str], pairs: Sequence[str]) -> Sparse:
        """The features of each pair: what only one text has, the steps, the crossed words."""
        from scipy.sparse import hstack

        columns = [each for first, second in blocks for each in (_only(first, second), _only(second, first))]
        return hstack([*columns, self._stepped(blocks), self._crossed(texts, pairs)], format="csr")

    def _stepped(self, blocks: Sequence[tuple[Sparse, Sparse]]) -> Sparse:
        from scipy.sparse import csr_matrix

        overlaps = _overlaps(blocks)
        step = np.stack([np.searchsorted(each, overlaps[:, i], "right") for i, each in enumerate(self.steps)], 1)
        columns = (step + STEPS * np.arange(len(self.steps))).ravel()
        rows = np.repeat(np.arange(len(overlaps)), len(self.steps))
        weights = np.full(len(rows), STEP_WEIGHT, np.float32)
        return csr_matrix((weights, (rows, columns)), shape=(len(overlaps), len(self.steps) * STEPS))

    def _crossed(self, texts: Sequence[str], pairs: Sequence[str]) -> Sparse:
        from scipy.sparse import csr_matrix

        rows, keys = _crossed(texts, pairs)
        if not len(self.kept):
            return csr_matrix((len(texts), 0), dtype=np.float32)
        place = np.searchsorted(self.kept, keys).clip(max=len(self.kept) - 1)
        known = self.kept[place] == keys
        rows, place = rows[known], place[known]
        weights = (1 / np.sqrt(np.maximum(np.bincount(rows, minlength=len(texts)), 1))).astype(np.float32)
        return csr_matrix((weights[rows], (rows, place)), shape=(len(texts), len(self.kept)))


def _only(own: Sparse, other: Sparse) -> Sparse:
    """The n-grams that the other text does not have, weighted as they were."""
    alone = (own - own.multiply(other > 0)).tocsr()
    alone.eliminate_zeros()
    return alone


def _overlaps(blocks: Sequence[tuple[Sparse, Sparse]]) -> NDArray[np.float64]:
    """Measures of what the texts of each pair have in common, six for each kind of n-grams: (pairs, measures)."""
    columns = []
    for first, second in blocks:
        here, there = first > 0, second > 0
        shared, ours, theirs = _sums(here.multiply(there)), _sums(here), _sums(there)
        columns += [
            _sums(first.multiply(second)),
            _sums(first.multiply(there).power(2)),
            _sums(second.multiply(here).power(2)),
            shared / np.maximum(ours, 1),
            shared / np.maximum(theirs, 1),
            np.log((ours + 1) / (theirs + 1)),
        ]
    return np.stack(columns, 1)


def _sums(matrix: Sparse) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(1), dtype=np.float64).ravel()


def _crossed(texts: Sequence[str], pairs: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which pair has which two words, one in each text and in that text alone: numbers of pairs, and hashes."""
    first, second = _WORDS(texts), _WORDS(pairs)
    rows, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number in range(len(texts)):
        own, other = (each.buckets[each.offsets[number] : each.offsets[number + 1]] for each in (first, second))
        ours, theirs = (np.setdiff1d(*both)[:MOST_WORDS].astype(np.uint64) for both in ((own, other), (other, own)))
        found = np.unique(_hash_both(ours[:, None], theirs[None, :]).ravel())
        rows.append(np.full(len(found), number))
        keys.append(found)
    return np.concatenate(rows), np.concatenate(keys)


def _hash_both(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = left * np.uint64(0x9E3779B97F4A7C15) + right * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(64 - CROSS_BITS)).astype(np.int64)
