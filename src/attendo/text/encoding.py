"""A text as token ids, each with its exact place in the text as the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from attendo.text.characters import INVISIBLE, ODD_WHITE, marks
from attendo.text.words import word_bounds

Ints = NDArray[np.int32]

_white = re.compile(rf"[\s{ODD_WHITE}]*")


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


def exact_offsets(
    text: str, starts: Ints, ends: Ints, normalise: Callable[[str], str], blank: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Mend the places that the `tokenizers` library gives, so that `text[start:end]` is what became the token.

    The library points a composed character at the first of the characters that it was composed of, counts the blank
    before a word as part of it, and gives a blank that it put before the text itself the place of the first character.

    Args:
        normalise: the tokenizer's normalisation of a string.
        blank: which tokens are nothing but a blank.
    """
    if not text.isascii():
        starts, ends = _whole_clusters(text, starts, ends, normalise)
    heads = [text[start : start + 1] for start in starts.tolist()]
    white = np.array([head.isspace() or head == "\u200b" for head in heads], dtype=bool)
    added = blank & ~white & (np.array(heads) != "\u2581")
    ends = np.where(added, starts, ends)
    for token in np.flatnonzero(white & (ends - starts > 1)):
        lead = _white.match(text, starts[token], ends[token])
        if lead and lead.end() < ends[token]:
            starts[token] = lead.end()
    return starts, ends


def word_numbers(text: str, starts: Ints, ends: Ints) -> Ints:
    """The number of the word that each token begins in, -1 where it begins in none."""
    bounds = word_bounds(text)
    if not len(bounds):
        return np.full(len(starts), -1, dtype=np.int32)
    word = np.searchsorted(bounds[:, 0], starts, side="right") - 1
    inside = (word >= 0) & (starts < bounds[word, 1]) & (starts < ends)
    return np.where(inside, word, -1).astype(np.int32)


def _whole_clusters(text: str, starts: Ints, ends: Ints, normalise: Callable[[str], str]) -> tuple[Ints, Ints]:
    """Widen each token to the whole of every group of characters that normalisation mixed together."""
    mixed = [match.span() for match in _cluster().finditer(text) if _mixes(match[0], normalise)]
    if not mixed:
        return starts, ends
    firsts, lasts = np.array(mixed, dtype=np.int32).T
    at_start = np.searchsorted(firsts, starts, side="right") - 1
    at_end = np.searchsorted(firsts, ends - 1, side="right") - 1
    inside = (at_start >= 0) & (starts < lasts[at_start]) & (starts < ends)
    ends_inside = (at_end >= 0) & (ends <= lasts[at_end]) & (starts < ends)
    return np.where(inside, firsts[at_start], starts), np.where(ends_inside, lasts[at_end], ends)


def _mixes(cluster: str, normalise: Callable[[str], str]) -> bool:
    return normalise(cluster) != "".join(map(normalise, cluster))


@cache
def _cluster() -> re.Pattern[str]:
    """A character with what can be composed with it: marks, later parts of a Hangul syllable, half-width voicing."""
    return re.compile(rf"\S[{marks()}{INVISIBLE}\u1161-\u1175\u11a8-\u11c2\uff9e\uff9f]+")
