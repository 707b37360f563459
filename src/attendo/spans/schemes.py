"""The table of tagging schemes: which letter stands before the label at each place of a span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from attendo.errors import ConfigError, DataError

OUTSIDE = "O"
"""The tag of a word that is in no span."""

NO_LABEL = "_"
"""The label of spans whose tags are a letter alone, such as the `B M E S` of word segmentation."""

_TAG = re.compile(r"([^\W\d_])(?:[-_](.*))?", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The letters of one scheme; a scheme without letters gives each word a label of its own."""

    name: str
    first: str = ""
    """Before the label of a span's first word, if there are several."""
    inside: str = ""
    last: str = ""
    single: str = ""
    """Where the span is one word long."""
    beside: str = ""
    """Of the first word where the span before it, with the same label, has just ended; empty if that is `first`."""
    aliases: tuple[str, ...] = ()

    @property
    def letters(self) -> str:
        """All letters, each once, in the order of a span."""
        return "".join(dict.fromkeys(self.beside + self.first + self.inside + self.last + self.single))

    @property
    def is_plain(self) -> bool:
        return not self.letters


class Tag(NamedTuple):
    """A tag taken apart; outside of spans both are empty."""

    letter: str
    label: str


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme(name="BIO", first="B", inside="I", last="I", single="B", aliases=("IOB2", "IOB")),
        Scheme(name="IOB1", first="I", inside="I", last="I", single="I", beside="B"),
        Scheme(name="BIOES", first="B", inside="I", last="E", single="S", aliases=("IOBES",)),
        Scheme(name="BMES", first="B", inside="M", last="E", single="S", aliases=("BMEO", "BMESO")),
        Scheme(name="BILOU", first="B", inside="I", last="L", single="U", aliases=("BILUO",)),
        Scheme(name="plain"),
    )
}


def find_scheme(name: str) -> Scheme:
    """The scheme of a name or another name of it, in small or capital letters.

    Raises:
        ConfigError: there is none of this name.
    """
    for scheme in SCHEMES.values():
        if name.upper() in (scheme.name.upper(), *scheme.aliases):
            return scheme
    raise ConfigError(f"`scheme` is `{name}`; it may be {', '.join(SCHEMES)}.")


@lru_cache(maxsize=1 << 14)
def split_tag(tag: str, name: str) -> Tag:
    """A tag of the scheme called `name`, taken apart at its first hyphen, or a low line in its place.

    Raises:
        DataError: the scheme has no such tag.
    """
    if tag == OUTSIDE:
        return Tag("", "")
    found = _TAG.fullmatch(tag)
    letters = SCHEMES[name].letters
    if found is None or found[1] not in letters:
        known = ", ".join(f"`{letter}-`" for letter in letters)
        raise DataError(f"`{tag}` is no tag of the scheme {name}, whose tags are `{OUTSIDE}` or begin with {known}.")
    return Tag(found[1], found[2] or NO_LABEL)


def join_tag(letter: str, label: str) -> str:
    """The tag of a letter and a label."""
    return letter if label == NO_LABEL else f"{letter}-{label}"
