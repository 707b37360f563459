"""How numbers are written and how much room letters take, without asking a browser."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

MISSING = "–"

_NARROW = set("iljtfrI.,:;|!'()[] ")
_WIDE = set("mwMW@%—")
_SIGNS = set("<>&=+#^~−±×≤≥")  # far wider in some fonts than letters


def format_number(value: float | None, *, digits: int | None = None, percent: bool = False) -> str:
    """A number as people write it: 4 significant digits or `digits` decimals, "–" where there is none."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if percent:
        return f"{100 * value:.{1 if digits is None else digits}f}%"
    if digits is not None:
        return f"{value:,.{digits}f}"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1e-4 <= abs(value) < 1e6:
        decimals = max(0, 3 - math.floor(math.log10(abs(value))))
        written = f"{value:,.{decimals}f}"
        return written.rstrip("0").rstrip(".") if "." in written else written
    mantissa, power = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


def common_digits(values: Sequence[float]) -> int | None:
    """Decimals that show numbers of one kind alike: 3 significant digits of the largest; None for whole numbers."""
    shown = [value for value in values if math.isfinite(value)]
    largest = max(map(abs, shown), default=0.0)
    if all(float(value).is_integer() for value in shown) or not 1e-3 <= largest < 1e6:
        return None
    return max(0, 2 - math.floor(math.log10(largest)))


def text_width(text: str, size: float = 12) -> float:
    """Room that `text` takes at a font size, in the same unit, estimated on the generous side."""
    return size * sum(map(_share, text))


def fitted(text: str, width: float, size: float = 12) -> str:
    """`text` cut to a width, with "…" where something was cut off; line breaks become spaces."""
    line = " ".join(text.split())
    if text_width(line, size) <= width:
        return line
    room = width - size
    for kept, character in enumerate(line):
        room -= size * _share(character)
        if room < 0:
            return line[:kept].rstrip() + "…"
    return line


def _share(character: str) -> float:
    """Width of a character as a share of the font size."""
    if unicodedata.combining(character):
        return 0.0
    if character == "…" or unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.95
    if character in _SIGNS:
        return 0.84
    return 0.7 if character.isupper() else 0.6
