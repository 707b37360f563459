"""What the training loop works on when a model learns predicates and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.data import Frame, FramedSentence
from attendo.metrics import score_frames
from attendo.tasks.framing.questions import FrameEncoder, Question, Sentences
from attendo.tasks.framing.role_set import encode_roles
from attendo.tasks.framing.scoring import FrameFinder, sure_predicates
from attendo.tasks.problem import Loss
from attendo.tasks.tagging.tag_set import TagSet
from attendo.tasks.words import WordBatch, WordInputs


class FrameBatch(NamedTuple):
    """Windows as a model takes them, what is right for their words, and which of them ask for roles."""

    words: WordBatch
    answers: Tensor
    about_roles: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class FramedInputs:
    """Sentences as questions: one for the predicates, and one for the roles of each predicate."""

    inputs: WordInputs
    answers: list[NDArray[np.int64]]
    about_roles: NDArray[np.bool_]

    def batch(self, indices: Sequence[int]) -> FrameBatch:
        """Some of the windows."""
        windows = [(int(self.inputs.owners[index]), self.inputs.windows[index]) for index in indices]
        answers = np.concatenate([self.answers[owner][window.first : window.last] for owner, window in windows])
        asked = self.about_roles[[owner for owner, _ in windows]]
        return FrameBatch(self.inputs.batch(indices), torch.from_numpy(answers), torch.from_numpy(asked))


def encode_framed(encoder: FrameEncoder, tags: TagSet, sentences: Sequence[FramedSentence]) -> FramedInputs:
    """Sentences as questions, and what is right."""
    read = encoder.read([each.text for each in sentences], [each.words for each in sentences])
    questions: list[Question] = []
    answers: list[NDArray[np.int64]] = []
    for number, sentence in enumerate(sentences):
        if not sentence.words:
            continue
        predicates = np.zeros(len(sentence.words), np.int64)
        predicates[[frame.predicate for frame in sentence.frames]] = 1
        questions.append(Question(number))
        answers.append(predicates)
        for frame in sentence.frames:
            questions.append(Question(number, frame.predicate))
            answers.append(encode_roles(tags, frame.roles, len(sentence.words)))
    about_roles = np.array([each.predicate is not None for each in questions], np.bool_)
    return FramedInputs(inputs=read.ask(questions), answers=answers, about_roles=about_roles)


class FrameProblem:
    """All of the model learns, and the F1 of the roles of given dev predicates judges it."""

    main: str = "f1"

    def __init__(
        self, finder: FrameFinder, encoder: FrameEncoder, train: FramedInputs, dev: Sequence[FramedSentence]
    ) -> None:
        self.model: nn.Module = finder.scorer
        self.lengths: Sequence[int] = list(train.inputs.lengths)
        self._finder, self._train, self._dev = finder, train, [each for each in dev if each.words]
        self._read = encoder.read([each.text for each in self._dev], [each.words for each in self._dev])

    def batch(self, indices: Sequence[int], device: torch.device) -> FrameBatch:
        """Training windows as tensors."""
        words, answers, asked = self._train.batch(indices)
        return FrameBatch(words.to(device), answers.to(device), asked.to(device))

    def loss(self, batch: FrameBatch) -> Loss:
        """How unlikely what is right is, for each word."""
        return Loss(self._finder.scorer.loss(*batch), max(len(batch.answers), 1))

    def scores(self) -> dict[str, float]:
        """Scores of roles with given predicates, of predicates, and of roles with the predicates that were found."""
        gold = [each.frames for each in self._dev]
        given = [[frame.predicate for frame in each] for each in gold]
        found = [sure_predicates(each) for each in self._finder.predicates(self._read, range(len(gold)))]
        both = [sorted({*one, *other}) for one, other in zip(given, found, strict=True)]
        known = frames_of(self._finder, self._read, both)
        first, second = (
            score_frames(gold, [_only(each, kept) for each, kept in zip(known, wanted, strict=True)], resamples=1)
            for wanted in (given, found)
        )
        return {
            "f1": first.f1.value,
            "precision": first.precision.value,
            "recall": first.recall.value,
            "found_f1": second.f1.value,
            "predicate_f1": second.predicate_f1.value,
        }


def frames_of(finder: FrameFinder, read: Sentences, predicates: Sequence[Sequence[int]]) -> list[list[Frame]]:
    """The frames of the predicates of each sentence."""
    questions = [Question(number, place) for number, each in enumerate(predicates) for place in each]
    roles = iter(finder.roles(read, questions))
    return [[Frame(place, None, next(roles)) for place in each] for each in predicates]


def _only(frames: Sequence[Frame], predicates: Sequence[int]) -> list[Frame]:
    return [frame for frame in frames if frame.predicate in predicates]
