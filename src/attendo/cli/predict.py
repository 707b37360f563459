"""`attendo predict`: label texts given as words, from a file of any size, or from standard input."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING

from attendo.cli.labelled import WRITERS
from attendo.cli.options import add_columns, add_device, add_reading
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.progress import counted
from attendo.cli.terminal import is_terminal, notes_shown, say
from attendo.files import written_whole

if TYPE_CHECKING:
    from attendo.cli.labelled import Labelled
    from attendo.data import DataSettings, Example
    from attendo.tasks import Classifier

SUMMARY = "label texts with a model"
_EXAMPLES = """
# texts on the command line
attendo predict model "The plot was not dull at all." "房间一点也不干净。"

# a file of any size; the order is kept, and the output is whole or not there
attendo predict model --input reviews.csv --text review --output labelled.jsonl

# one text a line from another program, with the probabilities of all labels
zcat lines.txt.gz | attendo predict model --input - --all --format tsv

# a model of pairs
attendo predict model "A man sleeps." --pair "Somebody is awake."
"""


def build_parser() -> Parser:
    """The options of `attendo predict`."""
    title = (
        "Labels texts, in their order. On a terminal the labels are shown as lines, elsewhere written as JSON Lines."
    )
    usage = "MODEL [TEXT ... | --input FILE] [options]"
    parser = Parser("attendo predict", usage=usage, title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to label")
    group.add_argument("model", metavar="MODEL", help="a model folder, or the hub's name of a model")
    group.add_argument(
        "texts", metavar="TEXT", nargs="*", default=[], help="texts; after -- they may begin with a hyphen"
    )
    group.add_argument(
        "--input", metavar="FILE", help="a file of texts; - for standard input, one text a line in UTF-8"
    )
    group = parser.add_argument_group("What comes out")
    group.add_argument("--output", metavar="FILE", help="a file for the labels, written whole or not at all")
    group.add_argument("--format", metavar="NAME", help="lines, jsonl or tsv; follows from --output if not given")
    group.add_argument("--all", action="store_true", help="show the probabilities of all labels (jsonl always does)")
    columns = add_columns(parser, "--text")
    pair = "column of the second text; with TEXT, the second text itself"
    columns.add_argument("--pair", metavar="COL", dest="data.pair", help=pair)
    add_reading(parser)
    add_device(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Label the texts and write what the model says."""
    _check_usage(options)
    from attendo.cli.reading import reading_settings
    from attendo.tasks import load_classifier
    from attendo.training import choose_device

    settings, device = reading_settings(options), choose_device(options.device)
    with notes_shown():
        model = load_classifier(options.model)
    model.network.to(device)
    write, labelled = WRITERS[_format(options)], _labelled(model, _examples(options, settings, model.columns))
    if options.input not in (None, "-") and is_terminal(sys.stderr) and (options.output or not is_terminal(sys.stdout)):
        labelled = counted(labelled)
    if options.output is None:
        write(labelled, sys.stdout, model.labels, options.all)
        return
    with written_whole(options.output) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write(labelled, file, model.labels, options.all)
    say(f"Written: {options.output}")


def _check_usage(options: Namespace) -> None:
    problem = None
    if options.format not in (None, *WRITERS):
        problem = f"`--format` may be {', '.join(WRITERS)}, but is `{options.format}`."
    elif bool(options.texts) == bool(options.input):
        problem = "Give either texts or --input FILE (- for standard input)."
    elif _same_file(options.input, options.output):
        problem = (
            f"`--output` names the file that is read, {options.input}, and would replace it. Give it another name."
        )
    if problem:
        raise UsageError(f"{problem} `attendo predict --help` shows how it is used.")


def _same_file(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    return Path(one).exists() and Path(one).resolve() == Path(other).resolve()


def _format(options: Namespace) -> str:
    if options.format:
        return options.format
    if options.output:
        return "tsv" if options.output.lower().endswith(".tsv") else "jsonl"
    return "lines" if is_terminal(sys.stdout) else "jsonl"


def _labelled(model: Classifier, examples: Iterator[Example]) -> Labelled:
    """Each example with what the model says of it; as many are in memory as the model takes at a time."""
    examples, read = tee(examples)
    return zip(examples, model.predict_examples(read), strict=True)


def _examples(options: Namespace, settings: DataSettings, columns: Mapping[str, str | None]) -> Iterator[Example]:
    from attendo.data import familiar_settings, read_inputs

    if options.texts:
        return _given(options.texts, settings.pair)
    if options.input == "-":
        return _lines()
    return read_inputs(options.input, familiar_settings(settings, Path(options.input), columns, labelled=False))


def _given(texts: list[str], pair: object) -> Iterator[Example]:
    """The texts of the command line, each with the one second text if there is one."""
    from attendo.data import Example
    from attendo.errors import DataError

    second = None if pair is None else str(pair)
    for text in texts:
        if not text.strip():
            raise DataError("A text on the command line is empty.")
        if any("\ud800" <= character <= "\udfff" for character in text + (second or "")):
            raise DataError("A text on the command line has bytes that are no characters; give it in UTF-8.")
        if os.path.isfile(text):
            say(f"`{text}` is labelled as a text; to label the texts in that file, use --input {text}.", "yellow")
        yield Example(text, second)


def _lines() -> Iterator[Example]:
    """The lines of standard input."""
    from attendo.data import Example
    from attendo.errors import DataError

    name, number = Path("standard input"), 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise DataError("the bytes here are not UTF-8; `iconv` converts them.", path=name, line=number) from None
        if not text.strip():
            raise DataError("the line is empty, but each must hold a text.", path=name, line=number)
        yield Example(text, path=name, line=number)
    if not number:
        raise DataError("it is empty.", path=name)
