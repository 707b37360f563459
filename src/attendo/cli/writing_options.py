"""Options that say how texts are written, for models of all tasks that write: one for each setting, under its name."""

from __future__ import annotations

from typing import NamedTuple

from attendo.cli.parsing import ArgumentGroup, Parser

PLACE = "writing"
"""Where these settings stand among those of a command."""


class WritingOption(NamedTuple):
    """How a setting is given on the command line."""

    metavar: str
    help: str
    several: bool = False
    """Whether the option may be repeated."""


WRITING_OPTIONS: dict[str, WritingOption] = {
    "method": WritingOption("NAME", "greedy (the best token each time), beam or sample; as suits the task else"),
    "max_new": WritingOption("N", "new tokens of a text at most"),
    "min_new": WritingOption("N", "new tokens of a text at least"),
    "n_best": WritingOption("N", "texts for each prompt, the best first; 1 if not given"),
    "temperature": WritingOption("T", "sample: below 1 likely tokens become likelier, above 1 less so"),
    "top_k": WritingOption("N", "sample: draw among so many of the likeliest tokens"),
    "top_p": WritingOption("P", "sample: draw among the likeliest tokens that have this share of the probability"),
    "min_p": WritingOption("P", "sample: draw among tokens at least so many times as likely as the likeliest"),
    "typical": WritingOption("P", "sample: draw among tokens about as surprising as is to be expected"),
    "candidates": WritingOption("N", "sample: draw so many texts, give the one most like the others"),
    "seed": WritingOption("N", "sample: what is drawn depends on this number; 0 if not given"),
    "beams": WritingOption("N", "beam: texts that are followed at a time; 4 if not given"),
    "length_penalty": WritingOption("X", "beam: above 0 longer texts gain; 1 if not given"),
    "coverage_penalty": WritingOption("X", "beam: how much it counts if parts of the source were hardly looked at"),
    "repetition_penalty": WritingOption("X", "above 1 tokens that have occurred become less likely"),
    "no_repeat_ngram": WritingOption("N", "no sequence of so many tokens occurs twice"),
    "stop": WritingOption("TEXT", "end where this comes up; may be repeated", several=True),
    "banned": WritingOption("TEXT", "never write this; may be repeated", several=True),
    "forced": WritingOption("TEXT", "this must occur; may be repeated", several=True),
    "beginning": WritingOption("TEXT", "what every text begins with"),
    "pattern": WritingOption("REGEX", "a regular expression that the whole text matches"),
    "schema": WritingOption("JSON", "a JSON schema that the text fits"),
}
"""By the names of the settings."""


def add_writing(parser: Parser) -> ArgumentGroup:
    """The options of writing, and their group; each is kept under the key of its setting."""
    group = parser.add_argument_group("Writing, for models that write")
    for name, option in WRITING_OPTIONS.items():
        group.add_argument(
            option_of(name),
            metavar=option.metavar,
            dest=f"{PLACE}.{name}",
            action="append" if option.several else "store",
            help=option.help,
        )
    return group


def option_of(name: str) -> str:
    """The option for a setting."""
    return f"--{name.replace('_', '-')}"
