"""All scores of a classifier on one set of examples, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from attendo.errors import ShapeError
from attendo.metrics.bootstrap import Interval, intervals
from attendo.metrics.calibration import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    checked_probabilities,
    negative_log_likelihood,
    reliability_bins,
)
from attendo.metrics.classification import (
    ClassScore,
    accuracy,
    class_f1,
    class_scores,
    confusion_matrix,
    label_ids,
    macro_f1,
    matthews_correlation,
    micro_f1,
    multi_hot,
    weighted_f1,
)
from attendo.metrics.sums import as_columns


@dataclass(frozen=True, kw_only=True)
class ClassificationScores:
    """Scores with one label per text; what is per class is in the order of the labels, rows of `confusion` are gold."""

    num_examples: int
    accuracy: Interval
    macro_f1: Interval
    micro_f1: Interval
    weighted_f1: Interval
    matthews_correlation: Interval
    calibration_error: Interval
    brier_score: Interval
    negative_log_likelihood: Interval
    class_f1: tuple[Interval, ...]
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        return _plain(asdict(self))


@dataclass(frozen=True, kw_only=True)
class MultilabelScores:
    """Scores with several labels per text; what is per class is in the order of the labels."""

    num_examples: int
    threshold: float
    exact_match: Interval
    micro_f1: Interval
    macro_f1: Interval
    weighted_f1: Interval
    calibration_error: Interval
    class_f1: tuple[Interval, ...]
    classes: tuple[ClassScore, ...]
    reliability: tuple[ReliabilityBin, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        return _plain(asdict(self))


def score_classification(
    gold: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    labels: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> ClassificationScores:
    """Score probabilities over the classes (texts × labels) against one gold label id per text."""
    truth, chances = as_columns([gold, probabilities])
    truth, chances = label_ids("gold", truth), _one_column_per_label(chances, labels)
    guess = chances.argmax(axis=1)
    measure = partial(intervals, resamples=resamples, seed=seed, level=level)
    by_class = {str(index): class_f1(index) for index in range(len(labels))}
    decided = measure(
        by_class
        | {
            "accuracy": accuracy,
            "macro_f1": macro_f1,
            "micro_f1": micro_f1,
            "weighted_f1": weighted_f1,
            "matthews_correlation": matthews_correlation,
        },
        truth,
        guess,
    )
    weighed = measure(
        {
            "calibration_error": calibration_error,
            "brier_score": brier_score,
            "negative_log_likelihood": negative_log_likelihood,
        },
        truth,
        chances,
    )
    return ClassificationScores(
        num_examples=len(truth),
        class_f1=tuple(decided.pop(name) for name in by_class),
        classes=class_scores(truth, guess, labels),
        confusion=tuple(map(tuple, confusion_matrix(truth, guess, len(labels)).tolist())),
        reliability=reliability_bins(truth, chances),
        **decided,
        **weighed,
    )


def score_multilabel(
    gold: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    labels: Sequence[str],
    *,
    threshold: float = 0.5,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> MultilabelScores:
    """Score a probability per label (texts × labels) against multi-hot gold; `threshold` and above is predicted."""
    truth, chances = as_columns([gold, probabilities])
    truth, chances = multi_hot("gold", truth), _one_column_per_label(chances, labels, rows_sum_to_one=False)
    guess = (chances >= threshold).astype(np.int64)
    measure = partial(intervals, resamples=resamples, seed=seed, level=level)
    by_class = {str(index): class_f1(index) for index in range(len(labels))}
    decided = measure(
        by_class | {"exact_match": accuracy, "micro_f1": micro_f1, "macro_f1": macro_f1, "weighted_f1": weighted_f1},
        truth,
        guess,
    )
    return MultilabelScores(
        num_examples=len(truth),
        threshold=threshold,
        class_f1=tuple(decided.pop(name) for name in by_class),
        classes=class_scores(truth, guess, labels),
        reliability=reliability_bins(truth, chances),
        calibration_error=measure({"": calibration_error}, truth, chances)[""],
        **decided,
    )


def _one_column_per_label(
    probabilities: npt.ArrayLike, labels: Sequence[str], *, rows_sum_to_one: bool = True
) -> npt.NDArray[np.float64]:
    chances = checked_probabilities(probabilities, rows_sum_to_one=rows_sum_to_one)
    if chances.shape[1] != len(labels):
        raise ShapeError(f"`probabilities` have {chances.shape[1]} columns, but there are {len(labels)} labels.")
    return chances


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
