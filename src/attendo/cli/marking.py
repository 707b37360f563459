"""Texts with coloured parts, for the terminal; without colours the names in brackets say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attendo.cli.terminal import visible

if TYPE_CHECKING:
    from rich.text import Text

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def marked_text(text: str, parts: Sequence[tuple[int, int, str]], colours: Mapping[str, str]) -> Text:
    """The text on one line, each part in its colour and brackets, its name behind it: `[Paris LOC]`."""
    from rich.text import Text

    pieces: list[tuple[str, str] | str] = []
    place = 0
    for start, end, label in sorted(parts):
        if start < place:
            continue
        colour = colours.get(label, COLOURS[0])
        pieces += [visible(text[place:start]), (f"[{visible(text[start:end])}", f"bold {colour}")]
        pieces.append((f" {label}]", colour))
        place = end
    return Text.assemble(*pieces, visible(text[place:]))
