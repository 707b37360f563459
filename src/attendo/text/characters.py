"""Which characters are which: the classes that normalisation, words, tokenizers and n-grams agree on.

The constants are the inside of a character class (`[...]`), written so that Python's `re` and the Oniguruma engine of
the `tokenizers` library read them alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from attendo.errors import DataError

CJK = (
    "\u3005-\u3007"  # iteration mark, closing mark, zero
    "\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # ideographs
    "\uff66-\uff9f"  # half-width katakana
    "\U00020000-\U0003ffff"  # ideographs of the supplementary planes
)
"""Characters of scripts written without spaces between words; each stands alone."""

INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters that are not white space
    "\u00ad\u180e\u2060-\u2064\ufeff"  # soft hyphen, separators without width, byte order mark
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction marks
    "\ufe0e\ufe0f\ufff9-\ufffb"  # text or emoji style, annotation marks
)
"""Characters that show nothing and mean nothing by themselves."""

JOINERS = "\u200c\u200d"
"""Zero-width joiner and non-joiner: invisible too, but they shape emoji and Persian or Indic words."""

ODD_WHITE = "\t\n\x0b\x0c\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000"
"""White space other than the plain blank; the zero-width space separates words, so it counts."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_BLOCKS_WITH_MARKS = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))
_WIDEST_GAP = 0x400


@cache
def marks() -> str:
    """The combining marks (general category M), without which words of Hindi or Thai would fall to pieces.

    Python's `\\w` leaves them out. Above the basic plane, where `re` tries one range after the other, neighbouring
    ranges are joined, with the letters between them.
    """
    codes = [code for block in _BLOCKS_WITH_MARKS for code in block if unicodedata.category(chr(code))[0] == "M"]
    ranges = [[codes[0], codes[0]]]
    for code in codes[1:]:
        if code - ranges[-1][1] <= (_WIDEST_GAP if ranges[-1][0] > 0xFFFF else 1):
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def without_surrogates(text: str) -> str:
    """The text with each lone surrogate turned into U+FFFD: as long as before, and fit for every encoder."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def checked_texts(texts: Iterable[str], name: str = "texts") -> list[str]:
    """The texts, each without lone surrogates.

    Raises:
        DataError: if one of them is not a string, or all are one string.
    """
    if isinstance(texts, str):
        raise DataError(f"`{name}` must be a list of texts, but is one text; put it in brackets.")
    checked = []
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise DataError(f"Each of `{name}` must be a string, but number {number} is {text!r}.")
        checked.append(without_surrogates(text))
    return checked
