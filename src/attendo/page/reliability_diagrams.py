"""Reliability diagrams: whether a probability of 0.8 is right eight times in ten (arXiv 1706.04599, figure 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attendo.errors import ShapeError
from attendo.page.canvas import FONT, LINE, Area, box, dot, drawing, horizontal_axis, rule, tooltip, vertical_axis
from attendo.page.markup import Svg
from attendo.page.scales import Axis, fit_scale
from attendo.page.typography import format_number, text_width

_COUNTS_HEIGHT = 44


def reliability_diagram(
    confidence: Sequence[float],
    accuracy: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    confidence_label: str = "",
    accuracy_label: str = "",
    description: str = "",
    width: float = 400,
    height: float = 320,
) -> Svg:
    """Accuracy of each bin over its mean confidence, its distance from the diagonal, and below how many are in it."""
    if not len(confidence) == len(accuracy) == len(counts):
        raise ShapeError("A reliability diagram needs one confidence, one accuracy and one count for each bin.")
    given = zip(confidence, accuracy, counts, strict=True)
    bins = sorted(one for one in given if np.isfinite(one).all() and one[2] > 0)
    x = Axis(label=confidence_label, low=0, high=1, percent=True)
    y = Axis(label=accuracy_label, low=0, high=1, percent=True)
    top, bottom = (LINE + 14 if accuracy_label else 10), height - (2 * LINE if confidence_label else LINE) - 6
    area = Area(left=12 + text_width("100%", FONT), top=top, right=width - 14, bottom=bottom)
    split = bottom - _COUNTS_HEIGHT - 12
    along = fit_scale(x, [0, 1], area.left, area.right)
    up = fit_scale(y, [0, 1], split, top)
    largest = max((count for *_, count in bins), default=1)
    upper, lower, spoken = [], [], []
    for mean, share, count in bins:
        px, py, ideal = float(along.at(mean)), float(up.at(share)), float(up.at(mean))
        size = _COUNTS_HEIGHT * count / largest
        spoken.append(f"{format_number(mean, percent=True)} → {format_number(share, percent=True)} ({count})")
        words = tooltip(spoken[-1])
        upper.append(rule(px, ideal, px, py, "gap"))
        upper.append(dot(px, py, 3 + 5 * (count / largest) ** 0.5, "dot c1", words))
        lower.append(box(px - 5, bottom - size, 10, size, "bar muted", words))
    return drawing(
        width,
        height,
        title,
        description or "; ".join(spoken),
        vertical_axis(up, y, area),
        horizontal_axis(along, x, area, width),
        rule(area.left, split, area.right, top, "ideal"),
        *upper,
        rule(area.left, bottom, area.right, bottom, "grid"),
        *lower,
    )
