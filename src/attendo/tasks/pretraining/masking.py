"""Which tokens are hidden, and what is shown in their place.

Every draw is a hash of the seed, the epoch, the piece's number and the token's place in it, so that a piece is masked
alike in whichever batch it lies, on any machine, also in a run that was stopped and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.pretraining.pieces import FRAME

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SPAN_CHANCES = (0.4, 0.3, 0.2, 0.1)
"""How often a span of one, two, three, four characters is hidden (arXiv 2004.13922 has these for words)."""
ORDER, SHOWN, OTHER, SPAN, FILLED = range(5)
"""What a draw is for."""
_PURPOSES = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskRule:
    """What is hidden, and how.

    Attributes:
        share: of the tokens that may be hidden, in each piece; at least one word of it is.
        as_mask, as_random: shares of the hidden tokens that become the mask, and another token.
        mask: the id of the mask.
        plain: ids that stand for text; the others are never hidden, and never shown in place of a hidden one.
        alone: of each id whether it is a Chinese character; None to hide each token by itself.
    """

    share: float
    as_mask: float
    as_random: float
    mask: int
    plain: Ints
    alone: Bools | None


@dataclass(frozen=True, eq=False)
class Masked:
    """Tokens as they are shown, the places that are to be told, and for each place a number from 0 up to 1.

    Whoever fills the places at random does so by that number.
    """

    shown: Ints
    places: Longs
    draws: Floats


def hide(rule: MaskRule, ids: Ints, words: Ints, lengths: Longs, keys: Words) -> Masked:
    """Hide some tokens of pieces that lie end to end.

    Args:
        keys: of each piece what its draws depend on; see `keys_of`.
    """
    owner = np.repeat(np.arange(len(lengths)), lengths)
    position = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    known = np.zeros(max(int(ids.max(initial=0)), int(rule.plain.max())) + 1, dtype=bool)
    known[rule.plain] = True
    open_places = np.flatnonzero((words != FRAME) & known[ids])
    token = _Tokens(owner[open_places], position[open_places], keys)
    unit = _units(rule, token, ids[open_places], words[open_places])
    places = open_places[_chosen(rule.share, token, unit)]
    token = _Tokens(owner[places], position[places], keys)
    draw = token.draws(SHOWN)
    other = rule.plain[(token.draws(OTHER) * len(rule.plain)).astype(np.int64)]
    shown = ids.copy()
    kept = np.where(draw < rule.as_mask + rule.as_random, other, ids[places])
    shown[places] = np.where(draw < rule.as_mask, rule.mask, kept)
    return Masked(shown, places, token.draws(FILLED))


def keys_of(seed: int, epoch: int, pieces: Longs) -> Words:
    """What the draws of each piece depend on: a number for a seed, an epoch, and the piece's own number."""
    run = _mixed(_mixed(np.array([seed], dtype=np.uint64)) + np.uint64(epoch))
    return _mixed(run + pieces.astype(np.uint64))


@dataclass(frozen=True, eq=False)
class _Tokens:
    """Some tokens by piece and place."""

    owner: Longs
    position: Longs
    keys: Words

    def draws(self, purpose: int) -> Floats:
        """A number from 0 up to 1 for each token."""
        return uniform(self.keys[self.owner], self.position, purpose)


def _units(rule: MaskRule, token: _Tokens, ids: Ints, words: Ints) -> Longs:
    """Which tokens are hidden together, as numbers that rise along the row."""
    if rule.alone is None:
        return np.arange(len(ids))
    new = np.ones(len(ids), dtype=bool)
    new[1:] = (words[1:] != words[:-1]) | (token.owner[1:] != token.owner[:-1])
    chinese = rule.alone[ids]
    joins = np.zeros(len(ids), dtype=bool)
    joins[1:] = chinese[1:] & chinese[:-1] & (words[1:] == words[:-1] + 1) & (token.owner[1:] == token.owner[:-1])
    return np.cumsum(new & ~(joins & ~_span_starts(token, joins))) - 1


def _span_starts(token: _Tokens, joins: Bools) -> Bools:
    """Where spans of characters begin, one behind the other, in runs of neighbours that may be joined.

    A character in a span ends it with the chance that a span of that length ends there.
    """
    ending = (np.array(SPAN_CHANCES) / np.cumsum(SPAN_CHANCES[::-1])[::-1]).tolist()  # given that it came so far
    starts, length, draw = ~joins, [1] * len(joins), token.draws(SPAN).tolist()
    for place in np.flatnonzero(joins).tolist():
        before = length[place - 1]
        starts[place] = ends = draw[place] < ending[before - 1]
        length[place] = 1 if ends else before + 1
    return starts


def _chosen(share: float, token: _Tokens, unit: Longs) -> Bools:
    """Of each token whether it is hidden: units of a piece in a drawn order, until its share is reached."""
    count = int(unit[-1]) + 1 if len(unit) else 0
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    size = np.bincount(unit, minlength=count)
    owner = token.owner[first]
    order = np.lexsort((token.draws(ORDER)[first], owner))
    owner, size = owner[order], size[order]
    taken = np.cumsum(size) - size
    opens = np.diff(owner, prepend=-1) != 0
    before = taken - np.repeat(taken[opens], np.diff(np.append(np.flatnonzero(opens), count)))
    budget = share * np.bincount(token.owner, minlength=len(token.keys))[owner]
    chosen = np.zeros(count, dtype=bool)
    chosen[order] = opens | (before + size / 2 <= budget)
    return chosen[unit]


def uniform(keys: Words | np.uint64, position: Longs, purpose: int) -> Floats:
    """A number from 0 up to 1 for each place, by what its piece's draws depend on, and by what it is for."""
    numbers = _mixed(keys + position.astype(np.uint64) * np.uint64(_PURPOSES) + np.uint64(purpose))
    return (numbers >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(numbers: Words) -> Words:
    """Numbers spread evenly over 64 bits, as the finish of SplitMix64 does (doi 10.1145/2660193.2660195)."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
