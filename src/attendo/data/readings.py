"""What reading a whole file gives, whatever its records are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic

from attendo.data.columns import Columns
from attendo.data.records import AnyRecord
from attendo.data.rows import Problems


@dataclass(kw_only=True)
class Reading(ABC, Generic[AnyRecord]):
    """The records of a file, what is wrong with its other lines, and where it is a table its columns."""

    problems: Problems = field(default_factory=Problems)
    columns: Columns | None = None

    @property
    @abstractmethod
    def records(self) -> list[AnyRecord]:
        """What can be used."""

    @abstractmethod
    def notes(self, path: Path) -> list[str]:
        """What was guessed, put right and left out, as sentences."""

    def sound(self) -> list[AnyRecord]:
        """The records, if nothing is wrong with the file.

        Raises:
            DataError: naming all that is wrong; up to 20 lines.
        """
        self.problems.raise_if_any()
        return self.records
