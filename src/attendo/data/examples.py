"""From rows to labelled examples; everything wrong with a file is said at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from attendo.data.columns import Columns, choose_columns
from attendo.data.formats import read_rows
from attendo.data.joined_labels import joined_note
from attendo.data.readings import Reading
from attendo.data.records import TextRecord
from attendo.data.rows import Row, cell_text
from attendo.data.settings import DataSettings
from attendo.errors import DataError

_SAMPLE = 1000  # rows by which columns are guessed
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example(TextRecord):
    """A text, perhaps with a second one, its labels, and the characters that decide them where these are known."""

    text: str
    pair: str | None = None
    labels: tuple[str, ...] = ()
    rationale: tuple[tuple[int, int], ...] = ()
    """Spans of `text`, from the first character to the one after the last."""
    path: Path | None = None
    line: int | None = None


@dataclass(kw_only=True)
class ExampleReading(Reading[Example]):
    """The examples of a file and what happened to its other rows."""

    settings: DataSettings
    examples: list[Example] = field(default_factory=list)
    rows: int = 0
    empty: int = 0
    unlabelled: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> list[Example]:
        """The examples."""
        return self.examples

    def notes(self, path: Path) -> list[str]:
        """What was guessed and what was left out, as sentences."""
        notes = [f"{path}: {note}" for note in (self.columns.notes if self.columns else ())]
        notes += [f"{path}: left out {_rows(count)} labelled `{label}`." for label, count in self.skipped.items()]
        if self.unlabelled and self.settings.unlabelled == "skip":
            notes.append(f"{path}: left out {_rows(self.unlabelled)} without a label.")
        if self.settings.label_separator is None:
            note = joined_note({label for example in self.examples for label in example.labels})
            notes += [] if note is None else [f"{path}: {note}"]
        return notes


def read_examples(path: Path | str, settings: DataSettings | None = None) -> list[Example]:
    """Read a labelled file, or a folder of one folder for each class; guesses are logged.

    Raises:
        DataError: the file is missing or empty, or rows of it cannot be used; up to 20 of them are named.
        ConfigError: a column is missing, or cannot be guessed.
    """
    path = Path(path)
    reading = read_file(path, settings or DataSettings())
    examples = reading.sound()
    for note in reading.notes(path):
        _log.info(note)
    return examples


def read_inputs(path: Path | str, settings: DataSettings | None = None) -> Iterator[Example]:
    """Yield the texts of a file of any size, without their labels; the first row that cannot be used is raised."""
    rows, columns = _input_rows(Path(path), settings or DataSettings())
    for row in rows:
        yield Example(*_texts(row, columns), path=row.path, line=row.line)


def read_text_column(path: Path | str, settings: DataSettings | None = None) -> Iterator[Example]:
    """The same of texts alone, whatever stands in other columns."""
    rows, columns = _input_rows(Path(path), settings or DataSettings())
    for row in rows:
        yield Example(_text(row, columns.text), path=row.path, line=row.line)


def _input_rows(path: Path, settings: DataSettings) -> tuple[Iterator[Row], Columns]:
    rows = read_rows(path, format=settings.format, options=settings.read_options)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        raise _nothing_in(path)
    return chain(sample, rows), choose_columns(sample, text=settings.text, pair=settings.pair, labelled=False)


def read_file(path: Path, settings: DataSettings) -> ExampleReading:
    """Read all of a labelled file, gathering its problems instead of raising them."""
    reading = ExampleReading(settings=settings)
    rows = read_rows(
        path, format=settings.format, options=settings.read_options, labelled=True, on_problem=reading.problems.add
    )
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        reading.problems.raise_if_any()
        raise _nothing_in(path)
    reading.columns = choose_columns(sample, text=settings.text, pair=settings.pair, label=settings.label)
    for row in chain(sample, rows):
        _add(reading, row, reading.columns)
    if reading.unlabelled == reading.rows:
        raise DataError(f"no row has a label in column `{reading.columns.label}`.", path=path)
    if not reading.examples and not reading.problems.count:
        raise DataError("every row is left out by `skip_labels` or `unlabelled`.", path=path)
    return reading


def _add(reading: ExampleReading, row: Row, columns: Columns) -> None:
    settings = reading.settings
    reading.rows += 1
    reading.empty += _is_blank(row.values.get(columns.text))
    try:
        labels = _labels(row, columns, settings)
        if labels is None:
            reading.unlabelled += 1
            if settings.unlabelled == "error":
                raise _error(row, f"no label in column `{columns.label}`.")
        elif skipped := set(labels).intersection(settings.skip_labels):
            reading.skipped[min(skipped)] += 1
        else:
            text, pair = _texts(row, columns)
            reading.examples.append(Example(text, pair, labels, _rationale(row, columns, text), row.path, row.line))
    except DataError as problem:
        reading.problems.add(problem)


def _texts(row: Row, columns: Columns) -> tuple[str, str | None]:
    return _text(row, columns.text), None if columns.pair is None else _text(row, columns.pair)


def _text(row: Row, column: str) -> str:
    if column not in row.values:
        raise _error(row, f"the key `{column}` is missing.")
    text = cell_text(row, column)
    if not text.strip():
        raise _error(row, f"the text in column `{column}` is empty.")
    return text


def _labels(row: Row, columns: Columns, settings: DataSettings) -> tuple[str, ...] | None:
    """The labels as they are written; `None` where there are none, but `()` where the row says that none applies."""
    value = None if columns.label is None else row.values.get(columns.label)
    if settings.label_separator is not None and isinstance(value, str):
        value = [part for part in value.split(settings.label_separator) if part.strip()]
    if value is None or value == "" or value != value:  # the last is NaN, the data frame's way to say nothing
        return None
    labels = []
    for label in value if isinstance(value, list) else [value]:
        if not isinstance(label, str | int | float):
            raise _error(row, f"column `{columns.label}` holds {type(label).__name__} where a label was expected.")
        written = str(label).lower() if isinstance(label, bool) else str(label).strip()
        labels.append(written.split(settings.label_until)[0].strip() if settings.label_until else written)
    if labels == [""]:
        return None
    return tuple(dict.fromkeys(labels))


def _rationale(row: Row, columns: Columns, text: str) -> tuple[tuple[int, int], ...]:
    spans = row.values.get(columns.rationale) if columns.rationale else None
    try:
        pairs = tuple((begin, end) for begin, end in spans or ())
        if all(0 <= begin < end <= len(text) for begin, end in pairs):
            return pairs
    except (TypeError, ValueError):
        pass
    raise _error(
        row, f"`{columns.rationale}` must be a list of [begin, end] within the {len(text)} characters of text."
    )


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _error(row: Row, message: str) -> DataError:
    return DataError(message, path=row.path, line=row.line)


def _nothing_in(path: Path) -> DataError:
    size = path.stat().st_size if path.is_file() else 0
    return DataError("it holds no rows." if size else "it is empty.", path=path)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
