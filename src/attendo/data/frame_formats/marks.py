"""What a column of marks says of one predicate: brackets around arguments, or labels on their head words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from attendo.data.frame_formats.records import PREDICATE_LABEL, Role

EMPTY = ("_", "-", "")
"""Cells that say nothing."""

_OPENING = re.compile(r"\(([^()*\s]+)")
_CELL = re.compile(r"((?:\([^()*\s]+)*)\*(\)*)")


class Column(NamedTuple):
    """What a column says of one predicate: its roles, and the words marked as the predicate itself."""

    roles: list[Role]
    marked: list[int]


def bracket_column(cells: Sequence[str]) -> Column:
    """Roles written as brackets around words: `(ARG1*`, `*`, `*)`."""
    column, open_ = Column([], []), []
    for number, cell in enumerate(cells):
        match = _CELL.fullmatch(cell)
        if match is None:
            raise ValueError(f"`{cell}` is no bracket such as `(ARG1*`, `*`, `*)` or `(V*)` (word {number + 1}).")
        open_ += [(number, label) for label in _OPENING.findall(match[1])]
        for _ in match[2]:
            if not open_:
                raise ValueError(f"a bracket is closed at word {number + 1} that was never opened.")
            start, label = open_.pop()
            _put(column, Role(start, number + 1, label))
    if open_:
        start, label = open_[-1]
        raise ValueError(f"the bracket `({label}` opened at word {start + 1} is never closed.")
    return column


def head_column(cells: Sequence[str]) -> Column:
    """Roles written on the word that heads the argument; several on one word are parted by `|`."""
    column = Column([], [])
    for number, cell in enumerate(cells):
        for label in cell.split("|"):
            if label not in EMPTY:
                _put(column, Role(number, number + 1, label))
    return column


def _put(column: Column, role: Role) -> None:
    if role.label == PREDICATE_LABEL:
        column.marked.append(role.start)
    else:
        column.roles.append(role)
