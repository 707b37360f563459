"""What readers hand on: rows, how to read them, and the problems met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from attendo.errors import DataError


class Row(NamedTuple):
    """One record of a file; `line` is where it begins, counted from 1 (in Parquet, the number of the row)."""

    values: Mapping[str, Any]
    path: Path
    line: int


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a file is read; what is `None` is found out from the file itself."""

    encoding: str | None = None
    """Name of the character encoding, such as `utf-8` or `gb18030`."""
    header: bool | None = None
    """Whether the first row of a CSV or TSV file names the columns."""
    delimiter: str | None = None
    """The character between two fields of a CSV file."""
    names: tuple[str, ...] = ()
    """Names of columns that were asked for; a first row with one of them is a header, if `header` is open."""


def cell_text(row: Row, column: str) -> str:
    """The text in a column; empty where nothing stands there.

    Raises:
        DataError: if it holds something else than a text or a number, or half a character.
    """
    value = row.values.get(column)
    if value is None or value != value:  # the last is NaN, the data frame's way to say nothing
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what = type(value).__name__
        raise DataError(f"column `{column}` holds {what} where a text was expected.", path=row.path, line=row.line)
    try:
        str(value).encode()
    except UnicodeEncodeError:
        message = f"the text in column `{column}` holds half a character (a lone surrogate)."
        raise DataError(message, path=row.path, line=row.line) from None
    return str(value)


OnProblem = Callable[[DataError], None]
"""Told of each line that cannot be used; when it returns, reading goes on."""

Reader = Callable[[Path, ReadOptions, OnProblem], Iterator[Row]]


def stop_at_first(problem: DataError) -> None:
    """For streams: one line that cannot be used ends the reading."""
    raise problem


class Problems:
    """Gathers what is wrong with a file, so that all of it is said at once; keeps only as many as are shown."""

    def __init__(self, *, shown: int = 20) -> None:
        self.shown = shown
        self.count = 0
        self.first: list[DataError] = []

    def add(self, problem: DataError) -> None:
        self.count += 1
        if len(self.first) < self.shown:
            self.first.append(problem)

    def sentences(self) -> list[str]:
        """One line for each problem kept, and how many more there were."""
        more = [f"and {self.count - self.shown:,} more"] if self.count > self.shown else []
        return [*map(str, self.first), *more]

    def raise_if_any(self) -> None:
        if self.count == 1:
            raise self.first[0]
        if self.count:
            listed = "".join(f"\n  {sentence}" for sentence in self.sentences())
            raise DataError(f"{self.count:,} rows cannot be used:{listed}")
