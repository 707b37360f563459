"""Texts as token ids, each with its exact place in the text as the user wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attendo.text.offsets import exact_offsets
from attendo.text.words import word_bounds

if TYPE_CHECKING:
    import tokenizers

    from attendo.text.marian import PieceEncoding

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoding:
    """The tokens of a text or a pair of texts; all arrays are as long as `ids`."""

    ids: Ints
    """Rows of the vocabulary."""
    starts: Ints
    """First character of each token in its own text; 0 for special tokens."""
    ends: Ints
    """One past the last character of each token in its own text; 0 for special tokens."""
    words: Ints
    """Which of `split_words(its own text)` the token begins in; -1 for special tokens and white space."""
    segments: Ints
    """0 for the first text, 1 for its pair."""
    truncated: int = 0
    """How many tokens were cut off to keep to `max_tokens`."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What must be known of a tokenizer to tell the places of its tokens."""

    normalise: Callable[[str], str]
    """Its normalisation of a string."""
    blank: int
    """Id of the token that is nothing but a blank, -1 if there is none."""
    keeps_end: bool = False
    """Whether the end of a text is what stays when it is cut."""


def read_encodings(
    found: Sequence[tokenizers.Encoding | PieceEncoding],
    columns: Sequence[Sequence[str]],
    *,
    room: int | None,
    habits: Habits,
) -> list[Encoding]:
    """Take over what the library found in a batch, cut to `room` tokens of text a row, with exact places.

    The batch is handled as one long text, so that short texts do not cost a dozen calls each.

    Args:
        columns: the texts, and in the case of pairs their pairs.
    """
    tokens = _flatten(found, len(columns))
    lost = np.zeros(len(found), dtype=np.int64)
    if room is not None:
        keep, lost = _cut(tokens.text, (len(found), len(columns)), room, habits.keeps_end)
        tokens = _Tokens._make(array[keep] for array in tokens)
    own = tokens.text >= 0
    places = np.zeros((len(own), 2), dtype=np.int32)
    words = np.full(len(own), -1, dtype=np.int32)
    texts = list(chain.from_iterable(zip(*columns, strict=True)))
    blank = tokens.ids[own] == habits.blank
    places[own], words[own] = _locate(texts, tokens.text[own], tokens.places[own], blank, habits.normalise)
    starts, ends = np.ascontiguousarray(places.T)
    lasts = np.cumsum(np.bincount(tokens.row, minlength=len(found))).tolist()
    return [
        Encoding(
            ids=tokens.ids[first:last],
            starts=starts[first:last],
            ends=ends[first:last],
            words=words[first:last],
            segments=tokens.segments[first:last],
            truncated=missing,
        )
        for first, last, missing in zip([0, *lasts], lasts, lost.tolist(), strict=False)
    ]


class _Tokens(NamedTuple):
    """All tokens of a batch, one after the other."""

    ids: Ints
    segments: Ints
    places: Ints
    row: Longs
    """Which text or pair of the batch the token belongs to."""
    text: Longs
    """Which text, counted along the rows; -1 for special tokens."""


def _flatten(found: Sequence[tokenizers.Encoding | PieceEncoding], width: int) -> _Tokens:
    row = np.repeat(np.arange(len(found)), np.array([len(encoding) for encoding in found], dtype=np.int64))
    column = _ints((-1 if number is None else number for number in encoding.sequence_ids) for encoding in found)
    return _Tokens(
        ids=_ints(encoding.ids for encoding in found),
        segments=_ints(encoding.type_ids for encoding in found),
        places=_ints(chain.from_iterable(encoding.offsets) for encoding in found).reshape(-1, 2),
        row=row,
        text=np.where(column < 0, -1, row * width + column),
    )


def _ints(lists: Iterable[Iterable[int]]) -> Ints:
    return np.fromiter(chain.from_iterable(lists), dtype=np.int32)


def _cut(text: Longs, shape: tuple[int, int], room: int, keeps_end: bool) -> tuple[Bools, Longs]:
    """Which tokens to keep so that each row has at most `room` of text, and how many each row loses.

    Every text keeps its start, or its end. In a pair the longer one gives way; where both are long, each keeps half.
    """
    own = text >= 0
    sizes = np.bincount(text[own], minlength=shape[0] * shape[1]).reshape(shape)
    limits = np.full(shape, room)
    if shape[1] == 2:
        limits = np.maximum([room - room // 2, room // 2], room - sizes[:, ::-1])
    limits = np.minimum(sizes, limits)
    rank = np.arange(own.sum()) - (np.cumsum(sizes) - sizes.ravel())[text[own]]
    keep = ~own
    if keeps_end:
        rank = sizes.ravel()[text[own]] - 1 - rank
    keep[own] = rank < limits.ravel()[text[own]]
    return keep, (sizes - limits).sum(axis=1)


def _locate(
    texts: list[str], text: Longs, places: Ints, blank: Bools, normalise: Callable[[str], str]
) -> tuple[Longs, Longs]:
    """The exact places of tokens, each in its own text, and the number of the word that each begins in."""
    joined = "".join(f"{one}\n" for one in texts)  # no word and no token reaches over a line end
    firsts = np.cumsum([0, *(len(one) + 1 for one in texts)])
    shift = firsts[text][:, None]
    exact = exact_offsets(joined, places.astype(np.int64) + shift, normalise, blank)
    starts, ends = exact.T
    bounds = word_bounds(joined)
    word = np.searchsorted(bounds[:, 0], starts, side="right") - 1
    inside = (word >= 0) & (starts < ends)
    inside[inside] = starts[inside] < bounds[word[inside], 1]
    number = word - np.searchsorted(bounds[:, 0], firsts)[text]
    return exact - shift, np.where(inside, number, -1)
