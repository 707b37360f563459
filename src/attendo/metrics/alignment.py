"""Which word of a translation belongs to which of its source: links against those of people (Och and Ney 2003)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from attendo.errors import InputError, ShapeError
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore, ratio
from attendo.metrics.sums import Floats, of_counts

Links = Collection[tuple[int, int]]
"""Pairs of a word of the source and a word of the target, by their numbers."""


@dataclass(frozen=True, kw_only=True)
class AlignmentScores:
    """Scores between 0 and 1 over the links of all pairs of texts; of errors, less is better."""

    num_examples: int
    alignment_error_rate: Interval
    precision: Interval
    """Links that are at least possible, among those that were found."""
    recall: Interval
    """Sure links that were found, among all sure ones."""
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Links are of no classes."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and numbers, ready for JSON."""
        return asdict(self)


def score_alignment(
    found: Sequence[Links],
    sure: Sequence[Links],
    possible: Sequence[Links] | None = None,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> AlignmentScores:
    """Score the links of each pair of texts.

    Args:
        sure: links that should be found.
        possible: links that may be found; sure ones are possible too, whether they are repeated here or not.

    Raises:
        ShapeError: if there are not as many of each.
        InputError: if there is no pair of texts.
    """
    counts = _counts(found, sure, possible)
    metrics = {
        "alignment_error_rate": of_counts(_error_rate),
        "precision": of_counts(_precision),
        "recall": of_counts(_recall),
    }
    scores = intervals(metrics, counts, resamples=resamples, seed=seed, level=level)
    return AlignmentScores(num_examples=len(counts), **scores)


def paired_alignment(
    sure: Sequence[Links],
    possible: Sequence[Links] | None,
    ours: Sequence[Links],
    theirs: Sequence[Links],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """How much higher the alignment error rate of our links is than that of others; below 0 ours are better."""
    both = [_counts(each, sure, possible) for each in (ours, theirs)]
    return paired_bootstrap(of_counts(_error_rate), np.zeros(len(sure)), *both, resamples=resamples, seed=seed)


def _counts(found: Sequence[Links], sure: Sequence[Links], possible: Sequence[Links] | None) -> Floats:
    """Of each pair of texts: links found, sure ones, both, and those found that are possible."""
    allowed = possible if possible is not None else [()] * len(sure)
    if not len(found) == len(sure) == len(allowed):
        raise ShapeError(
            f"Give links for each pair of texts, but there are {len(found)} found, {len(sure)} sure and "
            f"{len(allowed)} possible sets of them."
        )
    if not found:
        raise InputError("Links are scored on at least one pair of texts, but there is none.")
    rows = []
    for ours, right, more in zip(map(set, found), map(set, sure), map(set, allowed), strict=True):
        rows.append((len(ours), len(right), len(ours & right), len(ours & (right | more))))
    return np.array(rows, dtype=np.float64)


def _error_rate(sums: Floats) -> Floats:
    """No error where there is nothing to find and nothing was found."""
    links = sums[..., 0] + sums[..., 1]
    return ratio(links - sums[..., 2] - sums[..., 3], links)


def _precision(sums: Floats) -> Floats:
    return ratio(sums[..., 3], sums[..., 0])


def _recall(sums: Floats) -> Floats:
    return ratio(sums[..., 2], sums[..., 1])
