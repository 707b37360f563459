"""Everything attendo raises on purpose.

    AttendoError                 something went wrong and the message says what to do
    ├── InputError               what was asked or given cannot work (exit code 2)
    │   ├── DataError            a data file, or a text in it
    │   ├── ConfigError          a setting: unknown, of the wrong type, or out of range
    │   ├── ShapeError           tensors that do not fit together
    │   ├── UnsupportedError     a part that exists, asked for what it cannot do
    │   └── ModelFolderError     a model folder: incomplete, changed, or not what it should be
    └── RunError                 the request was sound but the run failed (exit code 1)
        ├── DivergedError        the loss, a weight or a score is no number
        └── StorageError         the disk refused a file (exit code 2: give it another place)

A message is one or two sentences: what is wrong, where, and what would be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class AttendoError(Exception):
    """Base of every error raised on purpose."""

    exit_code = 1


class InputError(AttendoError, ValueError):
    """What was asked or given cannot work; nothing was written."""

    exit_code = 2


class DataError(InputError):
    """A data file, or a text in it, is not usable.

    `path` and `line` (counted from 1, as editors do) are put in front of the message where they are known.
    """

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.line = line
        where = "" if path is None else f"{path}, line {line}: " if line is not None else f"{path}: "
        super().__init__(where + message)


class ConfigError(InputError):
    """One or more settings are wrong; all of them are named at once."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ShapeError(InputError):
    """Tensors do not fit together."""


class UnsupportedError(InputError):
    """A part exists but cannot do what was asked of it; the message names what can."""


class ModelFolderError(InputError):
    """A model folder is incomplete, was changed, or is not what it should be."""


class RunError(AttendoError, RuntimeError):
    """The request was sound but the run failed; what was finished is kept."""


class DivergedError(RunError):
    """The loss, a weight or a score is no number."""


class StorageError(RunError):
    """The disk refused a file; the previous version, if any, is untouched. Exit code 2: give another place."""

    exit_code = 2
