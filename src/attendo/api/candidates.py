"""A model that is ready to be trained, with all that a run must know of it, and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from attendo.metrics import PairedDifference
from attendo.models.families.attendo import Shape
from attendo.report import HardCase, Sample, System
from attendo.tasks import LayerLook, Problem, TaskModel
from attendo.training import Habits

BYTES = 4
"""Of a number that is kept for the gradients."""
LOOKED_AT = 500
"""Dev texts over which the report says what attention looks at."""
LOOKED_AT_PASSAGES = 100
"""The same where each comes with a passage, which is as long as several of them."""


def shaped(shape: Any) -> str:
    """How many layers a model of attendo's own has, and how wide they are, in words."""
    return f"{shape.num_layers} layer{'s' * (shape.num_layers != 1)} of width {shape.d_model}"


def own_bytes_per_token(shape: Shape) -> int:
    """Memory that a training step of attendo's own network needs for each token, about."""
    return BYTES * shape.num_layers * (20 * shape.d_model + 4 * shape.d_ff)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How a trained model did, beside simpler systems.

    Attributes:
        systems: from the simplest to the trained model, each scored on every set but the training set.
        against: the trained model's main score less that of the system before it, on the last set.
        labels: what the task tells apart; none where it tells nothing apart.
        class_counts: how often each label occurs in each set.
        attention: what each layer looks at over dev texts.
        shares: how much the deep and the linear path count, where there are two.
        samples: what the model writes, where it does.
    """

    systems: tuple[System, ...]
    against: PairedDifference | None = None
    hardest: tuple[HardCase, ...] = ()
    labels: tuple[str, ...] = ()
    class_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    attention: tuple[LayerLook, ...] = ()
    shares: tuple[float, float] | None = None
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A model before its training.

    Attributes:
        habits: what to do where the settings are open.
        bytes_per_token: memory that a training step needs for each token, about.
        parts: what the report counts the parameters of.
        at_work: the part whose matrices every token is multiplied with.
        judge: what is asked when the loop is done, given the seconds that training took.
        seconds: what was spent on fitting parts that the loop does not train.
        notes: what it is, in sentences.
        warnings: what the user should look at.
        settle: what is left to do when the loop is done; returns what it did, in sentences.
        origin: what attendo.json keeps of where it comes from.
    """

    model: TaskModel
    problem: Problem
    habits: Habits
    bytes_per_token: int
    parts: dict[str, nn.Module]
    at_work: nn.Module
    judge: Callable[[float], Judgement]
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    settle: Callable[[], tuple[str, ...]] = tuple
    origin: dict[str, Any] = field(default_factory=dict)
