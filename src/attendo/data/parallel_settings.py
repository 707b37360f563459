"""How texts with their translations, and documents with their summaries, are read and split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attendo.data.cuts import CutSettings
from attendo.data.formats import FORMATS
from attendo.data.rows import ReadOptions
from attendo.data.source_target import SourceTarget, Summarised
from attendo.errors import ConfigError

_TRANSLATION = (
    *(("source", "target"), ("src", "tgt"), ("src", "trg"), ("sourcetext", "targettext"), ("text", "translation")),
    *(("input", "output"), ("原文", "译文"), ("源文", "译文")),
)
_SUMMARY = (
    *(("document", "summary"), ("article", "summary"), ("article", "highlights"), ("dialogue", "summary")),
    *(("text", "summary"), ("content", "summary"), ("body", "summary"), ("maintext", "summary")),
    *(("article", "abstract"), ("abstract", "title"), ("document", "title"), ("article", "title"), ("text", "title")),
    *(("content", "title"), ("text", "headline"), ("article", "headline"), ("document", "headline")),
    *(("正文", "摘要"), ("原文", "摘要"), ("文章", "摘要"), ("内容", "摘要"), ("正文", "标题"), ("内容", "标题")),
    ("摘要", "标题"),
)

SideNames = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ParallelDataSettings(CutSettings):
    """What is `None` is found out from the data, and told."""

    record: ClassVar[type[SourceTarget]] = SourceTarget
    side_names: ClassVar[SideNames] = _TRANSLATION + _SUMMARY
    """What columns and files of sources and targets are called, the likeliest first."""
    shorter_target: ClassVar[bool] = False
    """Whether the shorter texts are the targets, where no name says which are."""

    source: str | int | None = None
    """What is written from: a column by its name or its number counted from 0, the ending of a file such as `en` in
    `train.en`, or a language."""
    target: str | int | None = None
    """What is to be written, named alike. To learn the other direction, swap both."""
    document: str | int | None = None
    """Column that says of which document a row is part, where neighbouring rows belong together."""
    format: str | None = None
    """Format of a table: tsv, csv, jsonl, parquet or tmx, or labelled, lines or folder, which hold no pairs; found by
    suffix and content otherwise."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    header: bool | None = None
    """Whether the first row of a CSV or TSV file names the columns."""
    delimiter: str | None = None
    """The character between two fields of a CSV file."""

    def __post_init__(self) -> None:
        problems = []
        if self.source is not None and self.source == self.target:
            problems.append(f"`source` and `target` are both `{self.source}`, but must be two columns or languages.")
        if self.format is not None and self.format not in FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(FORMATS)}.")
        if self.delimiter is not None and len(self.delimiter) != 1:
            problems.append(f"`delimiter` must be one character, but is {self.delimiter!r}.")
        problems += self.cut_problems()
        if problems:
            raise ConfigError(problems)

    @property
    def read_options(self) -> ReadOptions:
        """What the readers of single files take."""
        given = [str(name) for name in (self.source, self.target, self.document) if name is not None]
        names = tuple(name for name in given if not name.isdecimal())
        return ReadOptions(encoding=self.encoding, header=self.header, delimiter=self.delimiter, names=names)


@dataclass(frozen=True, kw_only=True)
class SummaryDataSettings(ParallelDataSettings):
    """The same for documents with their summaries: where no name tells, a summary is the shorter of two texts."""

    record: ClassVar[type[SourceTarget]] = Summarised
    side_names: ClassVar[SideNames] = _SUMMARY + _TRANSLATION
    shorter_target: ClassVar[bool] = True
