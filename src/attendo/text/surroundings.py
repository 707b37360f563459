"""What stands around a word: n-grams that hold it or stand beside it, and the shapes of words, as hashes.

Where words are judged one by one, what comes behind a word says as much as what came before it, and a capital letter or
a digit says much in itself.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from attendo.text.hashing import Hashes, mixed

AROUND = (
    *((-1, 0), (0, 1)),
    *((-2, 0), (-1, 1), (0, 2)),
    *((-3, 0), (0, 3)),
)
"""N-grams of which each has rows of its own: the first and the last word, counted from the word that is judged."""

SHAPES = ((0, 0), (-1, 1))
"""The same for sequences of shapes."""

_EDGE, _SHAPED, _WRITTEN = np.uint64(0x5BD1E9955BD1E995), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)


def hashes_around(words: Hashes, shapes: Hashes, written: Hashes, texts: NDArray[np.int64]) -> list[Hashes]:
    """For each kind of surroundings a hash for each word.

    Args:
        words: hashes of all words of some texts, end to end.
        shapes: of their shapes.
        written: of the words with their capital letters.
        texts: which text each word is of.
    """
    found = [_window(words, texts, *window) for window in AROUND]
    found += [mixed(_window(shapes, texts, *window), _SHAPED) for window in SHAPES]
    return [*found, mixed(written, _WRITTEN)]


def shape_of(word: str) -> str:
    """A word without what it says: `Xx`, `dd`, `X-d`; a run of one kind counts as two at most."""
    return re.sub(r"(.)\1+", r"\1\1", "".join(map(_kind, word)))


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    return {"Lu": "X", "Lt": "X", "Ll": "x", "Nd": "d", "Lo": "o"}.get(category, character)


def _window(hashes: Hashes, texts: NDArray[np.int64], first: int, last: int) -> Hashes:
    """A hash of the words `first` to `last` around each word; the ends of a text count as words of their own."""
    keys = np.full(len(hashes), (first + 8) * 16 + last + 8, dtype=np.uint64)
    for offset in range(first, last + 1):
        keys = mixed(keys, _neighbour(hashes, texts, offset))
    return keys


def _neighbour(hashes: Hashes, texts: NDArray[np.int64], offset: int) -> Hashes:
    """The hash of the word so many places further on in the same text."""
    place = np.arange(len(hashes)) + offset
    inside = (place >= 0) & (place < len(hashes))
    place = place.clip(0, max(len(hashes) - 1, 0))
    return np.where(inside & (texts[place] == texts), hashes[place], _EDGE)
