"""Questions and passages as table rows, with rows for what they show of each other; for training from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.attention import Layout
from attendo.data import Question
from attendo.models import TextBatch
from attendo.nn import Bags
from attendo.tasks.answering.inputs import Part, QuestionInputs, windowed
from attendo.tasks.answering.settings import AnswerSettings
from attendo.tasks.answering.signs import SIGNS, ReadText, WordNumbers, read_text, shown_signs
from attendo.tasks.reading import View
from attendo.tasks.row_files import NAME, save_arrays, saved_arrays
from attendo.tasks.spelling import spelled_words
from attendo.text import RowTokens, RowVocabulary, normal_form, split_words

ASKING = 48
"""Words that ask, such as "who" and "how", that have a row of their own for every word of the passage."""
_START = "[start]"  # how the token that begins a window is written
_OFTENER = 3.0  # times as often in questions as in passages, if a word is to be one that asks


@dataclass(frozen=True, eq=False)
class RowQuestions:
    """The words and n-grams that have a row, how rare words are, and which words ask; learned from training texts.

    Attributes:
        rarity: of each row's word, between 0 and 1.
        asking: the rows of words that ask, in order.
    """

    rows: RowVocabulary
    rarity: NDArray[np.float32]
    asking: NDArray[np.int64]
    window: int
    stride: int

    @property
    def paired(self) -> bool | None:
        """Questions are read with their passages, and nothing else."""
        return True

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return [NAME]

    @property
    def num_rows(self) -> int:
        """All rows of the table: of words, of what a pair's words show, of words that ask, and of a row's start."""
        return self.rows.num_rows + len(SIGNS) + ASKING + 1

    @classmethod
    def train(cls, questions: Sequence[Question], settings: AnswerSettings) -> RowQuestions:
        """Learn from the training questions and their passages."""
        passages = list(dict.fromkeys(each.context for each in questions))
        asked = list(dict.fromkeys(each.question for each in questions))
        features = settings.features
        rows = RowVocabulary.train(
            [*passages, *asked],
            max_words=1 << 30,
            min_count=features.min_count,
            ngrams=features.ngrams,
        )
        there, in_questions = (_Words.of(rows, texts) for texts in (passages, asked))
        texts = np.repeat(np.arange(len(passages)), there.tokens.lengths)
        once = np.unique(texts * rows.num_rows + there.own) % rows.num_rows
        known = np.bincount(once, minlength=rows.num_rows).clip(min=1)
        rarity = np.log((len(passages) + 1) / known) / np.log(len(passages) + 1)
        rarity[0] = 1
        counts = [np.bincount(each.own, minlength=rows.num_rows) for each in (in_questions, there)]
        rates = [(each + 1) / max(each.sum(), 1) for each in counts]
        likely = np.where(rates[0] > _OFTENER * rates[1], counts[0], 0)
        likely[0] = 0
        best = np.argsort(-likely, kind="stable")[:ASKING]
        return cls(
            rows,
            rarity.clip(0, 1).astype(np.float32),
            np.sort(best[likely[best] > 0]),
            settings.window,
            settings.stride,
        )

    def encode_questions(self, questions: Sequence[Question]) -> QuestionInputs:
        """Questions ready to be cut into batches; each passage is read once."""
        number = WordNumbers()
        asked, which_asked = self._read([each.question for each in questions], number)
        passages, which = self._read([each.context for each in questions], number)
        found = [shown_signs(asked.texts[a], passages.texts[p]) for a, p in zip(which_asked, which, strict=True)]
        parts, kept = windowed([(len(q), len(p)) for q, p in found], self.window - 1, self.stride)
        texts = EncodedQuestions(
            asked=asked.words,
            passages=passages.words,
            parts=parts,
            kept=kept,
            which=list(zip(which_asked, which, strict=True)),
            signs=[np.concatenate([q[:size], p]).astype(np.float16) for (q, p), size in zip(found, kept, strict=True)],
            askers=[self._askers(asked.words.own_of(a)) for a in which_asked],
            first_sign=self.rows.num_rows,
        )
        return QuestionInputs(
            texts=texts,
            parts=parts,
            firsts=np.array([kept[part.owner] + 1 for part in parts], dtype=np.int64),
            bounds=[passages.bounds[number] for number in which],
        )

    def view(self, questions: Sequence[Question]) -> View:
        """Each question with the first window of its passage, and how the words of both are written."""
        inputs = self.encode_questions(questions)
        rows = [windows[0] for windows in inputs.windows]
        spelled = []
        for question, bounds, row in zip(questions, inputs.bounds, rows, strict=True):
            part, first = inputs.parts[row], int(inputs.firsts[row])
            asked = spelled_words(question.question, split_words(question.question)[: first - 1])
            spelled.append([_START, *asked, *spelled_words(question.context, bounds[part.start : part.end].tolist())])
        return View(texts=inputs.texts, rows=rows, spelled=spelled)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays, and return the settings that go beside them."""
        rows = self.rows.keys.view(np.int64)
        save_arrays(folder, {"rows": rows, "rarity": self.rarity, "asking": self.asking})
        return {"window": self.window, "stride": self.stride}

    @classmethod
    def load(cls, folder: Path, settings: dict[str, Any]) -> RowQuestions:
        """Read what `save` wrote.

        Raises:
            ModelFolderError: if the file is missing or damaged.
        """
        with saved_arrays(folder) as arrays:
            rows = RowVocabulary(arrays["rows"].view(np.uint64), 1 << 30)
            return cls(rows, arrays["rarity"], arrays["asking"], settings["window"], settings["stride"])

    def _askers(self, own: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows that tell every word of the passage what is asked for."""
        places = np.flatnonzero(np.isin(self.asking, own))
        return self.rows.num_rows + len(SIGNS) + 1 + places

    def _read(self, texts: Sequence[str], number: WordNumbers) -> tuple[_Read, list[int]]:
        """Each different text, and which of these each text is."""
        numbers: dict[str, int] = {}
        which = [numbers.setdefault(text, len(numbers)) for text in texts]
        words = _Words.of(self.rows, list(numbers))
        bounds = words.tokens.bounds.astype(np.int64)
        ends = np.cumsum([0, *words.tokens.lengths])
        read, places = [], []
        for text, first, last in zip(numbers, ends[:-1], ends[1:], strict=True):
            own = [text[start:end] for start, end in bounds[first:last].tolist()]
            read.append(read_text(own, list(map(normal_form, own)), self.rarity[words.own[first:last]], number))
            places.append(bounds[first:last])
        return _Read(words, read, places), which


class _Words(NamedTuple):
    """The words of texts as rows, and where each text and each word begins."""

    tokens: RowTokens
    own: NDArray[np.int64]
    text_ends: NDArray[np.int64]
    row_ends: NDArray[np.int64]

    @classmethod
    def of(cls, rows: RowVocabulary, texts: Sequence[str]) -> _Words:
        tokens = rows.encode_words(texts, [split_words(text) for text in texts])
        ends = np.concatenate([[0], np.cumsum(tokens.sizes)])
        own = tokens.rows[ends[:-1]] if len(tokens.sizes) else np.zeros(0, np.int64)
        return cls(tokens, own, np.concatenate([[0], np.cumsum(tokens.lengths)]), ends)

    def own_of(self, text: int) -> NDArray[np.int64]:
        return self.own[self.text_ends[text] : self.text_ends[text + 1]]

    def cut(self, text: int, start: int, end: int) -> tuple[NDArray, NDArray, NDArray]:
        """The rows of some words of a text, how many of them each has, and their weights."""
        first, last = self.text_ends[text] + start, self.text_ends[text] + end
        rows = slice(self.row_ends[first], self.row_ends[last])
        return self.tokens.rows[rows], self.tokens.sizes[first:last], self.tokens.weights[rows]


class _Read(NamedTuple):
    words: _Words
    texts: list[ReadText]
    bounds: list[NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedQuestions:
    """Questions and passages as rows, each once, from which the rows of windows are put together.

    Attributes:
        kept: how many words of each question are read.
        which: the numbers of each question's own words and of its passage.
        signs: of the words of each question and then of its passage.
        askers: the rows that each word of a question's passage has for what is asked.
        first_sign: the first of the rows that follow those of words.
    """

    asked: _Words
    passages: _Words
    parts: list[Part]
    kept: list[int]
    which: list[tuple[int, int]]
    signs: list[NDArray[np.float16]]
    askers: list[NDArray[np.int64]]
    first_sign: int

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each window: one that begins it, the question, the part of the passage."""
        return [1 + self.kept[part.owner] + part.end - part.start for part in self.parts]

    def batch(self, indices: Sequence[int]) -> TextBatch:
        """Some of the windows as one packed row."""
        words: list[tuple[NDArray, NDArray, NDArray]] = []
        shown = []
        for part in (self.parts[index] for index in indices):
            (asked, passage), size = self.which[part.owner], self.kept[part.owner]
            found = self.signs[part.owner]
            words += [self._start, self.asked.cut(asked, 0, size), self.passages.cut(passage, part.start, part.end)]
            shown += [found[:0], found[:size], found[size + part.start : size + part.end]]
        rows, sizes, weights = (np.concatenate(each) for each in zip(*words, strict=True))
        extra = _extra_rows(shown, [self.askers[self.parts[index].owner] for index in indices], self.first_sign)
        rows, starts, weights = _beside(rows, sizes, weights, *extra)
        empty = torch.zeros(0, dtype=torch.int64)
        return TextBatch(
            layout=Layout(tuple(self.lengths[index] for index in indices)),
            tokens=Bags(torch.from_numpy(rows), torch.from_numpy(starts), torch.from_numpy(weights)),
            features=Bags(empty, empty, torch.zeros(0)),
        )

    @property
    def _start(self) -> tuple[NDArray, NDArray, NDArray]:
        row = np.array([self.first_sign + len(SIGNS)])
        return row, np.ones(1, np.int64), np.ones(1, np.float32)


def _extra_rows(
    shown: Sequence[NDArray[np.float16]], askers: Sequence[NDArray[np.int64]], first: int
) -> tuple[NDArray, NDArray, NDArray]:
    """For each token its signs that are not nothing, and in passages the rows of what is asked: token, row, weight."""
    tokens, rows, weights = [], [], []
    place = 0
    for number, found in enumerate(shown):
        if number % 3 == 0:
            place += 1  # the token that begins a window shows nothing
            continue
        token, column = np.nonzero(found)
        tokens.append(token + place)
        rows.append(column + first)
        weights.append(found[token, column].astype(np.float32))
        if number % 3 == 2:
            asks = askers[number // 3]
            tokens.append(np.repeat(np.arange(place, place + len(found)), len(asks)))
            rows.append(np.tile(asks, len(found)))
            weights.append(np.ones(len(found) * len(asks), np.float32))
        place += len(found)
    joined = np.concatenate(tokens)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(rows)[order], np.concatenate(weights)[order]


def _beside(
    rows: NDArray, sizes: NDArray, weights: NDArray, tokens: NDArray, more: NDArray, their_weights: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """The rows of each token and behind them its further ones; where each token's begin; and all weights."""
    counts = np.bincount(tokens, minlength=len(sizes))
    starts = np.cumsum(sizes + counts) - (sizes + counts)
    all_rows = np.zeros(len(rows) + len(more), np.int64)
    all_weights = np.zeros(len(all_rows), np.float32)
    places = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(rows))
    further = np.repeat(starts + sizes - (np.cumsum(counts) - counts), counts) + np.arange(len(more))
    all_rows[places], all_weights[places] = rows, weights
    all_rows[further], all_weights[further] = more, their_weights
    return all_rows, starts, all_weights
