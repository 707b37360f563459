"""The simplest tagger: it finds again what it has seen, and knows nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from attendo.data import TaggedText
from attendo.spans import LabelledSpan
from attendo.tasks.tagging.tag_set import PLAIN, gold_spans


@dataclass(frozen=True)
class NameList:
    """The usual label of each sequence of words that had one; the longest sequence is taken, from left to right."""

    labels: dict[tuple[str, ...], str]
    longest: int
    usual: str | None = None
    """The label of unknown words, where each word has one."""

    @classmethod
    def of(cls, texts: Iterable[TaggedText]) -> NameList:
        """Learn which sequences of words had which label."""
        counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        every: Counter[str] = Counter()
        plain = False
        for text in texts:
            plain = text.scheme == PLAIN
            words = _words(text)
            for start, end, label in gold_spans(text):
                counts[words[start:end]][label] += 1
                every[label] += 1
        labels = {name: each.most_common(1)[0][0] for name, each in counts.items()}
        usual = every.most_common(1)[0][0] if plain and every else None
        return cls(labels, max(map(len, labels), default=0), usual)

    def find(self, text: TaggedText) -> tuple[LabelledSpan, ...]:
        """The known names of a text, in words."""
        words, place = _words(text), 0
        found: list[LabelledSpan] = []
        while place < len(words):
            sizes = range(min(self.longest, len(words) - place), 0, -1)
            size = next((size for size in sizes if words[place : place + size] in self.labels), 0)
            if size:
                found.append(LabelledSpan(place, place + size, self.labels[words[place : place + size]]))
            elif self.usual is not None:
                found.append(LabelledSpan(place, place + 1, self.usual))
            place += max(size, 1)
        return tuple(found)


def _words(text: TaggedText) -> tuple[str, ...]:
    return tuple(text.text[start:end] for start, end in text.words)
