"""All settings of a pretraining run in one tree."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated

from annotated_types import Ge, Gt, Le

from attendo.data import TextSettings
from attendo.tasks import PretrainSettings
from attendo.training import LoopSettings, TrainingSettings

TOKENS = 4_000_000
"""Tokens to learn from, where nobody says for how long."""
EPOCHS = (2, 40)
"""Passes over the text at least and at most, where nobody says how many."""
BATCH_TOKENS = (1024, 8192)
"""Tokens of one step at least and at most; in between, so many that an epoch has STEPS_OF_EPOCH steps."""
STEPS_OF_EPOCH = 100
LARGEST_RATE, RATE_TIMES_WIDTH, LATER_RATE = 2e-3, 0.256, 2e-4
"""Learning rates: of narrow models, divided by the width for wide ones, and of models that are trained already."""


@dataclass(frozen=True, kw_only=True)
class PretrainTraining(LoopSettings):
    """Settings of the loop. What is left open (null) follows from the text and the machine."""

    epochs: Annotated[int, Ge(1)] | None = None
    """Passes over the text. Open: as many as `minutes` allow, else so many that small text is seen often."""
    minutes: Annotated[float, Gt(0)] | None = None
    """Time to train, measured before the first step; at least one epoch is done. Open: `epochs` decide."""
    batch_tokens: Annotated[int, Ge(1)] | None = None
    """Tokens of one optimiser step. Open: 1,024 to 8,192, more for more text."""
    learning_rate: Annotated[float, Gt(0)] | None = None
    """Largest learning rate of AdamW. Open: 2e-3, less for wide models and for those that were trained before."""
    weight_decay: Annotated[float, Ge(0)] = 0.01
    """Decoupled weight decay; biases, norms, positions and embeddings are left out."""
    warmup: Annotated[float, Ge(0), Le(1)] = 0.06
    """Share of all steps in which the learning rate rises."""
    patience: Annotated[int, Ge(1)] | None = None
    """Stop after this many epochs without a better held-out score. Open: half of the epochs, but at least 5."""

    def filled(self, tokens: int, width: int, *, begun: bool) -> tuple[TrainingSettings, list[str]]:
        """What the loop takes, with all that follows from the text filled in, and why, in sentences.

        Args:
            tokens: how many there are to learn from.
            width: of the model's vectors.
            begun: whether the model was trained before.
        """
        reasons = []
        least, most = BATCH_TOKENS
        batch_tokens = self.batch_tokens or min(max(tokens // STEPS_OF_EPOCH, least), most)
        if self.batch_tokens is None:
            reasons.append(f"Steps of {batch_tokens:,} tokens: {max(1, round(tokens / batch_tokens)):,} an epoch.")
        epochs = self.epochs or min(max(round(TOKENS / tokens), EPOCHS[0]), EPOCHS[1])
        if self.epochs is None and self.minutes is None:
            reasons.append(f"{epochs} epochs, which is {epochs * tokens:,} tokens.")
        rate = self.learning_rate or min(LARGEST_RATE, RATE_TIMES_WIDTH / width, LATER_RATE if begun else LARGEST_RATE)
        if self.learning_rate is None:
            reasons.append(
                f"Learning rate {rate:.2g}, {'as it was trained before' if begun else f'for width {width}'}."
            )
        names = ("weight_decay", "warmup", "patience", *(each.name for each in fields(LoopSettings)))
        same = {name: getattr(self, name) for name in names}
        settings = TrainingSettings(epochs=epochs, batch_tokens=batch_tokens, learning_rate=rate, **same)
        return settings, reasons


@dataclass(frozen=True, kw_only=True)
class PretrainRunSettings:
    """What `attendo pretrain` can be told; everything has a default or follows from data and machine."""

    data: TextSettings = field(default_factory=TextSettings)
    """How texts are read, and which are held out."""
    task: PretrainSettings = field(default_factory=PretrainSettings)
    """What is learned, and with which model."""
    training: PretrainTraining = field(default_factory=PretrainTraining)
    """How it is trained."""
