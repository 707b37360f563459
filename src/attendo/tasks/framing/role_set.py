"""The roles that a model tells apart, as tags of words, and what it knows of senses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.data import FramedSentence, Role
from attendo.errors import DataError
from attendo.spans import OUTSIDE, write_tags
from attendo.tasks.tagging.tag_set import TagSet
from attendo.text import normal_form

SCHEME = "BIO"
PREDICATE = "PREDICATE"
"""What config.json calls the last score: that a word is a predicate."""


def role_tags(sentences: Iterable[FramedSentence], rarest: float) -> tuple[TagSet, dict[str, int]]:
    """The tags of all roles but the rarest, and how often those occur that are left out.

    Args:
        rarest: share of all roles below which one is left out.
    """
    counts = Counter(role.label for sentence in sentences for frame in sentence.frames for role in frame.roles)
    kept = sorted(label for label, count in counts.items() if count >= rarest * counts.total())
    tags = [OUTSIDE, *(f"{letter}-{label}" for label in kept for letter in "BI")]
    return TagSet(tuple(tags), SCHEME), {label: counts[label] for label in counts if label not in kept}


def encode_roles(tags: TagSet, roles: Sequence[Role], size: int) -> NDArray[np.int64]:
    """The tags of a sentence's words as numbers; roles that are not learned are left out."""
    numbers = {name: number for number, name in enumerate(tags.names)}
    known = [role for role in roles if f"B-{role.label}" in numbers]
    return np.array([numbers[tag] for tag in write_tags(known, size, SCHEME)], np.int64)


@dataclass(frozen=True)
class Senses:
    """The usual sense of each word that was a predicate in training, by its form in small letters."""

    usual: dict[str, str]

    @classmethod
    def of(cls, sentences: Iterable[FramedSentence]) -> Senses:
        """Learn the usual senses; of two that are equally usual, the first in the alphabet."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            for frame in sentence.frames:
                if frame.sense is not None:
                    counts[normal_form(word_at(sentence, frame.predicate))][frame.sense] += 1
        return cls({word: min(each, key=lambda name: (-each[name], name)) for word, each in sorted(counts.items())})

    def of_word(self, word: str) -> str | None:
        """The sense of a predicate; none where the word was never seen as one."""
        return self.usual.get(normal_form(word))


def word_at(sentence: FramedSentence, place: int) -> str:
    """A word of a sentence by its number."""
    start, end = sentence.words[place]
    return sentence.text[start:end]


def check_predicates(sentence: FramedSentence) -> None:
    """Refuse predicates that are no words.

    Raises:
        DataError: naming the first of them.
    """
    count = len(sentence.words)
    wrong = [frame.predicate for frame in sentence.frames if not 0 <= frame.predicate < count]
    if wrong:
        rule = f"words are counted from 0 to {count - 1}" if count else "it has none"
        where = "" if sentence.path is None else f" ({sentence.place})"
        raise DataError(f"Word {wrong[0]} cannot be a predicate of `{sentence.text[:60]}`{where}: {rule}.")
