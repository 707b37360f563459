"""Texts whose likeness is learned: pairs with a number, pairs that mean the same, or texts by themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from attendo.data.columns import Columns, choose_columns
from attendo.data.examples import read_inputs
from attendo.data.formats import read_rows
from attendo.data.readings import Reading
from attendo.data.records import TextRecord
from attendo.data.rows import Row
from attendo.data.settings import DataSettings
from attendo.errors import ConfigError, DataError

SCORE_NAMES = (
    *("relatednessscore", "similarity", "similarityscore", "relatedness", "sim", "score", "goldscore", "sts"),
    *("相似度", "相关度", "得分", "分数"),
)
"""What columns are called that say how alike two texts are."""

SAME_LABELS = (
    *("entailment", "same", "duplicate", "paraphrase", "equivalent", "similar", "yes", "true", "positive"),
    *("相同", "相似", "同义", "蕴含", "是"),
)
"""Labels that say that two texts mean the same."""

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
    column = _ValueColumn.find(sample, columns, settings, reading.said)
    reading.columns = replace(columns, label=column.name if column else None)
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


@dataclass(frozen=True)
class _ValueColumn:
    """The column that says how alike two texts are: by a number, or by a label of which one means the same."""

    name: str
    same: str | None = None

    @classmethod
    def find(
        cls, sample: Sequence[Row], columns: Columns, settings: PairDataSettings, said: list[str]
    ) -> _ValueColumn | None:
        """The column, if there is one, and what was guessed of it."""
        if columns.pair is None:
            if settings.label is not None:
                said.append(f"`{settings.label}` is left aside: a single text is not like another.")
            return None
        name = _named(sample, columns, settings)
        if name is None:
            return None
        values = _known(sample, name)
        if all(_number(value) is not None for value in values) and settings.same is None:
            said.extend([] if settings.label is not None else [f"Guessed: likeness is column `{name}`."])
            return cls(name)
        labels = sorted({str(value).strip() for value in values})
        same = settings.same or next((each for each in labels if each.lower() in SAME_LABELS), None)
        if same is not None and (settings.same is None or same in labels):
            said.append(f"Label `{same}` of column `{name}` is taken for the same meaning, every other for another.")
            return cls(name, same)
        if settings.label is None and settings.same is None:
            return None  # it is about something else
        found = ", ".join(f"`{label}`" for label in labels[:5])
        raise ConfigError(
            f"`same` must name the label of column `{name}` that says that both texts mean the same, but is "
            f"{settings.same or 'open'}. The column holds {found}."
        )

    def value(self, row: Row) -> float | None:
        """How alike the texts of a row are; None where nothing is said.

        Raises:
            DataError: if it is no number, and should be.
        """
        given = row.values.get(self.name)
        if given is None or given != given or str(given).strip() == "":
            return None
        if self.same is not None:
            return float(str(given).strip() == self.same)
        number = _number(given)
        if number is None:
            message = f"column `{self.name}` holds `{given}` where a number was expected."
            raise DataError(message, path=row.path, line=row.line)
        return number


def _named(sample: Sequence[Row], columns: Columns, settings: PairDataSettings) -> str | None:
    """The column that is given, or named or filled like a score, or looks like a label."""
    texts = {"text": columns.text, "pair": columns.pair}
    if settings.label is not None:
        return choose_columns(sample, label=settings.label, **texts).label
    free = [name for name in columns.names if name not in texts.values()]
    numbers = [name for name in free if _known(sample, name) and all(map(_is_number, _known(sample, name)))]
    for name in numbers:
        if "".join(c for c in name.lower() if c not in " _-.") in SCORE_NAMES:
            return name
    broken = [name for name in numbers if any(not float(value).is_integer() for value in _known(sample, name))]
    if len(broken) == 1:
        return broken[0]
    try:
        return choose_columns(sample, **texts).label
    except ConfigError:
        return None


def _known(sample: Sequence[Row], name: str) -> list[Any]:
    values = (row.values.get(name) for row in sample)
    return [value for value in values if value is not None and value == value and str(value).strip() != ""]


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _is_number(value: Any) -> bool:
    return _number(value) is not None


def _add(
    reading: PairReading, row: Row, columns: Columns, column: _ValueColumn | None, settings: PairDataSettings
) -> None:
    try:
        value = None if column is None else column.value(row)
        if column is not None and str(row.values.get(column.name)).strip() in settings.skip_labels:
            reading.left_out += 1
            return
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
    value = row.values.get(column)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise DataError(f"the text in column `{column}` is empty.", path=row.path, line=row.line)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what = type(value).__name__
        raise DataError(f"column `{column}` holds {what} where a text was expected.", path=row.path, line=row.line)
    return str(value)
