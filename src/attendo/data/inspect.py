"""What is in the user's data and what looks wrong, as numbers and sentences; never stops at the first mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attendo.data.checks import contradicting, repeated
from attendo.data.columns import Columns
from attendo.data.encodings import detect_encoding
from attendo.data.examples import Example, ExampleReading, read_file
from attendo.data.formats import FORMATS, detect_format
from attendo.data.records import AnyRecord, noun_of
from attendo.data.sets import Splits, find_splits
from attendo.data.settings import DataSettings
from attendo.data.signs import count_units, script_shares, suspicions
from attendo.data.splits import Meaning, later_settings
from attendo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """How long texts are."""

    median: int
    most: int
    """95 % are not longer."""
    longest: int


@dataclass(frozen=True, kw_only=True)
class SetReport:
    """One file, or folder of class folders."""

    name: str
    """`train`, `dev` or `test`; a single file is all `train`."""
    path: Path
    format: str | None = None
    encoding: str | None = None
    columns: Columns | None = None
    rows: int = 0
    """All rows, also those that cannot be used."""
    examples: int = 0
    """The rows that can be used."""
    empty: int = 0
    unlabelled: int = 0
    skipped: int = 0
    """Rows left out because of their label."""


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """Numbers and sentences about labelled data; counts are over all sets together."""

    sets: tuple[SetReport, ...]
    classes: Mapping[str, int]
    """How many examples have each label, the largest class first."""
    characters: Lengths | None
    """Lengths in characters; `None` where nothing could be read, as for the next field."""
    units: Lengths | None
    """Lengths in words and, in Chinese, Japanese and Korean, characters."""
    scripts: Mapping[str, float]
    """Share of each script among the letters."""
    duplicates: int
    conflicts: int
    """Those that occur with different labels."""
    notes: tuple[str, ...]
    """What was guessed or left out."""
    warnings: tuple[str, ...]
    """What looks wrong."""
    problems: tuple[str, ...]
    """What stops a training run."""
    noun: str = "text"
    """What the records are called."""

    @property
    def shares(self) -> dict[str, float]:
        """Part of the examples that has each label; they add up to more than 1 where texts have several."""
        total = sum(one.examples for one in self.sets)
        return {label: count / total for label, count in self.classes.items()}

    @property
    def imbalance(self) -> float:
        """The largest class as a multiple of the smallest."""
        return max(self.classes.values()) / min(self.classes.values()) if self.classes else 1.0


def inspect_data(
    data: Path | str,
    settings: DataSettings | None = None,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
) -> DataReport:
    """Look at what `load_splits` would read, listing what is wrong with it instead of raising."""
    found = _Findings(settings or DataSettings())
    try:
        paths = find_splits(data, dev=dev, test=test)
    except InputError as error:
        found.problems.append(str(error))
    else:
        for name, path in paths.items():
            found.look_at(name, path)
    examples = [example for members in found.examples.values() for example in members]
    classes = Counter(label for example in examples for label in example.labels)
    return DataReport(
        sets=tuple(found.sets),
        classes=dict(classes.most_common()),
        characters=_lengths(list(map(len, _all_texts(examples)))),
        units=_lengths(list(map(count_units, _all_texts(examples)))),
        scripts=script_shares(_all_texts(examples)),
        duplicates=len(repeated(examples)),
        conflicts=len(contradicting(examples)),
        notes=tuple(found.notes),
        warnings=(
            *found.meaning.compare(found.examples),
            *(() if found.meaning.numbers else _imbalance_notes(classes)),
            *suspicions(examples),
        ),
        problems=tuple(found.problems),
        noun=noun_of(examples),
    )


def describe_splits(splits: Splits[AnyRecord], data: Path | str) -> DataReport:
    """The same of sets that were read for a task: these stand in the report as they would be learned from.

    Args:
        data: where they were read from.
    """
    sets = splits.present()
    records = [record for each in sets.values() for record in each]
    texts = [text for record in records for text in record.key if text]
    return DataReport(
        sets=tuple(
            SetReport(name=name, path=Path(data), columns=splits.columns, rows=len(each), examples=len(each))
            for name, each in sets.items()
        ),
        classes=dict(Counter(label for record in records for label in record.labels).most_common()),
        characters=_lengths(list(map(len, texts))),
        units=_lengths(list(map(count_units, texts))),
        scripts=script_shares(texts),
        duplicates=len(repeated(records)),
        conflicts=len(contradicting(records)),
        notes=splits.notes,
        warnings=splits.warnings,
        problems=(),
        noun=noun_of(records),
    )


class _Findings:
    """What was found so far; each set is read with the columns of the first."""

    def __init__(self, settings: DataSettings) -> None:
        self.settings = settings
        self.sets: list[SetReport] = []
        self.examples: dict[str, list[Example]] = {}
        self.notes: list[str] = []
        self.problems: list[str] = []
        self.meaning = Meaning(settings)

    def look_at(self, name: str, path: Path) -> None:
        report = SetReport(name=name, path=path)
        try:
            report = replace(report, **_written(path, self.settings))
            reading = read_file(path, self.settings)
            self.problems += reading.problems.sentences()
            self._take(name, path, reading)
            report = _counted(report, reading)
            if name == "train":
                self.meaning.check(reading.examples, path)
                self.notes += self.meaning.notes
        except InputError as error:
            self.problems.append(str(error))
        self.sets.append(report)

    def _take(self, name: str, path: Path, reading: ExampleReading) -> None:
        self.examples[name] = reading.examples
        self.notes += reading.notes(path)
        if reading.columns is not None and len(self.examples) == 1:
            self.settings = later_settings(self.settings, reading.columns)


def _written(path: Path, settings: DataSettings) -> dict[str, str | None]:
    format = detect_format(path, format=settings.format, options=settings.read_options, labelled=True)
    if not FORMATS[format].is_text:
        return {"format": format}
    return {"format": format, "encoding": settings.encoding or detect_encoding(path)}


def _counted(report: SetReport, reading: ExampleReading) -> SetReport:
    return replace(
        report,
        columns=reading.columns,
        rows=reading.rows,
        examples=len(reading.examples),
        empty=reading.empty,
        unlabelled=reading.unlabelled,
        skipped=reading.skipped.total(),
    )


def _all_texts(examples: Sequence[Example]) -> list[str]:
    pairs = [example.pair for example in examples if example.pair is not None]
    return [example.text for example in examples] + pairs


def _lengths(numbers: list[int]) -> Lengths | None:
    if not numbers:
        return None
    numbers.sort()
    at = [numbers[min(len(numbers) - 1, int(share * len(numbers)))] for share in (0.5, 0.95)]
    return Lengths(median=at[0], most=at[1], longest=numbers[-1])


def _imbalance_notes(classes: Counter[str]) -> list[str]:
    if len(classes) < 2:
        return []
    (large, most), *_, (small, least) = classes.most_common()
    if most < 10 * least:
        return []
    return [f"The classes are of unlike size: {most:,} examples are labelled `{large}` and {least:,} `{small}`."]
