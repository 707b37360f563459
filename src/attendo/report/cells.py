"""The make of all tables in the terminal: columns by alignment, cells of plain text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

_ENOUGH = 10_000  # columns of a screen on which every table has its natural width


def empty_table(*names: str, numbers: int = 0) -> Table:
    """A table without rows; its last `numbers` columns are set to the right and never broken."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_header=any(names))
    for place, name in enumerate(names):
        number = place >= len(names) - numbers
        side = "right" if number else "left"
        table.add_column(plain_text(name), justify=side, no_wrap=number, overflow="fold", header_style="bold")
    return table


def add_row(table: Table, *cells: str, style: str = "") -> None:
    """A row of plain text; cells that are not given stay empty."""
    table.add_row(*map(plain_text, cells), style=style or None)


def titled(title: str, table: Table) -> Group:
    """A table under its name."""
    from rich.console import Group

    return Group(plain_text(title, "bold"), plain_text(""), table)


def plain_text(text: str, style: str = "") -> Text:
    """Text as it may be shown: nothing in it is taken for markup, and nothing moves the cursor."""
    from rich.text import Text

    return Text("".join(map(_visible, text)), style)


def natural_width(table: Table) -> int:
    """Columns of a screen that the table takes where it has all the room it wants."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(width=_ENOUGH)
    return Measurement.get(console, console.options, table).maximum


def narrowest_width(table: Table) -> int:
    """Columns of a screen that the table takes where its first column is broken between words, and no other is."""
    from rich.cells import cell_len

    names = [str(cell) for cell in table.columns[0].cells]
    longest = max((cell_len(word) for name in names for word in name.split()), default=0)
    return natural_width(table) - max(map(cell_len, names), default=0) + longest


def _visible(character: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cs") else character
