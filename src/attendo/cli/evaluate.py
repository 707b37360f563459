"""`attendo evaluate`: how well a model does on labelled texts."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from attendo.cli.options import add_columns, add_device, add_questions, add_reading, add_report_language
from attendo.cli.parsing import Parser, add_general
from attendo.cli.progress import waited
from attendo.cli.task_options import check_task_options
from attendo.cli.tasks import commands_of
from attendo.cli.terminal import console, notes_shown, print_json, say
from attendo.cli.writing_options import add_writing

if TYPE_CHECKING:
    from attendo.report import SystemScores

SUMMARY = "score a model on texts whose right answers are known"
_EXAMPLES = """
# scores with their 95 % intervals, for each class too, and the confusion matrix
attendo evaluate model test.csv

# the test set of a folder, and a page with the hardest texts
attendo evaluate model corpus/ --report evaluation.html

# questions of which some have no answer, and a model that was made elsewhere
attendo evaluate roberta-squad2/ dev-v2.0.json --no-answer 0.5

# for programs
attendo evaluate model test.jsonl --json
"""


def build_parser() -> Parser:
    """The options of `attendo evaluate`."""
    title = "Scores a model on texts whose right answers are known, each score with its interval."
    parser = Parser("attendo evaluate", usage="MODEL DATA [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to score")
    group.add_argument("model", metavar="MODEL", help="a model folder, or the hub's name of a model")
    group.add_argument("data", metavar="DATA", help="a labelled file, or a folder with a test set")
    group = parser.add_argument_group("What comes out")
    group.add_argument("--report", metavar="FILE", help="also write a page (HTML) with charts and the hardest texts")
    add_report_language(group)
    group.add_argument("--json", action="store_true", help="write JSON instead of tables")
    add_questions(parser)
    add_columns(parser)
    add_writing(parser)
    add_reading(parser)
    add_device(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Score, and show the scores."""
    from attendo.data import noun_of
    from attendo.report import check_language, write_evaluation
    from attendo.tasks import load_task_model
    from attendo.training import choose_device

    check_language(options.report_language)
    device = choose_device(options.device)
    with notes_shown():
        model = load_task_model(options.model)
    check_task_options(options, model.task)
    commands = commands_of(model)
    with notes_shown():
        path, records = commands.to_score(Path(options.data), options, model)
    model.network.to(device)
    noun = noun_of(records)
    with waited(f"Scoring {len(records):,} {noun}{'s' if len(records) != 1 else ''}."):
        scores, hardest, beside = commands.judged(model, records, options, hardest=bool(options.report))
    title, shown = f"{options.model} on {path}", {"language": options.report_language, "noun": noun}
    if options.report:
        write_evaluation(title, scores, hardest, Path(options.report), **shown)
    if options.json:
        print_json({"model": options.model, "data": str(path), **beside, **scores.as_dict()})
    else:
        _show(title, scores, **shown)
    if options.report:
        say(f"Report: {options.report}")


def _show(title: str, scores: SystemScores, *, language: str, noun: str) -> None:
    from attendo.report import class_table, confusion_table, scores_table

    screen = console()
    tables = (
        scores_table(scores, title, language=language, noun=noun),
        class_table(scores, language=language, noun=noun),
        confusion_table(scores, width=screen.width, language=language),
    )
    for table in tables:
        if table is not None:
            screen.print(table)
            screen.print()
