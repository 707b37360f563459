"""Linear models of n-grams for numbers: least squares with small weights (ridge regression), fitted by scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from attendo.tasks.linear import FOLDS, LinearModel, Sparse
from attendo.tasks.rating.numbers import Floats

PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)
"""Strengths of regularisation to choose from."""


def fit_ridge(features: Sparse, values: Floats, penalty: float) -> LinearModel:
    """The linear model of smallest squared error, its squared weights counting `penalty` times."""
    from sklearn.linear_model import Ridge

    model: Any = Ridge(alpha=penalty, solver="sparse_cg", tol=1e-3, max_iter=200)
    model.fit(features, values)
    return LinearModel(model.coef_.reshape(-1, 1), np.array([float(model.intercept_)]))


def fit_ridge_reference(train: Sparse, values: Floats, dev: Sparse, dev_values: Floats) -> LinearModel:
    """Fit once for each penalty, and keep what errs least on the dev texts: what a Transformer must beat."""
    models = [fit_ridge(train, values, penalty) for penalty in PENALTIES]
    errors = [float(((model(dev)[:, 0] - dev_values) ** 2).mean()) for model in models]
    return models[int(np.argmin(errors))]


def fit_ridge_path(train: Sparse, values: Floats, seed: int = 0) -> LinearModel:
    """The linear path: its penalty is that which errs least on texts that it was not fitted on (cross-fitting)."""
    folds = np.random.RandomState(seed).permutation(len(values)) % min(FOLDS, max(len(values), 1))
    errors = []
    for penalty in PENALTIES:
        held_out = np.zeros(len(values))
        for fold in np.unique(folds):
            rest = folds != fold
            model = fit_ridge(train[rest], values[rest], penalty)
            held_out[~rest] = model(train[~rest])[:, 0]
        errors.append(float(((held_out - values) ** 2).mean()))
    return fit_ridge(train, values, PENALTIES[int(np.argmin(errors))])
