"""Which scores a report shows, in which order, and how each is written."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from operator import attrgetter

from attendo.metrics import (
    AnswerScores,
    ClassificationScores,
    DialogueScores,
    FrameScores,
    Interval,
    LikelihoodScores,
    MultilabelScores,
    RegressionScores,
    SimilarityScores,
    SummaryScores,
    TaggingScores,
    TranslationScores,
)
from attendo.page import format_number
from attendo.report.amounts import points, signed_points
from attendo.report.story import SystemScores
from attendo.report.words import Words

_SHOWN: dict[type, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ClassificationScores: (
        ("accuracy", "macro_f1", "matthews_correlation", "calibration_error"),
        ("micro_f1", "weighted_f1", "brier_score", "negative_log_likelihood"),
    ),
    TaggingScores: (("f1", "precision", "recall"), ("macro_f1", "accuracy")),
    FrameScores: (
        ("f1", "found_f1", "predicate_f1", "precision", "recall"),
        ("found_precision", "found_recall", "predicate_precision", "predicate_recall", "sense_accuracy"),
    ),
    RegressionScores: (("pearson", "spearman", "mean_squared_error", "mean_absolute_error"), ()),
    AnswerScores: (
        ("f1", "exact_match"),
        ("has_answer.f1", "has_answer.exact_match", "no_answer.exact_match"),
    ),
    MultilabelScores: (("exact_match", "micro_f1", "macro_f1", "calibration_error"), ("weighted_f1",)),
    SimilarityScores: (("spearman", "pearson", "mean_reciprocal_rank", "recall_at_1"), ()),
    DialogueScores: (("bits_per_character", "chrf", "bleu", "perplexity", "distinct_1", "distinct_2"), ()),
    LikelihoodScores: (("bits_per_character", "perplexity", "bits_per_byte", "nats_per_token"), ()),
    TranslationScores: (("bleu", "chrf"), ("bleu_lowercase", "chrf_words", "length_ratio")),
    SummaryScores: (
        ("rouge_l", "rouge_1", "rouge_2"),
        (
            *("rouge_lsum", "rouge_l_precision", "rouge_l_recall", "rouge_1_precision", "rouge_1_recall"),
            *("rouge_2_precision", "rouge_2_recall"),
        ),
    ),
}
"""For each kind of scores those by which systems are compared, the first being what a system is judged by, and those
that tables of one system add."""

_OTHERWISE: dict[type, dict[str, str]] = {
    AnswerScores: {"f1": "answer_f1", "exact_match": "answer_exact"},
    TaggingScores: {"accuracy": "tag_accuracy"},
    MultilabelScores: {"accuracy": "exact_match"},
}
"""Names of scores that mean something else than they mean elsewhere."""

_LABELLED: dict[type, str] = {TaggingScores: "span", FrameScores: "role"}
"""What has a label, where it is not the whole record."""

_LESS_IS_BETTER = ("perplexity", "nats_per_token", "bits_per_character", "bits_per_byte")

_NOT_SHARES = (
    *_LESS_IS_BETTER,
    *("matthews_correlation", "brier_score", "negative_log_likelihood"),
    *("pearson", "spearman", "mean_squared_error", "mean_absolute_error", "mean_reciprocal_rank", "length_ratio"),
)

_POINTS = ("bleu", "bleu_lowercase", "chrf", "chrf_words")
"""Scores from 0 to 100, which are no shares of anything."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One score by its name in the metrics; shares of a whole are written in percent, points of 100 as they are."""

    key: str
    interval: Interval

    @property
    def is_share(self) -> bool:
        """Whether it is a share of a whole, to be written in percent."""
        return self.key not in _NOT_SHARES and not self.is_points

    @property
    def is_points(self) -> bool:
        """Whether it counts from 0 to 100, without being a share."""
        return self.key in _POINTS

    @property
    def less_is_better(self) -> bool:
        """Whether the better of two systems has the lower score."""
        return self.key in _LESS_IS_BETTER

    @property
    def value(self) -> str:
        """The score alone: "91.4%" or "0.871"."""
        return f"{self._number(self.interval.value)}{self._unit}"

    def between(self, phrase: str) -> str:
        """A phrase on `{low}`, `{high}` and perhaps `{value}`; of an unknown range only the value is said."""
        if math.isnan(self.interval.low):
            return self.value if "{value}" in phrase else ""
        low, high = self._number(self.interval.low), self._number(self.interval.high)
        return phrase.format(value=self.value, low=low, high=high)

    def within(self, words: Words) -> str:
        """The score with its range: "91.4% (88.8 to 93.6)"."""
        return self.between(words.with_range)

    @property
    def _unit(self) -> str:
        return "" if not self.is_share or math.isnan(self.interval.value) else "%"

    def _number(self, value: float) -> str:
        if self.is_share or self.is_points:
            return format_number(value if self.is_points else 100 * value, digits=1)
        return format_number(value, digits=3)


def difference_of(measure: Measure, difference: float, *, signed: bool = True) -> str:
    """How far two values of a score lie apart: in points if it is a share or of 100, or else as it is."""
    if measure.is_share or measure.is_points:
        share = difference / 100 if measure.is_points else difference
        return signed_points(share) if signed else points(share)
    rounded = round(difference, 3) + 0.0
    return f"{rounded:+.3f}" if signed and rounded else f"{rounded:.3f}"


def main_measures(scores: SystemScores) -> tuple[Measure, ...]:
    """The scores that systems are compared by, the most important first."""
    return _measured(scores, _SHOWN[type(scores)][0])


def all_measures(scores: SystemScores) -> tuple[Measure, ...]:
    """All scores over all classes."""
    main, further = _SHOWN[type(scores)]
    return _measured(scores, main + further)


def main_scores(scores: SystemScores) -> dict[str, dict[str, float]]:
    """The scores that systems are compared by as plain values, ready for JSON."""
    return {key: asdict(getattr(scores, key)) for key in _SHOWN[type(scores)][0] if getattr(scores, key) is not None}


def meant(scores: SystemScores, key: str) -> str:
    """What a score of this name is called among scores of this kind."""
    return _OTHERWISE.get(type(scores), {}).get(key, key)


def labelled_noun(scores: SystemScores, noun: str) -> str:
    """What the classes count: records, called by their noun, or parts of them."""
    return _LABELLED.get(type(scores), noun)


def _measured(scores: SystemScores, keys: tuple[str, ...]) -> tuple[Measure, ...]:
    there = (key for key in keys if "." not in key or getattr(scores, key.partition(".")[0]) is not None)
    found = ((meant(scores, key), attrgetter(key)(scores)) for key in there)
    return tuple(Measure(key=key, interval=interval) for key, interval in found if interval is not None)
