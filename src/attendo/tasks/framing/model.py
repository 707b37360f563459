"""The user's model of semantic roles: who did what to whom, predicate by predicate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch

from attendo.data import Frame, FramedSentence, RoleDataSettings, place_words, read_frames
from attendo.errors import DataError
from attendo.files import write_json
from attendo.metrics import FrameScores, score_frames
from attendo.tasks.chain_file import save_chain
from attendo.tasks.framing.cutting import WordCutter
from attendo.tasks.framing.learning import frames_of
from attendo.tasks.framing.questions import FrameEncoder, Question, Sentences
from attendo.tasks.framing.role_set import Senses, check_predicates, word_at
from attendo.tasks.framing.scoring import FrameFinder, SureRoles, sure_predicates
from attendo.tasks.tagging.model import FoundSpan
from attendo.tasks.task_model import TaskModel, in_windows

SENSES, WORDS = "senses.json", "words.json"
"""The usual sense of each predicate, and what was one word, beside the weights."""

Asked: TypeAlias = "FramedSentence | tuple[str | Sequence[str], Sequence[int]]"
"""A sentence with its predicates: its words, or its text (cut by `RoleLabeller.sentence`), and the numbers of words,
counted from 0."""


@dataclass(frozen=True, slots=True)
class FoundPredicate:
    """A word that something is said of: `text[start:end]` of the sentence as it was given.

    Attributes:
        probability: that it is a predicate, as far as the model can tell, even where it was given.
        sense: the roleset that this word usually has; None where it was never seen as a predicate.
    """

    start: int
    end: int
    text: str
    probability: float
    sense: str | None


@dataclass(frozen=True, slots=True)
class FoundFrame:
    """A predicate, and its roles in the order of the text."""

    predicate: FoundPredicate
    roles: tuple[FoundSpan, ...]


@dataclass(frozen=True, slots=True)
class Framing:
    """What a model found in one sentence, in the order of the predicates."""

    text: str
    frames: tuple[FoundFrame, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RoleLabeller(TaskModel):
    """A trained model for `roles`. Made by `attendo.train` or `attendo.load`."""

    task = "roles"

    encoder: FrameEncoder
    finder: FrameFinder
    senses: Senses
    cutter: WordCutter

    @property
    def arguments(self) -> Literal["spans", "heads"]:
        """How arguments are counted: whole, or their head words where the training file marked these alone."""
        return self.card.get("arguments", "spans")

    def predict(self, texts: str | Iterable[str]) -> list[Framing]:
        """Find the predicates of each text, and the roles of each of them.

        Raises:
            DataError: if a text is not a string.
        """
        texts = [texts] if isinstance(texts, str) else texts
        return list(self.predict_examples(map(self.sentence, texts)))

    def predict_frames(self, sentences: Iterable[Asked]) -> list[Framing]:
        """Find the roles of the predicates that are given with each sentence, and of no others.

        Raises:
            DataError: if a predicate is not a word of its sentence.
        """
        asked = [each if isinstance(each, FramedSentence) else self._asked_about(*each) for each in sentences]
        return [each for window in in_windows(asked, _characters) for each in self._framed(window, given=True)]

    def sentence(self, text: str) -> FramedSentence:
        """A text with its words, cut as in the training sentences, whose predicates are to be found.

        Raises:
            DataError: if it is not a string.
        """
        if not isinstance(text, str):
            raise DataError(f"Every text must be a string, but one is {type(text).__name__}.")
        return FramedSentence(text, self.cutter.cut(text))

    def predict_examples(self, examples: Iterable[FramedSentence]) -> Iterator[Framing]:
        """Answer a stream of sentences in bounded memory, in its order.

        A sentence that comes with predicates is asked about these; of any other the predicates are found.
        """
        for window in in_windows(examples, _characters):
            known = iter(self._framed([each for each in window if each.frames], given=True))
            unknown = iter(self._framed([each for each in window if not each.frames], given=False))
            yield from (next(known) if each.frames else next(unknown) for each in window)

    def evaluate(
        self, data: Path | str | Sequence[FramedSentence], settings: RoleDataSettings | None = None
    ) -> FrameScores:
        """Scores with the predicates given and with found ones, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read.
        """
        if isinstance(data, Path | str):
            data = read_frames(data, settings).sound()
        if not data:
            raise DataError("There are no sentences to evaluate the model on.")
        return score_both(data, self.found(data, given=True), self.found(data, given=False), self.arguments)

    def found(self, sentences: Iterable[FramedSentence], *, given: bool) -> list[list[Frame]]:
        """The frames of each sentence, in words: of its own predicates, or of those that are found."""
        frames: list[list[Frame]] = []
        for window in in_windows(sentences, _characters):
            read, predicates, _ = self._asked(window, given=given)
            for sentence, each in zip(window, frames_of(self.finder, read, predicates), strict=True):
                frames.append([replace(frame, sense=self._sense(sentence, frame.predicate)) for frame in each])
        return frames

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        tags, decoding = self.finder.tags, self.finder.decoding
        return {"tags": list(tags.names), "scheme": tags.scheme, "decoding": decoding, "arguments": self.arguments}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Finds predicates and their roles: {', '.join(self.finder.tags.labels)}."

    def save_parts(self, folder: Path) -> list[str]:
        """Write the senses and what the chain learned, and return the names of the files."""
        write_json(folder / SENSES, self.senses.usual)
        write_json(folder / WORDS, self.cutter.counts)
        return [SENSES, WORDS, *save_chain(folder, self.finder.scorer.chain, learned=self.finder.decoding == "crf")]

    def _asked_about(self, sentence: str | Sequence[str], predicates: Sequence[int]) -> FramedSentence:
        """A text, or its words, with the predicates that are asked about.

        Raises:
            DataError: if a predicate is not a word of it.
        """
        if isinstance(sentence, str):
            framed = self.sentence(sentence)
        elif isinstance(sentence, Sequence) and all(isinstance(word, str) and word.strip() for word in sentence):
            framed = FramedSentence(*place_words(list(sentence), None))
        else:
            raise DataError("A sentence must be a string, or its words: strings that are not empty.")
        numbers = list(predicates)
        if any(isinstance(each, bool) or not isinstance(each, int) for each in numbers):
            raise DataError(f"Predicates must be numbers of words, counted from 0, but are {numbers!r}.")
        framed = replace(framed, frames=tuple(Frame(each) for each in sorted(set(numbers))))
        check_predicates(framed)
        return framed

    def _sense(self, sentence: FramedSentence, place: int) -> str | None:
        return self.senses.of_word(word_at(sentence, place))

    def _asked(
        self, sentences: Sequence[FramedSentence], *, given: bool
    ) -> tuple[Sentences, list[list[int]], list[torch.Tensor]]:
        """The sentences as they are read, the predicates of each, and how likely each word is one."""
        self.finder.scorer.eval()
        for sentence in sentences:
            check_predicates(sentence)
        read = self.encoder.read([each.text for each in sentences], [each.words for each in sentences])
        filled = [number for number, each in enumerate(sentences) if each.words]
        chances = [torch.zeros(len(each.words)) for each in sentences]
        for number, each in zip(filled, self.finder.predicates(read, filled), strict=True):
            chances[number] = self.finite(each)
        if given:
            return read, [sorted({frame.predicate for frame in each.frames}) for each in sentences], chances
        return read, [sure_predicates(each) for each in chances], chances

    def _framed(self, sentences: Sequence[FramedSentence], *, given: bool) -> list[Framing]:
        read, predicates, chances = self._asked(sentences, given=given)
        questions = [Question(number, place) for number, each in enumerate(predicates) for place in each]
        roles = iter(self.finder.sure_roles(read, questions))
        return [
            Framing(
                sentence.text,
                tuple(self._frame(sentence, place, float(sure[place]), next(roles)) for place in places),
            )
            for sentence, places, sure in zip(sentences, predicates, chances, strict=True)
        ]

    def _frame(self, sentence: FramedSentence, place: int, chance: float, found: SureRoles) -> FoundFrame:
        """A frame of words as a frame of characters."""
        start, end = sentence.words[place]
        predicate = FoundPredicate(start, end, sentence.text[start:end], chance, self._sense(sentence, place))
        roles = []
        for (first, last, label), probability in zip(found.roles, found.probabilities, strict=True):
            start, end = sentence.words[first][0], sentence.words[last - 1][1]
            roles.append(FoundSpan(start, end, label, sentence.text[start:end], probability))
        return FoundFrame(predicate, tuple(roles))


def score_both(
    gold: Sequence[FramedSentence],
    given: Sequence[Sequence[Frame]],
    found: Sequence[Sequence[Frame]],
    arguments: Literal["spans", "heads"],
) -> FrameScores:
    """Scores of frames of given predicates, and of found ones."""
    right = [each.frames for each in gold]
    return FrameScores(
        given=score_frames(right, given, arguments=arguments), found=score_frames(right, found, arguments=arguments)
    )


def _characters(sentence: FramedSentence) -> int:
    return len(sentence.text)
