"""`predict` and `evaluate` for models that answer in dialogues."""

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
from attendo.cli.terminal import console, knows_unicode, one_line
from attendo.configuration import read_settings
from attendo.data import (
    DIALOGUE_SUFFIXES,
    Dialogue,
    DialogueDataSettings,
    dialogue_of,
    find_test_set,
    read_dialogue_inputs,
    read_dialogues,
)
from attendo.report import HardCase
from attendo.tasks import Chatter, WriteSettings, Written

_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, and how answers are written."""

    data: DialogueDataSettings = field(default_factory=DialogueDataSettings)
    """How files are read."""
    writing: WriteSettings = field(default_factory=WriteSettings)
    """How answers are written."""


def example(model: Chatter, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f"attendo chat {folder}"


def given(options: Namespace, model: Chatter) -> Iterator[Dialogue]:
    """What the user says on the command line, each text a dialogue that has just begun."""
    for text in given_texts(options.texts):
        yield dialogue_of([text])


def lines(options: Namespace, model: Chatter) -> Iterator[Dialogue]:
    """The lines of standard input, a dialogue each."""
    for number, text in input_lines():
        yield dialogue_of([text], path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Chatter) -> Iterator[Dialogue]:
    """The dialogues of a file, whose last turns are answered."""
    return read_dialogue_inputs(path, reading_settings(options).data)


def answers(model: Chatter, dialogues: Iterator[Dialogue], options: Namespace, first: int) -> Iterator[Any]:
    """What the model answers, as the options of writing ask for it."""
    return model.predict_examples(dialogues, reading_settings(options).writing, first=first)


def to_score(path: Path, options: Namespace, model: Chatter) -> tuple[Path, list[Dialogue]]:
    """Dialogues with answers; of a folder of sets those of the test set."""
    path = find_test_set(path, DIALOGUE_SUFFIXES)
    return path, read_dialogues(path, reading_settings(options).data).sound()


def judged(
    model: Chatter, records: Sequence[Dialogue], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """What people's answers cost, and how near the model's own come to them."""
    return model.evaluate(records), (), {}


def write_lines(answered: Answered, file: TextIO, model: Chatter, options: Namespace) -> None:
    """What was said last, and under it the answer, or several."""
    from rich.text import Text

    screen = console(file=file)
    for dialogue, each in answered:
        screen.print(Text(one_line(dialogue.turns[-1].content), style="dim"), soft_wrap=True)
        for answer in (each, *each.others):
            screen.print(Text(f"  {answer.text.strip()}"), soft_wrap=True)


def write_json_lines(answered: Answered, file: TextIO, model: Chatter, options: Namespace) -> None:
    """One object a line: the turns, the answer with its probability, and the others that were asked for."""
    ascii_only = not knows_unicode(file)
    for dialogue, each in answered:
        record = {
            "messages": [turn._asdict() for turn in dialogue.turns],
            **_told(each),
        }
        if each.others:
            record["others"] = [_told(other) for other in each.others]
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")
        file.flush()


def _told(answer: Written) -> dict[str, Any]:
    return {"answer": answer.text, "why": answer.why, "log_probability": round(answer.log_probability, _DIGITS)}


WRITERS = {"lines": write_lines, "jsonl": write_json_lines}


def reading_settings(options: Namespace) -> ReadingSettings:
    """The settings that the options come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options))
