"""`predict` and `evaluate` for models that give vectors of texts: cosines of pairs, and vectors of single texts."""

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
from attendo.data import PairDataSettings, TextPair, familiar_settings, find_test_set, read_pair_inputs, read_pairs
from attendo.report import HardCase, hardest_likenesses
from attendo.tasks import Embedder, Likeness, judge_vectors, score_judged

_DIGITS = 6
_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: PairDataSettings = field(default_factory=PairDataSettings)
    """How files are read."""


def example(model: Embedder, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f'attendo predict {folder} "a text" --pair "another text"'


def given(options: Namespace, model: Embedder) -> Iterator[TextPair]:
    """The texts of the command line, each with the one second text if there is one."""
    pair = reading_settings(options).pair
    second = None if pair is None else str(pair)
    for text in given_texts(options.texts, second):
        yield TextPair(text, second)


def lines(options: Namespace, model: Embedder) -> Iterator[TextPair]:
    """The lines of standard input."""
    for number, text in input_lines():
        yield TextPair(text, path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Embedder) -> Iterator[TextPair]:
    """The texts or pairs of a file, from the columns that the model was trained on where these are there."""
    return read_pair_inputs(path, familiar_settings(reading_settings(options), path, model.columns, labelled=False))


def to_score(path: Path, options: Namespace, model: Embedder) -> tuple[Path, list[TextPair]]:
    """Pairs with what is known of them; of a folder of sets those of the test set."""
    path = find_test_set(path)
    settings = familiar_settings(reading_settings(options), path, model.columns, labelled=False)
    return path, read_pairs(path, settings).sound()


def judged(
    model: Embedder, records: Sequence[TextPair], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the pairs that were judged most wrongly."""
    if not hardest:
        return model.evaluate(records), (), {}
    found = judge_vectors(records, model.encode)
    return score_judged(found), hardest_likenesses(found), {}


def write_lines(answered: Answered, file: TextIO, model: Embedder, options: Namespace) -> None:
    """The cosine and both texts on a line; of a single text the first numbers of its vector."""
    screen = console(file=file)
    for _, each in answered:
        if isinstance(each, Likeness):
            shown = f"{each.cosine:6.3f}  {one_line(each.text)} | {one_line(each.pair)}"
        else:
            numbers = " ".join(f"{number:6.3f}" for number in each.vector[:_SHOWN].tolist())
            shown = f"{numbers} …  {one_line(each.text)}"
        screen.print(shown, no_wrap=True, overflow="ellipsis")


def write_json_lines(answered: Answered, file: TextIO, model: Embedder, options: Namespace) -> None:
    """One object a line: the cosine of a pair, or the whole vector of a text."""
    ascii_only = not knows_unicode(file)
    for _, each in answered:
        if isinstance(each, Likeness):
            record: dict[str, Any] = {"cosine": round(each.cosine, _DIGITS), "text": each.text, "pair": each.pair}
        else:
            record = {"text": each.text, "vector": [round(number, _DIGITS + 2) for number in each.vector.tolist()]}
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")


def write_table(answered: Answered, file: TextIO, model: Embedder, options: Namespace) -> None:
    """A cosine, or the numbers of a vector, on a line, tabs between them; the texts are those that were given."""
    for _, each in answered:
        numbers = [each.cosine] if isinstance(each, Likeness) else each.vector.tolist()
        file.write("\t".join(f"{number:.{_DIGITS}f}" for number in numbers) + "\n")


WRITERS = {"lines": write_lines, "jsonl": write_json_lines, "tsv": write_table}


def reading_settings(options: Namespace) -> PairDataSettings:
    """The settings that the options of reading come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data
