"""One call from data to a saved model: `train` puts the lower rooms to work, one after the other."""

from attendo.api.classifying import TASKS, Result, train
from attendo.api.settings import RunSettings

__all__ = ["TASKS", "Result", "RunSettings", "train"]
