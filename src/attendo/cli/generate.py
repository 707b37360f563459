"""`attendo generate`: prompts at the terminal, each gone on with as it is being written."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from attendo.cli.parsing import Parser
from attendo.cli.prompting import add_usual, asked_model, show, typed_lines
from attendo.cli.terminal import say

SUMMARY = "go on with what you type, token by token"
_EXAMPLES = r"""
# type a beginning, and see it gone on with; \n stands for a line end
attendo generate model --temperature 0.8 --max-new 300

# a model of another library
attendo generate gpt2/ --top-p 0.9
"""
_HELP = "Type a beginning and press Enter; \\n in it stands for a line end. /quit or the end of input ends."


def build_parser() -> Parser:
    """The options of `attendo generate`."""
    title = (
        "Goes on with what you type. What is written is shown as it comes; the same beginning is gone on with anew.\n"
        "For files of prompts, and for programs, there is `attendo predict MODEL --input FILE`."
    )
    parser = Parser("attendo generate", usage="MODEL [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to ask")
    group.add_argument("model", metavar="MODEL", help="a folder with a language model, or the hub's name of one")
    add_usual(parser)
    return parser


def execute(options: Namespace) -> None:
    """Read prompts, and go on with each."""
    from attendo.cli.tasks.generating import reading_settings
    from attendo.errors import InputError
    from attendo.tasks import Generator

    settings = reading_settings(options).writing
    model = asked_model(options, Generator, "generate needs one that writes on.")
    for number, line in enumerate(typed_lines("> ", _HELP)):
        try:
            show(model.stream(line.replace("\\n", "\n"), replace(settings, seed=settings.seed + number)))
        except InputError as error:
            say(f"Error: {error}", "red")
