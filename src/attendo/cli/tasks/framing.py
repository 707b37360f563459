"""`predict` and `evaluate` for models that find predicates and their roles."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from attendo.cli.input_texts import STANDARD_INPUT, given_texts, input_lines
from attendo.cli.marking import COLOURS, marked_text
from attendo.cli.options import setting_values
from attendo.cli.tasks import Answered
from attendo.cli.terminal import console, knows_unicode
from attendo.configuration import read_settings
from attendo.data import (
    FRAME_SUFFIXES,
    FramedSentence,
    RoleDataSettings,
    find_test_set,
    read_frame_inputs,
    read_frames,
)
from attendo.report import HardCase, hardest_framings
from attendo.tasks import FoundFrame, RoleLabeller
from attendo.text import split_words

_DIGITS = 6
_PREDICATE, _PREDICATE_COLOUR = "V", "reverse"


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: RoleDataSettings = field(default_factory=RoleDataSettings)
    """How files are read."""


def example(model: RoleLabeller, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f'attendo predict {folder} "a text"'


def given(options: Namespace, model: RoleLabeller) -> Iterator[FramedSentence]:
    """The texts of the command line, each taken for a sentence."""
    return map(model.sentence, given_texts(options.texts))


def lines(options: Namespace, model: RoleLabeller) -> Iterator[FramedSentence]:
    """The lines of standard input."""
    for number, text in input_lines():
        yield replace(model.sentence(text), path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: RoleLabeller) -> Iterator[FramedSentence]:
    """The sentences of a file; those that come with predicates are asked about these, plain text is cut into words."""
    for sentence in read_frame_inputs(path, _settings(options)):
        plain = not sentence.frames and sentence.words == tuple((s.start, s.end) for s in split_words(sentence.text))
        yield replace(sentence, words=model.sentence(sentence.text).words) if plain else sentence


def to_score(path: Path, options: Namespace, model: RoleLabeller) -> tuple[Path, list[FramedSentence]]:
    """Sentences with predicates and roles; of a folder of sets those of the test set."""
    path = find_test_set(path, FRAME_SUFFIXES)
    return path, read_frames(path, _settings(options)).sound()


def judged(
    model: RoleLabeller, records: Sequence[FramedSentence], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the predicates of which roles are wrong or missing."""
    framed = [each for each in records if each.frames]
    cases = hardest_framings(framed, model.predict_examples(framed)) if hardest else ()
    return model.evaluate(records), cases, {"labels": model.finder.tags.labels}


def write_lines(answered: Answered, file: TextIO, model: RoleLabeller, options: Namespace) -> None:
    """The text once for each predicate, its roles in colour, and what each is called."""
    screen = console(file=file)
    labels = model.finder.tags.labels
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(labels)}
    for _, framing in answered:
        if not framing.frames:
            screen.print(marked_text(framing.text, [], colours), soft_wrap=True)
        for frame in framing.frames:
            name = frame.predicate.sense or _PREDICATE
            parts = [(each.start, each.end, each.label) for each in frame.roles]
            parts.append((frame.predicate.start, frame.predicate.end, name))
            screen.print(marked_text(framing.text, parts, {**colours, name: _PREDICATE_COLOUR}), soft_wrap=True)
            if options.all:
                _print_chances(screen, frame, name)


def write_json_lines(answered: Answered, file: TextIO, model: RoleLabeller, options: Namespace) -> None:
    """One object a line: the text, its words and its frames with places, labels and probabilities."""
    ascii_only = not knows_unicode(file)
    for sentence, framing in answered:
        frames = [
            {"predicate": _rounded(frame.predicate), "roles": [_rounded(each) for each in frame.roles]}
            for frame in framing.frames
        ]
        record = {"text": framing.text, "words": [list(word) for word in sentence.words], "frames": frames}
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")


def write_columns(answered: Answered, file: TextIO, model: RoleLabeller, options: Namespace) -> None:
    """A word on each line, its sense where it is a predicate, and a column of brackets for each predicate."""
    for sentence, framing in answered:
        starts = {start: number for number, (start, _) in enumerate(sentence.words)}
        senses = {starts[each.predicate.start]: each.predicate.sense or _PREDICATE for each in framing.frames}
        columns = [_brackets(sentence, frame) for frame in framing.frames]
        for number, (start, end) in enumerate(sentence.words):
            sense = senses.get(number, "-")
            cells = [sentence.text[start:end], "-", "-", "-", sense, *(column[number] for column in columns)]
            file.write("\t".join(cells) + "\n")
        file.write("\n")


WRITERS = {"lines": write_lines, "jsonl": write_json_lines, "tsv": write_columns, "conll": write_columns}


def _print_chances(screen: Any, frame: FoundFrame, name: str) -> None:
    rows = [(frame.predicate.probability, name, frame.predicate.text)]
    rows += [(each.probability, each.label, each.text) for each in frame.roles]
    for chance, label, text in rows:
        screen.print(f"    {chance:7.1%}  {label}: {text}", style="dim", soft_wrap=True, markup=False)


def _rounded(part: Any) -> dict[str, Any]:
    return asdict(part) | {"probability": round(part.probability, _DIGITS)}


def _brackets(sentence: FramedSentence, frame: FoundFrame) -> list[str]:
    """The roles of one predicate as CoNLL-2005 writes them: `(ARG0*`, `*`, `*)`."""
    starts = {start: number for number, (start, _) in enumerate(sentence.words)}
    ends = {end: number for number, (_, end) in enumerate(sentence.words)}
    opened, closed = {starts[each.start]: each.label for each in frame.roles}, {ends[each.end] for each in frame.roles}
    place = starts[frame.predicate.start]
    if not any(starts[each.start] <= place <= ends[each.end] for each in frame.roles):
        opened[place] = _PREDICATE
        closed.add(place)
    begun = [f"({opened[each]}*" if each in opened else "*" for each in range(len(sentence.words))]
    return [cell + ")" * (number in closed) for number, cell in enumerate(begun)]


def _settings(options: Namespace) -> RoleDataSettings:
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data
