"""The stages of a run that need no gradients: numbers from texts, and the models that a Transformer must beat."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from attendo.data import Example, Splits
from attendo.errors import RunError
from attendo.files import written_whole
from attendo.metrics import PairedDifference, accuracy, paired_bootstrap
from attendo.tasks import (
    Base,
    ClassifySettings,
    EncodedTexts,
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
BASELINE, PATH = "linear.baseline.safetensors", "linear.path.safetensors"


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """The data of a run as numbers."""

    labels: LabelSet
    encoder: TextEncoder
    train: LabelledTexts[EncodedTexts]
    dev: LabelledTexts[EncodedTexts]


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """A linear model, and how long it took to fit."""

    model: LinearModel
    seconds: float


def prepare(splits: Splits, settings: ClassifySettings, base: Base | None = None) -> Prepared:
    """Learn the vocabulary from the training texts, and turn training and dev texts into numbers."""
    labels = LabelSet.of(example.labels for example in splits.train)
    labels = labels if base is None else base.familiar(labels)
    encoder = TextEncoder.train(*texts_of(splits.train), settings.features)
    train, dev = (encode_examples(encoder, labels, each) for each in (splits.train, splits.dev))
    return Prepared(labels=labels, encoder=encoder, train=train, dev=dev)


def fit_reference(prepared: Prepared, folder: Path, seed: int) -> Linear:
    """The linear model that a Transformer must beat."""
    train, dev, count = prepared.train, prepared.dev, len(prepared.labels.names)
    if prepared.labels.several:
        return kept(folder / BASELINE, lambda: fit_multilabel_path(train.texts.features, train.labels, seed))
    return kept(
        folder / BASELINE,
        lambda: fit_baseline(train.texts.features, train.labels, dev.texts.features, dev.labels, count).model,
    )


def fit_path(prepared: Prepared, folder: Path, seed: int) -> Linear:
    """The linear path of attendo's own model; where texts have several labels, it is the reference itself."""
    train, count = prepared.train, len(prepared.labels.names)
    if prepared.labels.several:
        return Linear(model=fit_reference(prepared, folder, seed).model, seconds=0.0)
    return kept(folder / PATH, lambda: fit_linear_path(train.texts.features, train.labels, count, seed)[0])


def majority_scores(train: LabelledTexts, texts: int, labels: LabelSet) -> Floats:
    """The probabilities that the training labels' frequencies give every text."""
    if labels.several:
        return np.tile(train.labels.mean(0), (texts, 1))
    often = np.bincount(train.labels, minlength=len(labels.names))
    return np.tile(often / often.sum(), (texts, 1))


def linear_probabilities(model: LinearModel, texts: LabelledTexts[EncodedTexts], several: bool) -> Floats:
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


def kept(path: Path, fit: Callable[[], LinearModel]) -> Linear:
    """Fit a linear model, or read it if this run has fitted it before it was stopped.

    It is rounded to float32, as the model folder keeps it, so that a resumed run sees the same numbers.
    """
    if path.exists():
        return _read_linear(path)
    started = time.monotonic()
    found = fit()
    arrays = {"weights": found.weights.astype(np.float32), "bias": found.bias.astype(np.float32)}
    arrays["seconds"] = np.array([time.monotonic() - started])
    with written_whole(path) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)
    return _read_linear(path)


def _read_linear(path: Path) -> Linear:
    try:
        arrays = load_file(path)
    except (SafetensorError, OSError) as error:
        raise RunError(f"{path} cannot be read ({error}). Remove it to fit the linear model again.") from None
    model = LinearModel(arrays["weights"].astype(np.float64), arrays["bias"].astype(np.float64))
    return Linear(model=model, seconds=float(arrays["seconds"][0]))
