"""Which tag may begin a text, follow another, and end a text: what keeps a decoder within a scheme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from attendo.spans.schemes import Scheme, Tag, find_scheme, split_tag

Booleans: TypeAlias = npt.NDArray[np.bool_]

_NOTHING = Tag("", "")  # what stands before and behind a text, and outside of spans


def allowed(tag_names: Sequence[str], scheme: str) -> tuple[Booleans, Booleans, Booleans]:
    """Three arrays: may tag k begin a text, may tag j follow tag i (`[i, j]`), may tag k end a text.

    A sequence keeps to them if and only if it needs no repair.

    Raises:
        DataError: a tag that the scheme does not have.
    """
    found = find_scheme(scheme)
    size = len(tag_names)
    if found.is_plain:
        return np.ones(size, dtype=bool), np.ones((size, size), dtype=bool), np.ones(size, dtype=bool)
    tags = [split_tag(tag, found.name) for tag in tag_names]
    starts = np.array([_may_follow(_NOTHING, tag, found) for tag in tags], dtype=bool)
    pairs = np.array([[_may_follow(before, tag, found) for tag in tags] for before in tags], dtype=bool)
    ends = np.array([_may_follow(tag, _NOTHING, found) for tag in tags], dtype=bool)
    return starts, pairs.reshape(size, size), ends


def _may_follow(before: Tag, tag: Tag, scheme: Scheme) -> bool:
    same = before.letter != "" and before.label == tag.label
    if scheme.beside:
        return same or tag.letter != scheme.beside
    must_go_on = _ends_apart(scheme) and before.letter in {scheme.first, scheme.inside}
    goes_on = tag.letter in {scheme.inside, scheme.last}
    if must_go_on or goes_on:
        return goes_on and same and before.letter in {scheme.first, scheme.inside}
    return True


def _ends_apart(scheme: Scheme) -> bool:
    """Whether the last word of a span is marked."""
    return scheme.last != scheme.inside
