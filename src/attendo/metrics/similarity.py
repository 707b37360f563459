"""How well vectors of texts say what means the same: against numbers, or by finding the partner of a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore
from attendo.metrics.regression import pearson, spearman

BLOCK = 1 << 22
"""Numbers of a matrix of similarities that are held at a time."""


@dataclass(frozen=True, kw_only=True)
class SimilarityScores:
    """Scores on pairs of texts: correlations where each has a number, ranks where all that is known is the partner."""

    num_examples: int
    spearman: Interval | None = None
    pearson: Interval | None = None
    mean_reciprocal_rank: Interval | None = None
    recall_at_1: Interval | None = None

    @property
    def classes(self) -> tuple[ClassScore, ...]:
        """Nothing is told apart."""
        return ()

    @property
    def class_f1(self) -> tuple[Interval, ...]:
        """As many as there are classes."""
        return ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and numbers, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def score_similarity(
    gold: npt.ArrayLike, cosines: npt.ArrayLike, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> SimilarityScores:
    """Score how alike pairs are said to be against numbers that are right."""
    metrics = {"spearman": spearman, "pearson": pearson}
    found = intervals(metrics, gold, cosines, resamples=resamples, seed=seed, level=level)
    return SimilarityScores(num_examples=len(np.asarray(gold)), **found)


def score_ranks(ranks: npt.ArrayLike, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> SimilarityScores:
    """Score at which rank, counted from 1, each text's partner is found."""
    metrics = {"mean_reciprocal_rank": _mean_reciprocal, "recall_at_1": _first}
    found = intervals(metrics, ranks, resamples=resamples, seed=seed, level=level)
    return SimilarityScores(num_examples=len(np.asarray(ranks)), **found)


def compare_similarity(gold: npt.ArrayLike, ours: npt.ArrayLike, theirs: npt.ArrayLike) -> PairedDifference:
    """By how much our Spearman correlation is above theirs, on the same pairs."""
    return paired_bootstrap(spearman, gold, ours, theirs)


def compare_ranks(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> PairedDifference:
    """By how much our mean reciprocal rank is above theirs, on the same texts."""
    mine = np.asarray(ours)
    return paired_bootstrap(lambda gold, ranks: _mean_reciprocal(ranks), np.zeros(len(mine)), mine, np.asarray(theirs))


def partner_ranks(
    queries: Any, candidates: Any, partners: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rank, counted from 1, of each query's partner among the candidates, and the nearest candidate.

    Candidates that are as near as the partner stand before it.

    Args:
        queries, candidates: unit vectors, one a row; both may be sparse.
        partners: the number of the candidate that is right.
    """
    count = len(partners)
    ranks, nearest = np.zeros(count, np.int64), np.zeros(count, np.int64)
    step = max(1, BLOCK // max(candidates.shape[0], 1))
    for start in range(0, count, step):
        scores = queries[start : start + step] @ candidates.T
        scores = scores if isinstance(scores, np.ndarray) else scores.toarray()
        right = partners[start : start + step]
        own = scores[np.arange(len(right)), right]
        ranks[start : start + step] = (scores >= own[:, None]).sum(1)
        nearest[start : start + step] = scores.argmax(1)
    return ranks, nearest


def _mean_reciprocal(ranks: npt.NDArray[np.int64]) -> float:
    return float((1 / ranks).mean())


def _first(ranks: npt.NDArray[np.int64]) -> float:
    return float((ranks == 1).mean())
