"""Sentences with predicates and their roles: settings, and reading one file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from attendo.data.cuts import CutSettings
from attendo.data.encodings import read_lines
from attendo.data.examples import read_text_column
from attendo.data.formats import plain_suffix
from attendo.data.frame_formats import (
    FRAME_FORMATS,
    Draft,
    Frame,
    FramedSentence,
    FrameFormat,
    Repairs,
    Source,
    detect_frame_format,
    frame_format_of_inputs,
    place_words,
    without_overlaps,
)
from attendo.data.input_kinds import JSON_SUFFIXES, holds_words, is_binary_table, is_table
from attendo.data.readings import Reading
from attendo.data.settings import DataSettings
from attendo.errors import ConfigError, DataError
from attendo.text import split_words

_SAMPLE = 2000  # lines by which a file is judged


@dataclass(frozen=True, kw_only=True)
class RoleDataSettings(CutSettings):
    """What is `None` is found out from the data."""

    format: str | None = None
    """File format: jsonl, conllup, conllu8, conllu, conll2012, propbank or brackets; found by content otherwise."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    text: str | int | None = None
    """Column of a table, or key in JSON, of texts whose roles are to be found."""
    continuations: Literal["keep", "drop"] = "keep"
    """Further pieces of an argument (`C-ARG1`): roles of their own, or left out and counted."""
    joining: Literal["blanks", "nothing"] | None = None
    """What stands between words where the file does not say so; else a blank, but between Chinese words."""

    def __post_init__(self) -> None:
        problems = []
        if self.format is not None and self.format not in FRAME_FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(FRAME_FORMATS)}.")
        if self.continuations not in ("keep", "drop"):
            problems.append(f"`continuations` is `{self.continuations}`; it may be keep or drop.")
        if self.joining not in (None, "blanks", "nothing"):
            problems.append(f"`joining` is `{self.joining}`; it may be blanks or nothing.")
        problems += self.cut_problems()
        if problems:
            raise ConfigError(problems)


@dataclass(kw_only=True)
class FrameReading(Reading[FramedSentence]):
    """The sentences of a file, what is wrong with it, and what was put right."""

    format: str
    sentences: list[FramedSentence] = field(default_factory=list)
    repairs: Repairs = field(default_factory=Repairs)

    @property
    def records(self) -> list[FramedSentence]:
        """The sentences."""
        return self.sentences

    @property
    def num_predicates(self) -> int:
        """How many predicates the sentences have together."""
        return sum(len(sentence.frames) for sentence in self.sentences)

    def notes(self, path: Path) -> list[str]:
        """What was put right or left out, as sentences."""
        return [f"{path}: {sentence}." for sentence in self.repairs.sentences()]


def read_frames(path: Path | str, settings: RoleDataSettings | None = None) -> FrameReading:
    """Read all of a file, gathering its problems instead of raising them.

    Raises:
        DataError: the file is missing or empty, of another task, or has no predicate at all.
        ConfigError: the encoding is not known.
    """
    path, settings = Path(path), settings or RoleDataSettings()
    format = FRAME_FORMATS[settings.format or detect_frame_format(path, settings.encoding).name]
    reading = _read(format, Source(path, settings.encoding), settings)
    if not reading.num_predicates and not reading.problems.count:
        raise DataError("no sentence has a predicate.", path=path)
    return reading


def read_frame_inputs(path: Path | str, settings: RoleDataSettings | None = None) -> list[FramedSentence]:
    """Read what roles are to be found in.

    That is a sentence a line, a column of a table, a key of JSON objects, or a file as for `read_frames`, with or
    without roles.

    Raises:
        DataError: the file is missing or empty, holds words without roles, or sentences of it cannot be used; up to 20
            of them are named.
        ConfigError: the encoding is not known, or a column is missing.
    """
    path, settings = Path(path), settings or RoleDataSettings()
    if settings.format is None and (settings.text is not None or is_binary_table(path)):
        return _of_table(path, settings)
    format = FRAME_FORMATS[settings.format] if settings.format else frame_format_of_inputs(path, settings.encoding)
    if format is not None:
        return _read(format, Source(path, settings.encoding, labelled=False), settings).sound()
    if holds_words(path, list(islice(read_lines(path, settings.encoding), _SAMPLE))):
        raise DataError(
            "it holds words in columns, but none of predicates and roles; give sentences, one on each line.", path=path
        )
    if is_table(path) or plain_suffix(path) in JSON_SUFFIXES:
        return _of_table(path, settings)
    lines = enumerate(read_lines(path, settings.encoding), start=1)
    return [_plain(line.strip(), path, number) for number, line in lines if line.strip()]


def _of_table(path: Path, settings: RoleDataSettings) -> list[FramedSentence]:
    asked = DataSettings(text=settings.text, encoding=settings.encoding)
    return [_plain(each.text.strip(), path, each.line) for each in read_text_column(path, asked)]


def _plain(text: str, path: Path, line: int | None) -> FramedSentence:
    return FramedSentence(text, tuple((span.start, span.end) for span in split_words(text)), (), path, line)


def _read(format: FrameFormat, source: Source, settings: RoleDataSettings) -> FrameReading:
    reading = FrameReading(format=format.name)
    drafts = list(format.read(source, reading.repairs, reading.problems.add))
    # A column for blanks that never says "none" says nothing: many files leave it empty.
    said = any(draft.blanks is not None and not all(draft.blanks) for draft in drafts)
    for draft in drafts:
        text, words = _text(draft, settings, said=said)
        frames = tuple(_frame(frame, settings, reading.repairs) for frame in draft.frames)
        reading.sentences.append(FramedSentence(text, words, frames, source.path, draft.line))
    return reading


def _text(draft: Draft, settings: RoleDataSettings, *, said: bool) -> tuple[str, tuple[tuple[int, int], ...]]:
    if draft.text is not None and draft.bounds is not None:
        return draft.text, tuple(draft.bounds)
    if draft.blanks is not None and said:
        return place_words(draft.words, draft.blanks)
    blanks = None if settings.joining is None else [settings.joining == "blanks"] * len(draft.words)
    return place_words(draft.words, blanks)


def _frame(frame: Frame, settings: RoleDataSettings, repairs: Repairs) -> Frame:
    if settings.continuations == "drop":
        roles = tuple(role for role in frame.roles if not role.label.startswith("C-"))
        repairs["left out {role} that continued another"] += len(frame.roles) - len(roles)
        frame = replace(frame, roles=roles)
    return without_overlaps(frame, repairs)
