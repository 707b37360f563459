"""Where the words of a text begin and end that comes without them: as in the sentences that a model was trained on.

Files of roles have words cut by people, and a Chinese word is most often longer than the single characters that any
text can be cut into. What was one word in training is put together again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from attendo.data import FramedSentence
from attendo.text import split_words

_UNSEEN = 0.5
"""How often a word counts to have been seen that never was."""


@dataclass(frozen=True)
class WordCutter:
    """How often each word was seen that is made of several parts, and each part by itself.

    Of all ways to put parts together, parts with a blank between them excluded, the most probable is taken.
    """

    counts: dict[str, int]
    longest: int
    """Parts of the longest word."""

    @classmethod
    def of(cls, sentences: Iterable[FramedSentence]) -> WordCutter:
        """Learn which words there are."""
        seen = Counter(sentence.text[start:end] for sentence in sentences for start, end in sentence.words)
        parts = {word: [word[span.start : span.end] for span in split_words(word)] for word in seen}
        made = {word: each for word, each in parts.items() if len(each) > 1 and "".join(each) == word}
        kept = set(made).union(*made.values())
        return cls.from_counts({word: count for word, count in sorted(seen.items()) if word in kept})

    @classmethod
    def from_counts(cls, counts: dict[str, int]) -> WordCutter:
        """The same, from what a file keeps."""
        return cls(counts, max((len(split_words(word)) for word in counts), default=1))

    def cut(self, text: str) -> tuple[tuple[int, int], ...]:
        """The places of the words of a text."""
        parts = [(span.start, span.end) for span in split_words(text)]
        words: list[tuple[int, int]] = []
        first = 0
        for place in range(1, len(parts) + 1):
            if place == len(parts) or parts[place][0] != parts[place - 1][1]:
                words += self._joined(text, parts[first:place])
                first = place
        return tuple(words)

    def _joined(self, text: str, parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The most probable words of parts that stand side by side."""
        if not self.counts or len(parts) < 2:
            return list(parts)
        total = log(sum(self.counts.values()) + 1)
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(parts) + 1):
            found = []
            for start in range(max(0, end - self.longest), end):
                seen = self.counts.get(text[parts[start][0] : parts[end - 1][1]], 0)
                if seen or end - start == 1:
                    found.append((best[start][0] + total - log(seen or _UNSEEN), start))
            best.append(min(found))
        words, end = [], len(parts)
        while end:
            start = best[end][1]
            words.append((parts[start][0], parts[end - 1][1]))
            end = start
        return words[::-1]
