"""Questions as the pieces of a tokenizer, for models on a base: roles are asked for by a pair of texts.

The second text is the predicate. Where the base tells two texts apart by their segments, the predicate's pieces in the
sentence are of the second segment as well, so that of two equal words it is known which is meant; where it does not,
the predicate is given with the word on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.framing.questions import Question, window_around
from attendo.tasks.piece_words import PieceWords, first_pieces
from attendo.tasks.pieces import EncodedPieces, OnPieces
from attendo.tasks.reading import View
from attendo.tasks.spelling import spelled_pieces
from attendo.tasks.words import Bounds, Window, WordInputs
from attendo.text import Encoding


@dataclass(frozen=True, eq=False)
class FramePieces(OnPieces):
    """A tokenizer, asked for the pieces that words begin with.

    Attributes:
        segments: whether the base tells two texts apart.
    """

    segments: bool

    def read(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> PieceSentences:
        """Sentences, ready to be asked about."""
        return PieceSentences(self, list(texts), list(bounds))

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds], predicates: Sequence[int]) -> View:
        """Sentences, each asked about the roles of one predicate, with how the pieces of both are written."""
        sentences, names = self.read(texts, bounds), self.pieces.tokenizer.tokens()
        questions = [Question(*each) for each in enumerate(predicates)]
        inputs = sentences.ask(questions)
        assert isinstance(inputs.texts, EncodedPieces)
        firsts = [sentences.cut(number, window)[0] for number, window in enumerate(inputs.windows)]
        seconds = [sentences.second(each) for each in questions]
        spelled = spelled_pieces(names, inputs.texts.encodings, firsts, seconds)
        return View(texts=inputs.texts, rows=range(len(texts)), spelled=spelled)


@dataclass(frozen=True, eq=False)
class PieceSentences:
    """Sentences and the places of their words."""

    encoder: FramePieces
    texts: list[str]
    bounds: list[Bounds]

    def ask(self, questions: Sequence[Question]) -> WordInputs:
        """The questions as numbers."""
        alone = [number for number, each in enumerate(questions) if each.predicate is None]
        about = [number for number, each in enumerate(questions) if each.predicate is not None]
        sentences = [questions[number].sentence for number in alone]
        plain = PieceWords(self.encoder.pieces).encode_words(
            [self.texts[each] for each in sentences], [self.bounds[each] for each in sentences]
        )
        marked = self._marked([questions[number] for number in about])
        owners = np.concatenate([np.array(alone, np.int64)[plain.owners], np.array(about, np.int64)])
        order = np.argsort(owners, kind="stable").tolist()
        assert isinstance(plain.texts, EncodedPieces)
        encodings = [*plain.texts.encodings, *(each[0] for each in marked)]
        windows = [*plain.windows, *(each[1] for each in marked)]
        places = [*plain.places, *(each[2] for each in marked)]
        return WordInputs(
            texts=EncodedPieces([encodings[each] for each in order]),
            owners=owners[order],
            windows=[windows[each] for each in order],
            places=[places[each] for each in order],
        )

    def _marked(self, questions: Sequence[Question]) -> list[tuple[Encoding, Window, NDArray[np.int64]]]:
        """The pair of each question, the words that it holds, and the pieces that these begin with."""
        tokenizer, most = self.encoder.pieces.tokenizer, self.encoder.pieces.max_tokens
        seconds = [self.second(each) for each in questions]
        windows = self._windows(questions, seconds)
        cuts = [self.cut(each.sentence, window) for each, window in zip(questions, windows, strict=True)]
        pairs = tokenizer.encode_batch([text for text, _ in cuts], seconds, max_tokens=most)
        alone = tokenizer.encode_batch([text for text, _ in cuts], max_tokens=most)
        found = []
        for question, window, (_, words), pair, single in zip(questions, windows, cuts, pairs, alone, strict=True):
            first = _first_text(pair, single)
            assert question.predicate is not None
            marked = _marked_piece(pair, first, words[question.predicate - window.start])
            found.append((marked if self.encoder.segments else pair, window, first_pieces(first, words)))
        return found

    def second(self, question: Question) -> str:
        """The predicate; with its neighbours where nothing else tells it from a word that is spelled alike."""
        words, place = self.bounds[question.sentence], question.predicate
        assert place is not None
        near = 0 if self.encoder.segments else 1
        start, end = words[max(place - near, 0)][0], words[min(place + near, len(words) - 1)][1]
        return self.texts[question.sentence][start:end]

    def _windows(self, questions: Sequence[Question], seconds: Sequence[str]) -> list[Window]:
        """All words, or those around the predicate that there is room for."""
        tokenizer, most = self.encoder.pieces.tokenizer, self.encoder.pieces.max_tokens
        whole = [Window(0, len(words), 0, len(words)) for words in (self.bounds[each.sentence] for each in questions)]
        if most is None:
            return whole
        pairs = tokenizer.encode_batch([self.texts[each.sentence] for each in questions], seconds)
        for number, (question, pair) in enumerate(zip(questions, pairs, strict=True)):
            if len(pair) <= most or question.predicate is None:
                continue
            text, words = self.texts[question.sentence], self.bounds[question.sentence]
            single = tokenizer.encode_batch([text])[0]
            sizes = np.diff(first_pieces(single, words), append=len(single)).clip(min=1).tolist()
            room = most - (len(pair) - int((single.ends > single.starts).sum()))
            whole[number] = window_around(sizes, question.predicate, max(room, 1))
        return whole

    def cut(self, sentence: int, window: Window) -> tuple[str, Bounds]:
        """The part of a sentence that a window holds, and the places of its words there."""
        text, words = self.texts[sentence], self.bounds[sentence]
        if window.end - window.start == len(words):
            return text, words
        start, end = words[window.start][0], words[window.end - 1][1]
        return text[start:end], [(first - start, last - start) for first, last in words[window.start : window.end]]


def _first_text(pair: Encoding, single: Encoding) -> Encoding:
    """The pair with the pieces of its first text alone having places."""
    real = np.flatnonzero(pair.ends > pair.starts)[: int((single.ends > single.starts).sum())]
    kept = np.zeros(len(pair), bool)
    kept[real] = True
    return replace(pair, starts=np.where(kept, pair.starts, 0), ends=np.where(kept, pair.ends, 0))


def _marked_piece(pair: Encoding, first: Encoding, predicate: tuple[int, int]) -> Encoding:
    """The pair with the predicate's pieces in the sentence in the second segment too."""
    start, end = predicate
    inside = (first.starts < end) & (first.ends > start) & (first.ends > first.starts)
    return replace(pair, segments=np.where(inside, 1, pair.segments).astype(pair.segments.dtype))
