"""How well predicted numbers match the gold ones: single measures, and all of them, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError
from attendo.metrics.bootstrap import Interval, intervals
from attendo.metrics.classification import ClassScore
from attendo.metrics.sums import Floats, as_columns, sum_metric


def _squared_differences(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    truth, guess = _numbers(gold, predicted)
    return np.stack([np.ones(len(truth)), (truth - guess) ** 2], axis=1)


@sum_metric(_squared_differences)
def mean_squared_error(sums: Floats) -> Floats:
    """Mean of the squared differences."""
    return sums[..., 1] / sums[..., 0]


def _differences(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    truth, guess = _numbers(gold, predicted)
    return np.stack([np.ones(len(truth)), np.abs(truth - guess)], axis=1)


@sum_metric(_differences)
def mean_absolute_error(sums: Floats) -> Floats:
    """Mean of the differences, whatever their sign."""
    return sums[..., 1] / sums[..., 0]


def pearson(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Linear correlation, −1 to 1; NaN where either column never varies."""
    truth, guess = _numbers(gold, predicted)
    if truth.min() == truth.max() or guess.min() == guess.max():
        return float("nan")
    truth, guess = _direction(truth), _direction(guess)
    return float(np.clip(truth @ guess, -1, 1))


def spearman(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Correlation of the ranks, −1 to 1, ties sharing their mean rank; NaN where either column never varies."""
    truth, guess = _numbers(gold, predicted)
    return pearson(_ranks(truth), _ranks(guess))


def pearson_or_none(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """The linear correlation, 0 where either column never varies: to be scored, such a prediction says nothing."""
    return _or_none(pearson, gold, predicted)


def spearman_or_none(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """The correlation of the ranks, 0 where either column never varies."""
    return _or_none(spearman, gold, predicted)


@dataclass(frozen=True, kw_only=True)
class NumberBin:
    """Texts whose predicted numbers are neighbours: what was predicted and what is right, on average."""

    predicted: float
    gold: float
    count: int


@dataclass(frozen=True, kw_only=True)
class RegressionScores:
    """Scores of predicted numbers; a correlation that is not defined counts as 0."""

    classes: ClassVar[tuple[ClassScore, ...]] = ()
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    num_examples: int
    pearson: Interval
    spearman: Interval
    mean_squared_error: Interval
    mean_absolute_error: Interval
    bins: tuple[NumberBin, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        return asdict(self) | {"bins": [asdict(each) for each in self.bins]}


def score_regression(
    gold: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> RegressionScores:
    """Score a predicted number for each text against the right one."""
    truth, guess = _numbers(gold, predicted)
    found = intervals(
        {
            "pearson": pearson_or_none,
            "spearman": spearman_or_none,
            "mean_squared_error": mean_squared_error,
            "mean_absolute_error": mean_absolute_error,
        },
        truth,
        guess,
        resamples=resamples,
        seed=seed,
        level=level,
    )
    return RegressionScores(num_examples=len(truth), bins=number_bins(truth, guess), **found)


def number_bins(gold: npt.ArrayLike, predicted: npt.ArrayLike, most: int = 10) -> tuple[NumberBin, ...]:
    """The texts from the lowest to the highest prediction, in so many parts of equal size."""
    truth, guess = _numbers(gold, predicted)
    order = np.argsort(guess, kind="stable")
    return tuple(
        NumberBin(predicted=float(guess[part].mean()), gold=float(truth[part].mean()), count=len(part))
        for part in np.array_split(order, min(most, len(order)))
    )


def _or_none(metric: Callable[..., float], gold: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    found = metric(gold, predicted)
    return 0.0 if math.isnan(found) else found


def _numbers(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[Floats, Floats]:
    truth, guess = as_columns([gold, predicted])
    if truth.ndim != 1 or guess.ndim != 1:
        raise ShapeError(f"Give one number per example, but the shapes are {truth.shape} and {guess.shape}.")
    if truth.dtype.kind not in "iufb" or guess.dtype.kind not in "iufb":
        raise InputError("`gold` and `predicted` must be numbers.")
    truth, guess = truth.astype(np.float64), guess.astype(np.float64)
    if not (np.isfinite(truth).all() and np.isfinite(guess).all()):
        raise InputError("`gold` and `predicted` must be finite numbers, but hold NaN or infinity.")
    return truth, guess


def _direction(values: Floats) -> Floats:
    # Scaled before squaring, so that tiny and huge numbers neither vanish nor overflow.
    centred = values / np.abs(values).max()
    centred = centred - centred.mean()
    centred /= np.abs(centred).max()
    return centred / np.sqrt(centred @ centred)


def _ranks(values: Floats) -> Floats:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[which]
