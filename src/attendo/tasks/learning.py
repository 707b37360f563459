"""What the training loop works on when a model learns to label texts: from scratch, and on a base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.metrics import accuracy, macro_f1
from attendo.models import Reader, TextClassifier
from attendo.tasks.classify import (
    Floats,
    LabelledTexts,
    answer_texts,
    decided,
    fit_counts,
    fit_mixture,
    mix,
    probabilities,
    score_texts,
)
from attendo.tasks.encoding import EncodedTexts
from attendo.tasks.labels import LabelSet
from attendo.tasks.pieces import EncodedPieces
from attendo.tasks.problem import Loss
from attendo.tasks.settings import ClassifySettings


class Batch(NamedTuple):
    """Texts as the model takes them, and their labels as a tensor."""

    texts: Any
    labels: Tensor


class LabelLoss:
    """Cross-entropy with smoothed targets and weighted classes.

    Args:
        labels: of the training texts, from which the weights of balanced classes follow.
        usual: how much targets are smoothed where the settings leave it open.
    """

    def __init__(self, names: LabelSet, labels: NDArray[np.int64], settings: ClassifySettings, usual: float) -> None:
        self._several = names.several
        self._weights = _class_weights(labels, len(names.names), settings)
        self._smoothing = usual if settings.label_smoothing is None else settings.label_smoothing

    def __call__(self, scores: Tensor, labels: Tensor) -> Loss:
        scores, smoothing = scores.float(), self._smoothing
        weights = None if self._weights is None else self._weights.to(scores.device)
        if self._several:
            targets = labels.float() * (1 - smoothing) + smoothing / 2
            loss = F.binary_cross_entropy_with_logits(scores, targets, weight=weights, reduction="none")
            return Loss(loss.mean(1).sum(), len(targets))
        total = F.cross_entropy(scores, labels, weight=weights, label_smoothing=smoothing, reduction="sum")
        return Loss(total, len(labels) if weights is None else float(weights[labels].sum()))


class LabelProblem:
    """Texts with labels, and a loss; what is computed from a text, and how dev texts judge it, comes with each kind.

    Args:
        usual: how much targets are smoothed where the settings leave it open.
    """

    main: str = "score"

    def __init__(
        self,
        model: nn.Module,
        labels: LabelSet,
        train: LabelledTexts[Any],
        dev: LabelledTexts[Any],
        settings: ClassifySettings,
        usual: float,
    ) -> None:
        self.model: nn.Module = model
        self.lengths: Sequence[int] = train.texts.lengths
        self._labels, self._train, self._dev = labels, train, dev
        self._loss = LabelLoss(labels, train.labels, settings, usual)

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Training examples as tensors."""
        labels = torch.from_numpy(self._train.labels[np.asarray(indices)])
        return Batch(self._texts(indices).to(device), labels.to(device))

    def _texts(self, indices: Sequence[int]) -> Any:
        """Training texts as the model takes them."""
        return self._train.texts.batch(indices)


class ClassifyProblem(LabelProblem):
    """Training from scratch: the deep path learns, the dev texts judge both paths together."""

    def __init__(
        self,
        model: TextClassifier,
        labels: LabelSet,
        train: LabelledTexts[EncodedTexts],
        dev: LabelledTexts[EncodedTexts],
        settings: ClassifySettings,
    ) -> None:
        super().__init__(model, labels, train, dev, settings, usual=0.05)
        self._network = model

    def _texts(self, indices: Sequence[int]) -> Any:
        """The linear path has no part in training."""
        return self._train.texts.batch(indices, features=False)

    def loss(self, batch: Batch) -> Loss:
        """The loss of the deep path's scores."""
        return self._loss(self._network.deep(batch.texts), batch.labels)

    def scores(self) -> dict[str, float]:
        """Dev scores of both paths together, after fitting how much each of them counts."""
        found, several = score_texts(self._network, self._dev.texts), self._labels.several
        self._network.shares.data.copy_(torch.tensor(fit_mixture(found, self._dev.labels, several)))
        both = _judged(mix(found, self._network.shares), self._dev.labels, several)
        deep = _judged(found.deep.double().numpy(), self._dev.labels, several)
        alone = {"loss_deep": deep["loss_dev"], "accuracy_deep": deep["accuracy"]}
        return {"score": -both["loss_dev"]} | both | alone


class FineTuning(LabelProblem):
    """Training on a base: all of the model learns, and the dev texts judge it.

    Which epoch was best is decided by the dev loss with scores stretched as fits the dev texts best: a model that is
    too sure of itself goes on getting better at telling labels apart, while its plain loss rises.
    """

    def __init__(
        self,
        model: Reader,
        labels: LabelSet,
        train: LabelledTexts[EncodedPieces],
        dev: LabelledTexts[EncodedPieces],
        settings: ClassifySettings,
    ) -> None:
        super().__init__(model, labels, train, dev, settings, usual=0.0)
        self._network = model

    def loss(self, batch: Batch) -> Loss:
        """The loss of the model's scores."""
        return self._loss(self._network(batch.texts), batch.labels)

    def scores(self) -> dict[str, float]:
        """Dev scores, as if scores were stretched as fits best."""
        found = self._answers()
        judged = _judged(self._stretch(found) * found.double().numpy(), self._dev.labels, self._labels.several)
        return {"score": -judged["loss_dev"]} | judged

    def settle(self) -> float:
        """Stretch the scores of the trained model for good, so that it is as sure as the dev texts bear out.

        The last layer's weights are multiplied by what is returned: no label changes, its probability does.
        """
        stretch = self._stretch(self._answers())
        assert self._network.head is not None
        with torch.no_grad():
            for parameter in self._network.head.output.parameters():
                parameter.mul_(stretch)
        return stretch

    def _answers(self) -> Tensor:
        return answer_texts(self._network, self._dev.texts, len(self._labels.names))

    def _stretch(self, answers: Tensor) -> float:
        return fit_counts([answers], self._dev.labels, self._labels.several, (1.0,))[0]


def _judged(scores: Floats, gold: NDArray[np.int64], several: bool) -> dict[str, float]:
    """Loss, accuracy and F1 of the probabilities that scores stand for."""
    chances = probabilities(scores, several)
    right = decided(chances, several)
    return {
        "loss_dev": _log_loss(chances, gold, several),
        "accuracy": accuracy(gold, right),
        "macro_f1": macro_f1(gold, right),
    }


def _log_loss(chances: Floats, labels: NDArray[np.int64], several: bool) -> float:
    right = np.where(labels == 1, chances, 1 - chances) if several else chances[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def _class_weights(labels: NDArray[np.int64], count: int, settings: ClassifySettings) -> Tensor | None:
    if settings.class_weights == "none":
        return None
    often = labels.sum(0) if labels.ndim == 2 else np.bincount(labels, minlength=count)
    weights = len(labels) / (count * np.maximum(often, 1))
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)
