"""Text with weighted stretches as coloured backgrounds, such as tokens and how much they count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from attendo.errors import ShapeError
from attendo.page.markup import Html, element, escape
from attendo.page.typography import format_number


@dataclass(frozen=True, kw_only=True)
class Span:
    """Characters from `start` up to `end`; a negative weight has a colour of its own, `label` is the tooltip."""

    start: int
    end: int
    weight: float
    label: str = ""


def highlighted(text: str, spans: Sequence[Span], *, strongest: float | None = None) -> Html:
    """`text`, character by character as it is, with the spans behind it.

    Where spans overlap, the one with the larger weight shows. `strongest` is the weight of the fullest colour, to be
    given where several texts are compared; by default it is the largest weight of this text.
    """
    for span in spans:
        if not 0 <= span.start <= span.end <= len(text):
            raise ShapeError(f"A span from {span.start} to {span.end} does not fit a text of {len(text)} characters.")
    order = sorted((span for span in spans if math.isfinite(span.weight)), key=lambda span: abs(span.weight))
    most = abs(strongest) if strongest else max((abs(span.weight) for span in order), default=0.0)
    owner = [-1] * len(text)
    for rank, span in enumerate(order):
        owner[span.start : span.end] = [rank] * (span.end - span.start)
    parts = []
    for rank, group in groupby(range(len(text)), key=owner.__getitem__):
        places = list(group)
        words = text[places[0] : places[-1] + 1]
        parts.append(_marked(words, order[rank], most) if rank >= 0 and most > 0 else escape(words))
    return element("span", *parts, class_="text", dir="auto")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Characters from `start` up to `end` with a name, and whether they are as they should be."""

    start: int
    end: int
    label: str
    right: bool = True


def marked(text: str, stretches: Sequence[Stretch]) -> Html:
    """`text`, with the name behind each stretch; those that are not right show at once.

    Where stretches overlap, the one that begins first is marked, and of several the longest.
    """
    parts: list[object] = []
    place = 0
    for each in sorted(stretches, key=lambda stretch: (stretch.start, -stretch.end)):
        if not 0 <= each.start <= each.end <= len(text):
            raise ShapeError(f"A stretch from {each.start} to {each.end} does not fit {len(text)} characters.")
        if each.start >= place:
            name = element("small", f"\u00a0{each.label}") if each.label else ""
            words = text[each.start : each.end]
            parts += text[place : each.start], element("mark", words, name, class_="right" if each.right else "wrong")
            place = each.end
    return element("span", *parts, text[place:], class_="text", dir="auto")


def _marked(words: str, span: Span, most: float) -> Html:
    return element(
        "mark",
        words,
        class_="against" if span.weight < 0 else None,
        style=f"--weight:{min(1.0, abs(span.weight) / most):.3f}",
        title=span.label or format_number(span.weight),
    )
