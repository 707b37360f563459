"""`attendo pretrain`: from text without labels to a model that tasks can begin with."""

from __future__ import annotations

import shlex
from argparse import Namespace

from attendo.cli.options import add_output, add_training, check_base, setting_values
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.progress import choose_progress
from attendo.cli.terminal import console, resumable, say

SUMMARY = "let a model learn from your own text, without labels, before it is trained"
_USAGE = "TEXT... --out MODEL [options]"
_EXAMPLES = """
# a new model with a tokenizer of its own, from a text file, several, or a folder of them
attendo pretrain notes.txt --out language
attendo pretrain book1.txt book2.txt letters/ --out language --size tiny --minutes 5

# the text column of a table; of a folder with train, dev and test files, the test file is left alone
attendo pretrain reviews.csv --text review --out language

# go on with a model that is there, on text like yours
attendo pretrain reviews.csv --base bert-base-chinese/ --out language --epochs 3

# other objectives: tell replaced tokens, or write on
attendo pretrain notes.txt --objective replaced --out language
attendo pretrain notes.txt --objective causal --out language

# write texts whole again as BART does, or what was taken out as T5 does: bases for translations and summaries
attendo pretrain notes.txt --objective infilling --out language
attendo pretrain notes.txt --objective spans --out language

# all settings with their explanations
attendo pretrain --show-config > settings.yaml
"""


def build_parser() -> Parser:
    """The options of `attendo pretrain`."""
    title = (
        "Trains a model on text alone. It knows no task yet: `attendo train --base MODEL` teaches it one.\n"
        "No setting is needed: what is not given follows from the text and the machine, and is told.\n"
        "A run that was stopped goes on when its command is repeated."
    )
    parser = Parser("attendo pretrain", usage=_USAGE, title=title, examples=_EXAMPLES)
    data = parser.add_argument_group("What to learn from")
    data.add_argument("texts", metavar="TEXT", nargs="*", help="a file of any known format, or a folder of them")
    data.add_argument("--dev", metavar="FILE", help="held-out text; some documents are held out if not given")
    data.add_argument("--text", metavar="COL", dest="data.text", help="column of the text: its name, or its number")
    data.add_argument(
        "--documents", metavar="KIND", dest="data.documents", help="lines or paragraphs of plain text; found out"
    )
    _add_model(parser)
    add_output(parser, "the folder for the model")
    _add_settings(parser)
    add_general(parser)
    return parser


def _add_model(parser: Parser) -> None:
    add = parser.add_argument_group("The model").add_argument
    add(
        "--objective",
        metavar="NAME",
        dest="task.objective",
        help="masked: fill masked places; replaced: tell replaced tokens; causal: write on; infilling: write whole "
        "texts from parts; spans: write the missing parts; the base's own if not given, else masked",
    )
    add(
        "--base",
        metavar="FOLDER",
        dest="task.base",
        help="a model, or its name on the hub, to go on with; a new one is made if not given",
    )
    add("--size", metavar="SIZE", dest="task.size", help="size of a new model: tiny, small or base")
    add("--family", metavar="NAME", dest="task.family", help="family of a new model, such as bert, llama or bart")


def _add_settings(parser: Parser) -> None:
    group = parser.add_argument_group("Settings")
    add_training(group, epochs="passes over the text", example="task.masked_share=0.3")


def execute(options: Namespace) -> None:
    """Train, and show what came of it."""
    missing = [name for name, value in (("TEXT", options.texts), ("--out MODEL", options.out)) if not value]
    if missing and not options.show_config:
        raise UsageError(f"Missing: {', '.join(missing)}. It is used as `attendo pretrain {_USAGE}`.")
    check_base(options, "task.size", "task.family")
    from attendo.api import PretrainRunSettings, pretrain
    from attendo.configuration import read_settings, to_yaml
    from attendo.tasks import OBJECTIVES

    settings = read_settings(
        PretrainRunSettings, file=options.config, overrides=options.overrides, values=setting_values(options)
    )
    if options.show_config:
        print(to_yaml(settings), end="")
        return
    texts = options.texts[0] if len(options.texts) == 1 else options.texts
    with resumable(), choose_progress(quiet=options.quiet) as progress:
        result = pretrain(
            texts, out=options.out, dev=options.dev, settings=settings, overwrite=options.overwrite, tell=progress
        )
    if not options.quiet:
        screen = console()
        shown = ", ".join(f"{name} {value:.4g}" for name, value in result.scores.items() if name != "score")
        screen.print(f"On held-out text: {shown}.", style="bold")
        screen.print(f"Model:  {result.folder}", soft_wrap=True)
        folder = shlex.quote(str(options.out))
        task = OBJECTIVES[result.objective].task
        say(f"Teach it a task: attendo train {task} DATA --base {folder} --out model")
