"""`predict` and `evaluate` for models that write a text from another: translations and summaries."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from attendo.cli.input_texts import STANDARD_INPUT, given_texts, input_lines
from attendo.cli.options import setting_values
from attendo.cli.tasks import Answered
from attendo.cli.terminal import console, knows_unicode, say
from attendo.configuration import read_settings
from attendo.data import (
    ParallelDataSettings,
    SourceTarget,
    SummaryDataSettings,
    find_parallel_test_set,
    read_parallel,
    read_sources,
)
from attendo.report import HardCase, hardest_writings
from attendo.tasks import Rewriter, Rewritten, WordAlignment, WriteSettings, with_context

_DIGITS = 4
_LINK = "–"


@dataclass(frozen=True, kw_only=True)
class TranslationSettings:
    """The part of a run's settings that is about reading, and how texts are written."""

    data: ParallelDataSettings = field(default_factory=ParallelDataSettings)
    """How files are read."""
    writing: WriteSettings | None = None
    """How texts are written. Open: by beams."""


@dataclass(frozen=True, kw_only=True)
class SummarySettings:
    """The same for summaries."""

    data: SummaryDataSettings = field(default_factory=SummaryDataSettings)
    """How files are read."""
    writing: WriteSettings | None = None
    """How texts are written. Open: by beams."""


def example(model: Rewriter, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f'attendo predict {folder} "a text" --align'


def given(options: Namespace, model: Rewriter) -> Iterator[SourceTarget]:
    """The sources of the command line."""
    for text in given_texts(options.texts):
        yield SourceTarget(text)


def lines(options: Namespace, model: Rewriter) -> Iterator[SourceTarget]:
    """The lines of standard input, a source each."""
    for number, text in input_lines():
        yield SourceTarget(text, path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Rewriter) -> Iterator[SourceTarget]:
    """The sources of a file, with what stands before them where the model reads that too."""
    return with_context(read_sources(path, settings_of(options, model).data, before=model.sides), model.encoder.context)


def answers(model: Rewriter, sources: Iterator[SourceTarget], options: Namespace, first: int) -> Iterator[Any]:
    """What is written, as the options of writing ask for it."""
    return model.predict_examples(sources, settings_of(options, model).writing, first=first)


def to_score(path: Path, options: Namespace, model: Rewriter) -> tuple[Path, list[SourceTarget]]:
    """Sources with their targets; of a folder of sets those of the test set."""
    settings = settings_of(options, model).data
    path = find_parallel_test_set(path, settings)
    return path, read_parallel(path, settings, before=model.sides).sound()


def judged(
    model: Rewriter, records: Sequence[SourceTarget], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the texts that what is written fits least."""
    answered = zip(records, model.predict_examples(records, settings_of(options, model).writing), strict=True)
    written = [each.text for _, each in _counted(answered)]
    scores = model.score(written, [record.target for record in records])
    return scores, hardest_writings(records, written) if hardest else (), {}


def write_lines(answered: Answered, file: TextIO, model: Rewriter, options: Namespace) -> None:
    """What was written, a line each; with several, or with links between words, these below."""
    from rich.text import Text

    screen = console(file=file)
    for record, each in _counted(answered):
        for text in [other.text for other in each.written] or [""]:
            screen.print(Text(_one_line(text)), soft_wrap=True)
        if options.align:
            pairs = "  ".join(_LINK.join(pair) for pair in _aligned(model, record, each).pairs)
            screen.print(Text(pairs, style="dim"), soft_wrap=True)


def write_json_lines(answered: Answered, file: TextIO, model: Rewriter, options: Namespace) -> None:
    """One object a line: the source, what was written from it, how probable that is, and which words are linked."""
    ascii_only = not knows_unicode(file)
    for record, each in _counted(answered):
        score = None if each.score is None else round(each.score, _DIGITS)
        line: dict[str, Any] = {"source": record.text, "text": each.text, "score": score}
        if len(each.written) > 1:
            line["others"] = [{"text": other.text, "score": round(other.score, _DIGITS)} for other in each.written[1:]]
        if each.cut:
            line["cut"] = True
        if each.missing:
            line["missing"] = list(each.missing)
        if options.align:
            found = _aligned(model, record, each)
            line["words"] = {
                "source": [record.text[start:end] for start, end in found.source_words],
                "text": [each.text[start:end] for start, end in found.target_words],
            }
            line["alignment"] = found.links
        file.write(json.dumps(line, ensure_ascii=ascii_only) + "\n")
        file.flush()


def line_each(options: Namespace, model: Rewriter) -> bool:
    """Whether what is written for people has one line for each source."""
    writing = settings_of(options, model).writing
    return not options.align and (writing is None or writing.n_best == 1)


WRITERS = {"lines": write_lines, "jsonl": write_json_lines}


def _counted(answered: Answered) -> Iterator[tuple[SourceTarget, Rewritten]]:
    """The same, and in the end a word on sources of which not all was read, or copied."""
    cut = missing = 0
    for record, each in answered:
        cut, missing = cut + each.cut, missing + bool(each.missing)
        yield record, each
    if cut:
        said = (
            "1 source is longer than the model reads, and only its"
            if cut == 1
            else (f"{cut:,} sources are longer than the model reads, and only their")
        )
        say(f"{said} beginning was read.", "yellow")
    if missing:
        texts = "1 text lacks" if missing == 1 else f"{missing:,} texts lack"
        say(f"{texts} something that was to be copied from the source; `--format jsonl` says what.", "yellow")


def _aligned(model: Rewriter, record: SourceTarget, each: Rewritten) -> WordAlignment:
    return model.align(record.text, each.text)[0]


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


_SETTINGS = {"translate": TranslationSettings, "summarize": SummarySettings}


def settings_of(options: Namespace, model: Rewriter) -> Any:
    """The settings that the options come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(_SETTINGS[model.task], overrides=options.overrides, values=setting_values(options))
