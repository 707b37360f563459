"""A vocabulary laid out so that a machine over characters can be led along all of its tokens at once."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attendo.text.patterns.automata import NOWHERE, Automaton

Longs = NDArray[np.int64]
_LEAST = (0, 0x80, 0x800, 0x10000)  # the smallest code points that take so many bytes more than one


@dataclass(frozen=True, eq=False)
class SpelledTokens:
    """Tokens by what they spell: whole characters, and beginnings and ends of those that several tokens share.

    Attributes:
        numbers: tokens that begin with a character, whole or not.
        codes: the whole characters of all of them, one after the other.
        starts: where in `codes` the characters of each token begin; one more than there are tokens.
        tails: the first bytes of a character that a token ends with, by its place among `numbers`.
        rests: tokens that begin with the last bytes of a character.
        single: the bytes that are tokens by themselves.
    """

    numbers: Longs
    codes: Longs
    starts: Longs
    tails: dict[int, bytes]
    rests: tuple[tuple[int, bytes], ...]
    single: frozenset[int]

    @classmethod
    def of(cls, spelled: Sequence[bytes]) -> SpelledTokens:
        """Take in what every token of a vocabulary spells; those that spell nothing, or no text, are left out."""
        numbers: list[int] = []
        texts: list[str] = []
        tails: dict[int, bytes] = {}
        rests: list[tuple[int, bytes]] = []
        for number, piece in enumerate(spelled):
            if not piece:
                continue
            if 0x80 <= piece[0] < 0xC0:
                rests.append((number, piece))
            elif (read := read_bytes(piece)) is not None:
                if read[1]:
                    tails[len(numbers)] = read[1]
                numbers.append(number)
                texts.append(read[0])
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.int64)
        starts = np.cumsum([0, *map(len, texts)])
        single = frozenset(piece[0] for piece in spelled if len(piece) == 1)
        return cls(np.array(numbers, dtype=np.int64), codes, starts, tails, tuple(rests), single)

    @cached_property
    def cut(self) -> NDArray[np.bool_]:
        """Whether each token ends within a character."""
        found = np.zeros(len(self.numbers), dtype=bool)
        found[list(self.tails)] = True
        return found

    @cached_property
    def by_bytes(self) -> bool:
        """Whether every character can be written byte by byte, so that one that is begun can be ended."""
        return self.single >= {*range(0x80, 0xC0), *range(0xC2, 0xF5)}


class Stepper:
    """Leads a machine along tokens.

    Tokens that spell the same classes of characters are one to the machine, and so are those that begin alike, as far
    as they do: they lie in a tree, whose nodes are numbered level by level, neighbours by their parents.
    """

    def __init__(self, automaton: Automaton, tokens: SpelledTokens) -> None:
        self.automaton, self.tokens = automaton, tokens
        classes = automaton.alphabet.classes_of(tokens.codes).astype(np.int64)
        lengths, width = np.diff(tokens.starts), max(automaton.alphabet.size, 1)
        node = np.zeros(len(lengths), dtype=np.int64)  # of each token, as far as the tree has grown
        going = np.flatnonzero(lengths)
        grown, parents, level = 1, [np.zeros(0, dtype=np.int64)], 0
        read = [np.zeros(1, dtype=np.int64)]
        while len(going):
            keys = node[going] * width + classes[tokens.starts[going] + level]
            fresh, places = np.unique(keys, return_inverse=True)
            node[going] = grown + places.reshape(-1)
            parents.append(fresh // width)
            read.append(fresh % width)
            grown, level = grown + len(fresh), level + 1
            going = going[lengths[going] > level]
        self._read = np.concatenate(read)  # the class that leads to each node
        self._children = _Lists.of(np.concatenate(parents), grown, first=1)
        self._by_node = _Lists.of(node, grown)
        self._tokens = np.argsort(node, kind="stable")

    def along(self, state: int) -> tuple[Longs, Longs]:
        """Places of tokens whose whole characters lead somewhere from a state, and the states that they lead to."""
        nodes, states = np.zeros(1, dtype=np.int64), np.full(1, state, dtype=np.int64)
        reached = []
        while len(nodes):
            reached.append((nodes, states))
            nodes, parents = self._children.all_of(nodes)
            states = self.automaton.table[states[parents], self._read[nodes]].astype(np.int64)
            alive = states != NOWHERE
            nodes, states = nodes[alive], states[alive]
        nodes, states = (np.concatenate(each) for each in zip(*reached, strict=True))
        places, owners = self._by_node.all_of(nodes)
        return self._tokens[places], states[owners]

    def after(self, state: int, text: str) -> int:
        """The state after some characters, or `NOWHERE`."""
        codes = np.fromiter(map(ord, text), dtype=np.int64, count=len(text))
        for number in self.automaton.alphabet.classes_of(codes).tolist():
            if state == NOWHERE:
                break
            state = int(self.automaton.table[state, number])
        return state


@dataclass(frozen=True, eq=False)
class _Lists:
    """Numbers that lie one after the other, so many to each owner."""

    starts: Longs
    counts: Longs

    @classmethod
    def of(cls, owners: Longs, size: int, *, first: int = 0) -> _Lists:
        """Lists of so many owners, from the owner of each number; the first number is `first`."""
        counts = np.bincount(owners, minlength=size)
        return cls(first + np.cumsum(counts) - counts, counts)

    def all_of(self, owners: Longs) -> tuple[Longs, Longs]:
        """The numbers of some owners, and the place of the owner of each."""
        counts = self.counts[owners]
        before = np.cumsum(counts) - counts
        places = np.repeat(np.arange(len(owners)), counts)
        return np.arange(len(places)) + (self.starts[owners] - before)[places], places


def read_bytes(piece: bytes) -> tuple[str, bytes] | None:
    """The whole characters of bytes that begin with one, and the bytes of another that is cut off; None if they are
    no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(piece)
    except UnicodeDecodeError:
        return None
    return text, decoder.getstate()[0]


def codes_with(tail: bytes) -> tuple[int, int, int]:
    """The first and the last code point that begin with some bytes, and how many bytes they have to come."""
    size = 2 if tail[0] < 0xE0 else 3 if tail[0] < 0xF0 else 4
    value = tail[0] & (0x7F >> size)
    for byte in tail[1:]:
        value = value << 6 | byte & 0x3F
    left = size - len(tail)
    return max(value << 6 * left, _LEAST[size - 1]), min((value + 1 << 6 * left) - 1, 0x10FFFF), left
