"""Whether a probability of 0.8 is right eight times in ten, and one scalar that mends it (arXiv 1706.04599).

`gold` is one label id per text, with probabilities over the classes, or a multi-hot row per text, with one probability
per label. In the second case each label of each text is a decision of its own: its probability is the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError
from attendo.metrics.classification import label_ids, multi_hot
from attendo.metrics.sums import Floats, as_columns, sum_metric

_LOWEST_TEMPERATURE, _HIGHEST_TEMPERATURE = 0.01, 100.0


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Decisions of similar confidence: their range, mean confidence, share that came true, and number."""

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


def _gaps(gold: npt.ArrayLike, probabilities: npt.ArrayLike, *, bins: int = 15, equal_mass: bool = False) -> Floats:
    confidence, outcome = _judged(gold, probabilities)
    which = np.searchsorted(_inner_edges(confidence, bins, equal_mass), confidence, side="left")  # (n, decisions)
    rows = np.arange(len(which))[:, None] * bins
    sums = np.bincount((which + rows).ravel(), (outcome - confidence).ravel(), minlength=len(which) * bins)
    decisions = np.full((len(which), 1), which.shape[1])
    return np.concatenate([decisions, sums.reshape(-1, bins)], axis=1, dtype=np.float64)


@sum_metric(_gaps)
def calibration_error(sums: Floats) -> Floats:
    """Expected calibration error: mean distance of confidence and accuracy within `bins` bins of confidence.

    Bins have equal width, closed on the right, or with `equal_mass` equal numbers of decisions (equal confidences share
    a bin). The error is biased upwards on few examples, more so on resamples of them: an interval may lie above it.
    """
    return np.abs(sums[..., 1:]).sum(-1) / sums[..., 0]


def _squared_errors(gold: npt.ArrayLike, probabilities: npt.ArrayLike) -> Floats:
    chances = checked_probabilities(probabilities)
    ids = _ids_within(gold, chances)
    errors = ((chances - np.eye(chances.shape[1])[ids]) ** 2).sum(axis=1)
    return np.stack([np.ones(len(ids)), errors], axis=1)


@sum_metric(_squared_errors)
def brier_score(sums: Floats) -> Floats:
    """Mean squared distance of the probabilities from the truth, summed over classes: 0 to 2 (Brier 1950)."""
    return sums[..., 1] / sums[..., 0]


def _log_losses(gold: npt.ArrayLike, probabilities: npt.ArrayLike) -> Floats:
    chances = checked_probabilities(probabilities)
    ids = _ids_within(gold, chances)
    chosen = chances[np.arange(len(ids)), ids]
    return np.stack([np.ones(len(ids)), -np.log(np.maximum(chosen, np.finfo(np.float64).eps))], axis=1)


@sum_metric(_log_losses)
def negative_log_likelihood(sums: Floats) -> Floats:
    """Mean of −log p of the gold class, in nats; p counts as at least 2.2e-16, so that it stays finite."""
    return sums[..., 1] / sums[..., 0]


def reliability_bins(
    gold: npt.ArrayLike, probabilities: npt.ArrayLike, *, bins: int = 15, equal_mass: bool = False
) -> tuple[ReliabilityBin, ...]:
    """The bins that the calibration error is made of, from low to high confidence; empty ones are left out."""
    confidence, outcome = (part.ravel() for part in _judged(gold, probabilities))
    inner = _inner_edges(confidence, bins, equal_mass)
    which = np.searchsorted(inner, confidence, side="left")
    edges = [0.0, *inner.tolist(), 1.0]
    found = []
    for index in np.unique(which).tolist():
        here = which == index
        found.append(
            ReliabilityBin(
                low=edges[index],
                high=edges[index + 1],
                confidence=float(confidence[here].mean()),
                accuracy=float(outcome[here].mean()),
                count=int(here.sum()),
            )
        )
    return tuple(found)


def softmax(logits: npt.ArrayLike, temperature: float = 1.0) -> Floats:
    """Probabilities of each row of `logits`; a temperature above 1 makes them more even."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def fit_temperature(gold: npt.ArrayLike, logits: npt.ArrayLike) -> float:
    """The temperature that makes `softmax(logits, temperature)` most likely, between 0.01 and 100.

    The loss is convex in the inverse temperature: Newton's method, halving the bracket wherever a step leaves it.
    """
    scores, _ = as_columns([np.asarray(logits, dtype=np.float64), gold])
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise InputError(f"`logits` must be finite, one row of class scores per text, but have shape {scores.shape}.")
    chosen = scores[np.arange(len(scores)), _ids_within(gold, scores)]
    low, high, inverse = 1 / _HIGHEST_TEMPERATURE, 1 / _LOWEST_TEMPERATURE, 1.0
    for _ in range(100):
        chances = softmax(scores, 1 / inverse)
        mean = (chances * scores).sum(axis=1)
        slope = float((mean - chosen).mean())
        curvature = float((chances * (scores - mean[:, None]) ** 2).sum(axis=1).mean())
        low, high = (low, inverse) if slope > 0 else (inverse, high)
        step = inverse - slope / curvature if curvature > 0 else np.inf
        following = step if low < step < high else (low + high) / 2
        if slope == 0 or abs(following - inverse) <= 1e-12 * inverse:
            break
        inverse = following
    return 1 / inverse


def checked_probabilities(probabilities: npt.ArrayLike, *, rows_sum_to_one: bool = True) -> Floats:
    """One row of probabilities per example, refused if they are logits or not numbers."""
    chances = np.asarray(probabilities, dtype=np.float64)
    if chances.ndim != 2 or chances.shape[1] == 0:
        raise ShapeError(
            f"`probabilities` must have one row of probabilities per text, but have shape {chances.shape}."
        )
    # The tolerances admit what half precision leaves of a softmax.
    if not ((chances >= -1e-3) & (chances <= 1 + 1e-3)).all():
        raise InputError("`probabilities` must lie between 0 and 1; give probabilities, not logits.")
    if rows_sum_to_one and not np.allclose(chances.sum(axis=1), 1, atol=1e-2):
        raise InputError("Each row of `probabilities` must sum to 1; give probabilities over all classes.")
    return np.clip(chances, 0, 1)


def _judged(gold: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Confidence of each decision and whether it came true (1.0 or 0.0), both (texts, decisions)."""
    truth, chances = as_columns([gold, probabilities])
    if truth.ndim == 1:
        chances = checked_probabilities(chances)
        right = chances.argmax(axis=1) == _ids_within(truth, chances)
        return chances.max(axis=1)[:, None], right[:, None].astype(np.float64)
    chances = checked_probabilities(chances, rows_sum_to_one=False)
    truth = multi_hot("gold", truth)
    if truth.shape != chances.shape:
        raise ShapeError(f"`gold` has shape {truth.shape} but `probabilities` have shape {chances.shape}.")
    return chances, truth.astype(np.float64)


def _ids_within(gold: npt.ArrayLike, table: np.ndarray) -> npt.NDArray[np.int64]:
    columns = as_columns([gold, table])
    ids = label_ids("gold", columns[0])
    if ids.max() >= table.shape[1]:
        raise ShapeError(f"`gold` holds label id {ids.max()}, but there are only {table.shape[1]} classes.")
    return ids


def _inner_edges(confidence: Floats, bins: int, equal_mass: bool) -> Floats:
    if bins < 1:
        raise InputError(f"`bins` must be at least 1, but is {bins}. 15 is usual.")
    if equal_mass:
        last_of_bin = -(-np.arange(1, bins) * confidence.size // bins) - 1
        return np.sort(confidence, axis=None)[last_of_bin]
    return np.linspace(0, 1, bins + 1)[1:-1]
