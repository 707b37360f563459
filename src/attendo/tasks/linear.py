"""Linear models of n-grams: the honest baseline, and the linear path that stands beside the deep one.

Both are fitted by scikit-learn in seconds. The path joins three linear models of the same features (a support vector
machine, one whose features are weighted by naive Bayes (Wang and Manning, ACL 2012, P12-2018), and naive Bayes), each
counting as much as its scores on texts that it was not fitted on deserve. A sum of linear models is a linear model, so
one matrix is kept. Models are fitted one after the other: scikit-learn's solver draws from one random generator for all
threads, so fits side by side would differ from run to run.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attendo.metrics import accuracy

Floats = NDArray[np.float64]
Sparse: TypeAlias = Any
"""SciPy's csr_matrix, (texts, features), which has no types to check."""

FOLDS = 5
COSTS = (0.1, 0.3, 1.0, 3.0)
"""Inverse strengths of regularisation to choose from."""


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Scores of a text: features times weights (features, labels), plus bias (labels)."""

    weights: Floats
    bias: Floats

    def __call__(self, features: Sparse) -> Floats:
        return np.asarray(features @ self.weights) + self.bias


Fit = Callable[[Sparse, NDArray[np.int64], int], LinearModel]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A support vector machine on n-grams, its cost chosen on dev texts: what a Transformer must beat."""

    model: LinearModel
    cost: float


def fit_baseline(
    train: Sparse, labels: NDArray[np.int64], dev: Sparse, dev_labels: NDArray[np.int64], num_labels: int
) -> Baseline:
    """Fit once for each cost, and keep what scores best on the dev texts."""
    with _unfinished_is_fine():
        models = [fit_svm(train, labels, num_labels, cost) for cost in COSTS[:3]]
    scores = [accuracy(dev_labels, model(dev).argmax(1)) for model in models]
    best = int(np.argmax(scores))
    return Baseline(model=models[best], cost=COSTS[best])


def fit_linear_path(
    train: Sparse, labels: NDArray[np.int64], num_labels: int, seed: int = 0
) -> tuple[LinearModel, tuple[float, ...]]:
    """The joined linear model, its scores ready to be read as log-probabilities, and what each part counts.

    What each part counts is fitted to scores from models that had not seen the text (cross-fitting).
    """
    folds = np.random.RandomState(seed).permutation(len(labels)) % FOLDS
    with _unfinished_is_fine():
        cost, svm = _best_svm(train, labels, num_labels, folds)
        fits: list[Fit] = [_svm(cost), fit_nb_svm, fit_naive_bayes]
        held_out = [svm, *(_held_out(fit, train, labels, num_labels, folds) for fit in fits[1:])]
        shares = fit_shares(held_out, labels)
        models = [fit(train, labels, num_labels) for fit in fits]
    weights = sum((share * model.weights for share, model in zip(shares, models, strict=True)), np.zeros(()))
    bias = sum((share * model.bias for share, model in zip(shares, models, strict=True)), np.zeros(()))
    return LinearModel(weights, bias + fit_bias(np.tensordot(shares, np.stack(held_out), 1), labels)), shares


def fit_multilabel_path(train: Sparse, labels: NDArray[np.int64], seed: int = 0) -> LinearModel:
    """The same where a text has several labels (a multi-hot matrix): one path for each label, its score a log-odds."""
    columns, biases = [], []
    for label in range(labels.shape[1]):
        mine = labels[:, label]
        if mine.min() == mine.max():
            columns.append(np.zeros(train.shape[1]))
            biases.append(4.0 if mine.all() else -4.0)
            continue
        path, _ = fit_linear_path(train, mine, 2, seed)
        columns.append(path.weights[:, 1] - path.weights[:, 0])
        biases.append(float(path.bias[1] - path.bias[0]))
    return LinearModel(np.stack(columns, 1), np.array(biases))


def fit_svm(features: Sparse, labels: NDArray[np.int64], num_labels: int, cost: float = 1.0) -> LinearModel:
    """One linear support vector machine for each label against the rest."""
    from sklearn.svm import LinearSVC

    present = np.unique(labels)
    if len(present) == 1:  # as a fold may be
        return LinearModel(
            np.zeros((features.shape[1], num_labels)), np.where(np.arange(num_labels) == present, 1.0, -1.0)
        )
    model: Any = LinearSVC(C=cost, tol=0.01, max_iter=300, random_state=0)
    model.fit(features, labels)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:
        weights, bias = np.concatenate([-weights, weights], 1), np.array([-bias[0], bias[0]])
    if len(present) == num_labels:
        return LinearModel(weights, bias)
    whole, whole_bias = np.zeros((features.shape[1], num_labels)), np.full(num_labels, -1.0)
    whole[:, present], whole_bias[present] = weights, bias
    return LinearModel(whole, whole_bias)


def fit_nb_svm(features: Sparse, labels: NDArray[np.int64], num_labels: int, cost: float = 0.3) -> LinearModel:
    """For each label a support vector machine on features weighted by their log-count ratio (Wang and Manning 2012)."""
    from scipy.sparse import diags
    from sklearn.svm import LinearSVC

    present = (features > 0).astype(np.float64)
    total = np.asarray(present.sum(0)).ravel() + 0.5
    columns, biases = [], []
    for label in range(num_labels):
        mine = labels == label
        if not mine.any() or mine.all():
            columns.append(np.zeros(features.shape[1]))
            biases.append(-1.0 if not mine.any() else 1.0)
            continue
        inside = np.asarray(present[mine].sum(0)).ravel() + 0.5
        outside = total - inside + 0.5
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        model: Any = LinearSVC(C=cost, tol=0.03, max_iter=200, random_state=0)
        model.fit(features @ diags(ratio.astype(features.dtype)), mine)
        columns.append(ratio * model.coef_[0])
        biases.append(float(model.intercept_[0]))
    return LinearModel(np.stack(columns, 1), np.array(biases))


def fit_naive_bayes(features: Sparse, labels: NDArray[np.int64], num_labels: int) -> LinearModel:
    """How much more often than on average a label's texts have each feature, in logarithms."""
    present = (features > 0).astype(np.float64)
    counts = np.stack([np.asarray(present[labels == label].sum(0)).ravel() for label in range(num_labels)]) + 0.3
    logs = np.log(counts / counts.sum(1, keepdims=True))
    return LinearModel((logs - logs.mean(0)).T, np.zeros(num_labels))


def fit_shares(
    scores: Sequence[Floats], labels: NDArray[np.int64], expected: Sequence[float] | None = None, trust: float = 1e-4
) -> tuple[float, ...]:
    """Positive factors of several scores whose weighted sum gives the labels the largest likelihood.

    Args:
        expected: the factors to believe in without any labels; all one by default.
        trust: what leaving them costs, for each unit of squared logarithm.
    """
    from scipy.optimize import minimize

    stacked = np.stack(scores)  # (models, texts, labels)
    gold = stacked[:, np.arange(len(labels)), labels]

    start = np.log(expected or np.ones(len(scores)))

    def loss(logs: Floats) -> tuple[float, Floats]:
        shares = np.exp(logs)
        mixed = np.tensordot(shares, stacked, 1)
        mixed -= mixed.max(1, keepdims=True)
        chances = np.exp(mixed)
        chances /= chances.sum(1, keepdims=True)
        value = -np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-300)).mean()
        slope = (stacked * chances).sum(2).mean(1) - gold.mean(1)
        away = logs - start
        return float(value + trust * (away**2).sum()), slope * shares + 2 * trust * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-7, 7)] * len(scores))
    return tuple(float(share) for share in np.exp(found.x))


def fit_bias(scores: Floats, labels: NDArray[np.int64]) -> Floats:
    """What to add to each label's scores to give the labels the largest likelihood, pulled a little towards nothing."""
    from scipy.optimize import minimize
    from scipy.special import softmax

    often = np.bincount(labels, minlength=scores.shape[1]) / len(labels)

    def loss(bias: Floats) -> tuple[float, Floats]:
        slope = softmax(scores + bias, axis=1).mean(0) - often
        return _log_loss(scores + bias, labels) + 1e-3 * float(bias @ bias), slope + 2e-3 * bias

    return minimize(loss, np.zeros(scores.shape[1]), jac=True, method="L-BFGS-B").x


def _best_svm(
    features: Sparse, labels: NDArray[np.int64], num_labels: int, folds: NDArray[np.int64]
) -> tuple[float, Floats]:
    """The cost whose cross-fitted scores give the labels the largest likelihood; costs rise until it falls."""
    best: tuple[float, float, Floats] | None = None
    for cost in COSTS[1:]:
        scores = _held_out(_svm(cost), features, labels, num_labels, folds)
        loss = _log_loss(scores * fit_shares([scores], labels)[0], labels)
        if best is not None and loss >= best[0]:
            break
        best = (loss, cost, scores)
    assert best is not None
    return best[1], best[2]


def _held_out(
    fit: Fit, features: Sparse, labels: NDArray[np.int64], num_labels: int, folds: NDArray[np.int64]
) -> Floats:
    """Scores of each text by a model fitted on the other folds."""
    scores = np.zeros((len(labels), num_labels))
    for fold in np.unique(folds):
        rest = folds != fold
        scores[~rest] = fit(features[rest], labels[rest], num_labels)(features[~rest])
    return scores


def _svm(cost: float) -> Fit:
    return lambda features, labels, num_labels: fit_svm(features, labels, num_labels, cost)


def _log_loss(scores: Floats, labels: NDArray[np.int64]) -> float:
    from scipy.special import log_softmax

    return float(-log_softmax(scores, axis=1)[np.arange(len(labels)), labels].mean())


def _unfinished_is_fine() -> AbstractContextManager:
    """The solver warns when it stops at its number of rounds; the last digits of a weight do not matter here."""
    from sklearn.exceptions import ConvergenceWarning

    return warnings.catch_warnings(action="ignore", category=ConvergenceWarning)
