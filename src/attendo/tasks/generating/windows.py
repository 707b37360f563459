"""What is read of long texts at a time: windows that lie elsewhere in each epoch, and never reach into another text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from attendo.attention import Layout
from attendo.models import TokenBatch
from attendo.tasks.generating.streams import Longs, TokenStreams
from attendo.tasks.pretraining import Batch, keys_of


class Windows:
    """Windows over token streams, as many and as long in every epoch.

    A text that fits into a window is one. A longer one is covered by windows of full length, one behind the other,
    which begin so much earlier in each epoch as is drawn for it; the first and the last stay within the text.

    Args:
        length: tokens of a window, those before it included.
        seed: decides together with the epoch where windows lie.
    Attributes:
        starts: the first token of each window that is foretold, counted in its text among those that are.
    """

    starts: Longs

    def __init__(self, streams: TokenStreams, length: int, seed: int) -> None:
        self.streams, self._seed = streams, seed
        self.room = length - streams.lead
        size = streams.foretold
        self._counts = np.where(size > self.room, size // self.room + 1, size > 0)
        self._texts = np.repeat(np.arange(len(streams)), self._counts)
        self._numbers = np.arange(len(self._texts)) - np.repeat(np.cumsum(self._counts) - self._counts, self._counts)
        self.begin_epoch(0)

    def __len__(self) -> int:
        return len(self._texts)

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of each window."""
        return (np.minimum(self.streams.foretold[self._texts], self.room) + self.streams.lead).tolist()

    def begin_epoch(self, epoch: int) -> None:
        """Lay the windows as they lie in this epoch."""
        drawn = keys_of(self._seed, epoch, np.arange(len(self.streams))) % np.uint64(max(self.room, 1))
        begins = self._numbers * self.room - drawn.astype(np.int64)[self._texts]
        self.starts = np.clip(begins, 0, np.maximum(self.streams.foretold[self._texts] - self.room, 0))

    def batch(self, indices: Sequence[int]) -> Batch:
        """Some of the windows end to end, and what is asked about them."""
        chosen = np.asarray(indices, dtype=np.int64)
        texts = self._texts[chosen]
        sizes = np.minimum(self.streams.foretold[texts], self.room)
        return read_windows(self.streams, texts, self.starts[chosen], sizes)


def read_windows(
    streams: TokenStreams, texts: Longs, starts: Longs, sizes: Longs, unasked: Longs | None = None
) -> Batch:
    """Windows end to end, and what is asked about them.

    Args:
        texts: which text each window is of.
        starts: its first token that is foretold, counted among those of its text that are.
        sizes: how many are foretold.
        unasked: how many of these are read only.
    """
    own = not streams.before  # the first token of a window is then its text's own
    first = streams.starts[texts] + starts
    lengths = sizes + streams.lead
    ends = np.cumsum(lengths)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    places = within - (0 if own else streams.lead) + np.repeat(first, lengths)
    framing = within < (0 if own else streams.lead)
    ids = streams.ids[np.where(framing, 0, places)].astype(np.int64)
    if not own:
        ids[framing] = np.array(streams.before)[within[framing]]
    told = within >= np.repeat(streams.lead + (np.zeros_like(sizes) if unasked is None else unasked), lengths)
    if streams.asked is not None:
        told &= streams.asked[np.where(framing, 0, places)]
    found = np.flatnonzero(told)
    rows = TokenBatch(layout=Layout(tuple(lengths.tolist())), ids=torch.from_numpy(ids))
    return Batch(rows, torch.from_numpy(found - 1), torch.from_numpy(ids[found]), torch.zeros(len(found)))
