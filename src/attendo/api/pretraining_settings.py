"""All settings of a pretraining run in one tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from attendo.data import TextSettings
from attendo.tasks import PretrainSettings
from attendo.training import TrainingSettings

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
class PretrainTraining:
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
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """How the learning rate falls after the warm-up."""
    clip: Annotated[float, Gt(0)] | None = 1.0
    """Longest gradient; a longer one is shortened to it. Null: none is."""
    patience: Annotated[int, Ge(1)] | None = None
    """Stop after this many epochs without a better held-out score. Open: half of the epochs, but at least 5."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the matrix products; "auto" measures both on this machine."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where to compute; "auto" takes a GPU if there is one."""
    threads: Annotated[int, Ge(1)] | None = None
    """CPU threads. Open: one, or one for each physical core, whichever is measured to be faster."""
    seed: Annotated[int, Ge(0), Lt(2**32)] = 0
    """Seed of all random numbers."""
    checkpoint_seconds: Annotated[float, Gt(0)] = 30.0
    """Time between two checkpoints, from which a killed run goes on."""

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
        names = ("weight_decay", "warmup", "schedule", "clip", "patience", "precision", "device", "threads", "seed")
        same = {name: getattr(self, name) for name in (*names, "checkpoint_seconds")}
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
