"""The user's model that answers in a dialogue: history in, an answer out; the oldest turns are forgotten in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from attendo.data import ASSISTANT, USER, Dialogue, DialogueDataSettings, Turn, dialogue_of, read_dialogues
from attendo.errors import DataError
from attendo.metrics import DialogueScores, score_dialogue
from attendo.tasks.chatting.templates import ChatTemplate
from attendo.tasks.chatting.turns import TurnReader
from attendo.tasks.generating import Foreseen, LanguageModel, TokenStreams, in_blocks
from attendo.tasks.task_model import in_windows
from attendo.tasks.writing import Part, Request, WriteSettings, Written, with_others

AT_ONCE = 64
"""Dialogues that are answered together."""
ROOM = 4
"""A history may take all of a window but one part of so many: that is left for the answer."""
JUDGED = 300
"""Answers that are written, where a model is judged by them."""

History: TypeAlias = str | Dialogue | Sequence[str | Turn | Mapping[str, str]]
"""What was said so far: a single turn of the user, or several turns; without names the sides take turns."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Chatter(LanguageModel):
    """A trained model for `chat`. Made by `attendo.train` or `attendo.load`."""

    task = "chat"

    template: ChatTemplate

    @cached_property
    def reader(self) -> TurnReader:
        """What makes tokens of turns."""
        return TurnReader(self.encoder, self.template)

    def reply(self, history: History, settings: WriteSettings | None = None) -> Written:
        """Answer the last turn; where the settings want several answers (`n_best`), the best holds the `others`.

        Raises:
            DataError: if the history is none, or the model's template refuses it.
            InputError: if what is asked of the answer cannot be met.
        """
        return self._written([(0, dialogue_from(history))], settings)[0]

    def stream(self, history: History, settings: WriteSettings | None = None) -> Iterator[Part]:
        """Answer the last turn, a part at a time; the last part has the whole.

        Raises:
            DataError, InputError: as `reply`.
            ConfigError: if nothing is certain before the end, as with beams.
        """
        self.network.eval()
        return self.writer.stream([Request(prompt=self._prompt(dialogue_from(history)))], settings)

    def forgotten(self, history: History) -> int:
        """How many of the oldest turns do not fit into what the model reads."""
        return self.reader.fitted(dialogue_from(history).turns, self._room)[1]

    def predict(self, histories: Iterable[History], settings: WriteSettings | None = None) -> list[Written]:
        """The answers to several histories."""
        return list(self.predict_examples((dialogue_from(each) for each in histories), settings))

    def predict_examples(
        self, examples: Iterable[Dialogue], settings: WriteSettings | None = None, *, first: int = 0
    ) -> Iterator[Written]:
        """The answers to a stream of dialogues in bounded memory, in its order.

        Args:
            first: the number of the first dialogue, on which what is drawn depends.
        """
        numbers = count(first)
        for window in in_windows(examples, lambda each: len(each.key[0])):
            for start in range(0, len(window), AT_ONCE):
                yield from self._written([(next(numbers), each) for each in window[start : start + AT_ONCE]], settings)

    def evaluate(
        self, data: Path | str | Sequence[Dialogue], settings: DialogueDataSettings | None = None
    ) -> DialogueScores:
        """What the answers of people cost, and how near the model's own come to them.

        Raises:
            DataError: if the data cannot be read, or there is no answer.
        """
        dialogues = read_dialogues(data, settings).sound() if isinstance(data, Path | str) else data
        if not any(each.answers for each in dialogues):
            raise DataError("There is no answer to evaluate the model on.")
        asked = chosen_answers(dialogues, JUDGED)
        return self.judge(dialogues, asked)

    def judge(self, dialogues: Sequence[Dialogue], asked: Sequence[Answered]) -> DialogueScores:
        """Scores of all answers as they are foreseen, and of some as they are written."""
        written = [each.text for each in self.written_answers(asked)]
        return dialogue_scores(self.foreseen(dialogues), written, [right for _, right in asked], len(dialogues))

    def written_answers(self, asked: Sequence[Answered]) -> list[Written]:
        """The likeliest answers, token by token."""
        return self.predict([history for history, _ in asked], WriteSettings(method="greedy"))

    def foreseen(self, dialogues: Sequence[Dialogue]) -> Foreseen:
        """What the answers cost."""
        streams, texts = self.streams(dialogues)
        return in_blocks(streams, texts, self.foretell(streams))

    def streams(self, dialogues: Sequence[Dialogue]) -> tuple[TokenStreams, list[str]]:
        """Dialogues as tokens, and the texts that these were cut from."""
        return self.reader.streams(dialogues, self.window)

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return "Answers in dialogues, token by token."

    @property
    def _room(self) -> int:
        return max(1, self.window - self.window // ROOM)

    def _prompt(self, dialogue: Dialogue) -> tuple[int, ...]:
        return tuple(self.reader.fitted(dialogue.turns, self._room)[0])

    def _written(self, dialogues: Iterable[tuple[int, Dialogue]], settings: WriteSettings | None) -> list[Written]:
        self.network.eval()
        requests = [Request(prompt=self._prompt(each), seed=number) for number, each in dialogues]
        return [with_others(each) for each in self.writer.write(requests, settings)]


Answered: TypeAlias = tuple[Dialogue, str]
"""A dialogue up to an answer, and what a person said there."""


def chosen_answers(dialogues: Sequence[Dialogue], most: int) -> list[Answered]:
    """Some of the answers, evenly spread over all of them."""
    places = [(each, number) for each in dialogues for number in each.answers]
    step = max(1, -(-len(places) // most))
    return [
        (Dialogue(each.turns[:number], each.plain, each.path, each.line), each.turns[number].content)
        for each, number in places[::step]
    ]


def dialogue_scores(foreseen: Foreseen, written: Sequence[str], right: Sequence[str], dialogues: int) -> DialogueScores:
    """All scores of a system that foresees answers and writes some itself."""
    return score_dialogue(
        foreseen.nats, foreseen.tokens, foreseen.characters, written, list(right), num_examples=dialogues
    )


def dialogue_from(history: History) -> Dialogue:
    """A history in any of the forms that a user may give it in.

    Raises:
        DataError: if it is none.
    """
    if isinstance(history, Dialogue):
        return history
    if isinstance(history, str):
        history = [history]
    if not isinstance(history, Sequence) or not history:
        raise DataError("A history must be a text, or a list of turns with at least one.")
    if all(isinstance(each, str) for each in history):
        found = dialogue_of([str(each) for each in history])
        shift = len(found.turns) % 2 == 0  # whoever spoke last is to be answered
        roles = (ASSISTANT, USER) if shift else (USER, ASSISTANT)
        return Dialogue(tuple(Turn(roles[number % 2], turn.content) for number, turn in enumerate(found.turns)), True)
    return Dialogue(tuple(map(_turn, history)))


def _turn(given: Any) -> Turn:
    if isinstance(given, Turn):
        return given
    if isinstance(given, Mapping) and isinstance(given.get("role"), str) and isinstance(given.get("content"), str):
        return Turn(given["role"], given["content"])
    raise DataError("A turn must be a text or have `role` and `content`, and all of a history are given alike.")
