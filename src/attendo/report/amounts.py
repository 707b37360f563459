"""How the numbers of a report are written, on the page and in the terminal alike."""

from __future__ import annotations

import math

from attendo.page import format_number
from attendo.report.words import Words

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS = ("B", "kB", "MB", "GB", "TB")


def percent(value: float) -> str:
    """A share: "91.4%"."""
    return format_number(value, percent=True)


def points(difference: float) -> str:
    """A difference of shares in percentage points: "1.2"."""
    return f"{_rounded(difference):.1f}"


def signed_points(difference: float) -> str:
    """The same with its sign: "+1.2"; no difference has none."""
    return f"{_rounded(difference):+.1f}" if _rounded(difference) else "0.0"


def duration(seconds: float, words: Words) -> str:
    """Seconds as people say them: "0.4 s", "4 min 12 s", "2 h 5 min"."""
    if seconds < 59.95:
        return words.seconds.format(seconds=f"{seconds:.1f}" if seconds else "0")
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return words.minutes.format(minutes=minutes, seconds=rest)
    hours, minutes = divmod(round(seconds / 60), 60)
    return words.hours.format(hours=f"{hours:,}", minutes=minutes)


def memory(size: float) -> str:
    """Bytes in the largest unit that leaves a number of 1 or more: "1.23 GB"."""
    power = min(int(math.log10(max(size, 1)) // 3), len(_UNITS) - 1)
    return f"{size / 1000**power:.3g} {_UNITS[power]}"


def power_of_ten(value: float) -> str:
    """A number of any size: "3.2 × 10¹⁴"; up to a million in full."""
    if abs(value) < 1e6 or not math.isfinite(value):
        return format_number(value)
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa} × 10{str(int(power)).translate(_SUPERSCRIPTS)}"


def _rounded(difference: float) -> float:
    return round(100 * difference, 1) + 0.0  # never -0.0
