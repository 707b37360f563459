"""How well predicted numbers match the gold ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError
from attendo.metrics.sums import Floats, as_columns, sum_metric


def _squared_differences(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    truth, guess = _numbers(gold, predicted)
    return np.stack([np.ones(len(truth)), (truth - guess) ** 2], axis=1)


@sum_metric(_squared_differences)
def mean_squared_error(sums: Floats) -> Floats:
    """Mean of the squared differences."""
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
