"""A text whose words have tags, and how words become a text again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from attendo.data.records import TextRecord
from attendo.spans import LabelledSpan, read_tags
from attendo.text import CJK, split_words

_CHINESE = re.compile(f"[{CJK}]")
_BROKEN = "\ufffd"
_FEW = 10  # words, too few to be sure that all end in a digit on purpose


@dataclass(frozen=True, slots=True)
class TaggedText(TextRecord):
    """A text, the places of its words, and a tag for each word: in BIO, or a label of its own."""

    text: str
    words: tuple[tuple[int, int], ...] = ()
    """From the first character to the one after the last."""
    tags: tuple[str, ...] = ()
    """None where the text was read to be tagged."""
    path: Path | None = None
    line: int | None = None
    scheme: str = "BIO"
    """`BIO`, or `plain` where each word has a label of its own."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur in it, each once."""
        return tuple(dict.fromkeys(span.label for span in self.spans))

    @property
    def spans(self) -> tuple[LabelledSpan, ...]:
        """What the tags mean, in characters of the text."""
        found, _ = read_tags(self.tags, self.scheme)
        return tuple(LabelledSpan(self.words[start][0], self.words[end - 1][1], label) for start, end, label in found)


def join_words(words: Sequence[str], between: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of words and their places in it.

    With a blank between words there is still none between two Chinese characters, and with nothing between them still a
    blank between two words of letters, unless each is a single one.
    """
    parts: list[str] = []
    places, end, before = [], 0, ""
    for word in words:
        gap = _gap(before, word, between) if before else ""
        parts += gap, word
        places.append((end + len(gap), end + len(gap) + len(word)))
        end, before = places[-1][1], word
    return "".join(parts), tuple(places)


def found_between(words: Iterable[str]) -> str:
    """A blank, or nothing where most words are Chinese."""
    letters = [word for word in words if any(map(str.isalpha, word))]
    return "" if 2 * sum(bool(_CHINESE.search(word)) for word in letters) > len(letters) else " "


def have_digits(texts: Iterable[Sequence[str]]) -> bool:
    """Whether every word is a character, or a broken one, and its number in a longer word: 0, 1, 2 and so on."""
    size = letters = 0
    for words in texts:
        bare = without_digits(words)
        if any(len(word) == len(each) or not _is_character(each) for word, each in zip(words, bare, strict=True)):
            return False
        if words and not words[0].endswith("0"):
            return False
        size += len(words)
        letters += sum(not word.isdigit() for word in bare)
    return size >= _FEW and 2 * letters > size  # else they may be numbers of two digits


def without_digits(words: Sequence[str]) -> tuple[str, ...]:
    """Words without the numbers that each ends in; behind a 9 this may be 10, and so on."""
    bare, number = [], -1
    for word in words:
        following = str(number + 1)
        if number >= 9 and len(word) > len(following) and word.endswith(following):
            number += 1
        elif len(word) > 1 and word[-1] in "0123456789":
            number = int(word[-1])
        else:
            bare.append(word)
            continue
        bare.append(word[: -len(str(number))])
    return tuple(bare)


def _is_character(word: str) -> bool:
    return len(word) == 1 or set(word) == {_BROKEN} or (not word.isalnum() and len(split_words(word)) == 1)


def _gap(before: str, word: str, between: str) -> str:
    ends = _CHINESE.match(before[-1]), _CHINESE.match(word[0])
    if between:
        return "" if all(ends) else between
    apart = before[-1].isalnum() and word[0].isalnum() and not any(ends) and max(len(before), len(word)) > 1
    return " " if apart else ""
