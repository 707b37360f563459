"""`attendo evaluate`: how well a model does on labelled texts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.cli.options import add_columns, add_device, add_reading
from attendo.cli.parsing import Parser, add_general
from attendo.cli.terminal import console, notes_shown, print_json, say

if TYPE_CHECKING:
    from attendo.data import DataSettings, Example
    from attendo.metrics import ClassificationScores, MultilabelScores
    from attendo.tasks import Classifier

SUMMARY = "score a model on labelled texts"
_EXAMPLES = """
# scores with their 95 % intervals, for each class too, and the confusion matrix
attendo evaluate model test.csv

# the test set of a folder, and a page with the hardest texts
attendo evaluate model corpus/ --report evaluation.html

# for programs
attendo evaluate model test.jsonl --json
"""
# Settings that say what a label is, rather than where it stands.
_LABEL_KEYS = ("label_separator", "label_until", "skip_labels")


def build_parser() -> Parser:
    """The options of `attendo evaluate`."""
    title = "Scores a model on labelled texts, each score with its interval."
    parser = Parser("attendo evaluate", usage="MODEL DATA [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to score")
    group.add_argument("model", metavar="MODEL", help="a model folder, or the hub's name of a model")
    group.add_argument("data", metavar="DATA", help="a labelled file, or a folder with a test set")
    group = parser.add_argument_group("What comes out")
    group.add_argument("--report", metavar="FILE", help="also write a page (HTML) with charts and the hardest texts")
    group.add_argument("--json", action="store_true", help="write JSON instead of tables")
    add_columns(parser)
    add_reading(parser)
    add_device(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Score, and show the scores."""
    from attendo.cli.reading import reading_settings
    from attendo.data import familiar_settings, read_examples
    from attendo.tasks import load_classifier
    from attendo.training import choose_device

    given, device = reading_settings(options), choose_device(options.device)
    with notes_shown():
        model = load_classifier(options.model)
    path = _labelled_set(Path(options.data))
    settings = familiar_settings(_with_meaning(given, model.card), path, model.columns)
    with notes_shown():
        examples = read_examples(path, settings)
    model.network.to(device)
    scores = model.evaluate(examples)
    title = f"{options.model} on {path}"
    if options.report:
        _write_report(options.report, title, model, examples, scores)
    if options.json:
        print_json({"model": options.model, "data": str(path), "labels": model.labels.names, **scores.as_dict()})
    else:
        _show(title, scores)
    if options.report:
        say(f"Report: {options.report}")


def _show(title: str, scores: ClassificationScores | MultilabelScores) -> None:
    from attendo.report import class_table, confusion_table, scores_table

    screen = console()
    tables = scores_table(scores, title), class_table(scores), confusion_table(scores, width=screen.width)
    for table in tables:
        if table is not None:
            screen.print(table)
            screen.print()


def _labelled_set(data: Path) -> Path:
    """The test set of a folder of sets; anything else is labelled texts itself."""
    from attendo.data import find_splits

    return find_splits(data).get("test", data) if data.is_dir() else data


def _with_meaning(settings: DataSettings, card: Mapping[str, Any]) -> DataSettings:
    """Labels are read as they were for training, as far as the command line does not say otherwise."""
    before = card.get("settings", {}).get("data", {})
    kept = {key: before[key] for key in _LABEL_KEYS if before.get(key) and not getattr(settings, key)}
    if "skip_labels" in kept:
        kept["skip_labels"] = tuple(kept["skip_labels"])  # JSON knows only lists
    return replace(settings, **kept)


def _write_report(
    path: str,
    title: str,
    model: Classifier,
    examples: Sequence[Example],
    scores: ClassificationScores | MultilabelScores,
) -> None:
    import numpy as np

    from attendo.report import hardest_cases, write_evaluation

    chances = np.array([tuple(each.probabilities.values()) for each in model.predict_examples(examples)])
    gold = model.labels.encode([example.labels for example in examples])
    hardest = hardest_cases(examples, gold, chances, model.labels.names)
    write_evaluation(title, scores, hardest, Path(path))
