"""Texts with what is to be written from them: out of two files, a table or a translation memory.

Everything wrong with a file is said at once. Pairs without one of their texts are left out and counted; nothing moves
up to fill their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np

from attendo.data.columns import Columns
from attendo.data.encodings import read_fed_lines
from attendo.data.formats import detect_format
from attendo.data.parallel_rows import find_document, read_side_rows, values_of
from attendo.data.parallel_settings import ParallelDataSettings
from attendo.data.readings import Reading
from attendo.data.rows import Problems, Row, cell_text, stop_at_first
from attendo.data.side_files import choose_side_files, find_side_files, is_one_side, read_side_files
from attendo.data.sides import Sides, choose_sides, choose_source
from attendo.data.source_target import SourceTarget
from attendo.errors import DataError

_SAMPLE = 1000  # rows by which sides are guessed
_FEW = 5  # targets that may be equal to their sources, such as names, without a word
_UNEVEN = 4.0  # times as long or as short as is usual for its source
_SHORT = 30  # characters; of shorter texts such a ratio says nothing


@dataclass
class Count:
    """How many lines there were of a kind, and the first of them."""

    number: int = 0
    first: int | None = None

    def add(self, line: int | None) -> None:
        """One more."""
        self.first = self.first if self.number else line
        self.number += 1

    def said(self, one: str, many: str) -> str:
        """How many there are and where the first is."""
        return f"{one if self.number == 1 else f'{self.number:,} {many}'}, the first on line {self.first}."


@dataclass(kw_only=True)
class ParallelReading(Reading[SourceTarget]):
    """The pairs of a file, or of two, and what happened to their other lines."""

    sides: Sides
    pairs: list[SourceTarget] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    without_target: Count = field(default_factory=Count)
    without_source: Count = field(default_factory=Count)
    blank: Count = field(default_factory=Count)
    same: Count = field(default_factory=Count)
    """Targets that are equal to their sources."""
    uneven: Count = field(default_factory=Count)
    """Targets that are far longer or shorter than others of such sources."""

    @property
    def records(self) -> list[SourceTarget]:
        """The pairs."""
        return self.pairs

    def notes(self, path: Path) -> list[str]:
        """What was guessed, what was left out, and what is odd, as sentences."""
        notes = [*self.sides.notes, *self.said]
        if self.without_target.number:
            notes.append(f"Left out {self.without_target.said('1 pair without a target', 'pairs without a target')}")
        if self.without_source.number:
            notes.append(f"Left out {self.without_source.said('1 pair without a source', 'pairs without a source')}")
        if self.blank.number:
            notes.append(f"Left out {self.blank.said('1 pair of empty texts', 'pairs of empty texts')}")
        if self.same.number > _FEW:
            notes.append(self.same.said("", "targets are equal to their sources"))
        if self.uneven.number:
            length = "far longer or shorter than others of such sources"
            notes.append(self.uneven.said(f"1 target is {length}", f"targets are {length}"))
        return [f"{path}: {note}" for note in notes]


def read_parallel(
    path: Path | str, settings: ParallelDataSettings | None = None, *, before: Sides | None = None
) -> ParallelReading:
    """Read all pairs of a table, of two files whose lines belong together, or of a translation memory.

    Args:
        path: a table, one of two files such as `train.en` and `train.de`, or what both share, `train`.
        before: the sides of an earlier file, for one that is to be read in the same direction.

    Raises:
        DataError: a file is missing or empty, its lines have no partners, or one side is empty or equal to the other.
        ConfigError: a side is missing, or several could be meant.
    """
    path, settings = Path(path), settings or ParallelDataSettings()
    files = find_side_files(path, settings)
    reading = _of_table(path, settings, before) if files is None else _of_files(files, path, settings, before)
    _refuse_useless(reading, path)
    if not settings.shorter_target:  # of a summary any length may be right
        _find_uneven(reading)
    return reading


def read_sources(
    path: Path | str, settings: ParallelDataSettings | None = None, *, before: Sides | None = None
) -> Iterator[SourceTarget]:
    """Yield the sources of a file of any size, without targets, also blank ones, so that they and lines correspond.

    Blank lines of tables and of JSON Lines are no rows.

    Raises:
        DataError: the file is missing, or a row holds something else than a text.
        ConfigError: a column is missing, or several could be meant.
    """
    path, settings = Path(path), settings or ParallelDataSettings()
    files = None if path.exists() else find_side_files(path, settings)
    if files is not None:
        path = files[choose_side_files(files, path, settings, before).source]
    if is_one_side(path, settings) or _is_plain(path, settings):
        for number, line in enumerate(read_fed_lines(path, settings.encoding), start=1):
            yield settings.record(line, path=path, line=number)
        return
    rows = read_side_rows(path, settings, stop_at_first)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        raise DataError("it holds no texts.", path=path)
    values = values_of(sample)
    document, _ = find_document(values, path, settings)
    column = choose_source({name: each for name, each in values.items() if name != document}, path, settings, before)
    for row in chain(sample, rows):
        part_of = None if document is None else cell_text(row, document) or None
        yield settings.record(cell_text(row, column), document=part_of, path=row.path, line=row.line)


def _of_files(
    files: Mapping[str, Path], path: Path, settings: ParallelDataSettings, before: Sides | None
) -> ParallelReading:
    sides = choose_side_files(files, path, settings, before)
    source, target = files[sides.source], files[sides.target]
    ours, theirs, surplus = read_side_files(source, target, settings.encoding)
    names = tuple(files)
    reading = ParallelReading(sides=sides, columns=Columns(text=sides.source, pair=sides.target, names=names))
    if surplus:
        reading.said.append(f"One file ends in {surplus:,} more blank lines than the other; they are left aside.")
    for number, (text, written) in enumerate(zip(ours, theirs, strict=True), start=1):
        _add(reading, settings.record(text, written, None, source, number))
    return reading


def _of_table(path: Path, settings: ParallelDataSettings, before: Sides | None) -> ParallelReading:
    problems = Problems()
    rows = read_side_rows(path, settings, problems.add)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        problems.raise_if_any()
        size = path.stat().st_size if path.is_file() else 0
        raise DataError("it holds no rows." if size else "it is empty.", path=path)
    values = values_of(sample)
    document, notes = find_document(values, path, settings)
    texts = {name: each for name, each in values.items() if name != document}
    sides = choose_sides(texts, path, settings, before)
    columns = Columns(text=sides.source, pair=sides.target, names=tuple(values))
    reading = ParallelReading(problems=problems, sides=sides, columns=columns, said=notes)
    unused = [f"`{name}`" for name in texts if name not in (sides.source, sides.target)]
    if unused:
        reading.said.append(f"Not used: {'column' if len(unused) == 1 else 'columns'} {', '.join(unused)}.")
    for row in chain(sample, rows):
        try:
            _add(reading, _pair(row, sides, document, settings))
        except DataError as problem:
            reading.problems.add(problem)
    return reading


def _pair(row: Row, sides: Sides, document: str | None, settings: ParallelDataSettings) -> SourceTarget:
    text, target = cell_text(row, sides.source), cell_text(row, sides.target)
    part_of = None if document is None else cell_text(row, document) or None
    return settings.record(text, target, part_of, row.path, row.line)


def _add(reading: ParallelReading, pair: SourceTarget) -> None:
    source, target = pair.key
    if not source or not target:
        kind = reading.without_target if source else reading.without_source if target else reading.blank
        kind.add(pair.line)
        return
    if source == target:
        reading.same.add(pair.line)
    reading.pairs.append(pair)


def _refuse_useless(reading: ParallelReading, path: Path) -> None:
    """Raise where one side is empty, or says what the other says."""
    if reading.problems.count:
        return
    if not reading.pairs:
        empty = "source" if reading.without_source.number else "target"
        named = f"no row has a {empty}: `{getattr(reading.sides, empty)}` is empty."
        both = reading.without_source.number and reading.without_target.number
        nothing = not reading.without_source.number and not reading.without_target.number
        raise DataError("no row has both a source and a target." if both or nothing else named, path=path)
    if reading.same.number == len(reading.pairs) > 1:
        raise DataError(
            f"each target is the same as its source; was `{reading.sides.source}` copied to `{reading.sides.target}`?",
            path=path,
        )


def _find_uneven(reading: ParallelReading) -> None:
    """Count targets whose length does not fit that of their source, by the usual ratio of both."""
    if not reading.pairs:
        return
    lengths = np.array([(len(pair.text.strip()), len(pair.target.strip())) for pair in reading.pairs], dtype=np.float64)
    ratio = np.median(lengths[:, 1] / lengths[:, 0])
    expected = lengths[:, 0] * ratio
    factor = np.maximum(lengths[:, 1] / expected, expected / lengths[:, 1])
    odd = (factor > _UNEVEN) & (np.maximum(lengths[:, 0], lengths[:, 1]) > _SHORT)
    for place in np.flatnonzero(odd).tolist():
        reading.uneven.add(reading.pairs[place].line)


def _is_plain(path: Path, settings: ParallelDataSettings) -> bool:
    """Whether there is a text on each line, and nothing else."""
    kinds = ("lines", "labelled") if settings.format is None and settings.source is None else ("lines",)
    return detect_format(path, format=settings.format, options=settings.read_options) in kinds
