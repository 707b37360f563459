"""The places of tokens, where the `tokenizers` library is not exact about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from attendo.text.characters import INVISIBLE, marks

_LOWER_BLOCK = ord("\u2581")  # how vocabularies spell a blank
_BLANKS = {" ", chr(_LOWER_BLOCK)}
_WHITE = np.array(
    [*map(ord, "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"), *range(0x2000, 0x200C)]
)


def exact_offsets(
    text: str, places: NDArray[np.int64], normalise: Callable[[str], str], blank: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Mend the starts and ends that the library gives, so that `text[start:end]` is what became the token.

    The library points a composed character at the first of the characters that it was composed of, counts the blank
    before a word as part of it, and gives a blank that it put before a text itself the place of the first character.

    Args:
        normalise: the tokenizer's normalisation of a string.
        blank: which tokens are nothing but a blank.
    """
    if not text.isascii():
        places = _whole_clusters(text, places, normalise)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    starts, ends = places.T.copy()
    heads = codes[starts]
    white = np.isin(heads, _WHITE)
    for token in np.flatnonzero(blank & ~white & (heads != _LOWER_BLOCK)):
        if not _BLANKS & set(normalise(text[starts[token]])):
            ends[token] = starts[token]
    if np.any(white & (ends - starts > 1)):
        ink = np.concatenate([[0], np.cumsum(~np.isin(codes, _WHITE))])
        has_ink = ink[ends] > ink[starts]
        while np.any(leading := has_ink & np.isin(codes[starts], _WHITE)):
            starts += leading
    return np.stack([starts, ends], axis=1)


def _whole_clusters(text: str, places: NDArray[np.int64], normalise: Callable[[str], str]) -> NDArray[np.int64]:
    """Widen each token to the whole of every group of characters that normalisation mixed together."""
    clusters = [(max(match.start() - 1, 0), match.end()) for match in _followers().finditer(text)]
    mixed = [(first, last) for first, last in clusters if _mixes(text[first:last], normalise)]
    if not mixed:
        return places
    firsts, lasts = np.array(mixed).T
    starts, ends = places.T
    at_start = np.searchsorted(firsts, starts, side="right") - 1
    at_end = np.searchsorted(firsts, ends - 1, side="right") - 1
    inside = (at_start >= 0) & (starts < lasts[at_start]) & (starts < ends)
    ends_inside = (at_end >= 0) & (ends <= lasts[at_end]) & (starts < ends)
    return np.stack([np.where(inside, firsts[at_start], starts), np.where(ends_inside, lasts[at_end], ends)], axis=1)


def _mixes(cluster: str, normalise: Callable[[str], str]) -> bool:
    """Whether a group of characters becomes something else than its characters one by one."""
    return normalise(cluster) != "".join(map(normalise, cluster))


@cache
def _followers() -> re.Pattern[str]:
    """What can be composed with the character before: marks, later parts of a Hangul syllable, half-width voicing."""
    hangul = "\u1161-\u1175\u11a8-\u11c2\u3131-\u318e\uffa1-\uffdc"
    return re.compile(f"[{marks()}{INVISIBLE}{hangul}\uff9e\uff9f]+")
