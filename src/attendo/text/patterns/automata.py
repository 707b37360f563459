"""Texts of a kind, told by a machine that reads them character by character and always knows if it can still end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.errors import ConfigError
from attendo.text.patterns.nodes import ANYTHING, Either, Joined, Listed, Node, OneOf, Repeated
from attendo.text.patterns.sets import Alphabet, CharacterSet

MOST_STATES = 30_000
"""States of a machine at most: each costs a look at the vocabulary."""
NOWHERE = -1

Table = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Automaton:
    """A machine that begins in state 0. Every state has a way to an accepted text, if there is one at all.

    Attributes:
        table: the next state for each state and class of characters, or `NOWHERE`.
        accepting: whether the text may end in each state.
    """

    alphabet: Alphabet
    table: Table
    accepting: NDArray[np.bool_]

    @property
    def is_empty(self) -> bool:
        """Whether it accepts no text."""
        return not len(self.table)

    def accepts(self, text: str) -> bool:
        """Whether a text is of the kind."""
        state = NOWHERE if self.is_empty else 0
        for number in self.alphabet.classes_of(np.fromiter(map(ord, text), dtype=np.int64)).tolist():
            if state == NOWHERE:
                return False
            state = int(self.table[state, number])
        return state != NOWHERE and bool(self.accepting[state])


def build_automaton(wanted: Sequence[Node], unwanted: Sequence[Node] = ()) -> Automaton:
    """The machine for texts that match all of one list and none of the other.

    Raises:
        ConfigError: if it had too many states.
    """
    builders = [_Builder(node) for node in (*(wanted or (ANYTHING,)), *unwanted)]
    alphabet = Alphabet(list(dict.fromkeys(each for builder in builders for each in builder.sets)))
    places = {each: number for number, each in enumerate(alphabet.sets)}
    found = [builder.determined(alphabet, places) for builder in builders]
    for number in range(len(found) - len(unwanted), len(found)):
        table, accepting = found[number]
        found[number] = (table, ~accepting)
    table, accepting = found[0]
    for other, also in found[1:]:
        table, accepting = _both((table, accepting), (other, also))
    return Automaton(alphabet, *_trimmed(table, accepting))


class _Builder:
    """A machine that may be in several states at once (Thompson's construction), then made into one that is not."""

    def __init__(self, node: Node) -> None:
        self.sets: dict[CharacterSet, None] = {}
        self._steps: list[tuple[CharacterSet, int] | None] = []
        self._free: list[list[int]] = []
        self._start, self._end = self._state(), self._state()
        self._lay(node, self._start, self._end)

    def determined(self, alphabet: Alphabet, places: dict[CharacterSet, int]) -> tuple[Table, NDArray[np.bool_]]:
        """A table with a state for each set of states that it may be in at once; the last row leads nowhere."""
        closures: dict[int, frozenset[int]] = {}
        first = self._closure(self._start, closures)
        numbers, rows = {first: 0}, []
        order = [first]
        for states in order:  # which grows meanwhile
            row = np.full(alphabet.size, NOWHERE, dtype=np.int32)
            for classes, target in self._moves(states, alphabet, places, closures):
                if target not in numbers:
                    numbers[target] = len(order)
                    order.append(target)
                    _check_size(len(order))
                row[classes] = numbers[target]
            rows.append(row)
        table = np.stack([*rows, np.full(alphabet.size, len(rows), dtype=np.int32)])
        table[table == NOWHERE] = len(rows)
        return table, np.array([*(self._end in states for states in order), False])

    def _moves(
        self,
        states: frozenset[int],
        alphabet: Alphabet,
        places: dict[CharacterSet, int],
        closures: dict[int, frozenset[int]],
    ) -> Iterator[tuple[list[int], frozenset[int]]]:
        """Where some states lead to together, and with which classes."""
        targets: dict[CharacterSet, set[int]] = defaultdict(set)
        for state in states:
            if (step := self._steps[state]) is not None:
                targets[step[0]] |= self._closure(step[1], closures)
        holders: dict[int, list[CharacterSet]] = defaultdict(list)
        for characters in targets:
            for number in alphabet.members[places[characters]]:
                holders[number].append(characters)
        alike: dict[tuple[CharacterSet, ...], list[int]] = defaultdict(list)
        for number, sets in holders.items():
            alike[tuple(sets)].append(number)
        for sets, classes in alike.items():
            yield classes, frozenset().union(*(targets[each] for each in sets))

    def _closure(self, state: int, known: dict[int, frozenset[int]]) -> frozenset[int]:
        """The states with a step, or the end, that can be reached without reading."""
        if state not in known:
            seen, waiting = {state}, [state]
            for each in waiting:
                fresh = [target for target in self._free[each] if target not in seen]
                seen.update(fresh)
                waiting += fresh
            known[state] = frozenset(each for each in seen if self._steps[each] is not None or each == self._end)
        return known[state]

    def _state(self) -> int:
        self._steps.append(None)
        self._free.append([])
        _check_size(len(self._free) // 10)
        return len(self._free) - 1

    def _lay(self, node: Node, start: int, end: int) -> None:
        """Lead from one state to another by what matches a part of the tree."""
        match node:
            case OneOf(characters):
                step = self._state()
                self._free[start].append(step)
                self._steps[step] = (characters, end)
                self.sets[characters] = None
            case Joined(parts):
                for part in parts:
                    between = self._state()
                    self._lay(part, start, between)
                    start = between
                self._free[start].append(end)
            case Either(choices):
                for choice in choices:
                    self._lay(choice, start, end)
            case Repeated(part, least, most):
                self._repeat(part, (least, most), start, end)
            case Listed():
                self._list(node, start, end)

    def _repeat(self, part: Node, counts: tuple[int, int | None], start: int, end: int) -> None:
        least, most = counts
        for count in range(least if most is None else most):
            if count >= least:
                self._free[start].append(end)
            after = self._state()
            self._lay(part, start, after)
            start = after
        if most is None:  # a state of its own, so that what comes back does not pass through other ways
            loop = self._state()
            self._free[start].append(loop)
            self._lay(part, loop, loop)
            start = loop
        self._free[start].append(end)

    def _list(self, node: Listed, start: int, end: int) -> None:
        """Two rows of states, before anything has been written and after; a part itself stands once."""
        before, after = start, self._state()
        for part, needed in node.parts:
            opened, nothing, something = self._state(), self._state(), self._state()
            self._free[before].append(opened)
            self._lay(node.between, after, opened)
            self._lay(part, opened, something)
            if not needed:
                self._free[before].append(nothing)
                self._free[after].append(something)
            before, after = nothing, something
        self._free[before].append(end)
        self._free[after].append(end)


def _both(
    left: tuple[Table, NDArray[np.bool_]], right: tuple[Table, NDArray[np.bool_]]
) -> tuple[Table, NDArray[np.bool_]]:
    """The machine that accepts what two complete ones accept."""
    width = len(right[0])
    numbers, order, rows = {0: 0}, [0], []
    for pair in order:  # which grows meanwhile
        ahead = left[0][pair // width].astype(np.int64) * width + right[0][pair % width]
        fresh, places = np.unique(ahead, return_inverse=True)
        for each in fresh.tolist():
            if each not in numbers:
                numbers[each] = len(order)
                order.append(each)
                _check_size(len(order))
        rows.append(np.array([numbers[each] for each in fresh.tolist()], dtype=np.int32)[places.reshape(-1)])
    pairs = np.array(order)
    return np.stack(rows), left[1][pairs // width] & right[1][pairs % width]


def _trimmed(table: Table, accepting: NDArray[np.bool_]) -> tuple[Table, NDArray[np.bool_]]:
    """Only states that lead to an accepted text; none if the first does not."""
    alive = accepting.copy()
    while True:
        more = alive | alive[table].any(1)
        if (more == alive).all():
            break
        alive = more
    if not alive[0]:
        return np.zeros((0, table.shape[1]), dtype=np.int32), np.zeros(0, dtype=bool)
    numbers = np.where(alive, np.cumsum(alive) - 1, NOWHERE).astype(np.int32)
    return numbers[table[alive]], accepting[alive]


def _check_size(states: int) -> None:
    if states > MOST_STATES:
        raise ConfigError(
            f"What is asked of the text takes more than {MOST_STATES:,} states to keep track of. Repeat less often by "
            "count, ask for fewer strings at once, or shorten the schema."
        )
