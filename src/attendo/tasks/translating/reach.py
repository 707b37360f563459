"""How long a text may become that is written from another: as the pairs need that a model has learned from."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence, Sized
from typing import NamedTuple

MORE = 1.5
"""A text may become so many times as long as the longest that was seen from a source of its length."""
LEAST = 16
"""No limit is lower; above, limits double, so that few of them occur, and texts of like limits are written together."""


class Reach(NamedTuple):
    """The longest targets as a line over the lengths of their sources, in tokens.

    Attributes:
        offset: added to the length of a source, for short ones may have targets of many times their length.
        slope: tokens of a target for each of these.
    """

    offset: int
    slope: float

    @classmethod
    def of(cls, sources: Sequence[Sized], targets: Sequence[Sized]) -> Reach | None:
        """The lowest line above all targets; None if there are none."""
        if not targets:
            return None
        offset = max(1, round(statistics.median(map(len, sources))))
        slope = max(len(target) / (len(source) + offset) for source, target in zip(sources, targets, strict=True))
        return cls(offset, slope)

    def limit(self, tokens: int) -> int:
        """Tokens that may be written at most from a source of so many."""
        wanted = MORE * self.slope * (tokens + self.offset)
        return LEAST << max(0, math.ceil(math.log2(max(wanted, 1) / LEAST)))
