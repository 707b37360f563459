"""What a model is asked about a sentence: which words are predicates, and which words are which role of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from attendo.tasks.reading import View
from attendo.tasks.words import Bounds, Window, WordInputs


class Question(NamedTuple):
    """A sentence, by its number, and the predicate whose roles are asked for; without one, predicates are asked for."""

    sentence: int
    predicate: int | None = None


class Sentences(Protocol):
    """Sentences that were read once, and may be asked about many times."""

    def ask(self, questions: Sequence[Question]) -> WordInputs:
        """The questions as numbers; `owners` counts them, and of a predicate's roles there is a single window."""
        ...


class FrameEncoder(Protocol):
    """What turns sentences with known words into numbers; it is saved with the model."""

    @property
    def paired(self) -> bool | None: ...

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        ...

    def read(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> Sentences:
        """Sentences, ready to be asked about."""
        ...

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds], predicates: Sequence[int]) -> View:
        """Sentences, each asked about the roles of one predicate, with how their tokens are written.

        Of a sentence that is too long, it is the words around the predicate that are read.
        """
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write files, and return the settings that go beside them."""
        ...


def window_around(sizes: Sequence[int], word: int, room: int | None) -> Window:
    """As many words around one as have room, each of so many tokens; all of them are judged.

    Roles stand close by their predicate, so of a sentence that is too long the rest is taken to have none.
    """
    start, end, left = word, word + 1, (room or 0) - sizes[word]
    if room is None or sum(sizes) <= room:
        return Window(0, len(sizes), 0, len(sizes))
    while True:
        before = start > 0 and sizes[start - 1] <= left
        behind = end < len(sizes) and sizes[end] <= left
        if before and (not behind or word - start <= end - 1 - word):
            start -= 1
            left -= sizes[start]
        elif behind:
            left -= sizes[end]
            end += 1
        else:
            return Window(start, end, start, end)
