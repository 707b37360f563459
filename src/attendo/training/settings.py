"""How to train: what the user may set, and what was decided before the first step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Settings of the loop. What is left open (null) follows from the data and the machine."""

    epochs: Annotated[int, Ge(1)] | None = None
    """Passes over the training texts. Open: chosen so that small data is seen often and large data a few times."""
    batch_tokens: Annotated[int, Ge(1)] | None = None
    """Tokens of one optimiser step. Open: about 64 texts of mean length."""
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    """Largest learning rate of AdamW, reached at the end of the warm-up."""
    row_learning_rate: Annotated[float, Gt(0)] = 7e-3
    """The same for embedding rows, of which each step touches only a few."""
    weight_decay: Annotated[float, Ge(0)] = 0.05
    """Decoupled weight decay; biases, norms, positions and embedding rows are left out."""
    warmup: Annotated[float, Ge(0), Le(1)] = 0.06
    """Share of all steps in which the learning rate rises."""
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """How the learning rate falls after the warm-up."""
    clip: Annotated[float, Gt(0)] | None = 1.0
    """Longest gradient; a longer one is shortened to it. Null: none is."""
    patience: Annotated[int, Ge(1)] | None = None
    """Stop after this many epochs without a better dev score. Open: half of the epochs, but at least 5."""
    ema: Annotated[float, Gt(0), Lt(1)] | None = None
    """Decay of a running mean of the weights, which is then scored and kept in place of the last weights."""
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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that decides how a run goes, settled before its first step and read back when it goes on."""

    settings: TrainingSettings
    """What was asked for."""
    epochs: int
    """Passes over the training texts."""
    patience: int
    """Epochs without a better score before the run stops."""
    batch_tokens: int
    """Tokens of one optimiser step."""
    micro_tokens: int
    """Tokens computed at once; a step adds up the gradients of several such pieces where memory asks for it."""
    precision: str
    """Number format of the matrix products."""
    device: str
    """Where it computes."""
    threads: int
    """CPU threads."""
    reasons: tuple[str, ...] = field(default_factory=tuple)
    """Why it was chosen so, in sentences."""
