"""What a training run came to, in plain values: what reports and terminals show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attendo.metrics import ClassificationScores, MultilabelScores, PairedDifference
from attendo.tasks import LayerLook

SystemScores = ClassificationScores | MultilabelScores


@dataclass(frozen=True, kw_only=True)
class System:
    """One way to label the texts, and its scores on each set by the set's name ("dev", "test")."""

    name: str
    scores: dict[str, SystemScores]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class HardCase:
    """A text that the model got most wrong: what it said, how sure it was, and what was right."""

    text: str
    gold: str
    predicted: str
    probability: float
    place: str


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a run used: wall-clock and CPU seconds, floating-point operations, tokens read, peak memory in bytes."""

    seconds: float
    cpu_seconds: float
    operations: float
    tokens: int
    peak_memory: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """A whole run.

    Attributes:
        systems: the majority class, the linear model and the trained model, in this order.
        against_linear: the trained model's accuracy less the linear model's, on the last set.
        history: a line for each epoch, as in history.jsonl.
        attention: what each layer looks at over dev texts.
        shares: how much the deep and the linear path count; None if the model has one path only.
        notes: what was chosen, found or done, in sentences.
        warnings: those of them that the user should look at.
    """

    title: str
    labels: tuple[str, ...]
    sizes: dict[str, int]
    class_counts: dict[str, dict[str, int]]
    systems: tuple[System, ...]
    against_linear: PairedDifference | None
    history: tuple[dict[str, Any], ...]
    best_epoch: int
    hardest: tuple[HardCase, ...]
    attention: tuple[LayerLook, ...]
    shares: tuple[float, float] | None
    parameters: dict[str, int]
    settings: dict[str, Any]
    plan: dict[str, Any]
    notes: tuple[str, ...]
    cost: Cost
    versions: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    language: str = "en"

    @property
    def last_set(self) -> str:
        """The set that judges the model: "test" where there is one, or else "dev"."""
        return list(self.systems[-1].scores)[-1]
