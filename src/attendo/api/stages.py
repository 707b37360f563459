"""The stages of a run that need no gradients: numbers from texts, and the models that a Transformer must beat."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attendo.data import Example, Splits
from attendo.errors import RunError
from attendo.files import written_whole
from attendo.metrics import PairedDifference, accuracy, paired_bootstrap
from attendo.tasks import (
    ClassifySettings,
    LabelledTexts,
    LabelSet,
    LinearModel,
    TextEncoder,
    decided,
    encode_examples,
    fit_baseline,
    fit_linear_path,
    fit_multilabel_path,
    probabilities,
    texts_of,
)

Floats = NDArray[np.float64]
LINEAR = "linear.safetensors"


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """The data of a run as numbers."""

    labels: LabelSet
    encoder: TextEncoder
    train: LabelledTexts
    dev: LabelledTexts


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """The baseline and the linear path, and how long both took to fit."""

    baseline: LinearModel
    path: LinearModel
    seconds: tuple[float, float]


def prepare(splits: Splits, settings: ClassifySettings) -> Prepared:
    """Learn the vocabulary from the training texts, and turn training and dev texts into numbers."""
    labels = LabelSet.of(example.labels for example in splits.train)
    encoder = TextEncoder.train(*texts_of(splits.train), settings.features)
    train, dev = (encode_examples(encoder, labels, each) for each in (splits.train, splits.dev))
    return Prepared(labels=labels, encoder=encoder, train=train, dev=dev)


def fit_linear(prepared: Prepared, folder: Path, seed: int) -> Linear:
    """Fit the linear models, or read them if this run has fitted them before it was stopped."""
    path = folder / LINEAR
    if path.exists():
        return _read_linear(path)
    train, dev, count = prepared.train, prepared.dev, len(prepared.labels.names)
    started = time.monotonic()
    if prepared.labels.several:
        joined = fit_multilabel_path(train.texts.features, train.labels, seed)
        baseline, middle = joined, time.monotonic()
    else:
        baseline = fit_baseline(train.texts.features, train.labels, dev.texts.features, dev.labels, count).model
        middle = time.monotonic()
        joined, _ = fit_linear_path(train.texts.features, train.labels, count, seed)
    seconds = (middle - started, time.monotonic() - middle)
    linear = Linear(baseline=_single(baseline), path=_single(joined), seconds=seconds)
    _write_linear(path, linear)
    return linear


def majority_scores(train: LabelledTexts, texts: int, labels: LabelSet) -> Floats:
    """The probabilities that the training labels' frequencies give every text."""
    if labels.several:
        return np.tile(train.labels.mean(0), (texts, 1))
    often = np.bincount(train.labels, minlength=len(labels.names))
    return np.tile(often / often.sum(), (texts, 1))


def linear_probabilities(model: LinearModel, texts: LabelledTexts, several: bool) -> Floats:
    """The linear model's scores, squeezed into probabilities."""
    return probabilities(model(texts.texts.features), several)


def against(gold: NDArray[np.int64], ours: Floats, theirs: Floats, several: bool) -> PairedDifference:
    """By how much our accuracy is above theirs, on the same texts."""
    return paired_bootstrap(accuracy, gold, decided(ours, several), decided(theirs, several))


def class_counts(sets: Mapping[str, Sequence[Example]]) -> dict[str, dict[str, int]]:
    """How many texts of each set have each label."""
    return {
        name: dict(Counter(label for example in examples for label in example.labels).most_common())
        for name, examples in sets.items()
    }


def _single(model: LinearModel) -> LinearModel:
    """Rounded to float32, as the model folder keeps it, so that a resumed run sees the same numbers."""
    return LinearModel(*(values.astype(np.float32).astype(np.float64) for values in (model.weights, model.bias)))


def _write_linear(path: Path, linear: Linear) -> None:
    from safetensors.numpy import save_file

    arrays = {"seconds": np.array(linear.seconds)}
    for name, model in (("baseline", linear.baseline), ("path", linear.path)):
        arrays |= {f"{name}.weights": model.weights.astype(np.float32), f"{name}.bias": model.bias.astype(np.float32)}
    with written_whole(path) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)


def _read_linear(path: Path) -> Linear:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
    except (SafetensorError, OSError) as error:
        raise RunError(f"{path} cannot be read ({error}). Remove it to fit the linear models again.") from None
    baseline, joined = (
        LinearModel(arrays[f"{name}.weights"].astype(np.float64), arrays[f"{name}.bias"].astype(np.float64))
        for name in ("baseline", "path")
    )
    return Linear(baseline=baseline, path=joined, seconds=tuple(arrays["seconds"].tolist()))
