"""Whether the trained model was worth it, in a sentence or two."""

from __future__ import annotations

from attendo.metrics import ClassificationScores, MultilabelScores, PairedDifference
from attendo.report.amounts import points, signed_points
from attendo.report.measures import Measure, difference_of, main_measures
from attendo.report.story import Story
from attendo.report.words import Words

_OF_LABELS = (ClassificationScores, MultilabelScores)
"""Scores that say how often a model is right; of other kinds the first score is named."""


def verdict(story: Story) -> str:
    """How well the trained model does, and whether it beats the system before it by more than chance."""
    words, last = Words(story.language, story.noun), story.last_set
    *simpler, ours = (system.scores[last] for system in story.systems)
    baseline, theirs, reached = (main_measures(scores)[0] for scores in (simpler[0], simpler[-1], ours))
    reference = words.name(story.systems[-2].name)
    phrases = {ClassificationScores: words.right, MultilabelScores: words.all_right}
    sentences = [
        phrases.get(type(ours), words.reached).format(
            texts=words.counted(ours.num_examples, last),
            measure=words.name(reached.key),
            ours=reached.within(words),
            linear=theirs.within(words),
            reference=reference,
        )
    ]
    if story.against is not None:
        if reached.is_share:
            sentences.append(_compared(story.against, isinstance(ours, _OF_LABELS), reference, words))
        else:
            sentences.append(_compared_numbers(story.against, reached, reference, words))
    if isinstance(ours, _OF_LABELS) and reached.interval.value <= baseline.interval.value:
        sentences.append(words.useless.format(majority=baseline.value))
    if last != "test":
        sentences.append(words.only_dev_more if reached.less_is_better else words.only_dev)
    return words.between_sentences.join(sentences)


def _compared(against: PairedDifference, labels: bool, reference: str, words: Words) -> str:
    difference, low, high = against.difference, against.low, against.high
    if low > 0:
        return words.better.format(points=points(difference), low=points(low), high=points(high))
    if high < 0:
        worse = words.worse if labels else words.worse_than
        return worse.format(points=points(-difference), low=points(-high), high=points(-low), reference=reference)
    return words.unclear.format(points=signed_points(difference), low=signed_points(low), high=signed_points(high))


def _compared_numbers(against: PairedDifference, measure: Measure, reference: str, words: Words) -> str:
    """The same of a score that is no share."""
    fewer = measure.less_is_better
    phrase, ends, sign = words.number_unclear, (against.low, against.high), 1
    if against.low > 0:
        phrase = words.number_more if fewer else words.number_better
    if against.high < 0:
        phrase = words.number_fewer if fewer else words.number_worse
        ends, sign = (against.high, against.low), -1
    signed = against.low <= 0 <= against.high
    said = [difference_of(measure, sign * each, signed=signed) for each in (against.difference, *ends)]
    return phrase.format(points=said[0], low=said[1], high=said[2], reference=reference)
