"""What question and passage show of each other, word by word: matches, what is near them, and how words look.

A network that learns from a few thousand questions cannot find out by itself that an answer stands near the words of
its question. It is told, as the earliest readers of passages were (arXiv 1606.02858; 1704.00051, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

REACHES = (0.5, 0.8, 0.95)
"""How much of a match is left one word further on: near, about a clause, about a sentence."""
SIGNS = (
    *("asked", "shared", "shared rare", "shared pair", "shared triple", "same stem"),
    *(f"{side} {reach}" for reach in REACHES for side in ("left", "right")),
    *("sentence shares", "best sentence", "capital", "capitals", "number", "four digits", "mark"),
)
"""The columns of `shown_signs`."""
_STEM = 4  # letters that words of one stem begin with
_FAR = 64  # words from where nothing of a match is left
_ENDS = frozenset(".!?。！？；;\n")


@dataclass(frozen=True, eq=False)
class ReadText:
    """The words of a text as numbers, the same number for the same word.

    Attributes:
        words, stems: numbers of the words, and of what they begin with.
        rarity: of each word, between 0 and 1; none of marks.
        sentences: the number of the sentence that each word is in.
        looks: the last columns of `shown_signs`.
    """

    words: Ints
    stems: Ints
    rarity: Floats
    sentences: Ints
    looks: Floats


class WordNumbers:
    """Gives the same number to the same word."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, words: Sequence[str]) -> Ints:
        numbers = self._numbers
        return np.fromiter((numbers.setdefault(word, len(numbers)) for word in words), np.int64, len(words))


def read_text(words: Sequence[str], plain: Sequence[str], rarity: Floats, number: WordNumbers) -> ReadText:
    """The words of a text as they stand there, and in the form in which they are compared."""
    marks = np.array([not any(map(str.isalnum, word)) for word in plain], dtype=bool)
    ends = np.array([word in _ENDS for word in plain], dtype=np.int64)
    looks = np.array(
        [
            (w[0].isupper(), len(w) > 1 and w.isupper(), w[0].isdigit(), len(w) == 4 and w.isdigit(), m)
            for w, m in zip(words, marks, strict=True)
        ],
        dtype=np.float32,
    ).reshape(-1, 5)
    return ReadText(
        words=number(plain),
        stems=number([f"{word[:_STEM]}-" if len(word) > _STEM else word for word in plain]),
        rarity=np.where(marks, 0, rarity).astype(np.float32),
        sentences=np.concatenate([[0], np.cumsum(ends)])[:-1].astype(np.int64),
        looks=looks,
    )


def shown_signs(question: ReadText, passage: ReadText) -> tuple[Floats, Floats]:
    """What each word of the question, and each of the passage, shows of the other: (words, SIGNS)."""
    own = np.zeros((len(question.words), len(SIGNS)), np.float32)
    shared = np.isin(question.words, passage.words) & (question.rarity > 0)
    own[:, 0], own[:, 1], own[:, 2] = 1, shared, shared * question.rarity
    own[:, -5:] = question.looks
    return own, _passage_signs(question, passage)


def _passage_signs(question: ReadText, passage: ReadText) -> Floats:
    found = np.zeros((len(passage.words), len(SIGNS)), np.float32)
    if not len(passage.words) or not len(question.words):
        return found
    shared = np.isin(passage.words, question.words) & (passage.rarity > 0)
    pair, triple = (_runs(question, passage, size) for size in (2, 3))
    stem = np.isin(passage.stems, question.stems) & (passage.rarity > 0) & ~shared
    weight = passage.rarity * (shared + 0.5 * stem + pair)
    whole = max(float(question.rarity.sum()), 1e-6)
    columns = [np.zeros(len(shared)), shared, shared * passage.rarity, pair, triple, stem]
    for reach in REACHES:
        fading = reach ** np.arange(min(_FAR, len(weight)))
        left = np.convolve(weight, fading)[: len(weight)]
        right = np.convolve(weight[::-1], fading)[: len(weight)][::-1]
        columns += [_later(left) / whole, _later(right[::-1])[::-1] / whole]
    shares = _sentence_shares(passage, shared, whole)
    columns += [shares, (shares == shares.max()) & (shares > 0)]
    found[:, :-5] = np.stack(columns, axis=1)
    found[:, -5:] = passage.looks
    return found


def _later(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """What stood one place before."""
    return np.concatenate([[0], values[:-1]])


def _runs(question: ReadText, passage: ReadText, size: int) -> NDArray[np.bool_]:
    """Which words of the passage are in a run of so many that the question has too."""
    inside = np.zeros(len(passage.words), dtype=bool)
    if min(len(question.words), len(passage.words)) < size:
        return inside
    wanted, there = (_joined(text.words, size) for text in (question, passage))
    marks = passage.rarity == 0
    whole = np.lib.stride_tricks.sliding_window_view(~marks, size).all(1)
    for place in np.flatnonzero(np.isin(there, wanted) & whole):
        inside[place : place + size] = True
    return inside


def _joined(words: Ints, size: int) -> Ints:
    """A number for each run of so many words; of any two different ones it is almost never the same."""
    key = np.zeros(len(words) - size + 1, np.int64)
    for step in range(size):
        key = key * 1_000_003 + words[step : len(words) - size + 1 + step]
    return key


def _sentence_shares(passage: ReadText, shared: NDArray[np.bool_], whole: float) -> NDArray[np.float64]:
    """How much of the question stands in the sentence of each word, each of its words once, rare ones counting more."""
    size = int(passage.words.max()) + 1
    keys, first = np.unique((passage.sentences * size + passage.words)[shared], return_index=True)
    sums = np.bincount(keys // size, passage.rarity[shared][first], minlength=int(passage.sentences[-1]) + 1)
    return np.minimum(sums / whole, 1)[passage.sentences]
