"""What a file of inputs holds: words in columns, a table with a column of texts, or a text on each line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attendo.data.formats import plain_suffix
from attendo.data.formats.conll import WORD_SUFFIXES, find_separator, is_name_of_tags
from attendo.data.formats.delimited import has_named_columns
from attendo.data.other_tasks import is_prose
from attendo.errors import DataError
from attendo.spans import detect_scheme

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
"""What files with an object on each line are called, and those that are one object."""
_TABLES = (".csv", ".tsv", ".tab")
_BINARY = (".parquet", ".pq")


def is_binary_table(path: Path) -> bool:
    """Whether the suffix is that of a table without lines."""
    return plain_suffix(path) in _BINARY


def is_table(path: Path) -> bool:
    """Whether the suffix is that of a table; there may still be words in its columns."""
    return plain_suffix(path) in _TABLES


def holds_words(path: Path, sample: Sequence[str]) -> bool:
    """Whether there is a word on each line, as the suffix says or the first lines show.

    A table has texts in one of its columns, or names them. Without either its lines are words where empty lines part
    them, or where they end in tags. In a file of any other suffix they need both to be words, or numbers before them.
    """
    if plain_suffix(path) in WORD_SUFFIXES:
        return True
    rows = [line for line in sample if line.strip() and not line.startswith("#")]
    separator = find_separator(rows)
    if separator is None:
        return False
    parted = len(rows) < len(sample)
    cells = [line.rstrip().rsplit(None if separator == " " else separator, 1) for line in rows]
    counted = separator == "\t" and [row.split("\t")[0].strip() for row in rows[:2]] in (["0", "1"], ["1", "2"])
    if parted and (counted or _end_in_tags(cells)):
        return True
    if not is_table(path) or has_named_columns(rows) or is_prose([line.split(separator) for line in rows]):
        return False
    return any(not line.strip() for line in sample[:-1]) or _end_in_tags(cells)


def _end_in_tags(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the last cells are tags of a scheme that tells letters from labels."""
    last = [row[-1] for row in cells]
    last = last[is_name_of_tags(last[0]) :]
    try:
        return detect_scheme([last]) != "plain" and set(last) != {"O"}
    except DataError:
        return False
