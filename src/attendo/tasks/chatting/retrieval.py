"""The answer that somebody gave to the most similar turns: what a model that writes has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from attendo.data import Dialogue
from attendo.tasks.nearest import MostAlike

_TURNS = 2
"""Turns before an answer that are compared."""


class NearestAnswers:
    """Answers of training dialogues, found by tf-idf of what was said before them."""

    def __init__(self, dialogues: Sequence[Dialogue]) -> None:
        places = [(each, number) for each in dialogues for number in each.answers]
        contexts = [_context(each, number) for each, number in places]
        self._answers = [each.turns[number].content for each, number in places]
        self._contexts = MostAlike(contexts)

    def find(self, histories: Sequence[Dialogue]) -> list[str]:
        """An answer to each."""
        asked = [_context(each, len(each.turns)) for each in histories]
        return [self._answers[number] for number in self._contexts.find(asked)]


def _context(dialogue: Dialogue, number: int) -> str:
    return "\n".join(turn.content for turn in dialogue.turns[max(0, number - _TURNS) : number])
