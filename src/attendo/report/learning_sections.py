"""Parts of a training report that look inside: how the model learned, and what its attention looks at."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from attendo.page import Axis, Bar, Mark, Page, Series, bar_chart, format_number, heat_map, line_chart
from attendo.report.measures import main_measures, meant
from attendo.report.story import Story
from attendo.report.words import Words
from attendo.tasks import LayerLook

_NO_SCORES = ("epoch", "step", "tokens", "seconds", "score")  # "score" repeats the dev loss with its sign changed
_PERCENT = Axis(percent=True)
_FEW_LAYERS = 4
_MOST_WORDS = 12


def add_learning(page: Page, story: Story, words: Words) -> None:
    """Loss and dev scores by epoch, and how much each path of the model counts."""
    if not story.history:
        return
    page.section(words.learning)
    page.paragraph(words.about_learning.format(epoch=story.best_epoch, epochs=len(story.history)))
    names = [name for name in dict.fromkeys(name for line in story.history for name in line) if name not in _NO_SCORES]
    losses = [name for name in names if name.startswith("loss")]
    _add_curves(page, story, losses, words.losses, Axis(), words)
    axis = _PERCENT if main_measures(story.systems[-1].scores[story.last_set])[0].is_share else Axis()
    _add_curves(page, story, [name for name in names if name not in losses], words.dev_scores, axis, words)
    if story.shares is not None:
        deep, linear = (format_number(share, digits=2) for share in story.shares)
        page.paragraph(words.about_shares.format(deep=deep, linear=linear))


def add_attention(page: Page, story: Story, words: Words) -> None:
    """Entropy and distance of each head, and the words that draw most attention in each layer."""
    if not story.attention:
        return
    page.section(words.attention)
    even = format_number(story.attention[0].even_distance, digits=1)
    page.paragraph(words.about_attention.format(even=even))
    entropy = [[100 * share for share in each.entropy] for each in story.attention]
    _add_heads(page, story.attention, entropy, 0, words.entropy, words)
    distance = [each.distance for each in story.attention]
    _add_heads(page, story.attention, distance, 1, words.distance.format(even=even), words)
    telling = [each for each in story.attention if each.received]
    if telling:
        with page.details(words.received, unfolded=len(telling) <= _FEW_LAYERS):
            for each in telling:
                _add_received(page, each, words)


def _add_curves(page: Page, story: Story, names: Sequence[str], title: str, axis: Axis, words: Words) -> None:
    scores = story.systems[-1].scores[story.last_set]
    epochs = [line["epoch"] for line in story.history]
    series = [
        Series(
            name=words.name(meant(scores, name)),
            x=epochs,
            y=[line.get(name, math.nan) for line in story.history],
        )
        for name in names
    ]
    best = Mark(x=story.best_epoch, label=words.best_mark.format(epoch=story.best_epoch))
    page.figure(line_chart(series, title=title, x=Axis(label=words.epoch), y=axis, marks=[best]), title)


def _add_heads(
    page: Page, looks: Sequence[LayerLook], values: Sequence[Sequence[float]], digits: int, title: str, words: Words
) -> None:
    """A row for each layer and a column for each head; layers may have different numbers of heads."""
    cells = np.full((len(values), max(map(len, values))), np.nan)
    for row, line in enumerate(values):
        cells[row, : len(line)] = line
    chart = heat_map(
        cells,
        title=title,
        row_labels=[words.layer.format(number=each.layer + 1) for each in looks],
        column_labels=[words.head.format(number=number + 1) for number in range(cells.shape[1])],
        digits=digits,
    )
    page.figure(chart, title)


def _add_received(page: Page, look: LayerLook, words: Words) -> None:
    title = words.received_by.format(number=look.layer + 1)
    bars = [Bar(label=each.word, value=each.received) for each in look.received[:_MOST_WORDS]]
    page.figure(bar_chart(bars, title=title), title)
