"""Which scheme tags are written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attendo.errors import DataError
from attendo.spans.schemes import OUTSIDE, SCHEMES, split_tag

_LETTERS = "".join(dict.fromkeys("".join(scheme.letters for scheme in SCHEMES.values())))
_KNOWN = re.compile(f"[{_LETTERS}]([-_].*)?", re.DOTALL)
_WITH_LABEL = re.compile(f"[{_LETTERS}][-_].+", re.DOTALL)
_ANY_LETTER = re.compile(r"[A-Z][-_].+")
_TURNED = re.compile(f"[{_LETTERS.lower()}][-_].+|.+[-_][{_LETTERS}]", re.DOTALL)


def detect_scheme(taggings: Iterable[Sequence[str]]) -> str:
    """The name of the scheme that the tags of some texts are written in.

    - No tag is a known letter, a hyphen and a label: `plain`; unless all are letters alone, such as `B M E S`.
    - An M is BMES, an L or U is BILOU, an E or S is BIOES. (The IOE schemes, too, read rightly as BIOES.)
    - B and I are told apart by what stands at the beginning of spans that follow no span of the same label: BIO if B
      does as often as I, or there is no span; else IOB1. A few tags that fit both are BIO, the commonest of all.

    Raises:
        DataError: letters of several schemes, or beside known ones an unknown one, such as `X-PER`.
    """
    taggings = [tuple(tags) for tags in taggings]
    kinds = set().union(*taggings) - {OUTSIDE}
    if kinds and not (any(map(_WITH_LABEL.fullmatch, kinds)) or all(map(_KNOWN.fullmatch, kinds))):
        _refuse_turned(kinds)
        if OUTSIDE in set().union(*taggings):
            _refuse_unknown(kinds)
        return "plain"
    strange = sorted(tag for tag in kinds if not _KNOWN.fullmatch(tag))
    if strange:
        raise DataError(
            f"`{strange[0]}` is not written as the other tags are, which are `{OUTSIDE}` or one of "
            f"{', '.join(_LETTERS)} before a label. Correct it, or name the scheme `plain` if it is a label of its own."
        )
    letters = {tag[0] for tag in kinds}
    name = "BMES" if "M" in letters else "BILOU" if letters & {"L", "U"} else "BIOES" if letters & {"E", "S"} else "BIO"
    wrong = sorted(letters - set(SCHEMES[name].letters))
    if wrong:
        raise DataError(
            f"the tags mix two schemes: {', '.join(wrong)} before a label does not belong to {name}. "
            "Write all in one, or name the `scheme` to have the tags that do not fit listed."
        )
    return "IOB1" if name == "BIO" and _begins_inside(taggings) else name


def _refuse_unknown(kinds: set[str]) -> None:
    """Tags that all have a letter before a label, but none that a scheme has, are a scheme that is not known."""
    if all(map(_ANY_LETTER.fullmatch, kinds)) and not any(map(_KNOWN.fullmatch, kinds)):
        named = ", ".join(f"`{tag}`" for tag in sorted(kinds)[:3])
        raise DataError(
            f"the tags {named} are written in no scheme that is known; there are: {', '.join(SCHEMES)}. Write them in "
            "one of these, or name the scheme `plain` if each word has a label of its own."
        )


def _refuse_turned(kinds: set[str]) -> None:
    """Tags in small letters, or with the letter at their end, are not to pass for labels of single words."""
    turned = sorted(kinds - {"o"})
    if turned and all(map(_TURNED.fullmatch, turned)):
        raise DataError(
            f"`{turned[0]}` has its letter not where it is looked for. Write tags such as `B-PER`, a capital letter "
            "first, or name the scheme `plain` if each word has a label of its own."
        )


def unknown_tags(taggings: Iterable[Sequence[str]], scheme: str) -> list[str]:
    """The tags that a scheme does not have, sorted."""
    unknown = []
    for tag in set().union(*map(set, taggings)) if scheme != "plain" else ():
        try:
            split_tag(tag, scheme)
        except DataError:
            unknown.append(tag)
    return sorted(unknown)


def _begins_inside(taggings: Iterable[Sequence[str]]) -> bool:
    """Whether I begins more spans than B, of those that do not follow a span of the same label."""
    inside = begin = 0
    for tags in taggings:
        before = ""
        for part in (split_tag(tag, "BIO") for tag in tags):
            if part.letter and part.label != before:
                inside += part.letter == "I"
                begin += part.letter == "B"
            before = part.label
    return inside > begin
