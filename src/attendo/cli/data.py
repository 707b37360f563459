"""`attendo data`: what is in a data file, and what looks wrong."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from attendo.cli.options import add_columns, add_reading, setting_values
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.terminal import console, print_json

if TYPE_CHECKING:
    from attendo.data import DataReport

_OTHERS = "Read as texts with labels; for other data name what is to be learned, such as --task translate."
_CLASSIFY = "classify"
SUMMARY = "say what is in a data file, and what looks wrong"
_EXAMPLES = """
# formats, columns and encodings are found out
attendo data reviews.csv

# a folder with train, dev and test files, or with one folder for each class
attendo data corpus/

# the columns by name or number; several labels in a cell
attendo data topics.tsv --text 1 --label 0 --label-separator '|'

# pairs, dialogues, running texts and whatever else a task learns from
attendo data corpus/ --task translate --source en --target de
attendo data dialogues.jsonl --task chat

# the same as JSON, for programs
attendo data reviews.csv --json
"""


def build_parser() -> Parser:
    """The options of `attendo data`."""
    title = "Says what data hold: sets, classes, lengths, scripts, and what looks wrong or stops a training."
    parser = Parser("attendo data", usage="FILE [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to look at")
    group.add_argument("file", metavar="FILE", help="a file, or a folder of them")
    group.add_argument(
        "--task", metavar="TASK", help="what is to be learned from the data; classify if not given: texts with labels"
    )
    group.add_argument("--json", action="store_true", help="write JSON instead of tables")
    add_columns(parser)
    add_reading(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Look at the data and show what is found; problems that are listed are no failure."""
    report = _labelled(options) if (options.task or _CLASSIFY) == _CLASSIFY else _for_task(options)
    if options.json:
        from dataclasses import asdict

        print_json(asdict(report) | {"shares": report.shares})
    else:
        from attendo.report import data_table

        console().print(data_table(report))


def _labelled(options: Namespace) -> DataReport:
    """What texts with labels hold, whatever is wrong with them."""
    from attendo.cli.tasks.classifying import reading_settings
    from attendo.data import inspect_data
    from attendo.errors import DataError

    sided = [name for name in ("source", "target") if getattr(options, f"data.{name}") is not None]
    if sided:
        raise UsageError(f"`--{sided[0]}` is for texts that are written from others; name the task: --task translate.")
    report = inspect_data(options.file, reading_settings(options))
    if not any(one.rows for one in report.sets):
        paths = [Path(options.file), *(one.path for one in report.sets)]
        holds = any(path.is_dir() or (path.is_file() and path.stat().st_size) for path in paths)
        hints = [_OTHERS] if options.task is None and holds else []
        raise DataError("\n".join((*report.problems, *hints)))
    return report


def _for_task(options: Namespace) -> DataReport:
    """What a task would learn from."""
    from attendo.api import inspect, settings_of
    from attendo.configuration import read_settings

    settings = read_settings(settings_of(options.task), overrides=options.overrides, values=setting_values(options))
    return inspect(options.task, options.file, settings)
