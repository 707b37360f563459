"""How varied written texts are, with nothing to compare them to: what repeats within a text, and between texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from attendo.errors import InputError
from attendo.metrics.bootstrap import Interval, interval
from attendo.metrics.classification import ClassScore, ratio
from attendo.metrics.sums import Floats, of_counts
from attendo.metrics.units import UNITS, unit_runs, units_of, written_language

_REPEATED = 4  # words in a row: shorter runs come back in good texts, too


@dataclass(frozen=True, kw_only=True)
class DiversityScores:
    """Shares between 0 and 1.

    What compares texts with each other has no range: resamples hold the same text several times, which is just what
    these scores count.
    """

    num_examples: int
    distinct_1: Interval
    """Different words among all words (arXiv 1510.03055)."""
    distinct_2: Interval
    """Different pairs of neighbouring words among all such pairs."""
    distinct_3: Interval
    """The same of three words in a row."""
    equal: Interval
    """Texts that are equal to an earlier one."""
    repetition: Interval
    """Runs of four words that stand earlier in the same text."""
    units: str
    """What counts as a word: a name from `UNITS`."""
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Texts are of no classes here."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, texts and numbers, ready for JSON."""
        return asdict(self)


def score_diversity(
    texts: Sequence[str], *, language: str | None = None, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> DiversityScores:
    """Score how varied texts are; words in Chinese and Japanese are characters.

    Args:
        language: of the texts, such as `de` or `zh`; found from their script if not given.

    Raises:
        InputError: if there is no text.
    """
    if not texts:
        raise InputError("The variety of texts is scored on at least one text, but there is none.")
    language = language or written_language(texts)
    units = "words" if units_of(language) == "english" else units_of(language)
    cut = [UNITS[units](text) for text in texts]
    repeats = np.array([_repeats(each) for each in cut], dtype=np.float64)
    return DiversityScores(
        num_examples=len(texts),
        distinct_1=_alone(_distinct(cut, 1)),
        distinct_2=_alone(_distinct(cut, 2)),
        distinct_3=_alone(_distinct(cut, 3)),
        equal=_alone(1 - len({text.strip() for text in texts}) / len(texts)),
        repetition=interval(of_counts(_repetition), repeats, resamples=resamples, seed=seed, level=level),
        units=units,
    )


def _distinct(texts: Sequence[Sequence[str]], size: int) -> float:
    """The share of different runs; NaN where no text is as long as one."""
    runs: Counter[tuple[str, ...]] = Counter()
    for units in texts:
        runs.update(unit_runs(units, size))
    return len(runs) / runs.total() if runs else float("nan")


def _repeats(units: Sequence[str]) -> tuple[int, int]:
    """How many runs stand earlier in the text, and how many there are."""
    runs = unit_runs(units, _REPEATED)
    return runs.total() - len(runs), runs.total()


def _repetition(sums: Floats) -> Floats:
    return ratio(sums[..., 0], sums[..., 1])


def _alone(value: float) -> Interval:
    return Interval(value=value, low=float("nan"), high=float("nan"))
