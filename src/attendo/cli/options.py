"""Options that several commands share. Those that stand for a setting are stored under the setting's key."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError, Namespace
from typing import Any

from attendo.cli.parsing import ArgumentGroup, Parser, UsageError

_COLUMNS = {
    "--text": ("COL", "column of the text: its name, or its number counted from 0"),
    "--pair": ("COL", "column of the second text, where the task is about two"),
    "--label": ("COL", "column of the label"),
    "--label-separator": ("S", "what stands between labels where a text has several, such as |"),
    "--source": ("NAME", "what is written from: a column, the ending of a file (train.en), or a language"),
    "--target": ("NAME", "what is to be written, named alike"),
}


def add_columns(parser: Parser, *names: str) -> ArgumentGroup:
    """Options that say which columns hold what, all of them or those named, and their group."""
    group = parser.add_argument_group("Columns (found by their names and content if not given)")
    for name in names or _COLUMNS:
        metavar, text = _COLUMNS[name]
        group.add_argument(name, metavar=metavar, dest=f"data.{name[2:].replace('-', '_')}", help=text)
    return group


def add_report_language(group: ArgumentGroup) -> None:
    """The option that says in which language a report is."""
    group.add_argument(
        "--report-language",
        metavar="NAME",
        default=_spoken(),
        help="language of the report, en or zh; that of the terminal (LANG) if not given",
    )


def _spoken() -> str:
    """The language that the terminal is set to, if reports are in it; else English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").startswith("zh") else "en"


def add_questions(parser: Parser) -> ArgumentGroup:
    """The option for models that answer questions, and its group."""
    group = parser.add_argument_group("Questions")
    group.add_argument(
        "--no-answer",
        metavar="P",
        type=_share,
        help="give no answer where that is more probable than P (0 to 1); as the model learned if not given",
    )
    return group


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ArgumentTypeError(f"must be a number from 0 to 1, but is `{text}`")
    return share


def add_reading(parser: Parser) -> None:
    """The option for all other settings of reading, for the commands that do not train."""
    group = parser.add_argument_group("Reading")
    group.add_argument(
        "--set",
        metavar="KEY=VALUE",
        dest="overrides",
        action="append",
        default=[],
        help="a setting of reading, such as data.encoding=gb18030 or data.header=false; may be repeated",
    )


def add_output(parser: Parser, out: str) -> ArgumentGroup:
    """The options of a command that makes a model, and their group; `out` says what the folder is for."""
    group = parser.add_argument_group("What comes out")
    group.add_argument("--out", metavar="MODEL", help=out)
    group.add_argument("--overwrite", action="store_true", help="replace the model that is there")
    group.add_argument("--quiet", action="store_true", help="say nothing but warnings and errors")
    return group


def add_training(group: ArgumentGroup, *, epochs: str, example: str) -> None:
    """The settings of every command that trains: those of its loop, and all others by file and by key.

    Args:
        epochs: what an epoch passes over.
        example: a setting of the command, with a value.
    """
    add = group.add_argument
    add("--epochs", metavar="N", dest="training.epochs", help=epochs)
    add("--minutes", metavar="N", dest="training.minutes", help="time to train, in place of epochs")
    add("--seed", metavar="N", dest="training.seed", help="seed of all random numbers")
    add("--device", metavar="NAME", dest="training.device", help="auto (a GPU if there is one), cpu, cuda or mps")
    add("--config", metavar="FILE", help="a YAML or JSON file of settings")
    add(
        "--set",
        metavar="KEY=VALUE",
        dest="overrides",
        action="append",
        default=[],
        help=f"any setting, such as {example}; may be repeated, and wins over --config",
    )
    add("--show-config", action="store_true", help="show all settings with their explanations, and exit")


def add_device(parser: Parser) -> None:
    """The option that says where to compute."""
    group = parser.add_argument_group("Machine")
    group.add_argument(
        "--device",
        metavar="NAME",
        default="auto",
        help="auto (a GPU if there is one), cpu, cuda or mps; auto if not given",
    )


def check_base(options: Namespace, *made: str) -> None:
    """Refuse options that say how a model is made beside a base, which is made already.

    Raises:
        UsageError: naming the option that goes with no base.
    """
    values = vars(options)
    given = [name for name in made if values.get(name) is not None]
    if values.get("task.base") is not None and given:
        option = given[0].rpartition(".")[2]
        raise UsageError(
            f"`--{option}` is for models that are made anew; with `--base` it is the base's own. Leave one out."
        )


def setting_values(options: Namespace) -> dict[str, Any]:
    """What was given for settings, by their keys; `None` where nothing was."""
    return {key: value for key, value in vars(options).items() if "." in key}
