"""The user's model that answers questions by words of a passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from attendo.data import Question, QuestionDataSettings, read_questions
from attendo.errors import ConfigError, DataError
from attendo.metrics import AnswerScores, score_answers
from attendo.tasks.answering.inputs import QuestionEncoder
from attendo.tasks.answering.scoring import AnswerRule, chosen_spans, no_answer_chance, score_windows
from attendo.tasks.answering.span_search import SpanChoice
from attendo.tasks.task_model import TaskModel, in_windows

BEST, MOST = 5, 20
"""How many answers to a question a model names, by itself and in a stream."""


@dataclass(frozen=True, slots=True)
class PossibleAnswer:
    """Words of a passage: `passage[start:end]` as it was given, and how likely they are the answer."""

    text: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """What a model answers to a question about a passage.

    Attributes:
        text: words of the passage; empty where it finds none.
        start, end: `passage[start:end]` is the text; both 0 where there is none.
        probability: that exactly these words, or none, are the answer.
        no_answer_probability: that the passage has no answer; None for a model that always gives one.
        best: the most likely answers, whether or not one is given.
    """

    question: str
    passage: str
    text: str
    start: int
    end: int
    probability: float
    no_answer_probability: float | None
    best: tuple[PossibleAnswer, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Answerer(TaskModel):
    """A trained model for `answer`. Made by `attendo.train` or `attendo.load`.

    Attributes:
        rule: how an answer is chosen. A folder of another library does not say whether its questions may have none;
            `rule.no_answer = True` lets the model give none where that is more probable than `rule.threshold`.
    """

    task = "answer"

    encoder: QuestionEncoder
    rule: AnswerRule

    def predict(
        self, questions: str | Iterable[str], passages: str | Iterable[str] | None = None, *, best: int = BEST
    ) -> list[FoundAnswer]:
        """Answer questions from passages, one for each, or all from one.

        Args:
            best: how many possible answers to name.
        Raises:
            DataError: if a question or a passage is empty or missing, or no string.
            ConfigError: if `best` is below 1.
        """
        return list(self.predict_examples(asked(questions, passages), best=best))

    def predict_examples(self, examples: Iterable[Question], *, best: int = MOST) -> Iterator[FoundAnswer]:
        """Answer a stream of questions in bounded memory, in its order.

        Raises:
            ConfigError: if `best` is below 1.
        """
        if best < 1:
            raise ConfigError(f"`best` must be at least 1, but is {best}.")
        for window in in_windows(examples, lambda each: len(each.context)):
            for question, choice in zip(window, self._choices(window, best), strict=True):
                yield self._answer(question, choice)

    def evaluate(
        self, data: Path | str | Sequence[Question], settings: QuestionDataSettings | None = None
    ) -> AnswerScores:
        """Scores on questions whose answers are known, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read.
        """
        if isinstance(data, Path | str):
            data = read_questions(data, settings).sound()
        if not data:
            raise DataError("There are no questions to evaluate the model on.")
        return score_found_answers(data, list(self.predict_examples(data, best=1)))

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"answers": asdict(self.rule)}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        none = ", and says where it has none" if self.rule.no_answer else ""
        return f"Answers questions by words of a passage{none}."

    def _choices(self, questions: Sequence[Question], best: int) -> list[SpanChoice]:
        self.network.eval()
        inputs = self.encoder.encode_questions(questions)
        scores = score_windows(self.network, inputs)
        self.finite(torch.cat([*scores, torch.zeros(1, 2)]))
        return chosen_spans(scores, inputs, self.rule, count=best)

    def _answer(self, question: Question, choice: SpanChoice) -> FoundAnswer:
        best = tuple(_possible(question.context, *span[:2], span.probability) for span in choice.spans)
        none = no_answer_chance(choice)
        given = best[0] if best and not (self.rule.no_answer and none > self.rule.threshold) else None
        return FoundAnswer(
            question=question.question,
            passage=question.context,
            text=given.text if given else "",
            start=given.start if given else 0,
            end=given.end if given else 0,
            probability=given.probability if given else none,
            no_answer_probability=none if self.rule.no_answer else None,
            best=best,
        )


def score_found_answers(questions: Sequence[Question], found: Sequence[FoundAnswer], **options: Any) -> AnswerScores:
    """Scores of answers that were found to questions whose answers are known."""
    golds = [[answer.text for answer in question.answers] for question in questions]
    chances = [each.no_answer_probability for each in found]
    if any(chance is None for chance in chances) or all(golds):
        return score_answers([each.text for each in found], golds, **options)
    return score_answers([each.text for each in found], golds, no_answer=chances, **options)  # pyright: ignore


def asked(questions: str | Iterable[str], passages: str | Iterable[str] | None) -> list[Question]:
    """Questions with their passages as records.

    Raises:
        DataError: if a question or a passage is empty or missing, or no string.
    """
    for name, given in (("questions", questions), ("passages", passages)):
        if given is None:
            raise DataError(f"There are no {name}. A question is answered from a passage: give both.")
        if not isinstance(given, Iterable):
            raise DataError(f"`{name}` must be a text or several, but is {type(given).__name__}.")
    assert passages is not None
    firsts = [questions] if isinstance(questions, str) else list(questions)
    seconds = [passages] * len(firsts) if isinstance(passages, str) else list(passages)
    if len(seconds) != len(firsts):
        raise DataError(
            f"There are {len(firsts)} questions but {len(seconds)} passages; give one for each, or one for all."
        )
    for number, (question, passage) in enumerate(zip(firsts, seconds, strict=True), 1):
        for what, text in (("question", question), ("passage", passage)):
            if not isinstance(text, str):
                raise DataError(f"Question {number}: its {what} must be a text, but is {type(text).__name__}.")
            if not text.strip():
                raise DataError(f"Question {number}: its {what} is empty. Give some text.")
    return [
        Question(question, passage, id=str(n))
        for n, (question, passage) in enumerate(zip(firsts, seconds, strict=True), 1)
    ]


def _possible(passage: str, start: int, end: int, probability: float) -> PossibleAnswer:
    """The words without white space around them."""
    text = passage[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return PossibleAnswer(text, start, start + len(text), probability)
