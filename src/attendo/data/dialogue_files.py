"""Files of dialogues: from lines and JSON to sides and what they say, before anything is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendo.data.encodings import detect_encoding, first_lines, read_lines
from attendo.data.rows import OnProblem
from attendo.errors import DataError

DIALOGUE_SUFFIXES = (".jsonl", ".ndjson", ".json", ".txt")
"""What files of dialogues are called."""
BETWEEN = "__eou__"
_LISTS = ("messages", "conversations", "conversation", "turns", "dialogue", "dialog")
_SIDES = ("role", "from", "speaker")
_SAYINGS = ("content", "value", "text", "utterance")
_EXPECTED = (
    'an object such as {"messages": [{"role": "user", "content": …}, …]} was expected, or {"turns": [first, second, …]}'
)


@dataclass(frozen=True, slots=True)
class RawDialogue:
    """What a file says of one dialogue: who says what; who is nobody where the file does not tell."""

    turns: tuple[tuple[str | None, str], ...]
    path: Path
    line: int | None


def read_raw_dialogues(
    path: Path, format: str | None, encoding: str | None, on_problem: OnProblem, *, answered: bool = True
) -> Iterator[RawDialogue]:
    """Yield the dialogues of a file; of lines only one is held at a time.

    Args:
        answered: whether something must have been answered; otherwise plain lines are dialogues of one turn.
    Raises:
        DataError: if the file is empty, or holds no dialogues.
    """
    encoding = encoding or detect_encoding(path)
    found = format or _detected(path, encoding, answered)
    return DIALOGUE_FORMATS[found](path, encoding, on_problem)


def _detected(path: Path, encoding: str, answered: bool) -> str:
    lines = [line.strip() for line in first_lines(path, encoding) if line.strip()]
    if not lines:
        raise DataError("it is empty.", path=path)
    if lines[0][0] not in "{[":
        if not answered or any(BETWEEN in line for line in lines):
            return "turns"
        raise DataError(
            f"it holds no dialogues: {_EXPECTED}, one a line, or lines with {BETWEEN} between turns.", path=path
        )
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        return "topics"
    return "jsonl" if isinstance(first, dict) and (len(lines) > 1 or _list_of(first) is not None) else "topics"


def _from_turns(path: Path, encoding: str, on_problem: OnProblem) -> Iterator[RawDialogue]:
    """A dialogue a line; what follows a tab is about it, and none of it."""
    for number, line in enumerate(read_lines(path, encoding), start=1):
        said = [each.strip() for each in line.split("\t", 1)[0].split(BETWEEN)]
        said = said[:-1] if said and not said[-1] else said
        if said:
            yield RawDialogue(tuple((None, each) for each in said), path, number)


def _from_lines(path: Path, encoding: str, on_problem: OnProblem) -> Iterator[RawDialogue]:
    """An object a line."""
    for number, line in enumerate(read_lines(path, encoding), start=1):
        if not line.strip():
            continue
        try:
            yield RawDialogue(_turns(json.loads(line)), path, number)
        except (ValueError, RecursionError) as error:
            what = str(error) if isinstance(error, _UnreadableError) else "not valid JSON."
            on_problem(DataError(what, path=path, line=number))


def _from_document(path: Path, encoding: str, on_problem: OnProblem) -> Iterator[RawDialogue]:
    """One document: a list of dialogues, or lists of turns under each topic."""
    try:
        document = json.loads("".join(read_lines(path, encoding)))
    except (ValueError, RecursionError):
        raise DataError("this is neither one JSON document nor one JSON object a line.", path=path) from None
    for number, each in enumerate(_dialogues_in(document), start=1):
        try:
            yield RawDialogue(_turns(each), path, None)
        except _UnreadableError as error:
            on_problem(DataError(f"dialogue {number}: {error}", path=path))


def _dialogues_in(document: Any) -> Iterable[Any]:
    if isinstance(document, Mapping) and _list_of(document) is None:
        return [each for topic in document.values() for each in (topic if isinstance(topic, list) else [topic])]
    return document if isinstance(document, list) else [document]


class _UnreadableError(ValueError):
    """What stands in place of a dialogue is none."""


def _turns(value: Any) -> tuple[tuple[str | None, str], ...]:
    held = _list_of(value) if isinstance(value, Mapping) else value
    if not isinstance(held, list):
        raise _UnreadableError(f"{_EXPECTED}.")
    turns = []
    if isinstance(value, Mapping) and isinstance(value.get("system"), str) and value["system"].strip():
        turns.append(("system", value["system"]))
    return (*turns, *map(_turn, held))


def _list_of(value: Mapping[str, Any]) -> Any:
    return next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)


def _turn(value: Any) -> tuple[str | None, str]:
    if isinstance(value, str):
        return None, value
    if isinstance(value, Mapping):
        side = next((value[name] for name in _SIDES if isinstance(value.get(name), str)), None)
        said = next((value[name] for name in _SAYINGS if isinstance(value.get(name), str)), None)
        if said is not None:
            return side, said
    raise _UnreadableError("a turn is neither a text nor an object with `role` and `content`.")


DIALOGUE_FORMATS: dict[str, Callable[[Path, str, OnProblem], Iterator[RawDialogue]]] = {
    "jsonl": _from_lines,
    "turns": _from_turns,
    "topics": _from_document,
}
"""By their names, how files of dialogues are read."""
