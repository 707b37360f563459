"""What the training loop works on when a model learns to write on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from attendo.models import TokenModel
from attendo.tasks.generating.judging import foretell
from attendo.tasks.generating.streams import TokenStreams
from attendo.tasks.generating.windows import Windows
from attendo.tasks.pretraining import Batch, places_loss
from attendo.tasks.problem import Loss

DEV_TOKENS = 40_000
"""Held-out tokens that an epoch is judged by, at most; the trained model is judged by all of them."""


class LanguageProblem:
    """Say of every token that is asked about which one it is, by those before it.

    Args:
        dev: held-out texts.
        length: tokens that are read at once.
        judged_anew: share of a window of held-out text that is judged in it.
    """

    main: str = "score"

    def __init__(self, model: TokenModel, windows: Windows, dev: TokenStreams, length: int, judged_anew: float) -> None:
        self.model: nn.Module = model
        self._network, self._windows, self._dev = model, windows, dev
        self._length, self._judged_anew = length, judged_anew
        self.lengths: Sequence[int] = windows.lengths

    def begin_epoch(self, epoch: int) -> None:
        """Let windows lie as they do in this epoch, from now on."""
        self._windows.begin_epoch(epoch)

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Windows of the training texts."""
        return self._windows.batch(indices).to(device)

    def loss(self, batch: Batch) -> Loss:
        """Cross-entropy of what is right."""
        return Loss(places_loss(self._network, batch.texts, batch.places, batch.targets), len(batch.targets))

    def scores(self) -> dict[str, float]:
        """Loss and perplexity of the first held-out tokens."""
        nats = foretell(self._network, self._dev, self._length, judged_anew=self._judged_anew, most=DEV_TOKENS)
        known = nats[~nats.isnan()]
        mean = float(known.mean()) if len(known) else math.inf
        return {"score": -mean, "loss_dev": mean, "perplexity": math.exp(min(mean, 700))}
