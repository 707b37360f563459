"""`predict` and `evaluate` for language models: prompts that are gone on with, and what texts cost."""

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
from attendo.cli.terminal import console, knows_unicode
from attendo.configuration import read_settings
from attendo.data import DataSettings, RunningText, RunningTextSettings, find_test_set, read_inputs, read_running_texts
from attendo.report import HardCase
from attendo.tasks import Generator, WriteSettings, Written

_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, and how texts are written."""

    data: RunningTextSettings = field(default_factory=RunningTextSettings)
    """How files are read."""
    writing: WriteSettings = field(default_factory=WriteSettings)
    """How texts are written."""


def example(model: Generator, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f"attendo generate {folder} --temperature 0.8"


def given(options: Namespace, model: Generator) -> Iterator[RunningText]:
    """The prompts of the command line."""
    for text in given_texts(options.texts):
        yield RunningText(text)


def lines(options: Namespace, model: Generator) -> Iterator[RunningText]:
    """The lines of standard input, a prompt each."""
    for number, text in input_lines():
        yield RunningText(text, path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Generator) -> Iterator[RunningText]:
    """The prompts of a file: its lines, or the texts of a table."""
    settings = reading_settings(options).data
    shared = {name: getattr(settings, name) for name in ("text", "format", "encoding", "header", "delimiter")}
    for each in read_inputs(path, DataSettings(**shared)):
        yield RunningText(each.text, path=each.path, line=each.line)


def answers(model: Generator, prompts: Iterator[RunningText], options: Namespace, first: int) -> Iterator[Any]:
    """What is written, as the options of writing ask for it."""
    return model.predict_examples(prompts, reading_settings(options).writing, first=first)


def to_score(path: Path, options: Namespace, model: Generator) -> tuple[Path, list[RunningText]]:
    """Texts; of a folder of sets those of the test set."""
    settings = reading_settings(options).data
    if path.is_dir():
        return path, read_running_texts(path, settings)
    return find_test_set(path), read_running_texts(path, settings)


def judged(
    model: Generator, records: Sequence[RunningText], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """What the texts cost."""
    return model.evaluate(records), (), {}


def write_lines(answered: Answered, file: TextIO, model: Generator, options: Namespace) -> None:
    """The prompt, and behind it what was written, as it is; with several texts this for each of them."""
    from rich.text import Text

    screen = console(file=file)
    texts = ((prompt, text) for prompt, each in answered for text in (each, *each.others))
    for number, (prompt, each) in enumerate(texts):
        if number:
            screen.print()
        screen.print(Text.assemble((prompt.text, "dim"), each.text), soft_wrap=True)


def write_json_lines(answered: Answered, file: TextIO, model: Generator, options: Namespace) -> None:
    """One object a line: the prompt, what was written behind it, how probable that is, and the others."""
    ascii_only = not knows_unicode(file)
    for prompt, each in answered:
        record = {"prompt": prompt.text, **_told(each)}
        if each.others:
            record["others"] = [_told(other) for other in each.others]
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")
        file.flush()


def _told(text: Written) -> dict[str, Any]:
    return {
        "text": text.text,
        "why": text.why,
        "tokens": len(text.ids),
        "log_probability": round(text.log_probability, _DIGITS),
    }


WRITERS = {"lines": write_lines, "jsonl": write_json_lines}


def reading_settings(options: Namespace) -> ReadingSettings:
    """The settings that the options come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options))
