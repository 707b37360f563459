"""One call from data to a saved model, and one from there to other tools: `train`, `pretrain` and `export`."""

from attendo.api.exporting import TARGETS, Target, export
from attendo.api.inspecting import inspect
from attendo.api.pretraining import PretrainResult, pretrain
from attendo.api.pretraining_settings import PretrainRunSettings
from attendo.api.settings import (
    AnswerRunSettings,
    ChatRunSettings,
    EmbedRunSettings,
    GenerateRunSettings,
    RoleRunSettings,
    RunSettings,
    TagRunSettings,
)
from attendo.api.task_runs import TASKS, Result, settings_of, train

__all__ = [
    "TARGETS",
    "TASKS",
    "AnswerRunSettings",
    "ChatRunSettings",
    "EmbedRunSettings",
    "GenerateRunSettings",
    "PretrainResult",
    "PretrainRunSettings",
    "Result",
    "RoleRunSettings",
    "RunSettings",
    "TagRunSettings",
    "Target",
    "export",
    "inspect",
    "pretrain",
    "settings_of",
    "train",
]
