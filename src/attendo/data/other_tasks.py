"""Files that are meant for another task, told by their first lines, so that they are named and not just refused."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attendo.data.formats.conll import find_separator
from attendo.data.formats.delimited import has_named_columns
from attendo.data.formats.plain import begins_with_labels
from attendo.errors import DataError
from attendo.text import split_words

_ROLE = re.compile(r"\([A-Z][\w-]*\*\)?")
_CONLLU = 10  # columns; those behind are of roles
_PROSE = 3  # words in a column; more are a text
_NAMES_OF_LABELS = ("label", "labels", "class", "category", "sentiment", "intent")


def refuse_other_tasks(lines: Sequence[str], path: Path, *, is_json: bool, columns_named: bool) -> None:
    """Raise a sentence that names the task that a file seems to be for.

    Args:
        columns_named: the user has said which columns hold words and tags, so many columns are no sign of roles.
    """
    if is_json:
        _refuse_json(lines, path)
        return
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    separator = find_separator(rows)
    cells = [line.split(separator if separator != " " else None) for line in rows]
    parted = any(not line.strip() for line in lines[:-1])
    ids = parted and [row[0].strip() for row in cells[:2]] in (["0", "1"], ["1", "2"])
    widest = max(map(len, cells), default=0)
    if any(_ROLE.fullmatch(cell.strip()) for row in cells for cell in row) or (ids and widest > _CONLLU):
        raise _meant(path, "columns of semantic roles", "roles")
    if ids and widest == _CONLLU and not columns_named:
        raise DataError(
            "this looks like CoNLL-U. Name the columns of `word`, 1, and `tag`: 3 for parts of speech.", path=path
        )
    if parted:
        return
    if has_named_columns(rows) or (separator not in (None, " ") and is_prose(cells)):
        raise _meant(path, "a table of texts and labels", "classify")
    if separator is None and begins_with_labels(rows, False):
        raise _meant(path, "texts with a label each", "classify")


def is_prose(cells: Sequence[Sequence[str]]) -> bool:
    """Whether most rows have a text in one of their columns."""
    texts = sum(any(len(split_words(cell)) > _PROSE for cell in row) for row in cells)
    return 2 * texts > len(cells)


def _refuse_json(lines: Sequence[str], path: Path) -> None:
    beginning = "".join(lines)[:20_000]
    if '"qas"' in beginning or '"paragraphs"' in beginning:
        raise _meant(path, "questions about texts, as in SQuAD", "answer")
    row = _first_object(lines)
    if "question" in row and ("context" in row or "answers" in row):
        raise _meant(path, "questions about texts, as in SQuAD", "answer")
    if any(isinstance(row.get(key), str | int | bool) for key in _NAMES_OF_LABELS) and "tokens" not in row:
        raise _meant(path, "texts with a label each", "classify")


def _first_object(lines: Sequence[str]) -> dict[str, Any]:
    line = next((line for line in lines if line.strip()), "")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _meant(path: Path, what: str, task: str) -> DataError:
    return DataError(f"this looks like {what}, not words with tags; did you mean the task `{task}`?", path=path)
