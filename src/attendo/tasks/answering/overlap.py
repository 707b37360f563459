"""The simplest reader: the sentence that shares most with the question, and in it the words nearest to what is shared.

It learns nothing but how rare words are. A model has to beat it to be worth its training. Of a Chinese passage it gives
the whole sentence: by the rules of Chinese evaluations that scores far higher than any part that it could choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from attendo.data import Question
from attendo.tasks.answering.signs import SIGNS, ReadText, WordNumbers, read_text, shown_signs
from attendo.text import normal_form, split_words

_COMMON = 0.35
"""Words that are less rare than this neither begin nor end an answer."""
_LONGEST = 8
_FOR_NUMBERS = ("when", "year", "many", "much", "date", "几", "多少", "何时", "时候", "哪年", "哪一年", "时间")
"""What asks for an answer with a digit in it, in English and Chinese."""


@dataclass(frozen=True)
class OverlapReader:
    """How rare words are, between 0 and 1; unknown words are as rare as can be."""

    rarity: dict[str, float]

    @classmethod
    def of(cls, questions: Iterable[Question]) -> OverlapReader:
        """Learn from passages how rare words are."""
        passages = dict.fromkeys(each.context for each in questions)
        counts = Counter(word for passage in passages for word in set(_plain(passage)[2]))
        whole = log(len(passages) + 1)
        return cls({word: min(1.0, log((len(passages) + 1) / count) / whole) for word, count in counts.items()})

    def answer(self, question: Question) -> str:
        """The words of the passage that it takes for the answer."""
        number = WordNumbers()
        asked, passage = self._read(question.question, number), self._read(question.context, number)
        bounds = split_words(question.context)
        if not bounds:
            return ""
        shown = shown_signs(asked, passage)[1]
        shares = shown[:, SIGNS.index("sentence shares")]
        sentence = np.flatnonzero(passage.sentences == passage.sentences[int(shares.argmax())])
        near = shown[:, SIGNS.index("left 0.8")] + shown[:, SIGNS.index("right 0.8")]
        plain = normal_form(question.question)
        digits = any(word in plain for word in _FOR_NUMBERS)
        runs = [] if _has_characters(question.context) else list(_runs(passage, shown, sentence))
        runs = runs or [(int(sentence[0]), int(sentence[-1]))]
        numbered = shown[:, SIGNS.index("number")]
        first, last = max(runs, key=lambda run: _worth(run, near, numbered, digits))
        return question.context[bounds[first][0] : bounds[last][1]]

    def _read(self, text: str, number: WordNumbers) -> ReadText:
        _, words, plain = _plain(text)
        rarity = np.array([self.rarity.get(word, 1.0) for word in plain], dtype=np.float32)
        return read_text(words, plain, rarity, number)


def _plain(text: str) -> tuple[Sequence[tuple[int, int]], list[str], list[str]]:
    bounds = split_words(text)
    words = [text[start:end] for start, end in bounds]
    return bounds, words, [normal_form(word) for word in words]


def _has_characters(text: str) -> bool:
    """Whether a text is written in Chinese characters, mostly."""
    return 2 * sum("\u3400" <= character <= "\u9fff" for character in text) > sum(map(str.isalpha, text))


def _runs(passage: ReadText, shown: NDArray[np.float32], sentence: NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """First and last word of each run of new words, without marks in it and without common words at its ends."""
    new = shown[:, SIGNS.index("shared")] == 0
    start = None
    for place in [*sentence.tolist(), -1]:
        inside = place >= 0 and new[place] and passage.looks[place, -1] == 0
        if inside and start is None:
            start = place
        elif not inside and start is not None:
            end = place - 1 if place >= 0 else int(sentence[-1])
            while start <= end and passage.rarity[start] < _COMMON:
                start += 1
            while end >= start and passage.rarity[end] < _COMMON:
                end -= 1
            if start <= end:
                yield start, min(end, start + _LONGEST - 1)
            start = None


def _worth(
    run: tuple[int, int], near: NDArray[np.float32], numbered: NDArray[np.float32], digits: bool
) -> tuple[bool, float]:
    first, last = run
    return digits == bool(numbered[first : last + 1].any()), float(max(near[first], near[last]))
