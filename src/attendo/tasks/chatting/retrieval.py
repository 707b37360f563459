"""The answer that somebody gave to the most similar turns: what a model that writes has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attendo.data import Dialogue
from attendo.tasks.embedding import TfIdfVectors

_TURNS = 2
"""Turns before an answer that are compared."""
_BLOCK = 512


class NearestAnswers:
    """Answers of training dialogues, found by tf-idf of what was said before them."""

    def __init__(self, dialogues: Sequence[Dialogue]) -> None:
        places = [(each, number) for each in dialogues for number in each.answers]
        contexts = [_context(each, number) for each, number in places]
        self._answers = [each.turns[number].content for each, number in places]
        self._vectorise = TfIdfVectors.of(contexts)
        self._vectors = self._vectorise(contexts)

    def find(self, histories: Sequence[Dialogue]) -> list[str]:
        """An answer to each."""
        found: list[str] = []
        for first in range(0, len(histories), _BLOCK):
            asked = self._vectorise([_context(each, len(each.turns)) for each in histories[first : first + _BLOCK]])
            scores = asked @ self._vectors.T
            dense = scores if isinstance(scores, np.ndarray) else scores.toarray()
            found += [self._answers[number] for number in dense.argmax(1).tolist()]
        return found


def _context(dialogue: Dialogue, number: int) -> str:
    return "\n".join(turn.content for turn in dialogue.turns[max(0, number - _TURNS) : number])
