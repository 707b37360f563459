"""What a training run came to, in plain values: what reports and terminals show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attendo.metrics import (
    AnswerScores,
    ClassificationScores,
    DialogueScores,
    FrameScores,
    LikelihoodScores,
    MultilabelScores,
    PairedDifference,
    RegressionScores,
    SimilarityScores,
    SummaryScores,
    TaggingScores,
    TranslationScores,
)
from attendo.page import Stretch
from attendo.tasks import LayerLook

SystemScores = (
    ClassificationScores
    | MultilabelScores
    | RegressionScores
    | TaggingScores
    | FrameScores
    | AnswerScores
    | SimilarityScores
    | LikelihoodScores
    | DialogueScores
    | TranslationScores
    | SummaryScores
)


BETWEEN = " ‖ "
"""What stands between two texts where they are shown in one line."""


@dataclass(frozen=True, kw_only=True)
class System:
    """One way to label the texts, and its scores on each set by the set's name ("dev", "test")."""

    name: str
    scores: dict[str, SystemScores]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class HardCase:
    """A text that the model got most wrong: what it said, how sure it was, and what was right.

    Attributes:
        probability: how sure it was, nothing where it said nothing; None where the order of the cases says how wrong
            they are.
        pair: the second text, where there are two and they are shown apart.
        gold: what is right; of a text with marked parts, empty.
        miss: by how much a number is missed, where numbers are predicted; there is no probability then.
        gold_marks: parts of the text that are right, where the answer is parts of it.
        predicted_marks: parts of the text that the model found.
    """

    text: str
    gold: str
    predicted: str
    probability: float | None
    place: str
    gold_marks: tuple[Stretch, ...] = ()
    predicted_marks: tuple[Stretch, ...] = ()
    pair: str | None = None
    miss: float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The text, and its second one if there is one."""
        return (self.text,) if self.pair is None else (self.text.removesuffix(f"{BETWEEN}{self.pair}"), self.pair)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Something that the model wrote.

    Attributes:
        given: what it was written from, or goes on with.
        text: what the model wrote.
        right: what a person wrote there, where that is known.
    """

    given: str
    text: str
    right: str | None = None


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
        systems: from the simplest to the trained model, which comes last; the one before it is what it must beat.
        against: the trained model's main score less that of the system before it, on the last set.
        history: a line for each epoch, as in history.jsonl.
        attention: what each layer looks at over dev texts.
        shares: how much the deep and the linear path count; None if the model has one path only.
        notes: what was chosen, found or done, in sentences.
        warnings: those of them that the user should look at.
        noun: what the records of the sets are called, a name from `COUNTED`.
        samples: what the model writes, where it does.
    """

    title: str
    labels: tuple[str, ...]
    sizes: dict[str, int]
    class_counts: dict[str, dict[str, int]]
    systems: tuple[System, ...]
    against: PairedDifference | None
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
    noun: str = "text"
    samples: tuple[Sample, ...] = ()

    @property
    def last_set(self) -> str:
        """The set that judges the model: "test" where there is one, or else "dev"."""
        return list(self.systems[-1].scores)[-1]
