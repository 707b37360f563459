"""Files with one word a line, a blank line between sentences, and predicates and roles in columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from attendo.data.frame_formats.marks import EMPTY, Column, bracket_column, head_column
from attendo.data.frame_formats.records import Draft, Frame, Repairs
from attendo.errors import DataError

_TEXT = re.compile(r"#\s*text\s*= ?")


class Line(NamedTuple):
    """A line of a file that is about a word; `number` is counted from 1."""

    number: int
    cells: list[str]


class Block(NamedTuple):
    """The lines of a sentence without its comments, and its text where a comment says it (`# text = …`)."""

    lines: list[Line]
    text: str | None


ColumnReader = Callable[[Sequence[str]], Column]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which column holds what, counted from 0."""

    word: int
    sense: int
    roles: int
    """The first column of roles; each predicate has one, in the order of the predicates."""
    read: ColumnReader
    behind: int = 0
    """How many columns follow those of roles."""
    lemma: int | None = None
    """Where the sense is a number only, the column of the lemma that belongs before it."""
    index: int | None = None
    """The column of the word's number, where it may be a range (`3-4`) or a node without a word (`4.1`)."""
    misc: int | None = None
    """The column that says `SpaceAfter=No`."""


def sentences_of(lines: Iterable[str]) -> Iterator[Block]:
    """The sentences of a file."""
    gathered: list[Line] = []
    text = None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            if not is_comment(line):
                gathered.append(Line(number, cells_of(line)))
            elif said := _TEXT.match(line):
                text = line[said.end() :].rstrip("\r\n")
        elif gathered:
            yield Block(gathered, text)
            gathered, text = [], None
    if gathered:
        yield Block(gathered, text)


def is_comment(line: str) -> bool:
    """Whether a line is about no word; a word may begin with `#` too, but is then followed by columns."""
    if not line.startswith("#"):
        return False
    cells = line.split()
    if len(cells) >= 5 and "*" in cells[2]:
        return False
    return "\t" not in line or " = " in line.split("\t")[0]


def cells_of(line: str) -> list[str]:
    """The columns of a line, parted by tabs, or else by white space."""
    line = line.rstrip("\r\n")
    return [cell.strip() for cell in line.split("\t")] if "\t" in line else line.split()


def read_sentence(rows: list[Line], layout: Layout, path: Path, repairs: Repairs) -> Draft:
    """A sentence of a file with one column for each predicate.

    Raises:
        DataError: if columns are missing, or say what cannot be.
    """
    ranges = [row for row in rows if _is_range(row, layout)]
    rows = [row for row in rows if not _is_range(row, layout)]
    words = [row for row in rows if not _is_node(row, layout)]
    if not words:
        raise DataError("a sentence without a word.", path=path, line=(rows or ranges)[0].number)
    _check_widths(words, layout, path)
    first = words[0].number
    width = max(0, len(words[0].cells) - layout.behind - layout.roles)
    columns = []
    for number in range(layout.roles, layout.roles + width):
        cells = [row.cells[number] for row in words]
        if not any(cells):
            continue  # a tab at the end of each line
        try:
            columns.append(layout.read(cells))
        except ValueError as error:
            raise DataError(f"column {number + 1}: {error}", path=path, line=first) from None
    predicates = _predicates(rows, layout)
    frames = _frames(predicates, columns, path, first, repairs)
    return Draft([row.cells[layout.word] for row in words], frames, first, _blanks(words, ranges, layout))


def _check_widths(words: list[Line], layout: Layout, path: Path) -> None:
    width = len(words[0].cells)
    for row in words:
        if len(row.cells) != width:
            message = (
                f"{len(row.cells)} columns, but the first word of the sentence has {width}; each word needs as many."
            )
            raise DataError(message, path=path, line=row.number)
        if width <= max(layout.word, layout.sense):
            message = f"{width} columns, but the roleset is expected in column {layout.sense + 1}."
            raise DataError(message, path=path, line=row.number)
        if not row.cells[layout.word]:
            raise DataError("the word is empty.", path=path, line=row.number)


class _Predicate(NamedTuple):
    word: int | None
    """`None` where it stands on a node without a word."""
    sense: str | None


def _predicates(rows: list[Line], layout: Layout) -> list[_Predicate]:
    found, word = [], 0
    for row in rows:
        node = _is_node(row, layout)
        cell = row.cells[layout.sense] if layout.sense < len(row.cells) else ""
        if cell not in EMPTY:
            sense = cell if layout.lemma is None else f"{row.cells[layout.lemma]}.{cell}"
            found.append(_Predicate(None if node else word, sense))
        word += not node
    return found


def _frames(
    predicates: list[_Predicate],
    columns: list[Column],
    path: Path,
    line: int,
    repairs: Repairs,
) -> list[Frame]:
    """Match predicates and columns: in order if there are as many of both, else by the words marked as predicates."""
    if len(predicates) == len(columns):
        pairs = list(zip(predicates, columns, strict=True))
    else:
        pairs = _matched(predicates, columns, path, line, repairs)
    frames = []
    for predicate, column in pairs:
        if predicate.word is None:
            repairs["left out {predicate} on nodes that are no words"] += 1
        else:
            frames.append(Frame(predicate.word, predicate.sense, tuple(column.roles)))
    return frames


def _matched(
    predicates: list[_Predicate],
    columns: list[Column],
    path: Path,
    line: int,
    repairs: Repairs,
) -> list[tuple[_Predicate, Column]]:
    by_word = {predicate.word: predicate for predicate in predicates}
    pairs = {}
    for column in columns:
        if not column.roles and not column.marked:
            repairs["left out {column} without a predicate and without a role"] += 1
        elif not column.marked or column.marked[0] in pairs:
            counts = f"{len(columns)} columns of roles, but {len(predicates)} predicates"
            raise DataError(f"{counts}, and no `V` that tells which belong together.", path=path, line=line)
        else:
            word = column.marked[0]
            repairs["took {predicate} without a roleset from a `V`"] += word not in by_word
            pairs[word] = by_word.get(word, _Predicate(word, None)), column
    without = [predicate for predicate in predicates if predicate.word not in pairs]
    repairs["read {predicate} without a column of roles"] += len(without)
    everything = [*pairs.values(), *((predicate, Column([], [])) for predicate in without)]
    return sorted(everything, key=lambda pair: -1 if pair[0].word is None else pair[0].word)


def _is_range(row: Line, layout: Layout) -> bool:
    return layout.index is not None and "-" in row.cells[layout.index]


def _is_node(row: Line, layout: Layout) -> bool:
    return layout.index is not None and "." in row.cells[layout.index]


def _blanks(words: list[Line], ranges: list[Line], layout: Layout) -> list[bool] | None:
    """Behind which words a blank stands; `None` where the file has no column for it."""
    if layout.misc is None or layout.index is None:
        return None
    places = {row.cells[layout.index]: number for number, row in enumerate(words)}
    blanks = [_blank_behind(row, layout.misc) for row in words]
    for row in ranges:
        first, _, last = row.cells[layout.index].partition("-")
        if first in places and last in places:
            inside = range(places[first], places[last])
            parts = "".join(words[number].cells[layout.word] for number in (*inside, places[last]))
            for number in inside:
                blanks[number] = parts != row.cells[layout.word]
            blanks[places[last]] = _blank_behind(row, layout.misc)
    return blanks


def _blank_behind(row: Line, misc: int) -> bool:
    return misc >= len(row.cells) or "SpaceAfter=No" not in row.cells[misc].split("|")


BRACKETS = Layout(word=0, sense=4, roles=5, read=bracket_column)
BRACKETS_WITH_IDS = Layout(word=3, sense=7, roles=8, read=bracket_column)
ONTONOTES = Layout(word=3, sense=7, lemma=6, roles=11, behind=1, read=bracket_column)
HEADS = Layout(index=0, word=1, misc=9, sense=10, roles=11, read=head_column)
SHORT_HEADS = Layout(index=0, word=1, sense=9, roles=10, read=head_column)
