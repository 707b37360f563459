"""Which formats of sentences with frames there are, and which one a file is in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from attendo.data.encodings import read_lines
from attendo.data.formats.json_lines import read_json_lines
from attendo.data.frame_formats import columns
from attendo.data.frame_formats.columns import Layout, cells_of, is_comment, sentences_of
from attendo.data.frame_formats.json_frames import read_object
from attendo.data.frame_formats.records import Draft, Repairs
from attendo.data.frame_formats.spans import global_columns, read_spans
from attendo.data.rows import OnProblem, ReadOptions
from attendo.errors import DataError

FRAME_SUFFIXES = (
    *(".conll", ".conllu", ".conllup", ".conll05", ".conll09", ".conll12", ".gold_conll", ".v4_gold_conll", ".props"),
    *(".txt", ".tsv", ".jsonl", ".ndjson", ".json"),
)
"""What files of sentences with frames are called."""

_SAMPLE = 2000  # lines by which a format is told
_NUMBER = re.compile(r"\d+([-.]\d+)?")
_TAG = re.compile(r"O|[BIESLU]-\S+")


class Source(NamedTuple):
    """A file to be read; one that is not `labelled` may have predicates, or sentences, alone."""

    path: Path
    encoding: str | None = None
    labelled: bool = True


Drafts = Callable[[Source, Repairs, OnProblem], Iterator[Draft]]


@dataclass(frozen=True)
class FrameFormat:
    """A format: its name in settings, what it looks like, and how it is read."""

    name: str
    looks: str
    read: Drafts
    fits: Callable[[list[str], list[list[str]]], bool]
    """Asked of the first lines, and of the columns of those that are about words."""


def detect_frame_format(path: Path, encoding: str | None = None) -> FrameFormat:
    """Tell a file's format by its first lines.

    Raises:
        DataError: it is of no format with roles; if it is known of which task it is, that is named.
    """
    lines = list(islice(read_lines(path, encoding), _SAMPLE))
    rows = [cells_of(line) for line in lines if line.strip() and not is_comment(line)]
    if not rows:
        raise DataError("there is nothing in it.", path=path)
    for format in FRAME_FORMATS.values():
        if format.fits(lines, rows):
            return format
    raise DataError(f"no predicates and roles are in it; {_meant(rows, lines)}", path=path)


def frame_format_of_inputs(path: Path, encoding: str | None = None) -> FrameFormat | None:
    """The format of a file whose roles are to be found; `None` for plain text, a sentence a line.

    Raises:
        DataError: the file is missing or empty.
    """
    lines = list(islice(read_lines(path, encoding), _SAMPLE))
    rows = [cells_of(line) for line in lines if line.strip()]
    if not rows:
        raise DataError("there is nothing in it.", path=path)
    if "text" in _first_object(lines):
        return FRAME_FORMATS["jsonl"]
    rows = [cells_of(line) for line in lines if line.strip() and not is_comment(line)] or rows
    return next((format for format in FRAME_FORMATS.values() if format.fits(lines, rows)), None)


def _in_columns(layout: Layout, source: Source, repairs: Repairs, told: OnProblem) -> Iterator[Draft]:
    for rows, text in sentences_of(read_lines(source.path, source.encoding)):
        try:
            yield columns.read_sentence(rows, layout, source.path, repairs).placed_in(text)
        except DataError as problem:
            told(problem)


def _in_spans(source: Source, repairs: Repairs, told: OnProblem) -> Iterator[Draft]:
    names = global_columns(list(islice(read_lines(source.path, source.encoding), _SAMPLE)))
    if names is None:
        raise DataError("it has no line `# global.columns = ID FORM …`.", path=source.path)
    for rows, text in sentences_of(read_lines(source.path, source.encoding)):
        try:
            yield read_spans(rows, names, source.path, repairs).placed_in(text)
        except DataError as problem:
            told(problem)


def _in_objects(source: Source, repairs: Repairs, told: OnProblem) -> Iterator[Draft]:
    for row in read_json_lines(source.path, ReadOptions(encoding=source.encoding), told):
        try:
            yield read_object(row.values, source.path, row.line, labelled=source.labelled)
        except DataError as problem:
            told(problem)


def _first_object(lines: list[str]) -> dict[str, object]:
    try:
        values = json.loads(next(line for line in lines if line.strip()))
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _has_objects(lines: list[str], rows: list[list[str]]) -> bool:
    values = _first_object(lines)
    return "frames" in values or isinstance(values.get("words"), list)


def _has_names(lines: list[str], rows: list[list[str]]) -> bool:
    return global_columns(lines) is not None


def _has_brackets(lines: list[str], rows: list[list[str]]) -> bool:
    if not _mostly(rows, lambda row: len(row) >= 5) or _counted(rows, 0) or rows[0][0].startswith("{"):
        return False
    return _mostly(rows, lambda row: "*" in row[2]) or any("*" in cell for row in rows[:20] for cell in row[5:])


def _has_ids_and_brackets(lines: list[str], rows: list[list[str]]) -> bool:
    return _counted(rows, 2) and _mostly(rows, lambda row: len(row) >= 8 and "*" in row[5])


def _is_ontonotes(lines: list[str], rows: list[list[str]]) -> bool:
    senses = {row[7] for row in rows if len(row) > 7} - {"-"}
    numbers = all(sense.isdigit() for sense in senses)
    return _has_ids_and_brackets(lines, rows) and numbers and _mostly(rows, lambda row: len(row) >= 12)


def _has_heads(lines: list[str], rows: list[list[str]]) -> bool:
    return _counted(rows, 0) and _mostly(rows, lambda row: len(row) >= 11)


def _has_short_heads(lines: list[str], rows: list[list[str]]) -> bool:
    def marked(row: list[str]) -> bool:
        return len(row) >= 10 and row[8] in ("Y", "_")

    return _counted(rows, 0) and _mostly(rows, marked) and any(row[8:9] == ["Y"] for row in rows)


def _counted(rows: list[list[str]], column: int) -> bool:
    """Whether a column numbers the words of each sentence."""
    numbers = [row[column] for row in rows if len(row) > column]
    right = sum(_NUMBER.fullmatch(number) is not None for number in numbers)
    return not {"0", "1"}.isdisjoint(numbers) and right >= 0.8 * len(rows)


def _mostly(rows: list[list[str]], holds: Callable[[list[str]], bool]) -> bool:
    """Whether it holds for nearly all: a few broken lines are to be named, not to hide what the file is."""
    return sum(len(row) > 2 and holds(row) for row in rows) >= 0.8 * len(rows)


def _meant(rows: list[list[str]], lines: list[str]) -> str:
    first = next(line for line in lines if line.strip()).strip()
    if first.startswith(("{", "[")) and any('"paragraphs"' in line or '"question"' in line for line in lines):
        return "it holds questions and answers. Did you mean the task `answer`?"
    if len(rows[0]) > 1 and all(_TAG.fullmatch(row[-1]) for row in rows[:50]):
        return "it holds one tag for each word. Did you mean the task `tag`?"
    if _counted(rows, 0) and len(rows[0]) == 10:
        return "it is CoNLL-U without columns for them. Did you mean the task `tag`?"
    if "\t" in first or "label" in first.lower():
        return "it looks like labelled texts. Did you mean the task `classify`?"
    return f"known are {'; '.join(format.looks for format in FRAME_FORMATS.values())}."


FRAME_FORMATS: dict[str, FrameFormat] = {
    format.name: format
    for format in (
        FrameFormat("jsonl", "JSON Lines with `words` or `text`, and `frames`", _in_objects, _has_objects),
        FrameFormat("conllup", "CoNLL-U Plus with UP:PRED", _in_spans, _has_names),
        FrameFormat(
            "conllu8",
            "8 columns of CoNLL-U, `Y`, a roleset and roles",
            partial(_in_columns, columns.SHORT_HEADS),
            _has_short_heads,
        ),
        FrameFormat("conllu", "CoNLL-U, a roleset and roles", partial(_in_columns, columns.HEADS), _has_heads),
        FrameFormat("conll2012", "the columns of CoNLL-2012", partial(_in_columns, columns.ONTONOTES), _is_ontonotes),
        FrameFormat(
            "propbank",
            "3 ids, then word, POS, parse, lemma, roleset and roles in brackets",
            partial(_in_columns, columns.BRACKETS_WITH_IDS),
            _has_ids_and_brackets,
        ),
        FrameFormat(
            "brackets",
            "word, POS, parse, lemma, roleset and roles in brackets",
            partial(_in_columns, columns.BRACKETS),
            _has_brackets,
        ),
    )
}
