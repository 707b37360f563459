"""JSON Lines of sentences with frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attendo.data.frame_formats.records import PREDICATE_LABEL, Draft, Frame, Role
from attendo.errors import DataError
from attendo.text import split_words

_SHAPE = '{"words": ["She", "left"], "frames": [{"predicate": 1, "sense": "leave.01", "roles": [[0, 1, "ARG0"]]}]}'


def read_object(values: Mapping[str, Any], path: Path, line: int, *, labelled: bool) -> Draft:
    """A sentence from an object like `{"words": [...], "frames": [...]}`; `text` may stand for or beside `words`.

    With `text` alone its words are those of `split_words`; with both, `words` are strings or pairs of characters. A
    predicate or role may also be an object with `start` and `end` of its characters, as `attendo predict` writes it.

    Raises:
        DataError: if it is of another shape, or a word is counted that is not there.
    """
    text, words, bounds = _words(values, path, line)
    frames = values.get("frames", None if labelled else [])
    if not isinstance(frames, list):
        raise DataError(f"no `frames`; an object like {_SHAPE} was expected.", path=path, line=line)
    read = [_frame(_counted(frame, bounds, path, line), len(words), path, line) for frame in frames]
    return Draft(words, sorted(read, key=lambda frame: frame.predicate), line, text=text, bounds=bounds)


def _words(
    values: Mapping[str, Any], path: Path, line: int
) -> tuple[str | None, list[str], list[tuple[int, int]] | None]:
    text, words = values.get("text"), values.get("words", [])
    if isinstance(text, str) and "words" not in values:
        bounds = [(span.start, span.end) for span in split_words(text)]
    elif isinstance(text, str) and _are(words, _is_pair):
        bounds = [(start, end) for start, end in words]
        ends = [0, *(end for _, end in bounds)]
        if any(start < end for (start, _), end in zip(bounds, ends, strict=False)) or ends[-1] > len(text):
            raise DataError("`words` overlap, are not in order, or leave the text.", path=path, line=line)
    elif _are(words, lambda word: isinstance(word, str) and bool(word.strip())):
        return None, [word.strip() for word in words], None
    else:
        raise DataError(f"neither `text` nor `words`; an object like {_SHAPE} was expected.", path=path, line=line)
    if not bounds or any(end <= start for start, end in bounds):
        raise DataError("a sentence without a word, or an empty word.", path=path, line=line)
    return text, [text[start:end] for start, end in bounds], bounds


def _counted(frame: Any, bounds: list[tuple[int, int]] | None, path: Path, line: int) -> Any:
    """A frame whose predicate and roles are objects with places of characters, by the numbers of its words."""
    if not isinstance(frame, dict) or not isinstance(predicate := frame.get("predicate"), dict):
        return frame
    starts = {start: number for number, (start, _) in enumerate(bounds or ())}
    ends = {end: number for number, (_, end) in enumerate(bounds or ())}
    roles = frame.get("roles", [])
    try:
        counted = [[starts[role["start"]], ends[role["end"]] + 1, role["label"]] for role in roles]
        return {"predicate": starts[predicate["start"]], "sense": predicate.get("sense"), "roles": counted}
    except (KeyError, TypeError):
        message = "a predicate or role has no `start`, `end` or `label`, or does not begin and end with a word."
        raise DataError(message, path=path, line=line) from None


def _frame(frame: Any, size: int, path: Path, line: int) -> Frame:
    if not isinstance(frame, dict) or not _is_number(frame.get("predicate")):
        raise DataError(f"a frame needs the number of its `predicate`, as in {_SHAPE}.", path=path, line=line)
    predicate, sense = frame["predicate"], frame.get("sense")
    if not 0 <= predicate < size:
        raise DataError(f"`predicate` is {predicate}, but the sentence has {size} words.", path=path, line=line)
    if sense is not None and not isinstance(sense, str):
        raise DataError(f"`sense` is {sense!r}; it must be a string, or be left out.", path=path, line=line)
    roles = []
    if not isinstance(frame.get("roles", []), list):
        raise DataError(f"`roles` is {frame['roles']!r}; it must be a list of roles.", path=path, line=line)
    for role in frame.get("roles", []):
        if not (isinstance(role, list) and len(role) == 3 and _are(role[:2], _is_number) and isinstance(role[2], str)):
            raise DataError(f'{role!r} is no role; [0, 1, "ARG0"] is.', path=path, line=line)
        start, end, label = role
        if not (0 <= start < end <= size and label.strip()):
            message = f"the role {role!r} does not lie in the sentence of {size} words, is empty, or has no label."
            raise DataError(message, path=path, line=line)
        if label != PREDICATE_LABEL:
            roles.append(Role(start, end, label))
    return Frame(predicate, sense, tuple(roles))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return _are(value, _is_number) and len(value) == 2


def _are(values: Any, holds: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(holds(value) for value in values)
