"""How texts with known partners or numbers are judged by their vectors, whatever made the vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from attendo.data import TextPair, kind_of
from attendo.metrics import (
    PairedDifference,
    SimilarityScores,
    compare_ranks,
    compare_similarity,
    partner_ranks,
    score_ranks,
    score_similarity,
)
from attendo.text import split_words

Vectorise = Callable[[Sequence[str]], NDArray[np.float32] | csr_matrix]
"""Gives unit vectors, one a row."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """What vectors came to on a set: the cosine of each pair where pairs have numbers, else how partners were found.

    Attributes:
        pairs: those that were judged; of single texts their two halves.
        ranks: at which rank each partner was found; none where there are numbers.
        nearest: the text that was found first, where there are ranks.
    """

    pairs: tuple[TextPair, ...]
    cosines: NDArray[np.float64]
    ranks: NDArray[np.int64] | None = None
    nearest: tuple[str, ...] = ()

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers that are right."""
        return np.array([each.value for each in self.pairs], dtype=np.float64)


def judge_vectors(pairs: Sequence[TextPair], vectorise: Vectorise) -> Judged:
    """Compare the vectors of pairs.

    Single texts are their own partners: the words at odd places are to find those at even places.
    """
    kind = kind_of(pairs)
    if kind == "texts":
        pairs = [half for each in pairs if (half := halves(each)) is not None]
    else:
        pairs = [each for each in pairs if each.pair is not None]
    numbers: dict[str, int] = {}
    firsts, seconds = (
        np.array([numbers.setdefault(text, len(numbers)) for text in column], dtype=np.int64)
        for column in ([each.text for each in pairs], [each.pair or "" for each in pairs])
    )
    vectors = vectorise(list(numbers))
    one, other = vectors[firsts], vectors[seconds]
    products = one * other if isinstance(one, np.ndarray) else one.multiply(other)
    cosines = np.asarray(products.sum(1), dtype=np.float64).ravel()
    if kind == "numbers":
        return Judged(pairs=tuple(pairs), cosines=cosines)
    candidates, partners = np.unique(seconds, return_inverse=True)
    ranks, nearest = partner_ranks(one, vectors[candidates], partners)
    texts = list(numbers)
    return Judged(
        pairs=tuple(pairs),
        cosines=cosines,
        ranks=ranks,
        nearest=tuple(texts[number] for number in candidates[nearest].tolist()),
    )


def score_judged(judged: Judged, *, resamples: int = 1000) -> SimilarityScores:
    """Scores with their intervals."""
    if judged.ranks is not None:
        return score_ranks(judged.ranks, resamples=resamples)
    return score_similarity(judged.values, judged.cosines, resamples=resamples)


def compare_judged(ours: Judged, theirs: Judged) -> PairedDifference:
    """By how much our main score is above theirs, on the same texts."""
    if ours.ranks is not None and theirs.ranks is not None:
        return compare_ranks(ours.ranks, theirs.ranks)
    return compare_similarity(ours.values, ours.cosines, theirs.cosines)


def halves(each: TextPair) -> TextPair | None:
    """A text's words at odd and at even places as two texts; None where there are too few."""
    words = [each.text[start:end] for start, end in split_words(each.text)]
    if len(words) < 2:
        return None
    return TextPair(" ".join(words[::2]), " ".join(words[1::2]), None, each.path, each.line)
