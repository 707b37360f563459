"""A word with its tag on each line and an empty line between texts, as in the tasks of CoNLL."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from attendo.errors import ConfigError, DataError

WORD_SUFFIXES = (
    *(".conll", ".conllu", ".conllup", ".conll05", ".conll09", ".conll12"),
    *(".bio", ".iob", ".iob2", ".bioes", ".bmes", ".bilou", ".ner"),
)
"""What files with a word on each line are called."""

_SEPARATORS = ("\t", " ", ",", ";", "|")
_BLANKS = re.compile(r"[ \t]+")  # not other white space: an ideographic space may be a word
_TAG = re.compile(r"[A-Z][-_].+")
_DOCUMENT = "-DOCSTART-"
_NAMES_OF_WORDS = frozenset(("word", "words", "token", "tokens", "char", "character", "form", "text"))
_NAMES_OF_TAGS = frozenset(
    ("tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "iob", "bio", "pos", "entity")
)
_MOST = 4  # columns among which the first and the last need not be named
_USUAL = 0.9


class Sentence(NamedTuple):
    """The words of a text, their tags (none where there is no such column) and the lines that they stand on."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class WordTable:
    """How the columns of a file are told apart, and which of them matter."""

    separator: str
    width: int
    word: int
    tag: int | None
    comment: str
    tags: frozenset[str] = frozenset()
    """Tags that may occur, by which a word such as `#` is told from a comment between blanks."""

    def cells(self, line: str) -> list[str]:
        """The columns of a line; a line that begins with blanks begins with an empty column."""
        return _cells(line, self.separator)

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a line names the columns."""
        if len(cells) != self.width or self.tag is None:
            return False
        return is_name_of_words(cells[self.word]) and is_name_of_tags(cells[self.tag])

    def is_comment(self, line: str, cells: Sequence[str]) -> bool:
        if not self.comment or not line.startswith(self.comment):
            return False
        if len(cells) != self.width or self.separator != " " or self.tag is None:
            return len(cells) != self.width
        return cells[self.tag] not in self.tags and not _TAG.fullmatch(cells[self.tag])


@dataclass(frozen=True, kw_only=True)
class TableChoices:
    """What is known of a table beforehand; what is `None` is found out."""

    separator: str | None = None
    word: int | None = None
    tag: int | None = None
    comment: str = "#"
    tagged: bool = True
    """Whether there must be a column of tags."""


def is_name_of_words(cell: str) -> bool:
    """Whether a column of words may be called so."""
    return cell.strip().lower() in _NAMES_OF_WORDS


def is_name_of_tags(cell: str) -> bool:
    """Whether a column of tags may be called so."""
    return cell.strip().lower() in _NAMES_OF_TAGS


def find_table(lines: Sequence[str], choices: TableChoices, path: Path) -> WordTable:
    """Find out separator and columns from the lines of a file, or from the first of them.

    Raises:
        DataError: there are no columns, or too many of them to know which are meant.
        ConfigError: a column that is asked for is not there.
    """
    rows = [line for line in lines if line.strip() and not line.startswith(_DOCUMENT)]
    sure = [line for line in rows if not (choices.comment and line.startswith(choices.comment))] or rows
    separator = choices.separator or find_separator(sure)
    if separator is None and choices.tagged:
        raise DataError(
            "a word and its tag were expected on each line, but nothing cuts most lines into as many columns.",
            path=path,
        )
    separator = separator or " "
    table = [_cells(line, separator) for line in sure]
    width = Counter(map(len, table)).most_common(1)[0][0] if table else 1
    table = [cells for cells in table if len(cells) == width]
    word = choices.word if choices.word is not None else int(width > 1 and _counts_up(table))
    tag = choices.tag if choices.tag is not None else width - 1 if width > 1 else None
    tag = None if tag == word else tag
    for name, number in (("word", word), ("tag", tag)):
        if number is not None and number >= width:
            raise ConfigError(f"`{name}` is {number}, but {path} has {width} columns, counted from 0.")
    if choices.tagged and tag is None:
        raise DataError(f"the words are in column {word}, and there is no other column for the tags.", path=path)
    if choices.tagged and choices.tag is None and width > _MOST:
        raise DataError(f"there are {width} columns; name those of the `word` and the `tag`, from 0.", path=path)
    tags = frozenset({"O", *(cells[tag] for cells in table)}) if tag is not None else frozenset()
    return WordTable(separator=separator, width=width, word=word, tag=tag, comment=choices.comment, tags=tags)


def find_separator(lines: Sequence[str]) -> str | None:
    """What nearly all lines are cut by into as many columns; `None` where nothing cuts most of them."""
    shares = {}
    for separator in _SEPARATORS:
        counts = Counter(len(_cells(line, separator)) for line in lines)
        width, times = counts.most_common(1)[0] if counts else (1, 0)
        if width > 1:
            shares[separator] = times / counts.total()
            if shares[separator] >= _USUAL:
                return separator
    best = max(shares, key=lambda separator: shares[separator], default=None)
    return best if best is not None and shares[best] > 0.5 else None


def read_sentences(
    lines: Iterable[str],
    table: WordTable,
    path: Path,
    on_problem: Callable[[DataError], None],
    dropped: list[int],
) -> Iterator[Sentence]:
    """Yield the texts; one with a line that cannot be used is left out. `dropped` gets the lines of empty words."""
    words: list[tuple[str, str, int]] = []
    first, sound, odd = True, True, table.width
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith(_DOCUMENT):
            if words and sound:
                yield _sentence(words, table)
            words, sound = [], True
            continue
        cells = table.cells(line)
        if not words and table.is_comment(line, cells):
            continue
        if first and table.is_header(cells):
            first = False
            continue
        first = False
        if len(cells) != table.width:
            if len(cells) != odd:  # lines that follow and are wrong in the same way are not named one by one
                on_problem(DataError(_ragged(len(cells), table.width), path=path, line=number))
            sound = False
        elif table.tag is not None and not cells[table.tag].strip():
            on_problem(DataError("the word has no tag.", path=path, line=number))
            sound = False
        elif not cells[table.word].strip():
            dropped.append(number)
        else:
            words.append((cells[table.word], "" if table.tag is None else cells[table.tag].strip(), number))
        odd = len(cells)
    if words and sound:
        yield _sentence(words, table)


def _sentence(words: Sequence[tuple[str, str, int]], table: WordTable) -> Sentence:
    texts, tags, lines = zip(*words, strict=True)
    return Sentence(texts, tags if table.tag is not None else (), lines)


def _cells(line: str, separator: str) -> list[str]:
    line = line.rstrip(" \t\r\n")
    if separator == " ":
        return _BLANKS.split(line)
    if separator == "\t" or '"' not in line:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator))


def _counts_up(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first column numbers the words of each text."""
    numbers = [int(cells[0]) if cells[0].isascii() and cells[0].isdigit() else None for cells in table]
    if len(numbers) < 2 or numbers[0] not in (0, 1) or None in numbers:
        return False
    return (
        all(now in (0, 1) or now == (before or 0) + 1 for before, now in pairwise(numbers))
        and max(filter(None, numbers)) > 1
    )


def _ragged(found: int, width: int) -> str:
    plural = "column" if found == 1 else "columns"
    return f"{found} {plural} where {width} were expected; all lines of a file need as many."
