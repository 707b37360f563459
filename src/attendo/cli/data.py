"""`attendo data`: what is in a data file, and what looks wrong."""

from __future__ import annotations

from argparse import Namespace

from attendo.cli.options import add_columns, add_reading
from attendo.cli.parsing import Parser, add_general
from attendo.cli.terminal import console, print_json

SUMMARY = "say what is in a data file, and what looks wrong"
_EXAMPLES = """
# formats, columns and encodings are found out
attendo data reviews.csv

# a folder with train, dev and test files, or with one folder for each class
attendo data corpus/

# the columns by name or number; several labels in a cell
attendo data topics.tsv --text 1 --label 0 --label-separator '|'

# the same as JSON, for programs
attendo data reviews.csv --json
"""


def build_parser() -> Parser:
    """The options of `attendo data`."""
    title = "Says what labelled data hold: sets, classes, lengths, scripts, and what looks wrong or stops a training."
    parser = Parser("attendo data", usage="FILE [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to look at")
    group.add_argument("file", metavar="FILE", help="a labelled file, or a folder of them")
    group.add_argument("--json", action="store_true", help="write JSON instead of tables")
    add_columns(parser)
    add_reading(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Look at the data and show what is found; problems that are listed are no failure."""
    from attendo.cli.tasks.classifying import reading_settings
    from attendo.data import inspect_data
    from attendo.errors import DataError

    report = inspect_data(options.file, reading_settings(options))
    if not any(one.rows for one in report.sets):
        raise DataError("\n".join(report.problems))
    if options.json:
        from dataclasses import asdict

        print_json(asdict(report) | {"shares": report.shares})
    else:
        from attendo.report import data_table

        console().print(data_table(report))
