"""What the training loop works on when a model learns to answer questions: from scratch, and on a base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from attendo.data import Question
from attendo.metrics import answer_language, score_answers
from attendo.tasks.answering.inputs import QuestionEncoder, QuestionInputs, SpanBatch, tokens_of
from attendo.tasks.answering.scoring import (
    AnswerRule,
    Targets,
    chosen_spans,
    no_answer_chance,
    score_windows,
    span_loss,
)
from attendo.tasks.problem import Loss

MOST_WINDOWS = 8
"""Windows of one question that a step reads at most: those with the answer, and others from all over the passage."""


class AnswerBatch(NamedTuple):
    """Windows as a model takes them, and where the answers are."""

    spans: SpanBatch
    targets: Targets


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedQuestions:
    """Questions to learn from: the windows that are read of each, and where its answers stand in them.

    Attributes:
        places: for each window that is read, its answers' first and last tokens, counted in it.
    """

    inputs: QuestionInputs
    windows: list[list[int]]
    places: list[list[list[tuple[int, int]]]]
    impossible: list[bool]

    def longest_answer(self, share: float = 0.99) -> int:
        """Tokens that so many of the answers have at most."""
        sizes = [last - first + 1 for found in self.places for each in found for first, last in each]
        return int(np.ceil(np.quantile(sizes, share))) if sizes else 1


def learned_questions(encoder: QuestionEncoder, questions: Sequence[Question]) -> LearnedQuestions:
    """The learnable questions as numbers; one whose answers are in no window is left out."""
    questions = [each for each in questions if each.learnable]
    inputs = encoder.encode_questions(questions)
    windows, places, impossible = [], [], []
    for number, question in enumerate(questions):
        answers = {tokens_of(inputs.bounds[number], a.start, a.start + len(a.text)) for a in question.placed}
        found = [_inside(inputs, window, answers) for window in inputs.windows[number]]
        if not question.impossible and not any(found):
            continue
        chosen = _chosen([bool(each) for each in found])
        windows.append([inputs.windows[number][index] for index in chosen])
        places.append([found[index] for index in chosen])
        impossible.append(question.impossible)
    return LearnedQuestions(inputs=inputs, windows=windows, places=places, impossible=impossible)


class AnswerProblem:
    """All of the model learns, and the F1 of the dev questions judges it."""

    main: str = "f1"

    def __init__(
        self,
        model: nn.Module,
        train: LearnedQuestions,
        dev: tuple[Sequence[Question], QuestionInputs],
        rule: AnswerRule,
    ) -> None:
        self.model: nn.Module = model
        self._train, self._rule = train, rule
        self._dev, self._inputs = dev
        self._language = answer_language([answer.text for each in self._dev for answer in each.answers])
        lengths = train.inputs.lengths
        self.lengths: Sequence[int] = [sum(lengths[window] for window in each) for each in train.windows]

    def batch(self, indices: Sequence[int], device: torch.device) -> AnswerBatch:
        """Training questions as tensors."""
        train = self._train
        windows = [window for index in indices for window in train.windows[index]]
        spans = train.inputs.batch(windows)
        found: list[tuple[int, int, int]] = []
        starts = iter(spans.layout.query_starts)
        for owner, index in enumerate(indices):
            for places in train.places[index]:
                start = next(starts)
                found += [(start + first, start + last, owner) for first, last in places]
        columns = torch.tensor(found, dtype=torch.int64).reshape(-1, 3).T
        impossible = torch.tensor([train.impossible[index] for index in indices])
        targets = Targets(columns[0], columns[1], columns[2], impossible)
        return AnswerBatch(spans.to(device), targets.to(device))

    def loss(self, batch: AnswerBatch) -> Loss:
        """How unlikely the answers are, for each question."""
        scores = self.model(batch.spans.texts).float()
        total = span_loss(scores, batch.spans, batch.targets, no_answer=self._rule.no_answer)
        return Loss(total, len(batch.targets.impossible))

    def scores(self) -> dict[str, float]:
        """Scores of the dev questions' answers; where some have none, with the best threshold for saying so."""
        choices = chosen_spans(score_windows(self.model, self._inputs), self._inputs, self._rule)
        texts = [best_text(question, choice.spans) for question, choice in zip(self._dev, choices, strict=True)]
        golds = [[answer.text for answer in question.answers] for question in self._dev]
        chances = [no_answer_chance(choice) for choice in choices] if self._rule.no_answer else None
        found = score_answers(texts, golds, language=self._language, no_answer=chances, resamples=1)
        if found.best is not None:
            return {"f1": found.best.best_f1, "answer_exact": found.best.best_exact}
        return {"f1": found.f1.value, "answer_exact": found.exact_match.value}


def best_text(question: Question, spans: Sequence[tuple]) -> str:
    """What the best span says, empty where there is none."""
    return question.context[spans[0][0] : spans[0][1]].strip() if spans else ""


def _inside(inputs: QuestionInputs, window: int, answers: set[tuple[int, int] | None]) -> list[tuple[int, int]]:
    """The answers that a window holds, in tokens counted in it."""
    part, shift = inputs.parts[window], int(inputs.firsts[window])
    within = [each for each in answers if each is not None and part.start <= each[0] and each[1] < part.end]
    return sorted((first - part.start + shift, last - part.start + shift) for first, last in within)


def _chosen(answered: list[bool]) -> list[int]:
    """Which windows of a question are read: of too many those with an answer, and others evenly."""
    if len(answered) <= MOST_WINDOWS:
        return list(range(len(answered)))
    right = [index for index, each in enumerate(answered) if each][:MOST_WINDOWS]
    others = [index for index, each in enumerate(answered) if not each]
    picked = np.linspace(0, len(others) - 1, MOST_WINDOWS - len(right)).round().astype(int)
    return sorted({*right, *(others[index] for index in picked.tolist())})
