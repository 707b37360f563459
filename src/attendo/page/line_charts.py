"""Line charts: how something changes along a number, such as loss along steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from attendo.errors import ShapeError
from attendo.page.canvas import (
    FONT,
    LINE,
    Area,
    dot,
    drawing,
    horizontal_axis,
    legend,
    lettering,
    rule,
    tooltip,
    vertical_axis,
)
from attendo.page.markup import Html, Svg, element, joined
from attendo.page.scales import Axis, Scale, fit_scale
from attendo.page.typography import format_number, text_width

_COLOURS = 6
_FEW = 31  # points of a series that are also drawn as dots, unless told otherwise
_COLUMNS = 400  # stretches of a long series that each keep only their lowest and highest point


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line through points in order; NaN is a gap. `dots` marks each point, by default if they are few."""

    name: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    dots: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A labelled place on the horizontal axis, such as the best checkpoint."""

    x: float
    label: str


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x: Axis | None = None,
    y: Axis | None = None,
    marks: Sequence[Mark] = (),
    description: str = "",
    width: float = 400,
    height: float = 240,
) -> Svg:
    """Lines over a common horizontal axis; the legend and the marks add to the height."""
    x, y = x or Axis(), y or Axis()
    lines = [_Line.of(one, index) for index, one in enumerate(series)]
    xs = np.concatenate([np.empty(0), *(line.x for line in lines), [mark.x for mark in marks]])
    ys = np.concatenate([np.empty(0), *(line.y for line in lines)])
    names, names_height = legend([(line.name, _swatch(line)) for line in lines if len(lines) > 1], width)
    above = names_height + LINE * len(marks)
    top = above + (LINE + 14 if y.label else 10)
    bottom = above + height - (2 * LINE if x.label else LINE) - 6
    up = fit_scale(y, ys, bottom, top, ticks=max(2, round((bottom - top) / 44)), round_ends=True)
    left = 12 + max((text_width(label, FONT) for label in up.labels), default=0)
    area = Area(left=left, top=top, right=width - 10, bottom=bottom)
    along = fit_scale(x, xs, area.left, area.right, ticks=6)
    return drawing(
        width,
        above + height,
        title,
        description or "; ".join(line.summary for line in lines),
        names,
        vertical_axis(up, y, replace(area, top=top - LINE * len(marks))),
        horizontal_axis(along, x, area, width),
        *(_mark(mark, along, area, top - 6 - LINE * row) for row, mark in enumerate(marks)),
        _clipped(area, [_path(line, along, up) for line in lines]),
        *(_dots(line, along, up, area) for line in lines),
    )


@dataclass(frozen=True, kw_only=True)
class _Line:
    name: str
    colour: str
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    dots: bool

    @classmethod
    def of(cls, series: Series, index: int) -> _Line:
        x, y = (np.asarray(part, dtype=np.float64) for part in (series.x, series.y))
        if x.ndim != 1 or x.shape != y.shape:
            raise ShapeError(
                f"Series {series.name!r} needs as many x as y values, but has shapes {x.shape}, {y.shape}."
            )
        turn, place = divmod(index, _COLOURS)
        colour = f"c{place + 1}" + (f" dash{(turn - 1) % 2 + 1}" if turn else "")
        return cls(
            name=series.name, colour=colour, x=x, y=y, dots=len(x) <= _FEW if series.dots is None else series.dots
        )

    @property
    def summary(self) -> str:
        shown = self.y[np.isfinite(self.y)]
        if len(shown) == 0:
            return f"{self.name}: –"
        return f"{self.name}: {format_number(shown[0])} → {format_number(shown[-1])} ({len(shown)})"


def _runs(line: _Line, along: Scale, up: Scale) -> Iterator[npt.NDArray[np.float64]]:
    """Stretches of the line without gaps, as places on the drawing, thinned where no eye could tell."""
    places = np.stack([along.at(line.x), up.at(line.y)], axis=1)
    shown = np.isfinite(places).all(axis=1)
    for run in np.split(places, np.flatnonzero(np.diff(shown)) + 1):
        if len(run) and np.isfinite(run[0]).all():
            yield _thinned(run)


def _thinned(run: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if len(run) <= 2 * _COLUMNS:
        return run
    kept = {0, len(run) - 1}
    for stretch in np.array_split(np.arange(len(run)), _COLUMNS):
        kept |= {int(stretch[run[stretch, 1].argmin()]), int(stretch[run[stretch, 1].argmax()])}
    return run[sorted(kept)]


def _path(line: _Line, along: Scale, up: Scale) -> Html:
    runs = [run for run in _runs(line, along, up) if len(run) > 1]
    drawn = "".join("M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in run.tolist()) for run in runs)
    return element("path", d=drawn, class_=f"line {line.colour}") if drawn else Html()


def _dots(line: _Line, along: Scale, up: Scale, area: Area) -> Html:
    """Every point within the area where dots are wanted; otherwise only those that no line reaches."""
    xs, ys = along.at(line.x), up.at(line.y)
    shown = np.isfinite(xs) & np.isfinite(ys)
    alone = shown & ~np.append(False, shown[:-1]) & ~np.append(shown[1:], False)
    inside = (xs >= area.left - 1) & (xs <= area.right + 1) & (ys >= area.top - 1) & (ys <= area.bottom + 1)
    parts = []
    for index in np.flatnonzero((shown if line.dots else alone) & inside):
        words = tooltip(line.name, format_number(line.x[index]), format_number(line.y[index]))
        parts.append(dot(xs[index], ys[index], 3, f"dot {line.colour}", words))
    return joined(*parts)


def _mark(mark: Mark, along: Scale, area: Area, baseline: float) -> Html:
    """A dashed line with its label on whichever side has more room."""
    place = float(along.at(mark.x))
    if not area.left - 1 <= place <= area.right + 1:
        return Html()
    if place > (area.left + area.right) / 2:
        label = lettering(place - 5, baseline, mark.label, anchor="end", room=place - 5, class_="strong")
    else:
        label = lettering(place + 5, baseline, mark.label, room=area.right - place - 5, class_="strong")
    return joined(rule(place, baseline - FONT, place, area.bottom, "mark"), label)


def _clipped(area: Area, parts: Sequence[Html]) -> Html:
    """Parts shown only within the area, for lines that run out of an axis with fixed ends."""
    x, y, width, height = area.left - 2, area.top - 2, area.right - area.left + 4, area.bottom - area.top + 4
    return element(
        "svg", *parts, x=x, y=y, width=width, height=height, viewBox=f"{x:.6g} {y:.6g} {width:.6g} {height:.6g}"
    )


def _swatch(line: _Line) -> Html:
    return element("path", d="M0 6H20", class_=f"line {line.colour}")
