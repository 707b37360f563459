"""The words of a text, with their places, found without a dictionary."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attendo.errors import UnsupportedError
from attendo.text.characters import CJK, INVISIBLE, JOINERS, marks


class Span(NamedTuple):
    """A part of a text, `text[start:end]`, in characters."""

    start: int
    end: int


def split_words(text: str, *, dictionary: bool = False) -> list[Span]:
    """The words of a text in order, without the white space between them.

    A word is a run of letters and digits (also don't, o'clock, 3.14, snake_case), a single Chinese character or kana,
    a single punctuation mark, or one emoji with all that shapes it. Invisible characters belong to the word that they
    are in or behind, else to none.

    Args:
        dictionary: join Chinese characters to words with `jieba`.
    Raises:
        UnsupportedError: if a dictionary is asked for and `jieba` is not installed.
    """
    if dictionary:
        return list(_dictionary_words(text))
    return [Span(*match.span()) for match in _word().finditer(text)]


def word_bounds(text: str) -> NDArray[np.int32]:
    """Start and end of each word of `split_words`, one row a word."""
    bounds = chain.from_iterable(match.span() for match in _word().finditer(text))
    return np.fromiter(bounds, dtype=np.int32).reshape(-1, 2)


def _dictionary_words(text: str) -> Iterator[Span]:
    jieba = _jieba()
    for match in _word_or_chinese_run().finditer(text):
        start, end = match.span()
        if match.lastgroup != "chinese":
            yield Span(start, end)
            continue
        for word in jieba.cut(match[0]):
            yield Span(start, start + len(word))
            start += len(word)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"{_letters()}|[{CJK}]{_tail()}*|{_symbol()}")


@cache
def _word_or_chinese_run() -> re.Pattern[str]:
    return re.compile(f"{_letters()}|(?P<chinese>[{CJK}]+)|{_symbol()}")


def _letters() -> str:
    letter = rf"[^\W_{CJK}]"
    run = f"{letter}+(?:{_tail()}+{letter}*)*"
    link = rf"(?:['\u2018\u2019\u02bc\uff07](?={letter})|_+(?={letter})|(?<=\d)[.,](?=\d))"
    return f"{run}(?:{link}{run})*"


def _tail() -> str:
    return f"[{marks()}{INVISIBLE}{JOINERS}]"


def _symbol() -> str:
    flag = "[\U0001f1e6-\U0001f1ff]{2}"
    shaped = f"[{marks()}{INVISIBLE}\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"  # also skin tones and tags
    return rf"(?:{flag}|[^\s\u200b{INVISIBLE}{JOINERS}])(?:{shaped}|\u200d[^\s\w])*"


@cache
def _jieba() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own old code, at import
            import jieba  # pyright: ignore[reportMissingImports] - an extra
    except ImportError:
        raise UnsupportedError(
            "Chinese words need the package `jieba`, which is not installed. "
            "Run `pip install jieba`, or leave Chinese as single characters."
        ) from None
    jieba.setLogLevel("WARNING")  # it would report to the terminal that it reads its dictionary
    return jieba
