"""What comes over unchanged - placeholders, tags, addresses, codes - is hidden behind marks and put back afterwards.

A mark is a character that Unicode leaves to private use, so every vocabulary that loses no character can spell it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

MARKS = "".join(map(chr, range(0xE000, 0xE010)))
"""The marks, in the order in which they are given out."""

_COPIED = re.compile(
    r"""
    [\ue000-\ue00f]                                                 # a text's own, which would be taken for ours
    | (?:https?://|www\.)[!\#-;=?-\[\]-~]*[\w/\#=&%~+-]           # an address, without a sign that ends its sentence
    | (?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+        # an e-mail address
    | </?[A-Za-z][^<>\n]*>                                          # a tag
    | \$?\{{1,2}[^{}\s]*\}{1,2}                                     # {name}, ${name}, {0:.2f}
    | %\(\w+\)[-+ 0#]*[\d.]*[a-zA-Z]                                # %(name)d
    | %(?:\d+\$)?[-+0#]*\d*(?:\.\d+)?(?:ll?|h)?[sdiufFeEgGxXc](?![A-Za-z])
    | (?<![\w/-])(?=[\w/-]*\d)(?=[\w/-]*[A-Z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*(?![\w-])  # X-1234, B12
    | (?<![\d.,])\d{5,}+(?![\d.,]*\d)                               # a long number, written without signs
    """,
    re.VERBOSE | re.ASCII,
)


class Hidden(NamedTuple):
    """A text with marks in it.

    Attributes:
        spans: what each mark stands for, in their order.
    """

    text: str
    spans: tuple[str, ...] = ()


def hide(text: str, only: Collection[str] | None = None) -> Hidden:
    """Put a mark for everything that is to be copied, the same for equal parts; what is beyond the last mark stays.

    Args:
        only: what is hidden at most.
    """
    numbers: dict[str, int] = {}

    def mark(match: re.Match[str]) -> str:
        found = match.group()
        if found not in numbers and (len(numbers) == len(MARKS) or (only is not None and found not in only)):
            return found
        return MARKS[numbers.setdefault(found, len(numbers))]

    hidden = _COPIED.sub(mark, text)
    return Hidden(hidden, tuple(numbers))


def shared(source: str, target: str) -> set[str]:
    """What is to be copied, as a text and what is to be written from it both have it."""
    found = set(_COPIED.findall(source))
    return found & set(_COPIED.findall(target)) if found else found


def hide_both(source: str, target: str) -> tuple[str, str]:
    """A text and what is to be written from it, with marks for what stands in both, letter by letter."""
    both = shared(source, target)
    if not both:
        return source, target
    hidden = hide(source, both)
    marks = {span: MARKS[number] for number, span in enumerate(hidden.spans)}
    return hidden.text, _COPIED.sub(lambda match: marks.get(match.group(), match.group()), target)


def put_back(text: str, spans: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A text with what its marks stand for, and what of it has no mark there; marks that stand for nothing vanish."""
    missing = tuple(span for mark, span in zip(MARKS, spans, strict=False) if mark not in text)
    known = dict(zip(map(ord, MARKS), spans, strict=False))
    return text.translate({ord(mark): known.get(ord(mark), "") for mark in MARKS}), missing
