"""How well predicted labels match the gold ones: one label per text (ids) or several (multi-hot rows).

Undefined ratios count as 0, as in scikit-learn with `zero_division=0`. With one label per text, macro averages run over
the classes that occur in the gold or the predicted labels; with several, over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError
from attendo.metrics.sums import Floats, SumMetric, as_columns, distinct_rows, sum_metric


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """Scores of one class against all others; `support` is how often it is the gold label."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def tallies(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    """What each example adds to the counts that every metric here is made of; read back by `_counts`."""
    truth, guess = as_columns([gold, predicted])
    if truth.ndim == 2:
        truth, guess = multi_hot("gold", truth), multi_hot("predicted", guess)
        if truth.shape != guess.shape:
            raise ShapeError(f"`gold` has {truth.shape[1]} labels per example, but `predicted` has {guess.shape[1]}.")
        listed = np.ones_like(truth)
    else:
        truth, guess = label_ids("gold", truth), label_ids("predicted", guess)
        eye = np.eye(1 + max(truth.max(), guess.max()))
        truth, guess = eye[truth], eye[guess]
        listed = np.maximum(truth, guess)
    exact = (truth == guess).all(axis=1, keepdims=True)
    return np.concatenate([np.ones_like(exact), exact, truth * guess, guess, truth, listed], axis=1, dtype=np.float64)


@sum_metric(tallies)
def accuracy(sums: Floats) -> Floats:
    """Share of examples whose predicted label is the gold one; with several labels, all of them (subset accuracy)."""
    counts = _counts(sums)
    return counts.exact / counts.size


@sum_metric(tallies)
def macro_f1(sums: Floats) -> Floats:
    """Mean of the F1 of each class, rare ones counting as much as frequent ones."""
    counts = _counts(sums)
    return ratio(_f1(counts).sum(-1), (counts.listed > 0).sum(-1))


@sum_metric(tallies)
def micro_f1(sums: Floats) -> Floats:
    """F1 of all decisions taken together; with one label per text it equals accuracy."""
    counts = _counts(sums)
    return ratio(2 * counts.hits.sum(-1), counts.predicted.sum(-1) + counts.gold.sum(-1))


@sum_metric(tallies)
def weighted_f1(sums: Floats) -> Floats:
    """Mean of the F1 of each class, weighted by how often it is the gold label."""
    counts = _counts(sums)
    return ratio((_f1(counts) * counts.gold).sum(-1), counts.gold.sum(-1))


def _single_label_tallies(gold: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    if np.ndim(gold) != 1:
        raise ShapeError("The Matthews correlation takes one label id per text; score each label of several by itself.")
    return tallies(gold, predicted)


@sum_metric(_single_label_tallies)
def matthews_correlation(sums: Floats) -> Floats:
    """Correlation of gold and predicted classes (Gorodkin 2004, R_K); 0 where either of them never varies."""
    counts = _counts(sums)
    shared = counts.hits.sum(-1) * counts.size - (counts.predicted * counts.gold).sum(-1)
    spread = (counts.size**2 - (counts.predicted**2).sum(-1)) * (counts.size**2 - (counts.gold**2).sum(-1))
    return ratio(shared, np.sqrt(spread))


def class_f1(index: int) -> SumMetric[[npt.ArrayLike, npt.ArrayLike]]:
    """The metric "F1 of the class with this id"."""

    def f1_of_class(sums: Floats) -> Floats:
        counts = _counts(sums)
        return _f1(counts)[..., index] if index < counts.gold.shape[-1] else np.zeros(sums.shape[:-1])

    return SumMetric(tallies, f1_of_class)


def class_scores(gold: npt.ArrayLike, predicted: npt.ArrayLike, labels: Sequence[str]) -> tuple[ClassScore, ...]:
    """Precision, recall, F1 and support of every class, in the order of `labels`."""
    columns, groups = distinct_rows(as_columns([gold, predicted]))
    counts = _counts(np.bincount(groups) @ tallies(columns[0], columns[1]))
    known = counts.gold.shape[-1]
    if known > len(labels) or (columns[0].ndim == 2 and known < len(labels)):
        raise ShapeError(f"`labels` names {len(labels)} classes, but the label ids or columns go up to {known}.")
    parts = ratio(counts.hits, counts.predicted), ratio(counts.hits, counts.gold), _f1(counts), counts.gold
    precision, recall, f1, support = (np.pad(part, (0, len(labels) - known)).tolist() for part in parts)
    return tuple(
        ClassScore(label=label, precision=precision[i], recall=recall[i], f1=f1[i], support=round(support[i]))
        for i, label in enumerate(labels)
    )


def confusion_matrix(
    gold: npt.ArrayLike, predicted: npt.ArrayLike, num_classes: int | None = None
) -> npt.NDArray[np.int64]:
    """How often each gold class (row) was predicted as each class (column)."""
    truth, guess = as_columns([gold, predicted])
    truth, guess = label_ids("gold", truth), label_ids("predicted", guess)
    known = 1 + int(max(truth.max(), guess.max()))
    size = known if num_classes is None else num_classes
    if known > size:
        raise ShapeError(f"`num_classes` is {size}, but a label id is {known - 1}; ids run from 0 to {size - 1}.")
    return np.bincount(truth * size + guess, minlength=size * size).reshape(size, size)


def label_ids(name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """One label id per example, checked."""
    ids = np.asarray(values)
    if ids.ndim != 1:
        raise ShapeError(f"`{name}` must hold one label id per example, but has shape {ids.shape}.")
    if ids.dtype.kind not in "iub" or ids.min() < 0:
        raise InputError(f"`{name}` must hold label ids, whole numbers from 0; map label names to ids first.")
    return ids.astype(np.int64)


def multi_hot(name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """A row of 0 and 1 per example, one column per label, checked."""
    rows = np.asarray(values)
    if rows.ndim != 2:
        raise ShapeError(f"`{name}` must hold one row of 0 and 1 per example, but has shape {rows.shape}.")
    if rows.dtype.kind not in "iufb" or not np.isin(rows, (0, 1)).all():
        raise InputError(f"`{name}` must hold 0 (label absent) and 1 (present) only.")
    return rows.astype(np.int64)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Element by element `part / whole`, 0 where `whole` is 0."""
    part = np.asarray(part, dtype=np.float64)
    return np.divide(part, whole, out=np.zeros_like(part), where=np.asarray(whole) != 0)


class _Counts(NamedTuple):
    size: Floats
    exact: Floats
    hits: Floats
    predicted: Floats
    gold: Floats
    listed: Floats


def _counts(sums: Floats) -> _Counts:
    hits, predicted, gold, listed = np.split(sums[..., 2:], 4, axis=-1)
    return _Counts(sums[..., 0], sums[..., 1], hits, predicted, gold, listed)


def _f1(counts: _Counts) -> Floats:
    return ratio(2 * counts.hits, counts.predicted + counts.gold)
