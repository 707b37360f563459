"""JSON objects with labelled spans, or with words and their tags."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from attendo.data.formats.conll import Sentence
from attendo.data.rows import Row
from attendo.data.tag_settings import TagDataSettings
from attendo.data.tagged_text import TaggedText
from attendo.errors import DataError
from attendo.spans import LabelledSpan, write_tags
from attendo.text import split_words

_TEXTS = ("text", "sentence", "content")
_SPANS = ("spans", "entities", "label", "labels", "ner")
_WORDS = ("tokens", "words")
_TAGS = ("tags", "ner_tags", "labels")
_STARTS, _ENDS = ("start", "start_offset", "begin"), ("end", "end_offset")
_LABELS = ("label", "type", "entity_group", "entity")


def has_words(row: Row) -> bool:
    """Whether a row lists its words, rather than having a text."""
    return any(isinstance(row.values.get(key), list) for key in _WORDS)


def listed_words(row: Row, *, tagged: bool) -> Sentence:
    """The words of a row and their tags."""
    words = _strings(row, _first_key(row, _WORDS, "words"))
    tags = _strings(row, _first_key(row, _TAGS, "tags")) if tagged else ()
    if tagged and len(words) != len(tags):
        raise _error(row, f"{len(words)} words, but {len(tags)} tags.")
    if not words or not all(map(str.strip, words)):
        raise _error(row, "there are no words, or an empty one.")
    return Sentence(words, tags, (row.line,) * len(words))


def plain_text(row: Row, settings: TagDataSettings) -> str:
    """The text of a row, checked."""
    key = _first_key(row, _TEXTS, "text") if settings.text is None else str(settings.text)
    if key not in row.values:
        raise _error(row, f"the key `{key}` is missing.")
    text = row.values.get(key)
    if not isinstance(text, str):
        raise _error(row, f"`{key}` must be a text, but is {type(text).__name__}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _error(row, f"the text in `{key}` holds half a character (a lone surrogate).") from None
    return text


def labelled_text(row: Row, settings: TagDataSettings) -> tuple[TaggedText, int]:
    """The text of a row with its spans, and how many of these began or ended inside a word.

    They are taken for the whole word, for that is how a text is read that nobody has labelled; where two spans share a
    word, it is cut between them.

    Raises:
        DataError: spans that are not understood, overlap, hold no word or lie outside of the text.
    """
    text = plain_text(row, settings)
    if not text.strip():
        raise _error(row, "the text is empty.")
    key = settings.spans or _first_key(row, _SPANS, "spans")
    values = row.values.get(key)
    if isinstance(values, Mapping) or not isinstance(values, list | None):
        raise _error(row, f"`{key}` must be a list of [start, end, label], but is {type(values).__name__}.")
    spans = sorted(_span(row, value, text) for value in values or ())
    for before, span in pairwise(spans):
        if span.start < before.end:
            raise _error(row, f"the spans {list(before)} and {list(span)} overlap; a word can have only one label.")
    uncut = tuple(cut_words(text))
    whole = [_widened(span, uncut) for span in spans]
    apart = all(before.end <= span.start for before, span in pairwise(whole))
    moved = sum(before != span for before, span in zip(spans, whole, strict=True))
    spans = whole if apart else spans
    words = tuple(cut_words(text, spans))
    found = [_in_words(row, span, words) for span in spans]
    return TaggedText(text, words, write_tags(found, len(words), "BIO"), row.path, row.line), moved


def cut_words(text: str, spans: Sequence[LabelledSpan] = ()) -> Iterator[tuple[int, int]]:
    """The words of a text, each cut where a span begins or ends inside of it."""
    bounds = sorted({bound for span in spans for bound in (span.start, span.end)})
    for start, end in split_words(text):
        inside = bounds[bisect_right(bounds, start) : bisect_left(bounds, end)]
        yield from pairwise((start, *inside, end))


def _span(row: Row, value: Any, text: str) -> LabelledSpan:
    parts = list(value) if isinstance(value, list) else []
    if isinstance(value, Mapping):
        parts = [next((value[key] for key in keys if key in value), None) for keys in (_STARTS, _ENDS, _LABELS)]
    start, end, label = parts if len(parts) == 3 else (None, None, None)
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (start, end))
    if not whole or not isinstance(label, str | int) or isinstance(label, bool) or not str(label).strip():
        raise _error(row, f"a span [start, end, label] was expected, but {str(value)[:60]} found.")
    assert isinstance(start, int)
    assert isinstance(end, int)
    if start == end:
        raise _error(row, f"the span {parts} is empty; `end` is the place after its last character.")
    if end < start:
        raise _error(row, f"the span {parts} ends before it begins.")
    if not 0 <= start < end <= len(text):
        raise _error(row, f"the span {parts} lies outside of the text, which has {len(text)} characters.")
    said = value.get("text") if isinstance(value, Mapping) else None
    if isinstance(said, str) and said != text[start:end]:
        raise _error(row, f"the span {parts} is said to be `{said[:40]}`, but `{text[start:end][:40]}` stands there.")
    return LabelledSpan(start, end, str(label).strip())


def _widened(span: LabelledSpan, words: Sequence[tuple[int, int]]) -> LabelledSpan:
    """The span with the whole of the words that it begins and ends in."""
    first = bisect_right(words, span.start, key=lambda word: word[1])
    last = bisect_left(words, span.end, key=lambda word: word[0]) - 1
    if last < first:
        return span
    return LabelledSpan(min(span.start, words[first][0]), max(span.end, words[last][1]), span.label)


def _in_words(row: Row, span: LabelledSpan, words: Sequence[tuple[int, int]]) -> LabelledSpan:
    first = bisect_left(words, (span.start, span.start))
    last = bisect_left(words, (span.end, span.end))
    if first == last:
        raise _error(row, f"the span {list(span)} holds no word.")
    return LabelledSpan(first, last, span.label)


def _first_key(row: Row, keys: Sequence[str], what: str) -> str:
    key = next((key for key in keys if key in row.values), None)
    if key is None:
        named = f" Name the key with `{what}`." if what in ("text", "spans") else ""
        raise _error(row, f"no {what} under {', '.join(f'`{each}`' for each in keys)}.{named}")
    return key


def _strings(row: Row, key: str) -> tuple[str, ...]:
    values = row.values[key]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _error(row, f"`{key}` must be a list of texts; write the names of tags, not their numbers.")
    return tuple(values)


def _error(row: Row, message: str) -> DataError:
    return DataError(message, path=row.path, line=row.line)
