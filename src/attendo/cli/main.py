"""`attendo`: finds the command, runs it, and turns errors into sentences and exit codes.

0 done, 1 failed, 2 wrong usage or input, 130 interrupted.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from types import ModuleType

import attendo
from attendo.cli import chat, data, demo, evaluate, export, generate, predict, pretrain, search, train
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.terminal import drop_output, say, soften_streams
from attendo.errors import AttendoError

GROUPS: dict[str, dict[str, ModuleType]] = {
    "Make a model": {"data": data, "train": train, "pretrain": pretrain, "demo": demo},
    "Use a model": {
        "predict": predict,
        "generate": generate,
        "chat": chat,
        "search": search,
        "evaluate": evaluate,
        "export": export,
    },
}
"""Each command's module, as the help shows them. A module has `SUMMARY`, `build_parser` and `execute`."""

COMMANDS = {name: module for group in GROUPS.values() for name, module in group.items()}
INTERRUPTED = 130
_EXAMPLES = """
# see all of it at work on built-in reviews, in under two minutes
attendo demo

# train on your own file, then use the model
attendo train classify reviews.csv --out model
attendo predict model "The service was anything but friendly."
attendo predict model --input more.csv --output labelled.jsonl
"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, by default the program's own, and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    own = words[: words.index("--")] if "--" in words else words
    debug = "--debug" in own
    soften_streams()
    try:
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")  # what libraries tell programmers
            code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the output has seen enough
        drop_output()
        return 0
    except KeyboardInterrupt as stop:
        say(str(stop) or "Interrupted.")
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError):
            drop_output()  # what could not be written would fail again at the interpreter's end
        return _explain(error, debug)
    return code


def _dispatch(words: list[str]) -> int:
    place = next((i for i, word in enumerate(words) if not word.startswith("-")), len(words))
    overall, verb, rest = words[:place], words[place : place + 1], words[place + 1 :]
    root = _root_parser()
    try:
        options = root.parse_line(overall)
        if options.version:
            print(f"attendo {attendo.__version__}")
            return 0
        if not verb:
            print(root.format_help(), file=sys.stderr)
            return UsageError.exit_code
        command = _command(verb[0])
        command.execute(command.build_parser().parse_line(rest))
    except SystemExit:  # help was asked for, and shown
        pass
    return 0


def _command(verb: str) -> ModuleType:
    if verb in COMMANDS:
        return COMMANDS[verb]
    close = get_close_matches(verb, COMMANDS, 1)
    hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(COMMANDS)}."
    raise UsageError(f"There is no command `{verb}`. {hint}")


def _root_parser() -> Parser:
    lines = ["Trains Transformers for text that are affordable, see-through, and yours to carry away."]
    for title, commands in GROUPS.items():
        lines += ["", f"{title}:", *(f"  {name:10}{module.SUMMARY}" for name, module in commands.items())]
    lines += ["", "`attendo COMMAND --help` shows a command's options and examples."]
    parser = Parser("attendo", usage="COMMAND ...", title="\n".join(lines), examples=_EXAMPLES)
    add_general(parser).add_argument("--version", action="store_true", help="show the version and exit")
    return parser


def _explain(error: Exception, debug: bool) -> int:
    """Say what went wrong, and return the exit code."""
    if debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, AttendoError):
        say(f"Error: {error}", "red")
        return error.exit_code
    what = " ".join(f"{type(error).__name__}: {error}".split())
    hint = "" if debug else " Repeat the command with --debug to see where."
    say(f"Error: something unexpected happened ({what}).{hint}", "red")
    return AttendoError.exit_code
