"""Questions and passages as the pieces of a tokenizer, put together as it would put a pair of texts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attendo.data import Question
from attendo.errors import ConfigError
from attendo.tasks.answering.inputs import QuestionInputs, windowed
from attendo.tasks.pieces import EncodedPieces, OnPieces
from attendo.tasks.reading import View
from attendo.tasks.spelling import spelled_pieces
from attendo.text import Encoding


class Frame(NamedTuple):
    """The special tokens of a pair: before the question, between, and behind the passage; and the texts' segments."""

    before: NDArray[np.int64]
    between: NDArray[np.int64]
    behind: NDArray[np.int64]
    segments: tuple[NDArray[np.int64], int, NDArray[np.int64], int, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class PieceQuestions(OnPieces):
    """A tokenizer, and how much of a passage is read at once."""

    window: int
    stride: int

    @property
    def paired(self) -> bool | None:
        """Questions are read with their passages, and nothing else."""
        return True

    @cached_property
    def frame(self) -> Frame:
        """What the tokenizer puts around a question and a passage."""
        before, behind = self.pieces.tokenizer.frame
        alone, pair = self.pieces.tokenizer.encode("a"), self.pieces.tokenizer.encode("a", "a")
        size = len(alone) - len(before) - len(behind)
        real = np.flatnonzero(pair.ends > pair.starts)
        last = len(pair) - int(real[-1]) - 1
        second = len(pair) - last - size
        first = len(before)
        ids, segments = pair.ids.astype(np.int64), pair.segments.astype(np.int64)
        cut = (first, first + size, second, second + size)
        marks, kinds = np.split(ids, cut), np.split(segments, cut)
        return Frame(marks[0], marks[2], marks[4], (kinds[0], int(kinds[1][0]), kinds[2], int(kinds[3][0]), kinds[4]))

    def encode_questions(self, questions: Sequence[Question]) -> QuestionInputs:
        """Questions ready to be cut into batches; each passage is cut into pieces once.

        Raises:
            ConfigError: if nothing of a passage fits beside the question.
        """
        asked, which_asked = self._pieces([each.question for each in questions])
        passages, which = self._pieces([each.context for each in questions])
        room = self._room()
        sizes = [(len(asked[a].ids), len(passages[p].ids)) for a, p in zip(which_asked, which, strict=True)]
        parts, kept = windowed(sizes, room, self.stride)
        rows = [
            self._joined(asked[which_asked[part.owner]], kept[part.owner], passages[which[part.owner]], part[1:])
            for part in parts
        ]
        frame = self.frame
        firsts = [len(frame.before) + kept[part.owner] + len(frame.between) for part in parts]
        bounds = [np.stack([each.starts, each.ends], axis=1).astype(np.int64) for each in passages]
        return QuestionInputs(
            texts=EncodedPieces(rows),
            parts=parts,
            firsts=np.array(firsts, dtype=np.int64),
            bounds=[bounds[number] for number in which],
        )

    def view(self, questions: Sequence[Question]) -> View:
        """Each question with the first window of its passage, and how the pieces of both are written."""
        inputs = self.encode_questions(questions)
        rows, names = [windows[0] for windows in inputs.windows], self.pieces.tokenizer.tokens()
        before, between, behind = ([names[number] for number in each] for each in self.frame[:3])
        spelled = []
        columns = ([each.question for each in questions], [each.context for each in questions])
        asked, passages = (spelled_pieces(names, self._whole(each), each) for each in columns)
        for row, question, passage in zip(rows, asked, passages, strict=True):
            part, kept = inputs.parts[row], int(inputs.firsts[row]) - len(before) - len(between)
            spelled.append([*before, *question[:kept], *between, *passage[part.start : part.end], *behind])
        return View(texts=inputs.texts, rows=rows, spelled=spelled)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizer's files as they were read, and return the settings that go beside them."""
        return super().save(folder) | {"window": self.window, "stride": self.stride}

    def _room(self) -> int:
        most, frame = self.pieces.max_tokens, self.frame
        window = self.window if most is None else min(self.window, most)
        room = window - len(frame.before) - len(frame.between) - len(frame.behind)
        if room < 4:
            raise ConfigError(f"A window of {window} tokens has no room for a question and a passage; allow more.")
        return room

    def _whole(self, texts: Sequence[str]) -> list[Encoding]:
        """The pieces of each text without special tokens."""
        pieces, which = self._pieces(texts)
        return [pieces[number] for number in which]

    def _pieces(self, texts: Sequence[str]) -> tuple[list[Encoding], list[int]]:
        """The pieces of each different text without special tokens, and which of these each text is."""
        numbers: dict[str, int] = {}
        which = [numbers.setdefault(text, len(numbers)) for text in texts]
        before, behind = map(len, self.pieces.tokenizer.frame)
        whole = self.pieces.tokenizer.encode_batch(list(numbers))
        return [_part(each, before, len(each) - behind) for each in whole], which

    def _joined(self, question: Encoding, asked: int, passage: Encoding, part: tuple[int, int]) -> Encoding:
        """The row of one window."""
        frame, start, end = self.frame, *part
        ids = (frame.before, question.ids[:asked], frame.between, passage.ids[start:end], frame.behind)
        kinds = frame.segments
        segments = (
            kinds[0],
            np.full(asked, kinds[1]),
            kinds[2],
            np.full(end - start, kinds[3]),
            kinds[4],
        )
        joined = np.concatenate(ids).astype(np.int32)
        nowhere = np.zeros(0, np.int32)
        return Encoding(
            ids=joined,
            starts=nowhere,
            ends=nowhere,
            words=nowhere,
            segments=np.concatenate(segments).astype(np.int32),
        )


def _part(encoding: Encoding, start: int, end: int) -> Encoding:
    cut = slice(start, end)
    return Encoding(
        ids=encoding.ids[cut],
        starts=encoding.starts[cut],
        ends=encoding.ends[cut],
        words=encoding.words[cut],
        segments=encoding.segments[cut],
    )
