"""How texts with numbers are written: as lines for people, as JSON Lines, or as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from attendo.cli.tasks.labelled import table_row
from attendo.cli.terminal import console, knows_unicode, one_line

if TYPE_CHECKING:
    from attendo.data import Example
    from attendo.tasks import Rating

    Rated: TypeAlias = Iterable[tuple[Example, Rating]]

_DIGITS = 7  # what a float32 can tell


def write_lines(rated: Rated, file: TextIO) -> None:
    """Number and text on one line of a terminal."""
    from rich.text import Text

    screen = console(file=file)
    for example, rating in rated:
        text = one_line(example.text if example.pair is None else f"{example.text} | {example.pair}")
        screen.print(Text.assemble((f"{rating.value:>10.4g}  ", "bold cyan"), text), no_wrap=True, overflow="ellipsis")


def write_json_lines(rated: Rated, file: TextIO) -> None:
    """One object a line."""
    ascii_only = not knows_unicode(file)
    for example, rating in rated:
        record: dict[str, Any] = {"value": _rounded(rating.value), "text": example.text}
        if example.pair is not None:
            record["pair"] = example.pair
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")


def write_table(rated: Rated, file: TextIO) -> None:
    """Tabs between fields; a text with a tab, a line end or a quotation mark in it stands in quotation marks."""
    for number, (example, rating) in enumerate(rated):
        texts = [example.text] if example.pair is None else [example.text, example.pair]
        if not number:
            file.write(table_row("value", *("text", "pair")[: len(texts)]))
        file.write(table_row(repr(_rounded(rating.value)), *texts))


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


WRITERS: dict[str, Callable[[Rated, TextIO], None]] = {
    "lines": write_lines,
    "jsonl": write_json_lines,
    "tsv": write_table,
}
"""Each takes the texts with their numbers, and where to write them."""
