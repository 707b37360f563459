"""All settings of a training run in one tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Gt, Lt

from attendo.data import (
    DataSettings,
    DialogueDataSettings,
    PairDataSettings,
    ParallelDataSettings,
    QuestionDataSettings,
    RoleDataSettings,
    RunningTextSettings,
    SummaryDataSettings,
    TagDataSettings,
)
from attendo.tasks import (
    AnswerSettings,
    ChatSettings,
    ClassifySettings,
    EmbedSettings,
    GenerateSettings,
    RoleSettings,
    SummarizeSettings,
    TagSettings,
    TranslateSettings,
)
from attendo.training import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What `attendo train classify` can be told; everything has a default or follows from data and machine."""

    data: DataSettings = field(default_factory=DataSettings)
    """How files are read and split."""
    task: ClassifySettings = field(default_factory=ClassifySettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class TagTrainingSettings(TrainingSettings):
    """Training of taggers: few spans decide which epoch is best, so weights that waver would be chosen by chance."""

    ema: Annotated[float, Gt(0), Lt(1)] | None = 0.998
    """Decay of the running mean of all weights, which is what is scored and kept; null for none."""


@dataclass(frozen=True, kw_only=True)
class TagRunSettings:
    """What `attendo train tag` can be told; everything has a default or follows from data and machine."""

    data: TagDataSettings = field(default_factory=TagDataSettings)
    """How files are read and split."""
    task: TagSettings = field(default_factory=TagSettings)
    """What is learned, and with which model."""
    training: TagTrainingSettings = field(default_factory=TagTrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class RoleRunSettings:
    """What `attendo train roles` can be told; everything has a default or follows from data and machine."""

    data: RoleDataSettings = field(default_factory=RoleDataSettings)
    """How files are read and split."""
    task: RoleSettings = field(default_factory=RoleSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class EmbedRunSettings:
    """What `attendo train embed` can be told; everything has a default or follows from data and machine."""

    data: PairDataSettings = field(default_factory=PairDataSettings)
    """How files are read and split."""
    task: EmbedSettings = field(default_factory=EmbedSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class AnswerRunSettings:
    """What `attendo train answer` can be told; everything has a default or follows from data and machine."""

    data: QuestionDataSettings = field(default_factory=QuestionDataSettings)
    """How files are read and split."""
    task: AnswerSettings = field(default_factory=AnswerSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class GenerateRunSettings:
    """What `attendo train generate` can be told; everything has a default or follows from data and machine."""

    data: RunningTextSettings = field(default_factory=RunningTextSettings)
    """How files are read and split."""
    task: GenerateSettings = field(default_factory=GenerateSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class TranslateRunSettings:
    """What `attendo train translate` can be told; everything has a default or follows from data and machine."""

    data: ParallelDataSettings = field(default_factory=ParallelDataSettings)
    """How files are read and split."""
    task: TranslateSettings = field(default_factory=TranslateSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class SummarizeRunSettings:
    """What `attendo train summarize` can be told; everything has a default or follows from data and machine."""

    data: SummaryDataSettings = field(default_factory=SummaryDataSettings)
    """How files are read and split."""
    task: SummarizeSettings = field(default_factory=SummarizeSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""


@dataclass(frozen=True, kw_only=True)
class ChatRunSettings:
    """What `attendo train chat` can be told; everything has a default or follows from data and machine."""

    data: DialogueDataSettings = field(default_factory=DialogueDataSettings)
    """How files are read and split."""
    task: ChatSettings = field(default_factory=ChatSettings)
    """What is learned, and with which model."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    """How it is trained."""
