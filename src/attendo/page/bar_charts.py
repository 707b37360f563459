"""Bars: amounts side by side, and how numbers are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError
from attendo.page.canvas import (
    FONT,
    LINE,
    Area,
    box,
    drawing,
    horizontal_axis,
    lettering,
    tooltip,
    vertical_axis,
)
from attendo.page.markup import Html, Svg, element, joined
from attendo.page.scales import Axis, Scale, fit_scale
from attendo.page.typography import common_digits, format_number, text_width

_LABEL_SHARE = 0.36  # of the width, for labels beside their bars; longer ones stand above
_TICKS = 6  # aimed at under a histogram


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One amount with its interval, if it has one; `muted` for what others are compared with."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    muted: bool = False


def bar_chart(
    bars: Sequence[Bar],
    *,
    title: str,
    axis: Axis | None = None,
    digits: int | None = None,
    description: str = "",
    width: float = 400,
) -> Svg:
    """Horizontal bars with whiskers from low to high; the height follows from their number."""
    axis = axis or Axis()
    if digits is None and not axis.percent:
        digits = common_digits([bar.value for bar in bars])
    values = [format_number(bar.value, digits=digits, percent=axis.percent).replace("-", "−") for bar in bars]
    longest = max((text_width(bar.label, FONT) for bar in bars), default=0.0)
    above = longest > _LABEL_SHARE * width
    pitch = 42 if above else 26
    area = Area(
        left=0 if above else longest + 10,
        top=4,
        right=width - 14 - max((text_width(value, FONT) for value in values), default=0.0),
        bottom=4 + pitch * len(bars) + 4,
    )
    ends = [end for bar in bars for end in (bar.value, bar.low, bar.high) if end is not None]
    along = fit_scale(axis, [*ends, *_base(axis)], area.left + 1, area.right, ticks=4, round_ends=True)
    rows = [
        _bar(bar, value, along, area, area.top + pitch * index, above)
        for index, (bar, value) in enumerate(zip(bars, values, strict=True))
    ]
    spoken = "; ".join(f"{bar.label}: {value}" for bar, value in zip(bars, values, strict=True))
    return drawing(
        width,
        area.bottom + (2 * LINE if axis.label else LINE) + 6,
        title,
        description or spoken,
        horizontal_axis(along, axis, area, width, grid=True),
        *rows,
    )


def histogram(
    values: npt.ArrayLike,
    *,
    title: str,
    axis: Axis | None = None,
    count_label: str = "",
    bins: int = 24,
    description: str = "",
    width: float = 400,
    height: float = 220,
) -> Svg:
    """How many of the values fall into each of about `bins` equal stretches; NaN and infinities are left out."""
    if bins < 1:
        raise InputError(f"`bins` must be at least 1, but is {bins}. 24 is usual.")
    axis, upwards = axis or Axis(), Axis(label=count_label, low=0)
    numbers = np.asarray(values, dtype=np.float64).ravel()
    numbers = numbers[np.isfinite(numbers) & ((numbers > 0) | (not axis.log))]
    # Bins are equal on the drawing, so that they are right on a logarithmic axis too.
    places = fit_scale(axis, numbers, 0, 1, ticks=_TICKS, round_ends=True).at(numbers)
    counts, _ = np.histogram(places, bins=bins, range=(0, 1))
    top, bottom = (LINE + 14 if count_label else 10), height - (2 * LINE if axis.label else LINE) - 6
    up = fit_scale(upwards, counts if counts.any() else [0, 1], bottom, top, ticks=4, round_ends=True)
    left = 12 + max(text_width(label, FONT) for label in up.labels)
    area = Area(left=left, top=top, right=width - 10, bottom=bottom)
    along = fit_scale(axis, numbers, area.left, area.right, ticks=_TICKS, round_ends=True)
    pitch = (area.right - area.left) / bins
    columns = [
        box(area.left + index * pitch + 0.5, level, pitch - 1, bottom - level, "bar", tooltip(format_number(count)))
        for index, (count, level) in enumerate(zip(counts.tolist(), up.at(counts).tolist(), strict=True))
        if count
    ]
    return drawing(
        width,
        height,
        title,
        description or _spread_in_words(numbers),
        vertical_axis(up, upwards, area),
        horizontal_axis(along, axis, area, width),
        *columns,
    )


def _bar(bar: Bar, value: str, along: Scale, area: Area, top: float, above: bool) -> Html:
    middle = top + (29 if above else 13)
    parts = [
        lettering(0, top + 14, bar.label, room=area.right, class_="name")
        if above
        else lettering(area.left - 8, middle + 4, bar.label, anchor="end", class_="name")
    ]
    zero = along.low if along.log else 0.0
    # What lies beyond the fixed ends of an axis is drawn up to there.
    ends = np.clip(along.at([zero, bar.value, *_whisker(bar)]), along.start, along.end)
    base, end, low, high = ends.tolist()
    if np.isnan(end):
        return joined(*parts, lettering(base + 6, middle + 4, value, class_="value"))
    spoken = "" if bar.low is None or bar.high is None else f"{format_number(bar.low)} – {format_number(bar.high)}"
    parts.append(
        box(
            min(base, end),
            middle - 8,
            max(1.0, abs(end - base)),
            16,
            "bar muted" if bar.muted else "bar",
            tooltip(bar.label, value, spoken),
            rx=2,
        )
    )
    if not np.isnan(low + high):
        strokes = f"M{low:.1f} {middle - 4}v8m0 -4H{high:.1f}m0 -4v8"
        parts += [element("path", d=strokes, class_=name) for name in ("halo", "whisker")]
        end = max(end, high)
    return joined(*parts, lettering(max(base, end) + 6, middle + 4, value, class_="value"))


def _whisker(bar: Bar) -> list[float]:
    """Both ends of the interval, or none of them."""
    return [np.nan, np.nan] if bar.low is None or bar.high is None else [bar.low, bar.high]


def _base(axis: Axis) -> list[float]:
    """Bars begin at 0 unless the axis is told otherwise."""
    return [] if axis.log or axis.low is not None else [0.0]


def _spread_in_words(numbers: npt.NDArray[np.float64]) -> str:
    if len(numbers) == 0:
        return "–"
    low, middle, high = (format_number(float(np.quantile(numbers, share))) for share in (0, 0.5, 1))
    return f"{low} – {high}, ½: {middle} ({len(numbers)})"
