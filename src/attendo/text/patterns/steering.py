"""Which tokens may come next so that the text becomes one of a kind, and in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attendo.text.patterns.automata import NOWHERE, Automaton
from attendo.text.patterns.spelled import Longs, SpelledTokens, Stepper, codes_with, read_bytes
from attendo.text.spelling import Spelling

_FAR = np.iinfo(np.int64).max // 4
_MASKS = 64  # lists of tokens that are kept; each may be as long as the vocabulary
_STEPS = 1 << 16
_VOCABULARIES = 4
_MOST_BYTES = 4  # of a character


@dataclass(frozen=True)
class _Place:
    """How far a text has come.

    Attributes:
        state: of the machine, after the last whole character.
        tail: the bytes of a character that is not whole.
        opens: whether nothing has been written of a text that begins here.
    """

    state: int
    tail: bytes = b""
    opens: bool = False


class Steering:
    """Leads a writer to a text that a machine accepts, token by token, and never where it could not come to its end.

    Characters may be spread over several tokens, as vocabularies of bytes have them.

    Args:
        ends: the tokens that end a text; they may come exactly where the machine accepts.
    """

    def __init__(self, automaton: Automaton, spelling: Spelling, ends: Sequence[int]) -> None:
        self.ends = tuple(ends)
        self._automaton, self._spelling = automaton, spelling
        self._ends = np.array(sorted(ends), dtype=np.int64)
        self._closing = 1 if ends else 0
        later, first = _laid_out(spelling)
        self._later, self._first = Stepper(automaton, later), Stepper(automaton, first)
        self._fewest = self._distances()
        self._longest = int(self._fewest[self._fewest < _FAR].max(initial=0)) + _MOST_BYTES + self._closing
        self._next = lru_cache(_STEPS)(self._stepped)
        self._ahead = lru_cache(_MASKS)(self._looked_ahead)
        self._masks = lru_cache(_MASKS)(self._allowed)
        self._ranges = lru_cache(_STEPS)(self._range_classes)

    def fewest(self, *, opens: bool) -> int | None:
        """The fewest tokens of a text of the kind, the one that ends it included; None if no tokens spell one.

        Characters that no token spells count as many as they have bytes.

        Args:
            opens: whether what is written is the beginning of a text, and not the rest of one.
        """
        if self._automaton.is_empty:
            return None
        found = self._left(_Place(0, opens=opens))
        return found + self._closing if found < _FAR else None

    def missing(self, ids: Sequence[int], *, opens: bool) -> int:
        """The fewest tokens from what has been written to a text that may end; its end is not counted."""
        place = self._reached(ids, opens)
        return _FAR if place is None else self._left(place)

    def nearing(self, ids: Sequence[int], *, opens: bool) -> Longs:
        """The tokens that make these fewer."""
        place = self._reached(ids, opens)
        if place is None:
            return np.zeros(0, dtype=np.int64)
        numbers, left = self._ahead(place)
        return numbers[left < self._left(place)]

    def allowed(self, ids: Sequence[int], *, new: int, opens: bool) -> Longs:
        """The tokens that may follow others: with each of them the text can still end in time.

        Args:
            ids: what has been written.
            new: tokens of the whole text at most.
        """
        place = self._reached(ids, opens)
        if place is None:
            return np.zeros(0, dtype=np.int64)
        return self._masks(place, min(new - len(ids), self._longest + 1))

    def _reached(self, ids: Sequence[int], opens: bool) -> _Place | None:
        """How far a text has come; None if it went astray."""
        place: _Place | None = _Place(0, opens=opens)
        for number in ids:
            place = None if place is None else self._next(place, number)
        return place

    def _allowed(self, place: _Place, room: int) -> Longs:
        numbers, left = self._ahead(place)
        found = [numbers[left + self._closing <= room - 1]]
        if room and not place.tail and self._automaton.accepting[place.state]:
            found.append(self._ends)
        return np.concatenate(found)

    def _looked_ahead(self, place: _Place) -> tuple[Longs, Longs]:
        """All tokens that lead somewhere, and how many must at least follow each."""
        if place.tail:
            found = [(number, self._next(place, number)) for number, _ in self._later.tokens.rests]
            pairs = [(number, self._left(after)) for number, after in found if after is not None]
            table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
            return table[:, 0], table[:, 1]
        stepper = self._first if place.opens else self._later
        places, states = stepper.along(place.state)
        left = self._fewest[states]
        tails = stepper.tokens.tails
        if tails:
            known: dict[_Place, int] = {}
            for each in np.flatnonzero(stepper.tokens.cut[places]).tolist():
                after = _Place(int(states[each]), tails[int(places[each])])
                if after not in known:
                    known[after] = self._left(after)
                left[each] = known[after]
        keep = left < _FAR
        return stepper.tokens.numbers[places[keep]], left[keep]

    def _stepped(self, place: _Place, number: int) -> _Place | None:
        """Where a token leads; None if nowhere."""
        piece = self._spelling.piece(number, first=place.opens)
        if not piece:
            return None
        read = read_bytes(place.tail + piece)
        if read is None:
            return None
        state = self._later.after(place.state, read[0])
        return None if state == NOWHERE else _Place(state, read[1])

    def _left(self, place: _Place) -> int:
        """The fewest tokens up to an accepted text."""
        if place.opens:
            if self._automaton.accepting[place.state]:
                return 0
            left = self._looked_ahead(place)[1]
            return 1 + int(left.min()) if len(left) else _FAR
        if not place.tail:
            return int(self._fewest[place.state])
        if not self._later.tokens.by_bytes:
            return _FAR
        classes, bytes_left = self._ranges(place.tail)
        states = self._automaton.table[place.state, classes]
        states = states[states != NOWHERE]
        return min(bytes_left + int(self._fewest[states].min()), _FAR) if len(states) else _FAR

    def _range_classes(self, tail: bytes) -> tuple[list[int], int]:
        """The classes of the characters that begin with some bytes, and how many bytes they have to come."""
        first, last, left = codes_with(tail)
        return (self._automaton.alphabet.classes_between(first, last) if first <= last else []), left

    def _distances(self) -> Longs:
        """The fewest tokens from each state to an accepted text, by whole characters or byte by byte."""
        table = self._automaton.table
        edges: list[tuple[Longs, int, int]] = []  # states that one leads to, that one, what it costs
        whole = ~self._later.tokens.cut
        for state in range(len(table)):
            places, states = self._later.along(state)
            reached = np.zeros(len(table), dtype=bool)
            reached[states[whole[places]]] = True
            edges.append((np.flatnonzero(reached), state, 1))
        if self._later.tokens.by_bytes:
            for number, code in enumerate(self._automaton.alphabet.smallest):
                size = len(chr(code).encode(errors="surrogatepass"))
                for state in np.flatnonzero(table[:, number] != NOWHERE).tolist():
                    edges.append((table[state, [number]].astype(np.int64), state, size))
        return _shortest(edges, self._automaton)


@lru_cache(_VOCABULARIES)
def _laid_out(spelling: Spelling) -> tuple[SpelledTokens, SpelledTokens]:
    """The tokens of a vocabulary as they are spelled behind others, and at the beginning of a text."""
    later = SpelledTokens.of(spelling.later)
    return later, later if spelling.first == spelling.later else SpelledTokens.of(spelling.first)


def _shortest(edges: list[tuple[Longs, int, int]], automaton: Automaton) -> Longs:
    """The cheapest way from each state to an accepting one."""
    found = np.where(automaton.accepting, 0, _FAR).astype(np.int64)
    if not edges:
        return found
    sizes = [len(targets) for targets, _, _ in edges]
    targets = np.concatenate([each for each, _, _ in edges])
    sources = np.repeat([state for _, state, _ in edges], sizes)
    costs = np.repeat([cost for _, _, cost in edges], sizes)
    while True:
        better = found.copy()
        np.minimum.at(better, sources, np.minimum(found[targets] + costs, _FAR))
        if (better == found).all():
            return found
        found = better
