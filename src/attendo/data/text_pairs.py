"""Texts whose likeness is learned: pairs with a number, pairs that mean the same, or texts by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from attendo.data.columns import Columns, choose_columns
from attendo.data.examples import read_inputs
from attendo.data.formats import read_rows
from attendo.data.likeness import LikenessColumn
from attendo.data.readings import Reading
from attendo.data.records import TextRecord
from attendo.data.rows import Row, cell_text
from attendo.data.settings import DataSettings
from attendo.errors import DataError

_SAMPLE = 1000  # rows by which columns are guessed

PairKind = Literal["numbers", "pairs", "texts"]


@dataclass(frozen=True, kw_only=True)
class PairDataSettings(DataSettings):
    """How pairs of texts, or texts by themselves, are read."""

    same: str | None = None
    """The label that says that both texts mean the same, where labels are no numbers. Open: one such as `entailment`
    or `duplicate`."""


@dataclass(frozen=True, slots=True)
class TextPair(TextRecord):
    """A text, perhaps with a second one, and how alike they are; without a number, a pair means the same."""

    text: str
    pair: str | None = None
    value: float | None = None
    path: Path | None = None
    line: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """There are no classes."""
        return ()


@dataclass(kw_only=True)
class PairReading(Reading[TextPair]):
    """The texts of a file, and what happened to its other rows."""

    pairs: list[TextPair] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    left_out: int = 0

    @property
    def records(self) -> list[TextPair]:
        """The texts, alone or in pairs."""
        return self.pairs

    def notes(self, path: Path) -> list[str]:
        """What was guessed, what was left out, and what the texts are, as sentences."""
        notes = [f"{path}: {note}" for note in (*(self.columns.notes if self.columns else ()), *self.said)]
        if self.left_out:
            notes.append(f"{path}: left out {self.left_out:,} rows by their label, or for having none.")
        return [*notes, f"{path}: {_WHAT[kind_of(self.pairs)]}."]


_WHAT = {
    "numbers": "pairs of texts, and a number that says how alike they are",
    "pairs": "pairs of texts that mean the same",
    "texts": "texts by themselves",
}


def kind_of(pairs: Sequence[TextPair]) -> PairKind:
    """What is known of texts: how alike two are, that two mean the same, or nothing."""
    if any(each.value is not None for each in pairs):
        return "numbers"
    return "pairs" if any(each.pair is not None for each in pairs) else "texts"


def read_pairs(path: Path | str, settings: PairDataSettings | None = None) -> PairReading:
    """Read all of a file, gathering its problems instead of raising them.

    Raises:
        DataError: if the file holds nothing.
        ConfigError: if a column is missing, or its labels say nothing of likeness.
    """
    path, settings = Path(path), settings or PairDataSettings()
    reading = PairReading()
    rows = read_rows(path, format=settings.format, options=settings.read_options, on_problem=reading.problems.add)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        reading.problems.raise_if_any()
        size = path.stat().st_size if path.is_file() else 0
        raise DataError("it holds no rows." if size else "it is empty.", path=path)
    columns = choose_columns(sample, text=settings.text, pair=settings.pair, labelled=False)
    column = LikenessColumn.find(
        sample, columns, label=settings.label, same=settings.same, skipped=settings.skip_labels, said=reading.said
    )
    reading.columns = replace(columns, label=column.name if column else None)
    used = {columns.text, columns.pair, reading.columns.label}
    if unused := [f"`{name}`" for name in columns.names if name not in used]:
        reading.said.append(f"Not used: {'column' if len(unused) == 1 else 'columns'} {', '.join(unused)}.")
    for row in chain(sample, rows):
        _add(reading, row, columns, column, settings)
    if not reading.pairs and not reading.problems.count:
        raise DataError("every row is left out by `skip_labels`, `unlabelled` or for having no number.", path=path)
    values = {each.value for each in reading.pairs}
    if len(values) == 1 and values != {None} and column is not None:
        reading.said.append(f"Column `{column.name}` says the same of all rows, and is left aside.")
        reading.pairs = [replace(each, value=None) for each in reading.pairs]
    return reading


def read_pair_inputs(path: Path, settings: DataSettings | None = None) -> Iterator[TextPair]:
    """The texts of a file of any size, or the pairs where it has them, without what is right."""
    for each in read_inputs(path, settings):
        yield TextPair(each.text, each.pair, None, each.path, each.line)


def read_passages(path: Path, settings: DataSettings | None = None) -> Iterator[TextPair]:
    """The texts of a file of any size by themselves, to be searched; empty ones are left out.

    Raises:
        DataError: if the file holds nothing, or a row no text.
    """
    settings = settings or DataSettings()
    rows = read_rows(path, format=settings.format, options=settings.read_options)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        raise DataError("it holds no texts.", path=path)
    column = choose_columns(sample, text=settings.text, labelled=False).text
    for row in chain(sample, rows):
        value = row.values.get(column)
        if value is not None and str(value).strip():
            yield TextPair(_text(row, column), None, None, row.path, row.line)


def _add(
    reading: PairReading, row: Row, columns: Columns, column: LikenessColumn | None, settings: PairDataSettings
) -> None:
    try:
        if column is not None and str(row.values.get(column.name)).strip() in settings.skip_labels:
            reading.left_out += 1
            return
        value = None if column is None else column.value(row)
        if column is not None and value is None:
            if settings.unlabelled == "error":
                raise DataError(f"nothing stands in column `{column.name}`.", path=row.path, line=row.line)
            reading.left_out += 1
            return
        pair = None if columns.pair is None else _text(row, columns.pair)
        reading.pairs.append(TextPair(_text(row, columns.text), pair, value, row.path, row.line))
    except DataError as problem:
        reading.problems.add(problem)


def _text(row: Row, column: str) -> str:
    text = cell_text(row, column)
    if not text.strip():
        raise DataError(f"the text in column `{column}` is empty.", path=row.path, line=row.line)
    return text
