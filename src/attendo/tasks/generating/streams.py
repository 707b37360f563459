"""Texts as tokens from their first to their last, however long they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.task_model import in_windows
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
    before, _ = tokenizer.frame
    ids: list[Ints] = []
    places: list[Ints] = []
    lengths = np.zeros(len(texts), np.int64)
    for number, last, found, where in _tokens(tokenizer, texts):
        if last and end is not None and (ends is None or ends[number]):
            found, where = np.append(found, np.int32(end)), np.append(where, np.int32(len(texts[number])))
        ids.append(found)
        places.append(where)
        lengths[number] += len(found)
    empty = [np.zeros(0, np.int32)]
    return TokenStreams(
        before=tuple(before),
        ids=np.concatenate(ids or empty),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        characters=np.concatenate(places or empty),
    )


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """From where to where a text is cut at a time: each part ends behind a line, or where there is none, anywhere."""
    start = 0
    while start < len(text) or not start:
        stop = min(start + PART, len(text))
        line = text.rfind("\n", start, stop) + 1
        stop = line if stop < len(text) and line > start else stop
        yield start, stop
        start = max(stop, 1)


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[int, bool, Ints, Ints]]:
    """Parts of texts: of which text, whether it is the last, its tokens without their frame, where each begins."""
    before, behind = (len(each) for each in tokenizer.frame)
    every = ((number, *part) for number, text in enumerate(texts) for part in _parts(text))
    for rows in in_windows(every, lambda row: row[2] - row[1]):
        found = tokenizer.encode_batch([texts[number][start:stop] for number, start, stop in rows])
        for (number, start, stop), each in zip(rows, found, strict=True):
            inside = slice(before, len(each) - behind)
            last = stop == len(texts[number])
            yield number, last, each.ids[inside].astype(np.int32), (each.starts[inside] + start).astype(np.int32)
