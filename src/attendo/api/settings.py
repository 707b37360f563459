"""All settings of a training run in one tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from attendo.data import DataSettings
from attendo.tasks import ClassifySettings
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
