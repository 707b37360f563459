"""`predict` and `evaluate` for models that find labelled parts of texts."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from attendo.cli.input_texts import STANDARD_INPUT, given_texts, input_lines
from attendo.cli.marking import COLOURS, marked_text
from attendo.cli.options import setting_values
from attendo.cli.tasks import Answered
from attendo.cli.terminal import console, knows_unicode
from attendo.configuration import read_settings
from attendo.data import TAGGED_SUFFIXES, TagDataSettings, TaggedText, find_test_set, read_tag_inputs, read_tagged
from attendo.report import HardCase, hardest_taggings
from attendo.spans import LabelledSpan, write_tags
from attendo.tasks import Tagger, Tagging, untagged

_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: TagDataSettings = field(default_factory=TagDataSettings)
    """How files are read."""


def example(model: Tagger, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f'attendo predict {folder} "a text"'


def given(options: Namespace, model: Tagger) -> Iterator[TaggedText]:
    """The texts of the command line."""
    return map(untagged, given_texts(options.texts))


def lines(options: Namespace, model: Tagger) -> Iterator[TaggedText]:
    """The lines of standard input."""
    for number, text in input_lines():
        yield replace(untagged(text), path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Tagger) -> Iterator[TaggedText]:
    """The texts of a file; where it has words in columns, these words are tagged."""
    return read_tag_inputs(path, _settings(options))


def to_score(path: Path, options: Namespace, model: Tagger) -> tuple[Path, list[TaggedText]]:
    """Tagged texts; of a folder of sets those of the test set."""
    path = find_test_set(path, TAGGED_SUFFIXES)
    return path, read_tagged(path, _settings(options)).sound()


def judged(
    model: Tagger, records: Sequence[TaggedText], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the texts in which spans are wrong or missing."""
    cases = hardest_taggings(records, model.predict_examples(records)) if hardest else ()
    return model.evaluate(records), cases, {"labels": model.tags.labels}


def write_lines(answered: Answered, file: TextIO, model: Tagger, options: Namespace) -> None:
    """The text with its spans in colour, and what each is called."""
    screen = console(file=file)
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(model.tags.labels)}
    for _, tagging in answered:
        parts = [(span.start, span.end, span.label) for span in tagging.spans]
        screen.print(marked_text(tagging.text, parts, colours), soft_wrap=True)
        if options.all:
            for span in tagging.spans:
                screen.print(f"    {span.probability:7.1%}  {span.label}: {span.text}", style="dim", soft_wrap=True)


def write_json_lines(answered: Answered, file: TextIO, model: Tagger, options: Namespace) -> None:
    """One object a line: the text, and its spans with places, labels and probabilities."""
    ascii_only = not knows_unicode(file)
    for _, tagging in answered:
        spans = [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "text": span.text,
                "probability": round(span.probability, _DIGITS),
            }
            for span in tagging.spans
        ]
        file.write(json.dumps({"text": tagging.text, "spans": spans}, ensure_ascii=ascii_only) + "\n")


def write_columns(answered: Answered, file: TextIO, model: Tagger, options: Namespace) -> None:
    """A word and its tag on each line, an empty line between texts."""
    for text, tagging in answered:
        for (start, end), tag in zip(text.words, _tags(text, tagging, model), strict=True):
            file.write(f"{text.text[start:end]}\t{tag}\n")
        file.write("\n")


WRITERS = {"lines": write_lines, "jsonl": write_json_lines, "tsv": write_columns, "conll": write_columns}


def _tags(text: TaggedText, tagging: Tagging, model: Tagger) -> Sequence[str]:
    """The tags of all words, as those of the training file were read."""
    starts = {start: number for number, (start, _) in enumerate(text.words)}
    ends = {end: number + 1 for number, (_, end) in enumerate(text.words)}
    spans = [LabelledSpan(starts[s.start], ends[s.end], s.label) for s in tagging.spans]
    return write_tags(spans, len(text.words), "plain" if model.tags.is_plain else "BIO")


def _settings(options: Namespace) -> TagDataSettings:
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data
