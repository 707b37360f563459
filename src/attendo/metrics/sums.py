"""Metrics that depend on examples only through sums over them: a resample of 5,000 examples is then one matrix product.

Such a metric is two functions: `terms` turns the columns (gold labels, predictions, ...) into one row of numbers per
example, and `finish` turns the sum of those rows, or a whole stack of sums, into the value.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Generic, ParamSpec, TypeAlias

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError

Floats: TypeAlias = npt.NDArray[np.float64]
Metric: TypeAlias = Callable[..., float]

P = ParamSpec("P")


class SumMetric(Generic[P]):
    """A metric made of `terms` (one row of numbers per example) and `finish` (the value of summed rows)."""

    def __init__(self, terms: Callable[P, Floats], finish: Callable[[Floats], Floats]) -> None:
        functools.update_wrapper(self, finish)
        self.terms: Callable[..., Floats] = terms
        self.finish = finish
        self.__signature__ = inspect.signature(terms).replace(return_annotation=float)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> float:
        bound = self.__signature__.bind(*args, **kwargs)
        columns, groups = distinct_rows(as_columns(bound.args))
        return float(self.finish(np.bincount(groups) @ self.terms(*columns, **bound.kwargs)))


def sum_metric(terms: Callable[P, Floats]) -> Callable[[Callable[[Floats], Floats]], SumMetric[P]]:
    """Decorate the `finish` of a metric whose examples are described by `terms`."""
    return lambda finish: SumMetric(terms, finish)


def of_counts(finish: Callable[[Floats], Floats]) -> SumMetric[...]:
    """A metric of examples that are given as rows of counts; of several columns the last one holds them."""
    return SumMetric(_last_column, finish)


def _last_column(*columns: npt.ArrayLike) -> Floats:
    return np.asarray(columns[-1], dtype=np.float64)


def column_mean(index: int) -> SumMetric[...]:
    """The mean of one column of a table that has a row of numbers per example, given alone or as the last column."""

    def mean(sums: Floats) -> Floats:
        return sums[..., index] / sums[..., -1]

    return SumMetric(_last_with_count, mean)


def _last_with_count(*columns: npt.ArrayLike) -> Floats:
    rows = _last_column(*columns)
    rows = rows[:, None] if rows.ndim == 1 else rows
    return np.hstack([rows, np.ones((len(rows), 1))])


def as_columns(values: Sequence[Any]) -> list[np.ndarray]:
    """Columns as arrays with one entry per example, as many in each and at least one."""
    try:
        columns = [np.asarray(column) for column in values]
    except ValueError as error:
        raise ShapeError("The rows of a table of numbers differ in length; every example needs as many.") from error
    sizes = [len(column) if column.ndim else 0 for column in columns]
    if len(set(sizes)) > 1:
        raise ShapeError(f"Every example needs one entry in each column, but the columns have {sizes} entries.")
    if not sizes or sizes[0] == 0:
        raise InputError("A metric needs at least one example, but was given none.")
    return columns


def distinct_rows(columns: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Examples that differ, and for each example which of them it is; only plain label columns are merged."""
    size = len(columns[0])
    if any(column.ndim != 1 or column.dtype.kind not in "iu" or column.min() < 0 for column in columns):
        return columns, np.arange(size)
    cells = np.zeros(size, dtype=np.int64)
    for column in columns:
        _, ids = np.unique(column, return_inverse=True)
        _, cells = np.unique(cells * (int(ids.max()) + 1) + ids, return_inverse=True)
    _, first = np.unique(cells, return_index=True)
    return [column[first] for column in columns], cells
