"""Questions with their passages as numbers: each passage in windows, with the question before every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from attendo.attention import Layout
from attendo.data import Question
from attendo.tasks.reading import Encoded, View
from attendo.tasks.windows import windows_over

LONGEST_QUESTION = 2
"""A question takes one part in so many of a window at most; of a longer one the start is read."""


class Part(NamedTuple):
    """A window: the tokens `start` to `end` of the passage of question number `owner`."""

    owner: int
    start: int
    end: int


class SpanBatch(NamedTuple):
    """Windows as a model takes them.

    Attributes:
        layout: tokens of each window.
        firsts: the token of each window, counted in it, with which its part of the passage begins.
        ends: the token behind that part.
        owners: the question of each window, counted in the batch.
    """

    texts: Any
    layout: Layout
    firsts: Int[Tensor, " W"]
    ends: Int[Tensor, " W"]
    owners: Int[Tensor, " W"]

    def to(self, device: torch.device) -> SpanBatch:
        """The same on a device."""
        return SpanBatch(self.texts.to(device), self.layout, *(each.to(device) for each in self[2:]))


@dataclass(frozen=True, kw_only=True, eq=False)
class QuestionInputs:
    """Questions as windows, in the order of the questions.

    Attributes:
        texts: a row of tokens for each window.
        parts: which part of which passage each window holds.
        firsts: the token of each window with which its part of the passage begins.
        bounds: for each question the first character of each token of its passage, and one past its last.
    """

    texts: Encoded
    parts: list[Part]
    firsts: NDArray[np.int64]
    bounds: list[NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.bounds)

    @cached_property
    def windows(self) -> list[range]:
        """The windows of each question."""
        counts = np.bincount([part.owner for part in self.parts], minlength=len(self.bounds))
        ends = np.cumsum(counts)
        return [range(end - count, end) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of each window."""
        return self.texts.lengths

    def batch(self, windows: Sequence[int]) -> SpanBatch:
        """Some of the windows, those of a question next to each other."""
        owners, starts, ends = np.array([self.parts[index] for index in windows], dtype=np.int64).reshape(-1, 3).T
        firsts = self.firsts[list(windows)]
        return SpanBatch(
            self.texts.batch(windows),
            Layout(tuple(self.lengths[index] for index in windows)),
            torch.from_numpy(firsts),
            torch.from_numpy(firsts + ends - starts),
            torch.from_numpy(np.cumsum(np.diff(owners, prepend=owners[:1]) != 0)),
        )


class QuestionEncoder(Protocol):
    """What turns questions and passages into numbers; it is saved with the model."""

    @property
    def paired(self) -> bool | None: ...

    @property
    def window(self) -> int:
        """Tokens that are read at once."""
        ...

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        ...

    def encode_questions(self, questions: Sequence[Question]) -> QuestionInputs:
        """Questions ready to be cut into batches."""
        ...

    def view(self, questions: Sequence[Question]) -> View:
        """Each question with the first window of its passage, and how the tokens of both are written."""
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write files, and return the settings that go beside them."""
        ...


def windowed(sizes: Sequence[tuple[int, int]], room: int, stride: int) -> tuple[list[Part], list[int]]:
    """The windows of all questions, and how many tokens of each question are read.

    Args:
        sizes: tokens of each question and of its passage.
        room: tokens that both may have together.
        stride: tokens of a passage between the starts of two windows, where as many fit.
    """
    parts: list[Part] = []
    asked = []
    for owner, (question, passage) in enumerate(sizes):
        asked.append(min(question, max(room // LONGEST_QUESTION, room - passage)))
        left = room - asked[-1]
        parts += [Part(owner, *each) for each in windows_over(passage, left, min(stride, left))]
    return parts, asked


def tokens_of(bounds: NDArray[np.int64], start: int, end: int) -> tuple[int, int] | None:
    """The first and the last token of the characters `start` to `end`; None where no token has any of them."""
    filled = np.flatnonzero(bounds[:, 1] > bounds[:, 0])
    first = int(np.searchsorted(np.maximum.accumulate(bounds[filled, 1]), start, side="right"))
    last = int(np.searchsorted(np.maximum.accumulate(bounds[filled, 0]), end, side="left")) - 1
    return (int(filled[first]), int(filled[last])) if first <= last else None
