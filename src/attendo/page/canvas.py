"""The parts that charts share: the frame with its name for screen readers, lettering, axes, the legend.

Colours and fonts come from the page's style sheet: `c1` to `c6` are the series colours, in an order that stays
distinguishable with any kind of colour blindness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from attendo.page.markup import Html, Svg, element, joined
from attendo.page.scales import Axis, Scale
from attendo.page.typography import fitted, text_width

FONT = 12
LINE = 18


@dataclass(frozen=True, kw_only=True)
class Area:
    """A rectangle of the drawing."""

    left: float
    top: float
    right: float
    bottom: float


def drawing(width: float, height: float, title: str, description: str, *parts: Html) -> Svg:
    """A whole chart; `title` and `description` are what a screen reader says of it."""
    return Svg(
        element(
            "svg",
            element("title", title),
            element("desc", description or title),
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            class_="chart",
            role="img",
            viewBox=f"0 0 {width:.6g} {height:.6g}",
            width=round(width),
            height=round(height),
            style=f"--natural:{round(width)}px",
        )
    )


def lettering(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    room: float | None = None,
    turn: float = 0,
    class_: str | None = None,
) -> Html:
    """Text with its baseline at (x, y), cut to `room` with the whole of it as a tooltip, turned by `turn` degrees."""
    shown = text if room is None else fitted(text, room, FONT)
    return element(
        "text",
        *([] if shown == text else [tooltip(text)]),
        shown,
        x=round(x, 1),
        y=round(y, 1),
        text_anchor=None if anchor == "start" else anchor,
        transform=f"rotate({turn:g} {x:.1f} {y:.1f})" if turn else None,
        class_=class_,
    )


def rule(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """A straight line."""
    return element("line", x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1), class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, *children: Html, **attributes: object) -> Html:
    """A rectangle; children are its tooltip."""
    place = {"x": round(x, 1), "y": round(y, 1), "width": round(width, 1), "height": round(height, 1)}
    return element("rect", *children, **place, class_=class_, **attributes)


def dot(x: float, y: float, radius: float, class_: str, *children: Html) -> Html:
    """A filled circle; children are its tooltip."""
    return element("circle", *children, cx=round(x, 1), cy=round(y, 1), r=round(radius, 1), class_=class_)


def tooltip(*parts: str) -> Html:
    """What a pointer resting on a mark shows."""
    return element("title", " · ".join(part for part in parts if part))


def horizontal_axis(scale: Scale, axis: Axis, area: Area, width: float, *, grid: bool = False) -> Html:
    """Tick labels under the area, within the width of the drawing, and the axis label under them."""
    parts = []
    for place, label in _spread(scale):
        half = text_width(label, FONT) / 2
        middle = min(max(place, half), width - half)
        if grid:
            parts.append(rule(place, area.top, place, area.bottom, "grid"))
        parts.append(lettering(middle, area.bottom + LINE, label, anchor="middle", class_="tick"))
    if axis.label:
        room = area.right - area.left
        parts.append(lettering(area.right, area.bottom + 2 * LINE, axis.label, anchor="end", room=room))
    return joined(*parts)


def vertical_axis(scale: Scale, axis: Axis, area: Area) -> Html:
    """Grid lines with tick labels to their left, and the axis label above the area."""
    parts = []
    for place, label in zip(scale.at(scale.ticks).tolist(), scale.labels, strict=True):
        parts.append(rule(area.left, place, area.right, place, "grid"))
        parts.append(lettering(area.left - 8, place + 4, label, anchor="end", class_="tick"))
    if axis.label:
        parts.append(lettering(0, area.top - 14, axis.label, room=area.right))
    return joined(*parts)


def legend(entries: Sequence[tuple[str, Html]], width: float) -> tuple[Html, float]:
    """Names with their marks (drawn from 0, 0 to 20, 12), in rows that fit the width; and the height they take."""
    parts, x, y = [], 0.0, 0.0
    for name, mark in entries:
        shown = fitted(name, width - 26, FONT)
        taken = 26 + text_width(shown, FONT)
        if x > 0 and x + taken > width:
            x, y = 0.0, y + LINE
        parts.append(element("g", mark, transform=f"translate({x:.1f} {y + 2:.1f})"))
        parts.append(lettering(x + 26, y + 12, name, room=width - 26))
        x += taken + 16
    return joined(*parts), (y + LINE + 6 if entries else 0.0)


def _spread(scale: Scale) -> list[tuple[float, str]]:
    """The ticks, every second or third of them where their labels would touch."""
    ticks = list(zip(scale.at(scale.ticks).tolist(), scale.labels, strict=True))
    widest = max((text_width(label, FONT) for _, label in ticks), default=0.0)
    for stride in range(1, len(ticks)):
        kept = ticks[::stride]
        if all(right - left > widest + 8 for (left, _), (right, _) in pairwise(kept)):
            return kept
    return ticks[:1]
