"""Commands, options and their help: argparse with help that is shorter and mistakes that are sentences."""

from __future__ import annotations

import argparse
import re
import shutil
from difflib import get_close_matches
from typing import NoReturn, TypeAlias

from attendo.errors import InputError

ArgumentGroup: TypeAlias = argparse._ArgumentGroup

_WIDTH = 100  # longer lines are hard to read
_COLUMN = 30  # where explanations begin
_MISSING = re.compile(r"the following arguments are required: (?P<names>.*)")
_INVALID = re.compile(r"argument (?P<option>[^:]+): (?P<problem>.*)", re.DOTALL)


class UsageError(InputError):
    """The command line itself is wrong."""


class Parser(argparse.ArgumentParser):
    """The options of one command.

    `title` tells what the command does, `examples` are command lines with a comment above each.
    """

    def __init__(self, prog: str, *, usage: str, title: str, examples: str) -> None:
        super().__init__(
            prog,
            usage=f"{prog} {usage}",
            description=title,
            epilog=f"Examples:\n\n{_indented(examples)}",
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )

    def parse_line(self, words: list[str]) -> argparse.Namespace:
        """The options in these words; options and other words may stand in any order.

        Raises:
            UsageError: if a word is not known, or a value is missing.
        """
        options, unknown = self.parse_known_intermixed_args(words)
        if unknown:
            self.error(self._not_known(unknown))
        return options

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as a sentence, with the way to the help."""
        if missing := _MISSING.fullmatch(message):
            raise UsageError(f"Missing: {missing['names']}. It is used as `{self.usage}`.")
        if invalid := _INVALID.fullmatch(message):
            message = f"`{invalid['option'].split('/')[-1]}` needs a value after it."
            if not invalid["problem"].startswith("expected"):
                message = f"`{invalid['option']}`: {invalid['problem']}."
        raise UsageError(f"{message} `{self.prog} --help` shows how it is used.")

    def _not_known(self, unknown: list[str]) -> str:
        known = re.findall(r"(?<![\w-])--[a-z][a-z-]*", self.format_help().partition("Examples:")[0])
        for word in unknown:
            if word.startswith("-"):
                close = get_close_matches(word.partition("=")[0], known, 1)
                return f"There is no option `{word}`." + (f" Did you mean `{close[0]}`?" if close else "")
        return f"`{unknown[0]}` is one word too many; a text or name with blanks needs quotation marks."


def add_general(parser: Parser) -> ArgumentGroup:
    """The options that every command has, and their group."""
    group = parser.add_argument_group("General")
    group.add_argument("--debug", action="store_true", help="show where an error comes from")
    group.add_argument("-h", "--help", action="help", help="show this help and exit")
    return group


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """The usual help, as wide as the terminal but not too wide for reading."""

    def __init__(self, prog: str) -> None:
        columns = shutil.get_terminal_size().columns
        super().__init__(prog, max_help_position=_COLUMN, width=max(40, min(columns - 1, _WIDTH)))

    def add_usage(self, usage, actions, groups, prefix=None) -> None:
        super().add_usage(usage, actions, groups, "Usage: " if prefix is None else prefix)


def _indented(examples: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in examples.strip().splitlines())
