"""The simplest finder of roles: what words usually are, by where they stand from the predicate."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from attendo.data import Frame, FramedSentence, Role
from attendo.tasks.framing.role_set import Senses, word_at
from attendo.text import normal_form

Key = TypeVar("Key")

OFTEN = 3
"""A word at a place must have been seen so often to count by itself."""
FAR = 6
"""Places further away than this are not told apart."""


@dataclass(frozen=True)
class UsualRoles:
    """The usual role of each word at each place before or behind a predicate, or of any word at that place.

    Neighbouring words of one role are one argument. A word is a predicate if it was one more often than not.
    """

    by_word: dict[tuple[int, str], str]
    by_place: dict[int, str]
    predicates: frozenset[str]
    senses: Senses

    @classmethod
    def of(cls, sentences: Iterable[FramedSentence]) -> UsualRoles:
        """Learn what is usual."""
        sentences = list(sentences)
        by_word: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
        by_place: dict[int, Counter[str]] = defaultdict(Counter)
        times: Counter[str] = Counter()
        marked: Counter[str] = Counter()
        for sentence in sentences:
            words = _words(sentence)
            times.update(words)
            marked.update({place: words[place] for place in (frame.predicate for frame in sentence.frames)}.values())
            for frame in sentence.frames:
                for (near, word), role in zip(_seen(words, frame.predicate), _tags(frame, len(words)), strict=True):
                    by_word[near, word][role] += 1
                    by_place[near][role] += 1
        often = {key: each for key, each in by_word.items() if each.total() >= OFTEN}
        predicates = frozenset(word for word, count in marked.items() if 2 * count > times[word])
        return cls(_most(often), _most(by_place), predicates, Senses.of(sentences))

    def find(self, sentence: FramedSentence, *, given: bool) -> list[Frame]:
        """The frames of a sentence, of its own predicates or of those that are usual ones."""
        words = _words(sentence)
        places = [place for place, word in enumerate(words) if word in self.predicates]
        places = [frame.predicate for frame in sentence.frames] if given else places
        return [
            Frame(place, self.senses.of_word(word_at(sentence, place)), self._roles(words, place)) for place in places
        ]

    def _roles(self, words: Sequence[str], predicate: int) -> tuple[Role, ...]:
        usual = [self.by_word.get(each, self.by_place.get(each[0], "")) for each in _seen(words, predicate)]
        usual[predicate] = ""
        roles, start = [], 0
        for place, (role, after) in enumerate(pairwise([*usual, ""])):
            if role != after:
                if role:
                    roles.append(Role(start, place + 1, role))
                start = place + 1
        return tuple(roles)


def _most(counts: dict[Key, Counter[str]]) -> dict[Key, str]:
    return {key: min(each, key=lambda role: (-each[role], role)) for key, each in counts.items()}


def _seen(words: Sequence[str], predicate: int) -> Iterator[tuple[int, str]]:
    """How far each word is from the predicate, and the word."""
    for place, word in enumerate(words):
        yield max(-FAR, min(place - predicate, FAR)), word


def _tags(frame: Frame, size: int) -> list[str]:
    tags = [""] * size
    for start, end, label in frame.roles:
        tags[start:end] = [label] * (end - start)
    return tags


def _words(sentence: FramedSentence) -> list[str]:
    return [normal_form(sentence.text[start:end]) for start, end in sentence.words]
