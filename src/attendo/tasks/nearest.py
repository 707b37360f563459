"""The known text that is most alike, by weighted n-grams: what somebody once wrote for it is a first answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attendo.tasks.embedding import TfIdfVectors

_BLOCK = 512
"""Texts that are compared with all known ones at a time."""


class MostAlike:
    """Finds the most similar of some texts.

    Args:
        known: at least one text.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self._vectorise = TfIdfVectors.of(known)
        self._vectors = self._vectorise(known)

    def find(self, texts: Sequence[str]) -> list[int]:
        """The number of the known text that each of these is most like; of equals the first."""
        found: list[int] = []
        for first in range(0, len(texts), _BLOCK):
            scores = self._vectorise(texts[first : first + _BLOCK]) @ self._vectors.T
            dense = scores if isinstance(scores, np.ndarray) else scores.toarray()
            found += dense.argmax(1).tolist()
        return found
