"""The sets of a labelled corpus: columns are guessed in the first file, and the same in those after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from attendo.data.checks import check_classes, comparison_notes
from attendo.data.columns import Columns
from attendo.data.examples import Example, ExampleReading, read_file
from attendo.data.formats import read_rows
from attendo.data.numbers import check_mostly_numbers, check_numbers, look_like_numbers, numbers_note
from attendo.data.sets import Splits, find_splits, load_sets
from attendo.data.settings import DataSettings

_PEEK = 100  # rows that show which columns a file has


def load_splits(
    data: Path | str,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    settings: DataSettings | None = None,
) -> Splits[Example]:
    """Read the data of a training run.

    Args:
        data: a labelled file, a folder with train, dev and test sets, or a folder of one folder for each class. A dev
            set that is missing is cut from the training set, and then a missing test set too.

    Raises:
        DataError: a file cannot be used, or the training set cannot be learnt from.
        ConfigError: a column is missing, or cannot be guessed.
    """
    settings = settings or DataSettings()
    meaning = Meaning(settings)
    paths = find_splits(data, dev=dev, test=test)
    read = _SameColumns(settings).read
    splits = load_sets(paths, read, settings, meaning.check, meaning.compare, lambda: not meaning.numbers)
    return replace(splits, numbers=meaning.numbers, notes=(*splits.notes, *meaning.notes))


class Meaning:
    """Whether labels are numbers or classes, as the settings say or the training set shows, and what follows."""

    def __init__(self, settings: DataSettings) -> None:
        self._asked = settings.numbers
        self.numbers = False
        self.notes: list[str] = []

    def check(self, examples: Sequence[Example], path: Path) -> None:
        self.numbers = look_like_numbers(examples) if self._asked is None else self._asked
        if not self.numbers:
            if self._asked is None:
                check_mostly_numbers(examples, path)
            check_classes(examples, path)
            return
        check_numbers(examples, path)
        self.notes.append(numbers_note(examples, path, asked=self._asked is not None))

    def compare(self, sets: Mapping[str, Sequence[Example]]) -> list[str]:
        return comparison_notes(sets, classes=not self.numbers)


class _SameColumns:
    """Reads one file after the other; what the first taught about columns holds for all."""

    def __init__(self, settings: DataSettings) -> None:
        self._settings = settings
        self._columns: Columns | None = None

    def read(self, path: Path) -> ExampleReading:
        reading = read_file(path, self._settings)
        if self._columns is None and reading.columns is not None:
            self._columns = reading.columns
            self._settings = later_settings(self._settings, reading.columns)
        return reading


def later_settings(settings: DataSettings, columns: Columns) -> DataSettings:
    """The settings for the sets after the first, so that nothing is guessed twice."""
    header = False if columns.numbered and settings.header is None else settings.header
    return replace(settings, text=columns.text, pair=columns.pair, label=columns.label, header=header)


AnySettings = TypeVar("AnySettings", bound=DataSettings)


def familiar_settings(
    settings: AnySettings, path: Path, before: Mapping[str, str | None], *, labelled: bool = True
) -> AnySettings:
    """The settings with the columns of an earlier file, where this one has them and none are given.

    Args:
        before: the earlier columns by what they held: `text`, `pair`, `label`. The texts go together.
        labelled: whether rows must have labels.
    """
    given = {role: getattr(settings, role) for role in ("text", "pair", "label")}
    taken = {str(column) for column in given.values() if column is not None}
    spare = _column_names(path, settings, labelled) - taken
    for roles in (("text", "pair"), ("label",)):
        known = {role: before[role] for role in roles if before.get(role) is not None}
        if all(given[role] is None for role in roles) and spare.issuperset(known.values()):
            settings = replace(settings, **known)
    return settings


def _column_names(path: Path, settings: DataSettings, labelled: bool) -> set[str]:
    """The columns of a file's first rows; what is wrong with it is said when it is read."""
    options = settings.read_options
    rows = read_rows(path, format=settings.format, options=options, labelled=labelled, on_problem=lambda _: None)
    return {name for row in islice(rows, _PEEK) for name in row.values}
