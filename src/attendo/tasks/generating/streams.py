"""Texts as tokens from their first to their last, however long they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attendo.text import Tokenizer

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]

PART = 1 << 18
"""Characters that are cut into tokens at a time; what a part of a text costs must not grow with the text."""


@dataclass(frozen=True, eq=False)
class TokenStreams:
    """The tokens of texts end to end, without those that frame a text but for one that ends it.

    Attributes:
        before: what stands before every piece that is read; nothing with tokenizers that mark no beginning.
        starts: where each text begins, and where the last one ends.
        characters: where in its text each token begins; behind the last character for a token that ends it.
        asked: which tokens are to be learned; None for all.
    """

    before: tuple[int, ...]
    ids: Ints
    starts: Longs
    characters: Ints
    asked: Bools | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lead(self) -> int:
        """Tokens of a piece that are read only: what stands before it, or else its first."""
        return len(self.before) or 1

    @cached_property
    def foretold(self) -> Longs:
        """How many tokens of each text can be foretold: all, or all but the first where nothing stands before it."""
        return np.maximum(np.diff(self.starts) - (not self.before), 0)


def stream_texts(
    tokenizer: Tokenizer, texts: Sequence[str], *, end: int | None = None, ends: Sequence[bool] | None = None
) -> TokenStreams:
    """Cut texts into tokens.

    Args:
        end: a token behind texts that end.
        ends: which of them do; all by default.
    """
    before, behind = tokenizer.frame
    ids: list[Ints] = []
    places: list[Ints] = []
    lengths = []
    for number, text in enumerate(texts):
        found, where = _tokens(tokenizer, text, len(before), len(behind))
        if end is not None and (ends is None or ends[number]):
            found, where = np.append(found, np.int32(end)), np.append(where, np.int32(len(text)))
        ids.append(found)
        places.append(where)
        lengths.append(len(found))
    empty = [np.zeros(0, np.int32)]
    return TokenStreams(
        before=tuple(before),
        ids=np.concatenate(ids or empty),
        starts=np.cumsum([0, *lengths]),
        characters=np.concatenate(places or empty),
    )


def parts_of(text: str) -> Iterable[tuple[int, str]]:
    """A text in parts that end behind a line, or where there is none at all, anywhere; and where each begins."""
    start = 0
    while start < len(text):
        stop = start + PART
        if stop < len(text):
            line = text.rfind("\n", start, stop) + 1
            stop = line if line > start else stop
        yield start, text[start:stop]
        start = min(stop, len(text))


def _tokens(tokenizer: Tokenizer, text: str, before: int, behind: int) -> tuple[Ints, Ints]:
    """The tokens of a text without its frame, and where each begins."""
    ids, places = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for first, part in parts_of(text):
        found = tokenizer.encode(part)
        inside = slice(before, len(found) - behind)
        ids.append(found.ids[inside].astype(np.int32))
        places.append((found.starts[inside] + first).astype(np.int32))
    return np.concatenate(ids), np.concatenate(places)
