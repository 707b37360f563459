"""What a training report says first: the trained model beside those that cost next to nothing."""

from __future__ import annotations

from attendo.page import Axis, Bar, Page, Svg, Tile, bar_chart
from attendo.report.amounts import duration
from attendo.report.judging import verdict
from attendo.report.measures import difference_of, main_measures
from attendo.report.score_sections import add_meanings, over
from attendo.report.story import Story
from attendo.report.words import Words


def add_answer(page: Page, story: Story, words: Words) -> None:
    """The verdict, large numbers, warnings, and the scores of all systems on each set, the deciding one first."""
    page.section(words.answer)
    page.paragraph(verdict(story))
    page.tiles(_tiles(story, words))
    for text in story.warnings:
        page.warning(text)
    ours = story.systems[-1]
    sets = {name: words.counted(scores.num_examples, name) for name, scores in reversed(ours.scores.items())}
    for name, texts in sets.items():
        measure = words.name(main_measures(ours.scores[name])[0].key)
        title = words.score_on.format(measure=measure, texts=texts)
        title = title[:1].upper() + title[1:]
        page.figure(_bars(story, name, title, words), title)
    for name, texts in sets.items():
        _add_scores(page, story, name, texts, words)
    add_meanings(page, main_measures(ours.scores[story.last_set]), words)


def _tiles(story: Story, words: Words) -> list[Tile]:
    reference, ours = story.systems[-2:]
    scores = ours.scores[story.last_set]
    texts = words.counted(scores.num_examples, story.last_set)
    first, second = main_measures(scores)[:2]
    reached = words.score_on.format(measure=words.name(first.key), texts=texts)
    tiles = [Tile(value=first.value, caption=reached, interval=first.between(words.range))]
    if story.against is not None:
        against = story.against
        between = words.range.format(low=difference_of(first, against.low), high=difference_of(first, against.high))
        name = words.linear_model if reference.name == "linear n-grams" else words.name(reference.name)
        caption = (words.against if first.is_share else words.against_number).format(reference=name)
        tiles.append(Tile(value=difference_of(first, against.difference), caption=caption, interval=between))
    tiles.append(Tile(value=second.value, caption=words.name(second.key), interval=second.between(words.range)))
    beside = words.named.format(name=words.name(reference.name), value=duration(reference.seconds, words))
    return [*tiles, Tile(value=duration(ours.seconds, words), caption=words.time, interval=beside)]


def _bars(story: Story, set_name: str, title: str, words: Words) -> Svg:
    bars = []
    percent = main_measures(story.systems[-1].scores[set_name])[0].is_share
    for system in story.systems:
        found = main_measures(system.scores[set_name])[0].interval
        compared = system is not story.systems[-1]
        bars.append(
            Bar(label=words.name(system.name), value=found.value, low=found.low, high=found.high, muted=compared)
        )
    return bar_chart(bars, title=title, axis=Axis(percent=percent))


def _add_scores(page: Page, story: Story, set_name: str, texts: str, words: Words) -> None:
    rows = []
    for system in story.systems:
        measures = main_measures(system.scores[set_name])
        cells = (over(each.value, each.between(words.range), together=True) for each in measures)
        rows.append((words.name(system.name), *cells, duration(system.seconds, words)))
    names = (words.name(each.key) for each in main_measures(story.systems[-1].scores[set_name]))
    page.table((words.system, *names, words.time), rows, caption=texts, sortable=False)
