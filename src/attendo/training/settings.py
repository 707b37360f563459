"""How to train: what the user may set, and what was decided before the first step."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from attendo.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class LoopSettings:
    """What every loop can be told, whatever the model learns."""

    schedule: Literal["linear", "cosine", "inverse_sqrt", "constant"] = "linear"
    """How the learning rate falls after the warm-up; "inverse_sqrt" is that of arXiv 1706.03762, section 5.3."""
    clip: Annotated[float, Gt(0)] | None = 1.0
    """Longest gradient; a longer one is shortened to it. Null: none is."""
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

    def __post_init__(self) -> None:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        endless = {name: value for name, value in values.items() if isinstance(value, float) and not isfinite(value)}
        if endless:
            raise ConfigError([f"`{name}` must be a finite number, but is {value}." for name, value in endless.items()])


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(LoopSettings):
    """Settings of the loop. What is left open (null) follows from the data and the machine."""

    epochs: Annotated[int, Ge(1)] | None = None
    """Passes over the training texts. Open: chosen so that small data is seen often and large data a few times; with
    `minutes`, as many as these allow."""
    minutes: Annotated[float, Gt(0)] | None = None
    """Time to train: the learning rate has fallen when it is over, be it in the middle of an epoch. Such a run is not
    the same on any other machine. Open: `epochs` decide."""
    batch_tokens: Annotated[int, Ge(1)] | None = None
    """Tokens of one optimiser step. Open: about 64 texts of mean length; for models that write, the more the
    more tokens there are to learn from."""
    learning_rate: Annotated[float, Gt(0)] | None = None
    """Largest learning rate of AdamW, reached at the end of the warm-up. Open: 0.001; for models that write, and
    with a base, the smaller the wider the model is."""
    row_learning_rate: Annotated[float, Gt(0)] = 7e-3
    """The same for embedding rows, of which each step touches only a few."""
    chain_learning_rate: Annotated[float, Gt(0)] = 0.03
    """The same for what a tagger learns of which tags follow each other."""
    layer_decay: Annotated[float, Gt(0), Le(1)] | None = None
    """By what a layer's learning rate is multiplied for the layer below it; the head learns at the full rate, the
    embeddings at the lowest. Open: 1, all alike; 0.9 with a base."""
    weight_decay: Annotated[float, Ge(0)] | None = None
    """Decoupled weight decay; biases, norms, positions and embedding rows are left out. Open: 0.05; 0.01 with a
    base, and for models that write from another text."""
    warmup: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of all steps in which the learning rate rises. Open: 0.06; 0.1 with a base."""
    freeze: Literal["none", "embeddings", "encoder"] | Annotated[int, Ge(1)] = "none"
    """What keeps its weights: "none" of them, the "embeddings", these and so many of the lowest blocks (a number), or
    the whole "encoder", so that the head alone learns."""
    gradient_checkpointing: bool = False
    """Keep only what goes into each block and compute its insides again for the gradients: much less memory, and about
    a third more time."""
    patience: Annotated[int, Ge(1)] | None = None
    """Stop after this many epochs without a better dev score. Open: half of the epochs, but at least 5."""
    ema: Annotated[float, Gt(0), Lt(1)] | None = None
    """Decay of a running mean of the weights, which is then scored and kept in place of the last weights."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How fast weights may move: what is used of the settings of these names, none of them open."""

    learning_rate: float = 1e-3
    """Largest learning rate."""
    layer_decay: float = 1.0
    """What it is multiplied by for each layer further down."""
    weight_decay: float = 0.05
    """Decoupled weight decay."""
    warmup: float = 0.06
    """Share of all steps in which the learning rate rises."""

    def under(self, settings: TrainingSettings) -> Rates:
        """These, but what the settings ask for where they ask."""
        asked = {each.name: getattr(settings, each.name) for each in fields(self)}
        return replace(self, **{name: value for name, value in asked.items() if value is not None})


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What a run does where its settings are open, and why; by default, what is good for training from scratch."""

    rates: Rates = field(default_factory=Rates)
    """How fast weights may move."""
    epochs: int | None = None
    """Passes over the training texts; None: so many that small data is seen often and large data a few times."""
    batch_texts: int | None = None
    """Texts of one optimiser step; None: the more, the more texts there are."""
    reasons: tuple[str, ...] = ()
    """Why it is so, in sentences."""


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
    rates: Rates = field(default_factory=Rates)
    """How fast weights may move, where `settings` leave it open."""
    seconds: float | None = None
    """When training is over, whatever is left of its epochs; None if only these count."""
    reasons: tuple[str, ...] = field(default_factory=tuple)
    """Why it was chosen so, in sentences."""
