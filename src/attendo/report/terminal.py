"""Scores as tables for the terminal: made for 80 columns, and readable without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attendo.metrics import ClassificationScores
from attendo.report.amounts import duration, percent
from attendo.report.cells import add_row, empty_table, narrowest_width, natural_width, titled
from attendo.report.measures import Measure, all_measures, labelled_noun, main_measures
from attendo.report.story import Story, SystemScores
from attendo.report.words import Words

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


def comparison_table(story: Story, *, width: int = 80) -> Group:
    """The majority class, the linear model and the trained model side by side, on each set.

    Where all ranges would leave the names of the scores no room, the simplest systems are shown without theirs.
    """
    tables = (_compared(story, ranged) for ranged in range(len(story.systems), -1, -1))
    table = next((each for each in tables if narrowest_width(each) <= width), _compared(story, 0))
    return titled(story.title, table)


def scores_table(scores: SystemScores, title: str, *, language: str = "en", noun: str = "text") -> Group:
    """All scores of one system over all classes."""
    words = Words(language, noun)
    table = empty_table(words.measure, words.value, words.interval, numbers=2)
    for each in all_measures(scores):
        add_row(table, words.name(each.key), each.value, each.between(words.range))
    return titled(words.named.format(name=title, value=words.counted(scores.num_examples)), table)


def class_table(scores: SystemScores, *, language: str = "en", noun: str = "text") -> Table | None:
    """How well each class is found; None where no classes are told apart."""
    if not scores.classes:
        return None
    words = Words(language, labelled_noun(scores, noun))
    names = (words.label, words.support, words.precision, words.recall, "F1", words.interval)
    table = empty_table(*names, numbers=5)
    for each, interval in zip(scores.classes, scores.class_f1, strict=True):
        shares = (percent(share) for share in (each.precision, each.recall, each.f1))
        between = Measure(key="f1", interval=interval).between(words.range)
        add_row(table, each.label, f"{each.support:,}", *shares, between)
    return table


def confusion_table(scores: SystemScores, *, width: int = 80, language: str = "en") -> Table | None:
    """How often each class (row) got each label (column); None if that does not fit, or texts have several labels."""
    if not isinstance(scores, ClassificationScores) or 2 * len(scores.classes) > width:
        return None
    words = Words(language)
    corner = f"{words.is_label} ↓ {words.said_label} →"
    labels = [each.label for each in scores.classes]
    numbered = [f"{number} {label}" for number, label in enumerate(labels, 1)]
    for names, heads in ((labels, labels), (numbered, [str(number) for number in range(1, len(labels) + 1)])):
        table = empty_table(corner, *heads, numbers=len(heads))
        for name, row in zip(names, scores.confusion, strict=True):
            add_row(table, name, *(f"{count:,}" for count in row))
        if natural_width(table) <= width:
            return table
    return None


def _compared(story: Story, ranged: int) -> Table:
    """A column for each system, the last `ranged` of them with the ranges of their scores."""
    words = Words(story.language, story.noun)
    table = empty_table("", *(words.name(system.name) for system in story.systems), numbers=len(story.systems))
    phrases = ["{value}"] * (len(story.systems) - ranged) + ["{value} ({low}–{high})"] * ranged
    for name, ours in story.systems[-1].scores.items():
        add_row(table, words.counted(ours.num_examples, name), style="bold")
        for row in zip(*(main_measures(system.scores[name]) for system in story.systems), strict=True):
            cells = (each.between(phrase) for each, phrase in zip(row, phrases, strict=True))
            add_row(table, words.name(row[0].key), *cells)
        add_row(table)
    add_row(table, words.time, *(duration(system.seconds, words) for system in story.systems))
    return table
