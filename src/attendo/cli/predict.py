"""`attendo predict`: what a model says of texts on the command line, in a file of any size, or on standard input."""

from __future__ import annotations

import contextlib
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from attendo.cli.options import add_columns, add_device, add_questions, add_reading
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.progress import counted
from attendo.cli.task_options import check_task_options
from attendo.cli.tasks import FORMATS, TaskCommands, answers_of, can_go_on, commands_of
from attendo.cli.terminal import is_terminal, notes_shown, say
from attendo.cli.writing_options import add_writing
from attendo.files import checksum, written_on, written_whole

if TYPE_CHECKING:
    from attendo.tasks import TaskModel

_MOST = 20  # possible answers that models name
_BY_SUFFIX = frozenset(FORMATS) - {"lines"}  # which are for people
SUMMARY = "ask a model: labels, names, and whatever else it was trained for"
_EXAMPLES = """
# texts on the command line
attendo predict model "The plot was not dull at all." "房间一点也不干净。"

# a file of any size; the order is kept, and the output is whole or not there
attendo predict model --input reviews.csv --text review --output labelled.jsonl

# one text a line from another program, with the probabilities of all labels
zcat lines.txt.gz | attendo predict model --input - --all --format tsv

# names and other labelled parts of texts, in colour; as JSON Lines with their places, or as columns of words and tags
attendo predict model "Ada Lovelace was born in London."
attendo predict model --input news.txt --output names.jsonl

# who did what to whom: the sentence once for each predicate, its roles in colour
attendo predict model "She sold the house to her brother."

# a question about a passage; many of them from a file, as the published evaluations read answers
attendo predict model "Where was she born?" --passage-file lovelace.txt --best 3
attendo predict model --input dev.json --output predictions.json

# go on with a text, as the options of writing say
attendo predict model "Once upon a time" --temperature 0.8 --max-new 200
attendo predict model --input prompts.txt --output stories.jsonl --method beam

# translate, and see which word comes from which
attendo predict model "A man is playing a guitar." --align
attendo predict model --input news.en --output news.de --format lines

# a model of pairs
attendo predict model "A man sleeps." --pair "Somebody is awake."
"""


def build_parser() -> Parser:
    """The options of `attendo predict`."""
    title = (
        "Answers texts in their order. On a terminal the answers are shown as lines, elsewhere written as JSON Lines."
    )
    usage = "MODEL [TEXT ... | --input FILE] [options]"
    parser = Parser("attendo predict", usage=usage, title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to ask")
    group.add_argument("model", metavar="MODEL", help="a model folder, or the hub's name of a model")
    group.add_argument(
        "texts", metavar="TEXT", nargs="*", default=[], help="texts; after -- they may begin with a hyphen"
    )
    group.add_argument(
        "--input", metavar="FILE", help="a file of texts; - for standard input, one text a line in UTF-8"
    )
    group = parser.add_argument_group("What comes out")
    group.add_argument("--output", metavar="FILE", help="a file for the answers, written whole or not at all")
    group.add_argument(
        "--format",
        metavar="NAME",
        help="lines, jsonl or tsv, for tags also conll, for answers lines, jsonl or json; follows from --output",
    )
    group.add_argument("--all", action="store_true", help="show all probabilities (jsonl always does)")
    group = add_questions(parser)
    group.add_argument("--passage", metavar="TEXT", help="the text that questions are answered from")
    group.add_argument("--passage-file", metavar="FILE", help="a file with that text, in UTF-8")
    group.add_argument("--best", metavar="N", type=_count, help="show so many possible answers, at most 20")
    columns = add_columns(parser, "--text", "--source")
    pair = "column of the second text; with TEXT, the second text itself"
    columns.add_argument("--pair", metavar="COL", dest="data.pair", help=pair)
    add_writing(parser).add_argument(
        "--align", action="store_true", default=None, help="say which word of the source each word looks at"
    )
    add_reading(parser)
    add_device(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Ask the model, and write what it says."""
    _check_usage(options)
    from attendo.tasks import load_task_model
    from attendo.training import choose_device

    device = choose_device(options.device)
    with notes_shown():
        model = load_task_model(options.model)
    check_task_options(options, model.task)
    commands = commands_of(model)
    name = _format(options, commands)
    model.network.to(device)
    told = is_terminal(sys.stderr) and (options.output or not is_terminal(sys.stdout))
    goes_on = can_go_on(commands, name, options, model)
    with _opened(options, goes_on=goes_on) as (file, done):
        answered = _answered(model, _records(options, commands, model), options, done)
        if options.input not in (None, "-") and told:
            answered = counted(answered, lambda each: each[0].noun)
        commands.WRITERS[name](answered, file, model, options)
    if options.output is not None:
        say(f"Written: {options.output}")


@contextlib.contextmanager
def _opened(options: Namespace, *, goes_on: bool) -> Iterator[tuple[TextIO, int]]:
    """Where answers are written to, and how many an earlier attempt has left there.

    Args:
        goes_on: whether answers take so long that those of a command that was stopped are kept; each is a line.
    """
    if options.output is None:
        yield sys.stdout, 0
    elif options.input in (None, "-") or not goes_on:
        with written_whole(options.output) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            yield file, 0
    else:
        with (
            written_on(options.output, _about(options)) as (started, done),
            started.open("a", encoding="utf-8", newline="") as file,
        ):
            if done:
                say(f"Going on behind {done:,} answers of an earlier attempt.")
            try:
                yield file, done
            except KeyboardInterrupt:
                raise KeyboardInterrupt("Interrupted; repeat the command to go on where it was.") from None


def _about(options: Namespace) -> str:
    """What the answers depend on: the options, the files of the model, and what is read."""
    from attendo.models import find_model

    folder = find_model(options.model)
    files = sorted((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in folder.iterdir())
    return repr((sorted(vars(options).items(), key=str), str(folder), files, checksum(options.input)))


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"must be a number from 1 to {_MOST}, but is `{text}`")
    return int(text)


def _check_usage(options: Namespace) -> None:
    problem = None
    if options.format not in (None, *FORMATS):
        problem = f"`--format` may be {', '.join(FORMATS)}, but is `{options.format}`."
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


def _format(options: Namespace, commands: TaskCommands) -> str:
    """How the answers are written: as asked for, as the name of the file says, or as suits who reads them.

    Raises:
        UsageError: the format is not one of the model's.
    """
    known = commands.WRITERS
    if options.format is not None:
        if options.format not in known:
            raise UsageError(f"`--format` may be {', '.join(known)} for this model, but is `{options.format}`.")
        return options.format
    if options.output:
        return _format_of_file(options.output, known)
    return "lines" if is_terminal(sys.stdout) else "jsonl"


def _format_of_file(output: str, known: Collection[str]) -> str:
    """The format that the name of a file asks for; JSON Lines where it names none, which is told."""
    suffix = Path(output).suffix.lower()
    name = suffix.removeprefix(".")
    if name in _BY_SUFFIX:
        if name not in known:
            raise UsageError(
                f"`--output` ends in {suffix}, but this model's answers may be written as {', '.join(known)}. "
                "Give the file another suffix, or say with `--format` what to write."
            )
        return name
    if name not in ("", "ndjson"):
        say(
            f"The suffix {suffix} names no format: {output} is written as JSON Lines. `--format` says otherwise.",
            "yellow",
        )
    return "jsonl"


def _records(options: Namespace, commands: TaskCommands, model: TaskModel) -> Iterator[Any]:
    if options.texts:
        return commands.given(options, model)
    if options.input == "-":
        return commands.lines(options, model)
    return commands.read(Path(options.input), options, model)


def _answered(model: TaskModel, records: Iterator[Any], options: Namespace, done: int) -> Iterable[tuple[Any, Any]]:
    """Each record with what the model says of it; as many are in memory as the model takes at a time.

    Args:
        done: how many of the first are answered already.
    """
    records, asked = tee(islice(records, done, None))
    return zip(records, answers_of(model, asked, options, done), strict=True)
