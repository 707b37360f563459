"""Texts as windows of words: what a model reads that scores each word, however long the text is.

A text that is longer than the model reads is cut into windows that overlap. Each word is judged in one of them, the one
in which it has more neighbours on its poorer side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from attendo.attention import Layout
from attendo.tasks.reading import Encoded, View

Bounds = Sequence[tuple[int, int]]
"""First character of each word of a text, and one past its last."""

OVERLAP = 4
"""Windows share one part in so many."""


class Window(NamedTuple):
    """The words `start` to `end` of a text, of which `first` to `last` are judged."""

    start: int
    end: int
    first: int
    last: int


class WordBatch(NamedTuple):
    """Windows as a model takes them, and where in their row the judged words stand."""

    texts: Any
    places: Int[Tensor, " W"]
    layout: Layout
    """Judged words of each window."""

    def to(self, device: torch.device) -> WordBatch:
        """The same on a device."""
        return WordBatch(self.texts.to(device), self.places.to(device), self.layout)


@dataclass(frozen=True, kw_only=True, eq=False)
class WordInputs:
    """Texts as windows, in the order of the texts.

    Attributes:
        owners: the number of the text that each window is of.
        windows: which of its words a window holds, and which of them it judges.
        places: for each window the tokens, counted in it, that stand for its judged words.
    """

    texts: Encoded
    owners: NDArray[np.int64]
    windows: list[Window]
    places: list[NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each window."""
        return self.texts.lengths

    @property
    def alone(self) -> list[int]:
        """The windows that hold all words of their text, where it has any."""
        counts = np.bincount(self.owners)[self.owners] if len(self.owners) else self.owners
        return [
            number
            for number, (window, count) in enumerate(zip(self.windows, counts.tolist(), strict=True))
            if count == 1 and window.end > window.start
        ]

    def batch(self, indices: Sequence[int]) -> WordBatch:
        """Some of the windows, as a model takes them."""
        lengths = self.lengths
        starts = np.cumsum([0, *(lengths[i] for i in indices)])
        places = [self.places[i] + start for i, start in zip(indices, starts[:-1], strict=True)]
        return WordBatch(
            self.texts.batch(indices),
            torch.from_numpy(np.concatenate(places) if places else np.zeros(0, np.int64)),
            Layout(tuple(len(self.places[i]) for i in indices)),
        )


class WordEncoder(Protocol):
    """What turns texts with known words into numbers; it is saved with the model."""

    @property
    def paired(self) -> bool | None: ...

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        ...

    def encode_words(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> WordInputs:
        """Texts ready to be cut into batches."""
        ...

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> View:
        """The same with how their tokens are written; texts without words, or of more than one window, are left out."""
        ...

    def save(self, folder: Any) -> dict[str, Any]:
        """Write files, and return the settings that go beside them."""
        ...


def word_windows(sizes: Sequence[int] | NDArray[np.int64], room: int | None) -> list[Window]:
    """Windows over words of so many tokens each, none of more than `room` tokens unless a single word is.

    A window takes in as many words as fit, the last one reaches back until it is full, and a word between the middles
    of two overlaps is judged by the window that it lies in the middle of. A text without words has one empty window.
    """
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    count = len(ends) - 1
    if room is None or ends[-1] <= room:
        return [Window(0, count, 0, count)]
    bounds = []
    start = 0
    while True:
        end = max(int(np.searchsorted(ends, ends[start] + room, side="right")) - 1, start + 1)
        if end >= count:
            start = min(int(np.searchsorted(ends, ends[count] - room)), count - 1)
            bounds.append((start, count))
            break
        bounds.append((start, end))
        start = max(int(np.searchsorted(ends, ends[end] - room // OVERLAP)), start + 1)
    middles = [0, *((later[0] + earlier[1]) // 2 for earlier, later in pairwise(bounds)), count]
    return [Window(start, end, *judged) for (start, end), judged in zip(bounds, pairwise(middles), strict=True)]
