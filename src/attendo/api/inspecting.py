"""What data hold, seen as a task would learn from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attendo.api.kinds import KINDS
from attendo.api.task_runs import settings_of
from attendo.configuration import from_mapping
from attendo.data import DataReport, describe_splits


def inspect(task: str, data: Path | str, settings: Any = None) -> DataReport:
    """Read data as `train` would for the task, and say what they hold; nothing is trained or written.

    Args:
        task: a name from `TASKS`.
        data: a file, or a folder with sets.
        settings: of the task's own class; only those of reading count.
    Raises:
        DataError: naming everything that stops a training.
        ConfigError: if there is no such task.
    """
    settings = settings or from_mapping(settings_of(task), {})
    return describe_splits(KINDS[task].load(data, dev=None, test=None, settings=settings.data), data)
