"""What a text may look like, as a tree: the parts that patterns and schemas are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from attendo.text.patterns.sets import EVERYTHING, CharacterSet


@dataclass(frozen=True)
class OneOf:
    """One character of a set."""

    characters: CharacterSet


@dataclass(frozen=True)
class Joined:
    """Parts one after the other; without any, the empty text."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Either:
    """One of several; without any, nothing matches."""

    choices: tuple[Node, ...]


@dataclass(frozen=True)
class Repeated:
    """A part several times; without end if `most` is None."""

    part: Node
    least: int
    most: int | None


@dataclass(frozen=True)
class Listed:
    """Parts in their order, with something between any two; some of them may be left out.

    Attributes:
        parts: each with whether it must be there.
    """

    parts: tuple[tuple[Node, bool], ...]
    between: Node


Node: TypeAlias = OneOf | Joined | Either | Repeated | Listed

ANYTHING = Repeated(OneOf(EVERYTHING), 0, None)
"""Any text."""


def literal(text: str) -> Joined:
    """A text as it stands."""
    return Joined(tuple(OneOf(CharacterSet.holding(character)) for character in text))


def beginning_with(text: str) -> Joined:
    """Any text that begins so."""
    return Joined((literal(text), ANYTHING))


def containing(texts: Sequence[str]) -> Joined:
    """Any text that one of these occurs in."""
    return Joined((ANYTHING, Either(tuple(map(literal, texts))), ANYTHING))


def optional(part: Node) -> Repeated:
    """A part that may be left out."""
    return Repeated(part, 0, 1)
