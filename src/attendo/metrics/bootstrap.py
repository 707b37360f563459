"""How far a score would move on other examples of the same kind: percentile bootstrap over examples (Efron 1979).

Deterministic for a seed. The same seed and number of examples draw the same resamples whatever the metric, so that two
models scored apart can still be compared pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError
from attendo.metrics.sums import Floats, Metric, SumMetric, as_columns, distinct_rows

_BLOCK = 1_000_000  # drawn example numbers held at once


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A score on all examples and the range that it keeps to on resamples of them; NaN where it is undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """Score of `a` minus score of `b` on the same examples; `p_value` is two-sided, for a true difference of 0."""

    difference: float
    low: float
    high: float
    p_value: float


def interval(
    metric: Metric, *columns: npt.ArrayLike, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """`metric(*columns)` with its interval; each column has one entry per example."""
    return intervals({"": metric}, *columns, resamples=resamples, seed=seed, level=level)[""]


def intervals(
    metrics: Mapping[str, Metric], *columns: npt.ArrayLike, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Several metrics of the same columns, each with its interval; the resamples are drawn once for all."""
    _check(resamples, level)
    table = as_columns(columns)
    drawn = _on_resamples(metrics, table, resamples, seed)
    found = {}
    for name, metric in metrics.items():
        low, high = _middle(_defined(drawn[name]), level)
        found[name] = Interval(value=float(metric(*table)), low=low, high=high)
    return found


def paired_bootstrap(
    metric: Metric,
    gold: npt.ArrayLike,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> PairedDifference:
    """How much better `a` scores than `b` on the same examples, and whether that could be chance (Koehn 2004)."""
    _check(resamples, level)
    table = as_columns([gold, a, b])
    ours = _on_resamples({"": metric}, [table[0], table[1]], resamples, seed)[""]
    theirs = _on_resamples({"": metric}, [table[0], table[2]], resamples, seed)[""]
    differences = _defined(ours - theirs)
    low, high = _middle(differences, level)
    # One is added because the data at hand are themselves one possible resample: p is never 0.
    tail = 1 + min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return PairedDifference(
        difference=float(metric(table[0], table[1])) - float(metric(table[0], table[2])),
        low=low,
        high=high,
        p_value=min(1.0, 2 * tail / (len(differences) + 1)),
    )


def _on_resamples(
    metrics: Mapping[str, Metric], table: list[np.ndarray], resamples: int, seed: int
) -> dict[str, Floats]:
    columns, groups = distinct_rows(table)
    shared: dict[Any, Floats] = {}  # metrics of one family share their terms
    for metric in metrics.values():
        if isinstance(metric, SumMetric) and metric.terms not in shared:
            shared[metric.terms] = metric.terms(*columns)
    found: dict[str, list[Floats]] = {name: [] for name in metrics}
    for picks in _draws(len(groups), resamples, seed):
        counts = _counts(groups[picks], len(columns[0]))
        sums = {terms: counts @ rows for terms, rows in shared.items()}
        for name, metric in metrics.items():
            if isinstance(metric, SumMetric):
                found[name].append(metric.finish(sums[metric.terms]))
            else:
                found[name].append(np.array([metric(*(column[pick] for column in table)) for pick in picks]))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _draws(size: int, resamples: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    block = max(1, _BLOCK // size)
    for start in range(0, resamples, block):
        yield random.integers(size, size=(min(block, resamples - start), size))


def _counts(groups: npt.NDArray[np.int64], num_groups: int) -> Floats:
    """How often each group was drawn in each resample (row)."""
    rows = np.arange(len(groups))[:, None] * num_groups
    counts = np.bincount((groups + rows).ravel(), minlength=len(groups) * num_groups)
    return counts.reshape(len(groups), num_groups).astype(np.float64)


def _defined(drawn: Floats) -> Floats:
    """The draws on which the metric has a value."""
    return drawn[~np.isnan(drawn)]


def _middle(drawn: Floats, level: float) -> tuple[float, float]:
    """The range of the middle `level` of the draws."""
    if len(drawn) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check(resamples: int, level: float) -> None:
    if resamples < 1:
        raise InputError(f"`resamples` must be at least 1, but is {resamples}. 1000 is usual.")
    if not 0 < level < 1:
        raise InputError(f"`level` must lie between 0 and 1, but is {level}. 0.95 is usual.")
