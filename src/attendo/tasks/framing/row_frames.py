"""Questions as table rows, for models that are trained from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.attention import Layout
from attendo.models import TextBatch
from attendo.nn import Bags
from attendo.tasks.framing.questions import Question, window_around
from attendo.tasks.reading import View
from attendo.tasks.row_files import NAME, save_arrays, saved_arrays
from attendo.tasks.spelling import spelled_words
from attendo.tasks.words import Bounds, WordInputs, word_windows
from attendo.text import UNMARKED, MarkedRows, MarkedSentences, ranges


@dataclass(frozen=True, eq=False)
class FrameRows:
    """The words, neighbours and marks that have a row; learned from training sentences, saved with the model."""

    rows: MarkedRows
    max_words: int
    paired: bool | None = False

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return [NAME]

    def read(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> RowSentences:
        """Sentences, ready to be asked about."""
        return RowSentences(self.rows, self.rows.encode(texts, bounds), self.max_words)

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds], predicates: Sequence[int]) -> View:
        """Sentences, each asked about the roles of one predicate, with how their words are written."""
        inputs = self.read(texts, bounds).ask([Question(*each) for each in enumerate(predicates)])
        spelled = [
            spelled_words(text, words[window.start : window.end])
            for text, words, window in zip(texts, bounds, inputs.windows, strict=True)
        ]
        return View(texts=inputs.texts, rows=range(len(texts)), spelled=spelled)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the rows, and return the settings that go beside them."""
        save_arrays(folder, {"rows": self.rows.keys.view(np.int64)})
        return {"max_words": self.max_words}

    @classmethod
    def load(cls, folder: Path, settings: dict[str, Any]) -> FrameRows:
        """Read what `save` wrote.

        Raises:
            ModelFolderError: if the file is missing or damaged.
        """
        with saved_arrays(folder) as arrays:
            return cls(MarkedRows(arrays["rows"].view(np.uint64)), settings["max_words"])


@dataclass(frozen=True, eq=False)
class RowSentences:
    """Sentences whose words are known by their hashes; what a mark adds is looked up when a batch is made."""

    rows: MarkedRows
    sentences: MarkedSentences
    max_words: int

    def ask(self, questions: Sequence[Question]) -> WordInputs:
        """The questions as numbers."""
        starts = self.sentences.starts
        sizes = np.diff(starts).tolist()
        windows = [
            word_windows([1] * sizes[sentence], self.max_words)
            if predicate is None
            else [window_around([1] * sizes[sentence], predicate, self.max_words)]
            for sentence, predicate in questions
        ]
        owners = np.repeat(np.arange(len(questions)), [len(each) for each in windows]).astype(np.int64)
        flat = [window for each in windows for window in each]
        asked = [questions[owner] for owner in owners.tolist()]
        firsts = np.array([starts[each.sentence] for each in asked], np.int64)
        marks = [UNMARKED if each.predicate is None else each.predicate for each in asked]
        begins = np.array([each.start for each in flat], np.int64)
        texts = MarkedTexts(
            self,
            firsts + begins,
            np.array([each.end - each.start for each in flat], np.int64),
            np.where(np.array(marks, np.int64) == UNMARKED, UNMARKED, firsts + np.array(marks, np.int64)),
        )
        places = [np.arange(each.first, each.last) - each.start for each in flat]
        return WordInputs(texts=texts, owners=owners, windows=flat, places=places)


@dataclass(frozen=True, eq=False)
class MarkedTexts:
    """Runs of words, counted through all sentences, and the word that is marked in each."""

    source: RowSentences
    firsts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    marks: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.firsts)

    @property
    def lengths(self) -> list[int]:
        """Words of each run."""
        return self._lengths

    @cached_property
    def _lengths(self) -> list[int]:
        return self.sizes.tolist()

    def batch(self, indices: Sequence[int]) -> TextBatch:
        """Some of the runs as one packed row."""
        chosen = np.asarray(indices, np.int64)
        sizes = self.sizes[chosen]
        words, marks = ranges(self.firsts[chosen], sizes), np.repeat(self.marks[chosen], sizes)
        rows, counts, weights = self.source.rows.bags(self.source.sentences, words, marks)
        nothing = torch.zeros(0, dtype=torch.int64)
        return TextBatch(
            layout=Layout(tuple(sizes.tolist())),
            tokens=Bags(
                torch.from_numpy(rows), torch.from_numpy(np.cumsum(counts) - counts), torch.from_numpy(weights)
            ),
            features=Bags(nothing, nothing, torch.zeros(0)),
        )
