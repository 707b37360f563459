"""`attendo train`: from a labelled file to a trained, measured, saved model, for any task."""

from __future__ import annotations

import shlex
from argparse import Namespace

from attendo.cli.options import add_columns, add_output, add_report_language, add_training, check_base, setting_values
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.progress import choose_progress
from attendo.cli.showing import show_result
from attendo.cli.tasks import TASK_FILES, commands_of
from attendo.cli.terminal import resumable, say

SUMMARY = "train a model on labelled texts, and measure it beside simpler ones"
_USAGE = "TASK DATA --out MODEL [options]"
_EXAMPLES = """
# one file; dev and test texts are set apart from it
attendo train classify reviews.csv --out model

# a folder with train, dev and test files, or with one folder for each class
attendo train classify corpus/ --out model --size base

# names in texts: a word and its tag on each line, or JSON Lines with places; Chinese and English
attendo train tag train.conll --dev dev.conll --test test.conll --out model

# predicates and their roles: columns of PropBank or CoNLL, Universal PropBank, or JSON Lines
attendo train roles train.conll --test test.conll --out model

# vectors of texts: from pairs with a number or a label, from pairs that mean the same, or from texts alone
attendo train embed pairs.tsv --out model

# a language model of your own texts, for three minutes; it goes on with what you give it
attendo train generate novel.txt --out model --minutes 3

# translations: two files whose lines belong together (corpus/train.en, corpus/train.de, ...), TSV, JSON Lines, TMX
attendo train translate corpus/ --source en --target de --out model --minutes 30

# summaries of documents
attendo train summarize articles.jsonl --source text --target summary --out model

# answers in dialogues: JSON Lines with messages, or lines with __eou__ between turns
attendo train chat dialogues.jsonl --out model

# on a pretrained model: any folder of BERT, RoBERTa, DistilBERT, ELECTRA, ModernBERT, GPT-2, Llama, Qwen
attendo train classify reviews.csv --base bert-folder --out model

# name the sets and the columns
attendo train classify train.tsv --dev dev.tsv --test test.tsv --text sentence --label stars --out model

# pairs of texts; several labels in a cell; any setting
attendo train classify pairs.jsonl --text premise --pair hypothesis --out model
attendo train classify topics.csv --label-separator '|' --set training.learning_rate=5e-4 --out model

# all settings with their explanations; edit them, then use them
attendo train classify --show-config > settings.yaml
attendo train classify reviews.csv --config settings.yaml --out model
"""


def build_parser() -> Parser:
    """The options of `attendo train`."""
    title = (
        "Trains a model, and measures simpler systems beside it, so that you see what it is worth.\n"
        "No setting is needed: what is not given follows from the data and the machine, and is told.\n"
        "A run that was stopped goes on when its command is repeated.\n\nTasks:\n"
    )
    title += "\n".join(f"  {name:10}{each.summary}" for name, each in TASK_FILES.items())
    parser = Parser("attendo train", usage=_USAGE, title=title, examples=_EXAMPLES)
    data = parser.add_argument_group("What to learn")
    data.add_argument("task", metavar="TASK", help=f"{', '.join(TASK_FILES)}: what is to be learned")
    data.add_argument("data", metavar="DATA", nargs="?", help="a labelled file, or a folder of them")
    data.add_argument("--dev", metavar="FILE", help="the set to choose by; set apart from DATA if not given")
    data.add_argument("--test", metavar="FILE", help="the set to be judged by; set apart from DATA if not given")
    add_report_language(add_output(parser, "the folder for the model and its report.html"))
    add_columns(parser)
    _add_settings(parser)
    add_general(parser)
    return parser


def _add_settings(parser: Parser) -> None:
    group = parser.add_argument_group("Settings")
    group.add_argument(
        "--base",
        metavar="FOLDER",
        dest="task.base",
        help="a pretrained model, or its name on the hub, to train on; without, from scratch",
    )
    group.add_argument("--size", metavar="SIZE", dest="task.model.size", help="size of the model: tiny, small or base")
    add_training(group, epochs="passes over the training texts", example="task.label_smoothing=0.1")


def execute(options: Namespace) -> None:
    """Train, and show what came of it."""
    missing = [name for name, value in (("DATA", options.data), ("--out MODEL", options.out)) if value is None]
    if missing and not options.show_config:
        raise UsageError(f"Missing: {', '.join(missing)}. It is used as `attendo train {_USAGE}`.")
    check_base(options, "task.model.size")
    from attendo.api import settings_of, train
    from attendo.configuration import read_settings, to_yaml

    settings = read_settings(
        settings_of(options.task), file=options.config, overrides=options.overrides, values=setting_values(options)
    )
    if options.show_config:
        print(to_yaml(settings), end="")
        return
    with resumable(), choose_progress(quiet=options.quiet) as progress:
        result = train(
            options.task,
            options.data,
            out=options.out,
            dev=options.dev,
            test=options.test,
            settings=settings,
            overwrite=options.overwrite,
            language=options.report_language,
            tell=progress,
        )
    if not options.quiet:
        show_result(result)
        say(f"Use it: {commands_of(result.model).example(result.model, shlex.quote(str(options.out)))}")
