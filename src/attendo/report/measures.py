"""Which scores a report shows, in which order, and how each is written."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from attendo.metrics import ClassificationScores, Interval, MultilabelScores, TaggingScores
from attendo.page import format_number
from attendo.report.story import SystemScores
from attendo.report.words import Words

_SHOWN: dict[type, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ClassificationScores: (
        ("accuracy", "macro_f1", "matthews_correlation", "calibration_error"),
        ("micro_f1", "weighted_f1", "brier_score", "negative_log_likelihood"),
    ),
    TaggingScores: (("f1", "precision", "recall"), ("macro_f1", "accuracy")),
    MultilabelScores: (("exact_match", "micro_f1", "macro_f1", "calibration_error"), ("weighted_f1",)),
}
"""For each kind of scores those by which systems are compared, the first being what a system is judged by, and those
that tables of one system add."""

_NOT_SHARES = ("matthews_correlation", "brier_score", "negative_log_likelihood")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One score by its name in the metrics; shares of a whole are written in percent."""

    key: str
    interval: Interval

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
        return "" if self.key in _NOT_SHARES or math.isnan(self.interval.value) else "%"

    def _number(self, value: float) -> str:
        if self.key in _NOT_SHARES:
            return format_number(value, digits=3)
        return format_number(100 * value, digits=1)


def main_measures(scores: SystemScores) -> tuple[Measure, ...]:
    """The scores that systems are compared by, the most important first."""
    return _measured(scores, _SHOWN[type(scores)][0])


def all_measures(scores: SystemScores) -> tuple[Measure, ...]:
    """All scores over all classes."""
    main, further = _SHOWN[type(scores)]
    return _measured(scores, main + further)


def main_scores(scores: SystemScores) -> dict[str, dict[str, float]]:
    """The scores that systems are compared by as plain values, ready for JSON."""
    return {each.key: asdict(each.interval) for each in main_measures(scores)}


def _measured(scores: SystemScores, keys: tuple[str, ...]) -> tuple[Measure, ...]:
    found = ((key, getattr(scores, key)) for key in keys)
    return tuple(Measure(key=key, interval=interval) for key, interval in found if interval is not None)
