"""Dialogues as tokens: which of them are answers, and which turns a model has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attendo.data import ASSISTANT, SYSTEM, USER, Dialogue, Turn
from attendo.tasks.chatting.templates import ChatTemplate
from attendo.tasks.generating import TokenStreams
from attendo.tasks.pieces import PieceEncoder
from attendo.text import MarkedTexts

_AROUND = 4
"""Tokens that a template puts around a turn, about."""


@dataclass(frozen=True, eq=False)
class TurnReader:
    """Puts turns together by a template, and cuts what comes of it into tokens."""

    encoder: PieceEncoder
    template: ChatTemplate

    @cached_property
    def marked(self) -> MarkedTexts:
        """What cuts texts in which special tokens are meant, but not in anybody's own words."""
        return MarkedTexts(self.encoder.tokenizer)

    @property
    def end(self) -> int | None:
        """The special token behind an answer, if the template puts one there."""
        turns = [Turn(USER, "a"), Turn(ASSISTANT, "b")]
        text = self.template.render(turns)
        ids, starts = self.marked.encode(text)
        behind = (starts >= _shared(self.template.render(turns[:1], answers=True), text)) & np.isin(
            ids, self.marked.specials
        )
        return int(ids[behind][0]) if behind.any() else None

    def ids(self, turns: Sequence[Turn]) -> list[int]:
        """Turns up to where an answer begins."""
        return self.marked.encode(self.template.render(self._own(turns), answers=True))[0].tolist()

    def fitted(self, turns: Sequence[Turn], room: int) -> tuple[list[int], int]:
        """The tokens of the latest turns that fit, and how many of the others are left out.

        What the system said stays. Of one turn that is too long alone, the tokens are given all the same.
        """
        first = _system(turns)
        rest = list(turns[len(first) :])
        dropped = 0
        while len(ids := self.ids([*first, *rest[dropped:]])) > room and dropped < len(rest) - 1:
            dropped += 2 if dropped + 2 < len(rest) else 1  # the user speaks first, also when the beginning is gone
        return ids, dropped

    def streams(self, dialogues: Sequence[Dialogue], room: int) -> tuple[TokenStreams, list[str]]:
        """Dialogues as tokens of which the answers are asked about, and what is said in them.

        One that is longer than `room` is cut between turns, and goes on with some of what came before it.
        """
        parts = [self._tokens(turns, asked) for each in dialogues for turns, asked in self._parts(each, room)]
        none = np.zeros(0, np.int32)
        return TokenStreams(
            before=(),
            ids=np.concatenate([part.ids for part in parts] or [none]),
            starts=np.cumsum([0, *(len(part.ids) for part in parts)]),
            characters=np.concatenate([part.starts for part in parts] or [none]),
            asked=np.concatenate([part.asked for part in parts] or [none.astype(bool)]),
        ), [part.said for part in parts]

    def _parts(self, dialogue: Dialogue, room: int) -> Iterator[tuple[Sequence[Turn], Sequence[int]]]:
        """Runs of turns that fit, about, and which of their turns are asked about there."""
        head, asked = _system(dialogue.turns), list(dialogue.answers)
        turns = dialogue.turns
        sizes = [_AROUND + len(self.marked.encode(turn.content)[0]) for turn in self._own(turns)]
        first, room = len(head), room - sum(sizes[: len(head)])
        while asked:
            last = asked[0] + 1
            while last < len(turns) and sum(sizes[first : last + 1]) <= room:
                last += 1
            own = [number for number in asked if number < last]
            yield [*head, *turns[first:last]], [number - first + len(head) for number in own]
            asked = asked[len(own) :]
            if asked:
                first = _first_to_repeat(turns, sizes, asked[0], len(head), room)

    def _tokens(self, turns: Sequence[Turn], asked: Sequence[int]) -> _Part:
        """Turns as tokens, and which of these belong to answers, the mark of their end included."""
        own = self._own(turns)
        text = self.template.render(own)
        ids, starts = self.marked.encode(text)
        found = np.zeros(len(ids), bool)
        for number in asked:
            before = _shared(self.template.render(own[:number], answers=True), text)
            found |= (starts >= before) & (starts < _shared(self.template.render(own[: number + 1]), text))
        return _Part(ids, *_spoken(text, starts, np.isin(ids, self.marked.specials)), found)

    def _own(self, turns: Sequence[Turn]) -> list[Turn]:
        """Turns in whose words no special token is meant."""
        return [Turn(turn.role, self.marked.disarmed(turn.content)) for turn in turns]


@dataclass(frozen=True, eq=False)
class _Part:
    """Some turns as tokens: where in what is said each begins, what is said, and which tokens are asked about."""

    ids: np.ndarray
    starts: np.ndarray
    said: str
    asked: np.ndarray


def _system(turns: Sequence[Turn]) -> list[Turn]:
    """What stands before the dialogue itself."""
    return [turn for turn in turns[:1] if turn.role == SYSTEM]


def _first_to_repeat(turns: Sequence[Turn], sizes: Sequence[int], asked: int, least: int, room: int) -> int:
    """Where a part begins whose first answer is this one: with as much before it as half of the room holds."""
    first = asked - 1
    while first > least and sum(sizes[first - 1 : asked]) <= room // 2:
        first -= 1
    while first > least and turns[first].role != USER:  # templates want the user to speak first
        first -= 1
    return first


def _shared(one: str, text: str) -> int:
    """How far a text begins like another."""
    if text.startswith(one):
        return len(one)
    return next(
        (place for place, (a, b) in enumerate(zip(one, text, strict=False)) if a != b), min(len(one), len(text))
    )


def _spoken(text: str, starts: np.ndarray, silent: np.ndarray) -> tuple[np.ndarray, str]:
    """Where tokens begin in a text without its special tokens, and that text."""
    borders = np.append(starts, len(text)).astype(np.int64)
    kept = np.ones(len(text) + 1, bool)
    for number in np.flatnonzero(silent).tolist():
        kept[borders[number] : borders[number + 1]] = False
    places = np.cumsum(kept) - kept
    return places[borders[:-1]].astype(np.int32), "".join(np.array(list(text))[kept[:-1]].tolist())
