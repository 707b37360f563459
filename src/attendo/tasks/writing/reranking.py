"""Of several texts the one that has most in common with the others (minimum Bayes risk, arXiv 2108.04718)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from attendo.tasks.writing.requests import Written

_LONGEST = 6  # characters of an n-gram, and how much more recall counts than precision: as chrF has them by habit
_RECALL = 2.0


def ranked_by_agreement(candidates: Sequence[Written]) -> list[Written]:
    """Different texts, the one that is most like all others on average first; that average becomes their score.

    Likeness is the F-score of character n-grams, chrF (W15-3049), between 0 and 1. A text that was drawn twice counts
    twice among the others.
    """
    grams = [_grams(each.text) for each in candidates]
    scores = [
        sum(_likeness(own, other) for place, other in enumerate(grams) if place != number) / max(len(grams) - 1, 1)
        for number, own in enumerate(grams)
    ]
    order = sorted(range(len(candidates)), key=lambda number: (-scores[number], -candidates[number].log_probability))
    best: dict[str, Written] = {}
    for number in order:
        best.setdefault(candidates[number].text, replace(candidates[number], score=scores[number]))
    return list(best.values())


def _grams(text: str) -> list[Counter[str]]:
    """Character n-grams of each length, blanks left out."""
    text = "".join(text.split())
    return [
        Counter(text[start : start + size] for start in range(len(text) - size + 1)) for size in range(1, _LONGEST + 1)
    ]


def _likeness(hypothesis: list[Counter[str]], reference: list[Counter[str]]) -> float:
    """chrF: precision and recall are averaged over the lengths that both texts have n-grams of."""
    precisions, recalls = [], []
    for own, other in zip(hypothesis, reference, strict=True):
        counted, wanted = own.total(), other.total()
        if counted and wanted:
            shared = (own & other).total()
            precisions.append(shared / counted)
            recalls.append(shared / wanted)
    if not precisions:
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    weight = _RECALL**2
    total = weight * precision + recall
    return (1 + weight) * precision * recall / total if total else 0.0
