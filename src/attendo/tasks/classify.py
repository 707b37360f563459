"""The task `classify`: a text, or a pair of texts, gets one label or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.data import Example, plan_in_order
from attendo.metrics import (
    ClassificationScores,
    MultilabelScores,
    score_classification,
    score_multilabel,
    softmax,
)
from attendo.models import FamilyModel, Scores, TextClassifier
from attendo.tasks.encoding import EncodedTexts, TextEncoder
from attendo.tasks.labels import LabelSet
from attendo.tasks.linear import LinearModel, fit_shares
from attendo.tasks.own import give_first_vectors, own_model
from attendo.tasks.reading import Encoded
from attendo.tasks.settings import ClassifySettings

Floats = NDArray[np.float64]
Texts = TypeVar("Texts", bound=Encoded)

EXPECTED_SHARES = (0.4, 0.65)
"""How much the deep and the linear path count where few dev texts say otherwise: usual values on real data."""

PREDICT_TOKENS = 4096
"""Tokens computed at a time where no gradients are kept: large enough for the products, small enough for the cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledTexts(Generic[Texts]):
    """Examples as numbers."""

    texts: Texts
    labels: NDArray[np.int64]


def texts_of(examples: Sequence[Example]) -> tuple[list[str], list[str] | None]:
    """The texts, and their pairs where the examples have them."""
    texts = [example.text for example in examples]
    paired = any(example.pair is not None for example in examples)
    return texts, [example.pair or "" for example in examples] if paired else None


def encode_examples(encoder: TextEncoder, labels: LabelSet, examples: Sequence[Example]) -> LabelledTexts[EncodedTexts]:
    """Examples as numbers.

    Raises:
        DataError: if a label is not in the set.
    """
    ids = labels.encode([example.labels for example in examples], [example.place for example in examples])
    return LabelledTexts(texts=encoder.encode(*texts_of(examples)), labels=ids)


def build_model(
    encoder: TextEncoder, labels: LabelSet, linear: LinearModel, settings: ClassifySettings, train: EncodedTexts
) -> FamilyModel:
    """A model with its linear path fitted and first vectors for its words."""
    return build_network(encoder, linear, settings, train, labels_in_config(labels))


def build_network(
    encoder: TextEncoder,
    linear: LinearModel,
    settings: ClassifySettings,
    train: EncodedTexts,
    answers: dict[str, Any],
) -> FamilyModel:
    """The same for anything that is said of texts.

    Args:
        answers: how config.json describes what is said, one entry of `id2label` for each score.
    """
    numbers = {
        "num_rows": encoder.rows.num_rows,
        "num_features": encoder.num_features,
        "num_labels": len(answers["id2label"]),
        "max_length": encoder.rows.max_words,
    }
    model = own_model("sequence", numbers | settings.model.numbers(len(train)), answers)
    network = model.network
    assert isinstance(network, TextClassifier)
    with torch.no_grad():
        network.linear.weight.copy_(torch.from_numpy(linear.weights))
        network.linear.bias.copy_(torch.from_numpy(linear.bias))
    if settings.first_vectors:
        give_first_vectors(network.deep.embedding.weight, train.tokens)
    return model


def labels_in_config(labels: LabelSet) -> dict[str, Any]:
    """How config.json names the labels."""
    kind = "multi_label_classification" if labels.several else "single_label_classification"
    numbers = {name: number for number, name in enumerate(labels.names)}
    return {"problem_type": kind, "id2label": {number: name for name, number in numbers.items()}, "label2id": numbers}


def score_texts(model: TextClassifier, texts: EncodedTexts) -> Scores:
    """Scores of all texts by both paths and by both together, in their order, on the CPU."""
    return Scores(*_in_batches(model, model, texts, model.linear.bias.shape[0], Scores._fields))


def answer_texts(network: Any, texts: Encoded, num_labels: int) -> Tensor:
    """The scores that count, (texts, labels), in the texts' order, on the CPU."""
    return _in_batches(network, lambda batch: (network.answer(batch),), texts, num_labels, ("answer",))[0]


@torch.inference_mode()
def _in_batches(
    network: nn.Module,
    compute: Callable[[Any], tuple[Tensor, ...]],
    texts: Encoded,
    num_labels: int,
    names: Sequence[str],
) -> list[Tensor]:
    device = next(network.parameters()).device
    batches = plan_in_order(texts.lengths, PREDICT_TOKENS)
    if not batches:
        return [torch.zeros(0, num_labels) for _ in names]
    parts = [compute(texts.batch(batch).to(device)) for batch in batches]
    order = torch.tensor(np.argsort(np.concatenate(batches)))
    return [torch.cat(each).float().cpu()[order] for each in zip(*parts, strict=True)]


def fit_mixture(scores: Scores, labels: NDArray[np.int64], several: bool) -> tuple[float, float]:
    """How much the deep and the linear path count, so that the labels become most likely."""
    deep, linear = fit_counts((scores.deep, scores.linear), labels, several, EXPECTED_SHARES)
    return deep, linear


def fit_counts(
    scores: Sequence[Tensor], labels: NDArray[np.int64], several: bool, expected: Sequence[float]
) -> tuple[float, ...]:
    """How much each of several scores counts, so that the labels become most likely; near `expected` on few texts."""
    parts = [each.double().numpy() for each in scores]
    if several:  # each label of each text is a choice between yes and no
        parts = [np.stack([-part.ravel(), part.ravel()], 1) / 2 for part in parts]
        labels = labels.ravel()
    return fit_shares(parts, labels, expected, trust=5 / max(len(labels), 1))


def mix(scores: Scores, shares: Tensor) -> Floats:
    """Both paths' scores, each counting its share."""
    shares = shares.detach().double().cpu()
    return (shares[0] * scores.deep.double() + shares[1] * scores.linear.double()).numpy()


def probabilities(scores: Floats, several: bool) -> Floats:
    """The probability of each label."""
    return 1 / (1 + np.exp(-np.clip(scores, -700, 700))) if several else softmax(scores)


def decided(chances: Floats, several: bool) -> NDArray[np.int64]:
    """The most probable label of each text, or a multi-hot row of those with a probability of one half."""
    return (chances >= 0.5).astype(np.int64) if several else chances.argmax(1)


def score_chances(
    gold: NDArray[np.int64], chances: Floats, labels: LabelSet
) -> ClassificationScores | MultilabelScores:
    """All scores of probabilities, each with its interval."""
    return (score_multilabel if labels.several else score_classification)(gold, chances, labels.names)
