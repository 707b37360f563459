"""How texts with a tag for each word are read."""

from __future__ import annotations

from dataclasses import dataclass

from attendo.data.cuts import CutSettings
from attendo.errors import ConfigError
from attendo.spans import find_scheme

TAG_FORMATS = ("conll", "jsonl")
"""A word with its tag on each line, and one JSON object a line."""

TAGGED_SUFFIXES = (
    *(".conll", ".bio", ".iob", ".bioes", ".bmes", ".bilou", ".ner"),
    *(".txt", ".tsv", ".tab", ".csv", ".jsonl", ".ndjson", ".json"),
)
"""What files of tagged texts are called."""


@dataclass(frozen=True, kw_only=True)
class TagDataSettings(CutSettings):
    """What is `None` is found out from the data, and told."""

    format: str | None = None
    """`conll`, a word with its tag on each line, or `jsonl`, one JSON object a line; found by suffix and content."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    word: int | None = None
    """Number of the column of the words, counted from 0; found to be the first one."""
    tag: int | None = None
    """Number of the column of the tags, counted from 0; found to be the last one."""
    separator: str | None = None
    """The character between two columns; a blank stands for any blanks and tabs."""
    scheme: str | None = None
    """How the tags are written: BIO, IOB1, BIOES, BMES, BILOU, or plain where each word has a label of its own."""
    comment: str = "#"
    """What lines before a text begin with that are not part of it; empty for none. A word with its tag is never one."""
    between: str | None = None
    """What stands between two words of the text; found to be a blank, and nothing in Chinese."""
    strip_digits: bool | None = None
    """Whether each word ends in a digit that is not part of it, as in `科0 技1`."""
    text: str | int | None = None
    """Key of the text in JSON; where texts are to be tagged, also the column of a table that they stand in."""
    spans: str | None = None
    """Key of the labelled spans in JSON."""

    def __post_init__(self) -> None:
        problems = []
        if self.format is not None and self.format not in TAG_FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(TAG_FORMATS)}.")
        if self.separator is not None and len(self.separator) != 1:
            problems.append(f"`separator` must be one character, but is {self.separator!r}.")
        for name in ("word", "tag"):
            number = getattr(self, name)
            if number is not None and number < 0:
                problems.append(f"`{name}` is {number}; columns are counted from 0.")
        if self.word is not None and self.word == self.tag:
            problems.append(f"`word` and `tag` are both {self.word}, but must be two columns.")
        if self.between is not None and self.between.strip():
            problems.append(f"`between` is {self.between!r}; it may be blanks or nothing.")
        if self.scheme is not None:
            try:
                find_scheme(self.scheme)
            except ConfigError as error:
                problems += error.problems
        problems += self.cut_problems()
        if problems:
            raise ConfigError(problems)
