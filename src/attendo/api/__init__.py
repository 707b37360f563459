"""One call from data to a saved model, and one from there to other tools: `train` and `export`."""

from attendo.api.classifying import TASKS, Result, train
from attendo.api.exporting import TARGETS, Target, export
from attendo.api.settings import RunSettings

__all__ = ["TARGETS", "TASKS", "Result", "RunSettings", "Target", "export", "train"]
