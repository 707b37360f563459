"""Values read as the annotations of a dataclass have them: their types, their limits, and all that is wrong at once.

For a user's settings `attendo.configuration` does the same with more comfort; this is for files that other programs
wrote, and costs nothing to import.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Literal, TypeVar

from annotated_types import Ge, Gt, Le, Lt, MaxLen

from attendo.errors import ConfigError

Record = TypeVar("Record")


def read_numbers(kind: type[Record], found: Mapping[str, Any], where: str = "") -> Record:
    """A dataclass from a mapping; what the dataclass does not know is left where it is.

    Args:
        where: what stands before the names in a sentence.
    Raises:
        ConfigError: naming every value that cannot be.
    """
    hints, problems, values = _hints(kind), [], {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in found:
            values[field.name], said = _read(hints[field.name], found[field.name], where + field.name)
            problems += said
        elif field.default is MISSING:
            problems.append(f"`{where}{field.name}` must be {_wanted(hints[field.name])}, but is missing.")
    if problems:
        raise ConfigError(problems)
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def _read(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    """The value as the annotation has it, and what is wrong with it."""
    for each in _choices(hint):
        plain, limits = _taken_apart(each)
        try:
            read, problems = _READERS[typing.get_origin(plain) or plain](plain, value, name)
        except _OtherTypeError:
            continue
        if not problems and all(holds(read) for _, holds in _rules(limits)):
            return read, []
        if problems:
            return value, problems
    return value, [f"`{name}` must be {_wanted(hint)}, but is {_shown(value)}.{_hint(hint)}"]


def _choices(hint: Any) -> tuple[Any, ...]:
    """The annotations of which one must hold."""
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _taken_apart(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type, and what is said of its values."""
    return (hint.__origin__, hint.__metadata__) if hasattr(hint, "__metadata__") else (hint, ())


class _OtherTypeError(Exception):
    """A value is not of the type."""


def _read_nothing(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    _demand(value is None)
    return value, []


def _read_whole(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    _demand(isinstance(value, int) and not isinstance(value, bool))
    return value, []


def _read_number(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    _demand(isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max)
    return float(value), []


def _read_as_it_is(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    _demand(isinstance(value, hint))
    return value, []


def _read_literal(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    _demand(any(value == each and type(value) is type(each) for each in typing.get_args(hint)))
    return value, []


def _read_anything(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    return value, []


def _read_several(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    """A list, each of whose values is read."""
    _demand(isinstance(value, list | tuple))
    read = [_read(typing.get_args(hint)[0], each, f"{name}[{i}]") for i, each in enumerate(value)]
    return tuple(each for each, _ in read), [problem for _, problems in read for problem in problems]


def _read_mapping(hint: Any, value: Any, name: str) -> tuple[Any, list[str]]:
    """Names and values, each of which is read."""
    _demand(isinstance(value, Mapping))
    read = {key: _read(typing.get_args(hint)[1], each, f"{name}.{key}") for key, each in value.items()}
    return {key: each for key, (each, _) in read.items()}, [problem for _, said in read.values() for problem in said]


def _demand(right: bool) -> None:
    if not right:
        raise _OtherTypeError


_READERS: dict[Any, Callable[[Any, Any, str], tuple[Any, list[str]]]] = {
    type(None): _read_nothing,
    int: _read_whole,
    float: _read_number,
    bool: _read_as_it_is,
    str: _read_as_it_is,
    Any: _read_anything,
    Literal: _read_literal,
    tuple: _read_several,
    dict: _read_mapping,
}
_CALLED = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", Any: "anything",
           tuple: "a list", dict: "names with values", type(None): "null"}  # fmt: skip


def _rules(limits: tuple[Any, ...]) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """What is said of the values of a type, in words and as a question."""
    for limit in limits:
        match limit:
            case Ge(ge=edge):
                yield f"at least {edge}", lambda value, edge=edge: value >= edge
            case Gt(gt=edge):
                yield f"above {edge}", lambda value, edge=edge: value > edge
            case Le(le=edge):
                yield f"at most {edge}", lambda value, edge=edge: value <= edge
            case Lt(lt=edge):
                yield f"below {edge}", lambda value, edge=edge: value < edge
            case MaxLen(max_length=edge):
                yield f"at most {edge} of them", lambda value, edge=edge: len(value) <= edge


def _wanted(hint: Any) -> str:
    """What an annotation asks for, in words."""
    return " or ".join(_called(each) for each in _choices(hint))


def _called(hint: Any) -> str:
    plain, limits = _taken_apart(hint)
    origin = typing.get_origin(plain) or plain
    if origin is Literal:
        return " or ".join(_shown(each) for each in typing.get_args(plain)) + " (nothing else is supported)"
    rules = " and ".join(words for words, _ in _rules(limits))
    return f"{_CALLED[origin]}{', ' if rules else ''}{rules}"


def _hint(hint: Any) -> str:
    """The way out that an annotation knows."""
    return "".join(f" {said}" for each in _choices(hint) for said in _taken_apart(each)[1] if isinstance(said, str))


def _shown(value: Any) -> str:
    """A value as JSON files have it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
