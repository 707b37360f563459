"""How much of the words of a right summary a written one has: ROUGE (Lin 2004), as `rouge_score` counts it.

Equal to that library without stemming, in English. Of several references the one that fits best counts, for each score.
Chinese is counted in characters, where the library, which knows no letters but a to z, would find no words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from attendo.errors import ConfigError
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore
from attendo.metrics.sums import Floats, column_mean
from attendo.metrics.units import UNITS, reference_lists, unit_runs, units_of, written_language

Units = Sequence[str]
Fit = tuple[float, float, float]  # F1, precision, recall

ROUGE_KINDS = ("rouge_l", "rouge_1", "rouge_2", "rouge_lsum")
"""The longest common sequence, single words, pairs of words, and the longest common sequences line by line."""

_NAMES = tuple(f"{kind}{part}" for kind in ROUGE_KINDS for part in ("", "_precision", "_recall"))


@dataclass(frozen=True, kw_only=True)
class SummaryScores:
    """Scores of summaries between 0 and 1; those called by their kind alone are F1."""

    num_examples: int
    rouge_l: Interval
    rouge_1: Interval
    rouge_2: Interval
    rouge_lsum: Interval
    """Equal to ROUGE-L where summaries are of one line."""
    rouge_l_precision: Interval
    rouge_l_recall: Interval
    rouge_1_precision: Interval
    rouge_1_recall: Interval
    rouge_2_precision: Interval
    rouge_2_recall: Interval
    rouge_lsum_precision: Interval
    rouge_lsum_recall: Interval
    units: str
    """What was counted: a name from `UNITS`."""
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Summaries are of no classes."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, texts and numbers, ready for JSON."""
        return asdict(self)


def score_summaries(
    outputs: Sequence[str],
    references: Sequence[str | Sequence[str]],
    *,
    language: str | None = None,
    units: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> SummaryScores:
    """Score a summary of each text against one or several that are right.

    Args:
        language: of the summaries, such as `en` or `zh`; found from the references' script if not given.
        units: a name from `UNITS`; by default the usual one of the language.

    Raises:
        ShapeError: if there are not as many references as outputs.
        ConfigError: if the units are not known.
    """
    right = reference_lists(outputs, references)
    chosen = _chosen(right, language, units)
    table = np.array([_fits(text, each, chosen) for text, each in zip(outputs, right, strict=True)])
    found = intervals(
        {name: column_mean(index) for index, name in enumerate(_NAMES)},
        table,
        resamples=resamples,
        seed=seed,
        level=level,
    )
    return SummaryScores(num_examples=len(outputs), units=chosen, **found)


def text_rouge(
    outputs: Sequence[str],
    references: Sequence[str | Sequence[str]],
    *,
    kind: str = "rouge_l",
    language: str | None = None,
    units: str | None = None,
) -> Floats:
    """The F1 of each text by itself, of a kind from `ROUGE_KINDS`."""
    if kind not in ROUGE_KINDS:
        raise ConfigError(f"`kind` is `{kind}`; it may be {', '.join(ROUGE_KINDS)}.")
    right = reference_lists(outputs, references)
    chosen, index = _chosen(right, language, units), _NAMES.index(kind)
    return np.array([_fits(text, each, chosen)[index] for text, each in zip(outputs, right, strict=True)])


def paired_rouge(
    references: Sequence[str | Sequence[str]],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    kind: str = "rouge_l",
    language: str | None = None,
    units: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """How much higher the F1 of our summaries is than that of others of the same texts."""
    both = [text_rouge(each, references, kind=kind, language=language, units=units) for each in (ours, theirs)]
    return paired_bootstrap(column_mean(0), np.zeros(len(ours)), *both, resamples=resamples, seed=seed)


def _chosen(references: Sequence[Sequence[str]], language: str | None, units: str | None) -> str:
    if units is None:
        return units_of(language or written_language(text for each in references for text in each))
    if units not in UNITS:
        raise ConfigError(f"`units` is `{units}`; it may be {', '.join(UNITS)}.")
    return units


def _fits(output: str, references: Sequence[str], units: str) -> list[float]:
    """All scores of one text, in the order of `_NAMES`."""
    found = [_fit_of_each_kind(output, each, units) for each in references]
    best = [max(fits, key=lambda fit: fit[0]) for fits in zip(*found, strict=True)]
    return [value for fit in best for value in fit]


def _fit_of_each_kind(output: str, reference: str, units: str) -> tuple[Fit, ...]:
    cut = UNITS[units]
    ours, theirs = cut(output), cut(reference)
    in_order = _fit(longest_common(ours, theirs), len(ours), len(theirs))
    by_line = in_order
    if "\n" in output or "\n" in reference:
        by_line = _fit_of_lines([cut(line) for line in output.split("\n")], [cut(x) for x in reference.split("\n")])
    return in_order, _fit_of_runs(ours, theirs, 1), _fit_of_runs(ours, theirs, 2), by_line


def _fit_of_runs(ours: Units, theirs: Units, size: int) -> Fit:
    mine, right = unit_runs(ours, size), unit_runs(theirs, size)
    return _fit((mine & right).total(), mine.total(), right.total())


def _fit_of_lines(ours: Sequence[Units], theirs: Sequence[Units]) -> Fit:
    """Of each line that is right what any written line has of it in order; no word counts oftener than it is there."""
    left_ours = Counter(unit for line in ours for unit in line)
    left_theirs = Counter(unit for line in theirs for unit in line)
    written, right = left_ours.total(), left_theirs.total()
    shared = 0
    for line in theirs:
        for place in sorted(set().union(*(common_places(line, other) for other in ours))):
            unit = line[place]
            if left_ours[unit] > 0 and left_theirs[unit] > 0:
                shared += 1
                left_ours[unit] -= 1
                left_theirs[unit] -= 1
    return _fit(shared, written, right)


def _fit(shared: int, written: int, right: int) -> Fit:
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / written, shared / right
    return 2 * precision * recall / (precision + recall), precision, recall


def longest_common(ours: Units, theirs: Units) -> int:
    """The length of the longest sequence that two texts share, with gaps, a whole row of the table at a time."""
    rows = _common_rows(ours, theirs)
    return len(theirs) - rows[-1].bit_count()


def common_places(line: Units, other: Units) -> list[int]:
    """Where in a line one of the longest sequences stands that it shares with another: the one that ROUGE takes."""
    rows = _common_rows(line, other)
    found: list[int] = []
    i, j = len(line), len(other)
    while i and j:
        if line[i - 1] == other[j - 1]:
            found.append(i - 1)
            i, j = i - 1, j - 1
        elif _length(rows[i], j - 1) > _length(rows[i - 1], j):
            j -= 1
        else:
            i -= 1
    return found


def _common_rows(ours: Units, theirs: Units) -> list[int]:
    """The table of longest common sequences, each row one number (Hyyrö 2004).

    Where a bit is 0, the sequence grows by one with that word of `theirs`.
    """
    places: dict[str, int] = {}
    for place, unit in enumerate(theirs):
        places[unit] = places.get(unit, 0) | 1 << place
    every = (1 << len(theirs)) - 1
    rows = [every]
    for unit in ours:
        row = rows[-1]
        met = row & places.get(unit, 0)
        rows.append(((row + met) | (row - met)) & every)
    return rows


def _length(row: int, width: int) -> int:
    return width - (row & ((1 << width) - 1)).bit_count()
