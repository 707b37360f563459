"""From tags to spans and back.

One reading serves all schemes, since a letter means the same wherever it occurs: B, S and U begin a span, E, L, S and U
end one. It is that of the scorer of CoNLL-2000 and of seqeval's default mode: what breaks a scheme is repaired, not
dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attendo.errors import InputError
from attendo.spans.schemes import OUTSIDE, SCHEMES, Tag, find_scheme, join_tag, split_tag

_OPENING = frozenset("BSU")
_CLOSING = frozenset("ELSU")


class LabelledSpan(NamedTuple):
    """A part of a sequence from `start` to the one before `end`, in words or in characters, and its label."""

    start: int
    end: int
    label: str


def read_tags(tags: Sequence[str], scheme: str) -> tuple[tuple[LabelledSpan, ...], int]:
    """The spans that tags mean, and the number of tags that had to be repaired for it.

    A word that is not outside belongs to the span before it if both have the same label, unless its letter begins a
    span or the letter before ends one. A tag was repaired if the scheme writes another one for the spans so read.
    In `plain` each word is a span.

    Raises:
        DataError: a tag that the scheme does not have.
    """
    name = find_scheme(scheme).name
    if SCHEMES[name].is_plain:
        return tuple(LabelledSpan(index, index + 1, tag) for index, tag in enumerate(tags)), 0
    parts = [split_tag(tag, name) for tag in tags]
    spans = _spans(parts)
    return spans, sum(part != meant for part, meant in zip(parts, _written(spans, len(parts), name), strict=True))


def read_tags_strictly(tags: Sequence[str], scheme: str) -> tuple[LabelledSpan, ...]:
    """Only the spans whose tags are all as the scheme writes them, as in seqeval's strict mode.

    Raises:
        DataError: a tag that the scheme does not have.
    """
    name = find_scheme(scheme).name
    if SCHEMES[name].is_plain:
        return read_tags(tags, name)[0]
    parts = [split_tag(tag, name) for tag in tags]
    spans = _spans(parts)
    meant = _written(spans, len(parts), name)
    return tuple(span for span in spans if parts[span.start : span.end] == meant[span.start : span.end])


def write_tags(spans: Sequence[LabelledSpan], length: int, scheme: str) -> tuple[str, ...]:
    """One tag for each of `length` words.

    Raises:
        InputError: spans that are empty, overlap or lie outside, or in `plain` words that are in no span.
    """
    found = find_scheme(scheme)
    spans = sorted(spans)
    _check(spans, length)
    if not found.is_plain:
        return tuple(join_tag(*tag) if tag.letter else OUTSIDE for tag in _written(spans, length, found.name))
    labels = [span.label for span in spans for _ in range(span.start, span.end)]
    if len(labels) != length:
        raise InputError(
            f"In the scheme `plain` each word has a label, but {length - len(labels)} of {length} words are in no span."
        )
    return tuple(labels)


def _spans(parts: Sequence[Tag]) -> tuple[LabelledSpan, ...]:
    spans, start = [], 0
    before = Tag("", "")
    for index, part in enumerate([*parts, Tag("", "")]):
        goes_on = (
            before.letter
            and part.label == before.label
            and part.letter not in _OPENING
            and before.letter not in _CLOSING
        )
        if not goes_on:
            if before.letter:
                spans.append(LabelledSpan(start, index, before.label))
            start = index
        before = part
    return tuple(spans)


def _written(spans: Sequence[LabelledSpan], length: int, name: str) -> list[Tag]:
    scheme, tags = SCHEMES[name], [Tag("", "")] * length
    before = LabelledSpan(-1, -1, "")
    for span in spans:
        letters = [scheme.inside] * (span.end - span.start)
        letters[-1] = scheme.last
        letters[0] = scheme.first if len(letters) > 1 else scheme.single
        if scheme.beside and before.end == span.start and before.label == span.label:
            letters[0] = scheme.beside
        tags[span.start : span.end] = [Tag(letter, span.label) for letter in letters]
        before = span
    return tags


def _check(spans: Sequence[LabelledSpan], length: int) -> None:
    end = 0
    for span in spans:
        if not 0 <= span.start < span.end <= length:
            raise InputError(f"The span {tuple(span)} must hold a word and lie within the {length} words of the text.")
        if span.start < end:
            raise InputError(f"The span {tuple(span)} overlaps the one before it; tags can hold only one label a word.")
        end = span.end
