"""What training must know of a task: it is given this, and knows nothing of texts or labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


class Loss(NamedTuple):
    """The summed loss of a batch, and by how much to divide it."""

    total: Tensor
    weight: float


class Problem(Protocol):
    """A model, its training examples, and how well it does."""

    model: nn.Module
    lengths: Sequence[int]
    """Tokens of each training example."""
    main: str
    """Name of the dev score that decides which weights are best; higher is better."""

    def batch(self, indices: Sequence[int], device: torch.device) -> Any:
        """The examples as tensors."""
        ...

    def loss(self, batch: Any) -> Loss:
        """The loss of a batch, in training mode."""
        ...

    def scores(self) -> dict[str, float]:
        """The model's scores on the dev examples; called in evaluation mode, without gradients."""
        ...


@runtime_checkable
class Renewed(Protocol):
    """A problem whose examples are others in each epoch, such as texts that are masked anew."""

    def begin_epoch(self, epoch: int) -> None:
        """What `batch` gives from now on is of this epoch, counted from 0."""
        ...
