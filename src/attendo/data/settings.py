"""How labelled data are read and split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attendo.data.cuts import CutSettings
from attendo.data.formats import FORMATS
from attendo.data.rows import ReadOptions
from attendo.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class DataSettings(CutSettings):
    """What is `None` is found out from the data, and told."""

    text: str | int | None = None
    """Column of the text: its name, or its number counted from 0."""
    pair: str | int | None = None
    """Column of the second text, for tasks about two texts. With `text` given and this not, texts are taken alone."""
    label: str | int | None = None
    """Column of the label."""
    format: str | None = None
    """File format: tsv, csv, jsonl, parquet, tmx, labelled, lines or folder; found by suffix and content otherwise."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    header: bool | None = None
    """Whether the first row of a CSV or TSV file names the columns."""
    delimiter: str | None = None
    """The character between two fields of a CSV file."""
    label_separator: str | None = None
    """What stands between labels where a text has several, such as `|`; an empty cell then means no class."""
    label_until: str | None = None
    """Where a label is cut: with `:`, `ENTY:animal` is read as `ENTY`."""
    numbers: bool | None = None
    """Whether labels are numbers to be predicted as such (true), or the names of classes (false). Open: numbers if some
    have a fraction and more than 5 differ, or if all are whole, more than 50 differ, and they do not just count from 0
    or 1."""
    skip_labels: tuple[str, ...] = ()
    """Labels whose rows are left out, such as the `-` for "the annotators disagreed"; they are counted."""
    unlabelled: Literal["error", "skip"] = "error"
    """What happens to rows without a label; skipped ones are counted."""

    def __post_init__(self) -> None:
        problems = []
        if self.format is not None and self.format not in FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(FORMATS)}.")
        if self.delimiter is not None and len(self.delimiter) != 1:
            problems.append(f"`delimiter` must be one character, but is {self.delimiter!r}.")
        problems += [f"`{name}` must not be empty." for name in _SEPARATORS if getattr(self, name) == ""]
        if self.unlabelled not in ("error", "skip"):
            problems.append(f"`unlabelled` is `{self.unlabelled}`; it may be error or skip.")
        problems += self.cut_problems()
        if self.numbers and self.label_separator is not None:
            problems.append("`numbers` and `label_separator` exclude each other: a text has one number.")
        if problems:
            raise ConfigError(problems)

    @property
    def read_options(self) -> ReadOptions:
        given = [str(name) for name in (self.text, self.pair, self.label) if name is not None]
        names = tuple(name for name in given if not name.isdecimal())
        return ReadOptions(encoding=self.encoding, header=self.header, delimiter=self.delimiter, names=names)


_SEPARATORS = ("label_separator", "label_until")
