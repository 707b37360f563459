"""What the training loop works on when a model learns to give texts numbers: from scratch, and on a base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.metrics import pearson_or_none, spearman_or_none
from attendo.models import Reader, TextClassifier
from attendo.tasks.classify import answer_texts, score_texts
from attendo.tasks.problem import Loss
from attendo.tasks.rating.numbers import Floats, NumberScale, RatedTexts

EXPECTED_SHARES = (0.5, 0.5)
"""How much the deep and the linear path count where few dev texts say otherwise."""
TRUST = 5.0
"""Dev texts that the expected shares weigh as much as."""
LEAST_SHARE = 0.01


class RatedBatch(NamedTuple):
    """Texts as the model takes them, and their numbers on the scale on which they are learned."""

    texts: Any
    values: Tensor


class NumberProblem:
    """Texts with numbers, and a loss; what is computed from a text, and how dev texts judge it, comes with each kind.

    Args:
        scale: on which numbers are learned.
    """

    main: str = "score"

    def __init__(self, model: nn.Module, scale: NumberScale, train: RatedTexts[Any], dev: RatedTexts[Any]) -> None:
        self.model: nn.Module = model
        self.lengths: Sequence[int] = train.texts.lengths
        self.scale, self._texts, self._dev = scale, train.texts, dev.texts
        self._values, self._gold = scale.standardised(train.values), scale.standardised(dev.values)

    def _batch(self, texts: Any, indices: Sequence[int], device: torch.device) -> RatedBatch:
        values = torch.from_numpy(self._values[np.asarray(indices)].astype(np.float32))
        return RatedBatch(texts.to(device), values.to(device))


class RatingProblem(NumberProblem):
    """Training from scratch: the deep path learns, the dev texts judge both paths together."""

    def __init__(self, model: TextClassifier, scale: NumberScale, train: RatedTexts[Any], dev: RatedTexts[Any]) -> None:
        super().__init__(model, scale, train, dev)
        self._network = model

    def batch(self, indices: Sequence[int], device: torch.device) -> RatedBatch:
        """Training examples as tensors; the linear path has no part in training."""
        return self._batch(self._texts.batch(indices, features=False), indices, device)

    def loss(self, batch: RatedBatch) -> Loss:
        """The squared error of the deep path's numbers."""
        return squared_error(self._network.deep(batch.texts), batch.values)

    def scores(self) -> dict[str, float]:
        """Dev scores of both paths together, after fitting how much each of them counts."""
        found = score_texts(self._network, self._dev)
        deep, linear = (each[:, 0].double().numpy() for each in (found.deep, found.linear))
        shares = fit_number_shares((deep, linear), self._gold)
        self._network.shares.data.copy_(torch.tensor(shares))
        both = judged(shares[0] * deep + shares[1] * linear, self._gold)
        return {"score": -both["loss_dev"]} | both | {"loss_deep": judged(deep, self._gold)["loss_dev"]}

    def settle(self) -> None:
        """Fold the scale into the last layers of both paths for good, so that the model gives numbers as they are."""
        network, scale = self._network, self.scale
        above = scale.mean / float(network.shares.sum())
        with torch.no_grad():
            output = network.deep.get_submodule("head.output")
            assert isinstance(output, nn.Linear)
            for weight, bias in ((output.weight, output.bias), (network.linear.weight, network.linear.bias)):
                weight.mul_(scale.scale)
                bias.mul_(scale.scale).add_(above)


class RatingOnBase(NumberProblem):
    """Training on a base: all of the model learns, and the dev texts judge it."""

    def __init__(self, model: Reader, scale: NumberScale, train: RatedTexts[Any], dev: RatedTexts[Any]) -> None:
        super().__init__(model, scale, train, dev)
        self._network = model

    def batch(self, indices: Sequence[int], device: torch.device) -> RatedBatch:
        """Training examples as tensors."""
        return self._batch(self._texts.batch(indices), indices, device)

    def loss(self, batch: RatedBatch) -> Loss:
        """The squared error of the model's numbers."""
        return squared_error(self._network(batch.texts), batch.values)

    def scores(self) -> dict[str, float]:
        """Dev scores."""
        found = judged(answer_texts(self._network, self._dev, 1)[:, 0].double().numpy(), self._gold)
        return {"score": -found["loss_dev"]} | found

    def settle(self) -> None:
        """Fold the scale into the last layer for good, so that any library that loads the folder gives the numbers."""
        output = last_layer(self._network)
        with torch.no_grad():
            output.weight.mul_(self.scale.scale)
            if output.bias is not None:
                output.bias.mul_(self.scale.scale).add_(self.scale.mean)


def last_layer(network: Reader) -> nn.Linear:
    """What gives the number."""
    output = network.get_submodule("head.output")
    assert isinstance(output, nn.Linear)
    return output


def squared_error(found: Tensor, values: Tensor) -> Loss:
    """The squared distance of numbers found from the right ones."""
    return Loss(F.mse_loss(found[:, 0].float(), values, reduction="sum"), len(values))


def fit_number_shares(parts: Sequence[Floats], gold: Floats) -> tuple[float, ...]:
    """How much each of several predictions counts, so that the squared error is smallest; near usual on few texts."""
    from scipy.optimize import nnls

    pull = np.sqrt(TRUST) * np.eye(len(parts))
    shares, _ = nnls(np.vstack([np.stack(parts, 1), pull]), np.concatenate([gold, pull @ np.array(EXPECTED_SHARES)]))
    return tuple(max(float(share), LEAST_SHARE) for share in shares)


def judged(found: Floats, gold: Floats) -> dict[str, float]:
    """Squared error on the scale on which numbers are learned, and both correlations."""
    return {
        "loss_dev": float(((found - gold) ** 2).mean()),
        "pearson": pearson_or_none(gold, found),
        "spearman": spearman_or_none(gold, found),
    }
