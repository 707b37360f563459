"""The report of an evaluation: how a saved model does on a set of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attendo.metrics import DialogueScores, LikelihoodScores, RegressionScores
from attendo.page import Page, Tile
from attendo.report.measures import all_measures, main_measures
from attendo.report.score_sections import add_classes, add_confidence, add_hardest, add_meanings, add_numbers
from attendo.report.story import HardCase, SystemScores
from attendo.report.words import Words


def write_evaluation(
    title: str,
    scores: SystemScores,
    hardest: Sequence[HardCase],
    path: Path,
    *,
    language: str = "en",
    noun: str = "text",
) -> None:
    """Write the scores of one model as a page in the style of the training report.

    Args:
        noun: what the records that were scored are called.
    Raises:
        StorageError: if the disk refuses the file.
    """
    words = Words(language, noun)
    texts = words.counted(scores.num_examples)
    phrase = words.evaluated_numbers if isinstance(scores, RegressionScores) else words.evaluated
    labelled = scores.classes or isinstance(scores, RegressionScores)
    subtitle = phrase.format(texts=texts, labels=len(scores.classes)) if labelled else texts
    page = Page(title, language=language, subtitle=subtitle)
    page.section(words.scores)
    page.tiles(
        [
            Tile(value=each.value, caption=words.name(each.key), interval=each.between(words.range))
            for each in main_measures(scores)
        ]
    )
    rows = [(words.name(each.key), each.value, each.between(words.range)) for each in all_measures(scores)]
    page.table((words.measure, words.value, words.interval), rows, sortable=False)
    add_meanings(page, all_measures(scores), words)
    add_classes(page, scores, "", words)
    add_confidence(page, [(words.model, scores)], words)
    add_numbers(page, scores, words)
    if not isinstance(scores, LikelihoodScores | DialogueScores):
        add_hardest(page, hardest, words)
    page.write(path)
