"""The task `classify`: a text, or a pair of texts, gets one label or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.data import Example, plan_in_order
from attendo.metrics import (
    ClassificationScores,
    MultilabelScores,
    accuracy,
    macro_f1,
    score_classification,
    score_multilabel,
    softmax,
)
from attendo.models import FAMILIES, FamilyModel, Scores, TextBatch, TextClassifier
from attendo.tasks.encoding import EncodedTexts, TextEncoder
from attendo.tasks.labels import LabelSet
from attendo.tasks.linear import LinearModel, fit_shares
from attendo.tasks.problem import Loss
from attendo.tasks.reading import Encoded
from attendo.tasks.settings import ClassifySettings
from attendo.tasks.vectors import company_vectors

Floats = NDArray[np.float64]

EXPECTED_SHARES = (0.4, 0.65)
"""How much the deep and the linear path count where few dev texts say otherwise: usual values on real data."""

PREDICT_TOKENS = 4096
"""Tokens computed at a time where no gradients are kept: large enough for the products, small enough for the cache."""


class Batch(NamedTuple):
    """Texts and their labels as tensors."""

    texts: TextBatch
    labels: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledTexts:
    """Examples as numbers."""

    texts: EncodedTexts
    labels: NDArray[np.int64]


def texts_of(examples: Sequence[Example]) -> tuple[list[str], list[str] | None]:
    """The texts, and their pairs where the examples have them."""
    texts = [example.text for example in examples]
    paired = any(example.pair is not None for example in examples)
    return texts, [example.pair or "" for example in examples] if paired else None


def encode_examples(encoder: TextEncoder, labels: LabelSet, examples: Sequence[Example]) -> LabelledTexts:
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
    family = FAMILIES["attendo"]
    shape = family.shape(
        num_rows=encoder.rows.num_rows,
        num_features=encoder.num_features,
        num_labels=len(labels.names),
        max_length=encoder.rows.max_words,
        **settings.model.numbers(len(train)),
    )
    model = family.build(shape, "sequence")
    assert isinstance(model, TextClassifier)
    with torch.no_grad():
        model.linear.weight.copy_(torch.from_numpy(linear.weights))
        model.linear.bias.copy_(torch.from_numpy(linear.bias))
        if settings.first_vectors:
            table = model.deep.embedding.weight
            rows, vectors = company_vectors(train.tokens, encoder.rows.num_rows, table.shape[1])
            table[torch.from_numpy(rows)] = torch.from_numpy(vectors) * FIRST_VECTOR_SCALE
    names = dict(enumerate(labels.names))
    kind = "multi_label_classification" if labels.several else "single_label_classification"
    config = {"model_type": "attendo", "architectures": [family.heads["sequence"].architecture], **asdict(shape)}
    config |= {"problem_type": kind, "id2label": names, "label2id": {name: i for i, name in names.items()}}
    return FamilyModel(network=model, family=family, head="sequence", shape=shape, config=config)


class ClassifyProblem:
    """What the training loop works on: the deep path learns, the dev texts judge both paths together."""

    main: str = "score"

    def __init__(
        self,
        model: TextClassifier,
        labels: LabelSet,
        train: LabelledTexts,
        dev: LabelledTexts,
        settings: ClassifySettings,
    ) -> None:
        self.model: nn.Module = model
        self.lengths: Sequence[int] = train.texts.lengths
        self._network = model
        self._labels, self._train, self._dev, self._settings = labels, train, dev, settings
        self._weights = _class_weights(train.labels, len(labels.names), settings)

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Training examples as tensors; the linear path has no part in training."""
        texts = self._train.texts.batch(indices, features=False).to(device)
        return Batch(texts, torch.from_numpy(self._train.labels[np.asarray(indices)]).to(device))

    def loss(self, batch: Batch) -> Loss:
        """Cross-entropy of the deep path's scores, with smoothed targets and weighted classes."""
        scores = self._network.deep(batch.texts).float()
        weights = None if self._weights is None else self._weights.to(scores.device)
        smoothing = self._settings.label_smoothing
        if self._labels.several:
            targets = batch.labels.float() * (1 - smoothing) + smoothing / 2
            loss = F.binary_cross_entropy_with_logits(scores, targets, weight=weights, reduction="none")
            return Loss(loss.mean(1).sum(), len(targets))
        total = F.cross_entropy(scores, batch.labels, weight=weights, label_smoothing=smoothing, reduction="sum")
        return Loss(total, len(batch.labels) if weights is None else float(weights[batch.labels].sum()))

    def scores(self) -> dict[str, float]:
        """Dev scores of both paths together, after fitting how much each of them counts."""
        found = score_texts(self._network, self._dev.texts)
        self._network.shares.data.copy_(torch.tensor(fit_mixture(found, self._dev.labels, self._labels.several)))
        gold, several = self._dev.labels, self._labels.several
        both = probabilities(mix(found, self._network.shares), several)
        deep = probabilities(found.deep.double().numpy(), several)
        loss = _log_loss(both, gold, several)
        return {
            "score": -loss,
            "loss_dev": loss,
            "accuracy": accuracy(gold, decided(both, several)),
            "macro_f1": macro_f1(gold, decided(both, several)),
            "loss_deep": _log_loss(deep, gold, several),
            "accuracy_deep": accuracy(gold, decided(deep, several)),
        }


FIRST_VECTOR_SCALE = 0.5
"""Size of first vectors: above that of the table's random rows, so that words count more than n-grams at first."""


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
    deep, linear = scores.deep.double().numpy(), scores.linear.double().numpy()
    if several:  # each label of each text is a choice between yes and no
        deep, linear = (np.stack([-s.ravel(), s.ravel()], 1) / 2 for s in (deep, linear))
        labels = labels.ravel()
    first, second = fit_shares([deep, linear], labels, EXPECTED_SHARES, trust=5 / max(len(labels), 1))
    return first, second


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


def _log_loss(chances: Floats, labels: NDArray[np.int64], several: bool) -> float:
    right = np.where(labels == 1, chances, 1 - chances) if several else chances[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def _class_weights(labels: NDArray[np.int64], count: int, settings: ClassifySettings) -> Tensor | None:
    if settings.class_weights == "none":
        return None
    often = labels.sum(0) if labels.ndim == 2 else np.bincount(labels, minlength=count)
    weights = len(labels) / (count * np.maximum(often, 1))
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)
