"""Which scores a report shows, in which order, and how each is written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from attendo.metrics import ClassificationScores, Interval
from attendo.page import format_number
from attendo.report.story import SystemScores
from attendo.report.words import Words

# The first of each is what a system is judged by; reports compare `_MAIN`, tables of one system add `_FURTHER`.
_MAIN = {
    True: ("accuracy", "macro_f1", "matthews_correlation", "calibration_error"),
    False: ("exact_match", "micro_f1", "macro_f1", "calibration_error"),
}
_FURTHER = {True: ("micro_f1", "weighted_f1", "brier_score", "negative_log_likelihood"), False: ("weighted_f1",)}
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
    return _measured(scores, _MAIN[isinstance(scores, ClassificationScores)])


def all_measures(scores: SystemScores) -> tuple[Measure, ...]:
    """All scores over all classes."""
    single = isinstance(scores, ClassificationScores)
    return _measured(scores, _MAIN[single] + _FURTHER[single])


def _measured(scores: SystemScores, keys: tuple[str, ...]) -> tuple[Measure, ...]:
    return tuple(Measure(key=key, interval=getattr(scores, key)) for key in keys)
