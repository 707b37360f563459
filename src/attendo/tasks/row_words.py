"""Words as table rows, for models that are trained from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from attendo.tasks.encoding import EncodedTexts
from attendo.tasks.reading import View
from attendo.tasks.row_files import NAME, save_arrays, saved_arrays
from attendo.tasks.spelling import spelled_words
from attendo.tasks.words import Bounds, WordInputs, word_windows
from attendo.text import RowVocabulary


@dataclass(frozen=True, eq=False)
class RowWords:
    """The words, n-grams and parts of words that have a row; learned from training texts, saved with the model."""

    rows: RowVocabulary
    paired: bool | None = False

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return [NAME]

    def encode_words(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> WordInputs:
        """Texts ready to be cut into batches."""
        windows = [word_windows(np.ones(len(each), np.int64), self.rows.max_words) for each in bounds]
        owners = np.repeat(np.arange(len(texts)), [len(each) for each in windows])
        flat = [window for each in windows for window in each]
        cut = [bounds[owner][window.start : window.end] for owner, window in zip(owners.tolist(), flat, strict=True)]
        tokens = self.rows.encode_words([texts[owner] for owner in owners.tolist()], cut)
        return WordInputs(
            texts=EncodedTexts(tokens, csr_matrix((len(flat), 0), dtype=np.float32)),
            owners=owners,
            windows=flat,
            places=[np.arange(each.first, each.last) - each.start for each in flat],
        )

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> View:
        """The same with how their words are written; texts without words, or of more than one window, are left out."""
        inputs = self.encode_words(texts, bounds)
        rows = inputs.alone
        owners = [int(inputs.owners[row]) for row in rows]
        spelled = [spelled_words(texts[owner], bounds[owner]) for owner in owners]
        return View(texts=inputs.texts, rows=rows, spelled=spelled)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the rows, and return the settings that go beside them."""
        save_arrays(folder, {"rows": self.rows.keys.view(np.int64)})
        return {"max_words": self.rows.max_words, "around": self.rows.around}

    @classmethod
    def load(cls, folder: Path, settings: dict[str, Any]) -> RowWords:
        """Read what `save` wrote.

        Raises:
            ModelFolderError: if the file is missing or damaged.
        """
        with saved_arrays(folder) as arrays:
            keys = arrays["rows"].view(np.uint64)
            return cls(RowVocabulary(keys, settings["max_words"], settings["around"]))
