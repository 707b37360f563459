"""The report of a training run: one HTML file that needs no network and no other file."""

from __future__ import annotations

from pathlib import Path

from attendo.page import Page
from attendo.report.amounts import duration
from attendo.report.answer_section import add_answer
from attendo.report.learning_sections import add_attention, add_learning
from attendo.report.origin_sections import add_cost, add_data, add_decisions, add_notes
from attendo.report.score_sections import add_classes, add_confidence, add_hardest, add_numbers, add_samples
from attendo.report.story import Story
from attendo.report.words import Words


def write_report(story: Story, path: Path) -> None:
    """Write what a run came to, the answer first.

    Raises:
        StorageError: if the disk refuses the file.
    """
    words, last = Words(story.language, story.noun), story.last_set
    judged = [(words.name(system.name), system.scores[last]) for system in story.systems[-2:]]
    trained = words.counted(next(iter(story.sizes.values())), next(iter(story.sizes)))
    phrase = words.summary if story.labels else words.summary_without
    subtitle = phrase.format(texts=trained, labels=len(story.labels), time=duration(story.systems[-1].seconds, words))
    page = Page(story.title, language=story.language, subtitle=subtitle)
    add_answer(page, story, words)
    add_learning(page, story, words)
    add_classes(page, judged[-1][1], last, words)
    add_confidence(page, judged, words)
    add_numbers(page, judged[-1][1], words)
    add_samples(page, story.samples, words)
    if not story.samples:
        add_hardest(page, story.hardest, words)
    add_attention(page, story, words)
    add_data(page, story, words)
    add_decisions(page, story, words)
    add_cost(page, story, words)
    add_notes(page, story, words)
    page.write(path)
