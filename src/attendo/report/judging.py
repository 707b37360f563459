"""Whether the trained model was worth it, in a sentence or two."""

from __future__ import annotations

from attendo.metrics import ClassificationScores, PairedDifference
from attendo.report.amounts import points, signed_points
from attendo.report.measures import main_measures
from attendo.report.story import Story
from attendo.report.words import Words


def verdict(story: Story) -> str:
    """How often the trained model is right, and whether it beats the linear model by more than chance."""
    words, last = Words(story.language), story.last_set
    majority, linear, ours = (system.scores[last] for system in story.systems)
    baseline, theirs, reached = (main_measures(scores)[0] for scores in (majority, linear, ours))
    right = words.right if isinstance(ours, ClassificationScores) else words.all_right
    texts = words.texts(ours.num_examples, last)
    sentences = [right.format(texts=texts, ours=reached.within(words), linear=theirs.within(words))]
    if story.against_linear is not None:
        sentences.append(_compared(story.against_linear, words))
    if reached.interval.value <= baseline.interval.value:
        sentences.append(words.useless.format(majority=baseline.value))
    if last != "test":
        sentences.append(words.only_dev)
    return words.between_sentences.join(sentences)


def _compared(against: PairedDifference, words: Words) -> str:
    difference, low, high = against.difference, against.low, against.high
    if low > 0:
        return words.better.format(points=points(difference), low=points(low), high=points(high))
    if high < 0:
        return words.worse.format(points=points(-difference), low=points(-high), high=points(-low))
    return words.unclear.format(points=signed_points(difference), low=signed_points(low), high=signed_points(high))
