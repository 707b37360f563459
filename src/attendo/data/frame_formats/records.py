"""What is known about a sentence with predicates, and how its words become a text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from attendo.data.records import TextRecord
from attendo.spans import LabelledSpan

_THING = re.compile(r"\{(\w+)\}")
PREDICATE_LABEL = "V"
"""The label of the predicate itself, which is no role."""


Role = LabelledSpan
"""An argument of a predicate: words `start` up to, but not including, `end`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A predicate and its roles, in the order of the words; `sense` is its roleset, such as `get.01`."""

    predicate: int
    """The number of its word, counted from 0."""
    sense: str | None = None
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class FramedSentence(TextRecord):
    """A text, where its words begin and end in it (in characters), and its frames in the order of their predicates."""

    text: str
    words: tuple[tuple[int, int], ...]
    frames: tuple[Frame, ...] = ()
    path: Path | None = None
    line: int | None = None

    @property
    def noun(self) -> str:
        """What it is called."""
        return "sentence"

    @property
    def labels(self) -> tuple[str, ...]:
        """The roles that occur in it, each once."""
        return tuple(dict.fromkeys(role.label for frame in self.frames for role in frame.roles))


class Draft(NamedTuple):
    """A sentence as a reader found it.

    `blanks` says behind which words a blank stands, where the file says so; `text` and `bounds` are there where the
    file has the text itself.
    """

    words: list[str]
    frames: list[Frame]
    line: int
    blanks: list[bool] | None = None
    text: str | None = None
    bounds: list[tuple[int, int]] | None = None

    def placed_in(self, text: str | None) -> Draft:
        """The same with the places of its words in a text, if they stand there in order with nothing between them."""
        if not text:
            return self
        bounds, end = [], 0
        for word in self.words:
            start = text.find(word, end)
            if start < 0 or text[end:start].strip():
                return self
            end = start + len(word)
            bounds.append((start, end))
        return self if text[end:].strip() else self._replace(text=text, bounds=bounds)


class Repairs(Counter[str]):
    """How often each kind of flaw was put right; a key says what was done, with the thing counted in braces."""

    def sentences(self) -> list[str]:
        """What was done, with its numbers."""
        done = [(key, count) for key, count in self.items() if count]
        return [_THING.sub(lambda thing, n=count: f"{n:,} {thing[1]}{'s' * (n != 1)}", key) for key, count in done]


def without_overlaps(frame: Frame, repairs: Repairs) -> Frame:
    """The roles in order; of two that share a word the one that begins first stays, and of these the longer one."""
    kept: list[Role] = []
    for role in sorted(frame.roles, key=lambda role: (role.start, -role.end)):
        if kept and role.start < kept[-1].end:
            repairs["left out {role} that shared words with another role of the same predicate"] += 1
        else:
            kept.append(role)
    return Frame(frame.predicate, frame.sense, tuple(kept))


def place_words(words: Sequence[str], blanks: Sequence[bool] | None) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Join words to a text; without `blanks`, one stands between any two words that are not Chinese."""
    if blanks is None:
        blanks = [_blank_between(left, right) for left, right in pairwise(words)]
    text, bounds = "", []
    for number, word in enumerate(words):
        if number and blanks[number - 1]:
            text += " "
        bounds.append((len(text), len(text) + len(word)))
        text += word
    return text, tuple(bounds)


def _blank_between(left: str, right: str) -> bool:
    sides = left[-1], right[0]
    wide = [unicodedata.east_asian_width(side) in "WF" for side in sides]
    if not any(wide):
        return True
    return not all(wide) and all(is_wide or side.isalnum() for side, is_wide in zip(sides, wide, strict=True))
