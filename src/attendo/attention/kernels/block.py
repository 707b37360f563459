"""A piece of a part that is small enough to be computed at once."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from attendo.attention.dropping import drop_mask
from attendo.attention.geometry import Patch, Span


class Block(NamedTuple):
    """Some query rows of some of a part's matrices, with the keys that they may look at."""

    number: int
    batch: slice
    rows: range
    spans: list[Span]
    patch: Patch

    def queries(self, tensor: Tensor, heads: int) -> Tensor:
        """This block's rows of (B, H, T, D), query heads of one key head together: (b * G, H / G * t, D)."""
        rows = tensor[self.batch, :, self.rows.start : self.rows.stop]
        return rows.reshape(rows.shape[0] * heads, -1, rows.shape[-1])

    def keys(self, tensor: Tensor) -> Tensor:
        """This block's keys of (B, G, S, D), as (b * G, s, D)."""
        pieces = [tensor[self.batch, :, first:end] for first, end in self.spans]
        return (pieces[0] if len(pieces) == 1 else torch.cat(pieces, 2)).flatten(0, 1)

    def add_keys(self, total: Tensor, piece: Tensor) -> None:
        """Add (b * G, s, D) to this block's keys of (B, G, S, D)."""
        sizes = [end - first for first, end in self.spans]
        for (first, end), values in zip(self.spans, piece.split(sizes, 1), strict=True):
            target = total[self.batch, :, first:end]
            target += values.view(target.shape)

    def put(self, total: Tensor, piece: Tensor) -> None:
        """Write (b * G, H / G * t, D) to this block's rows of (B, H, T, D)."""
        target = total[self.batch, :, self.rows.start : self.rows.stop]
        target.copy_(piece.view(target.shape))

    def dropped(self, weights: Tensor, share: float, seed: int) -> Tensor:
        """Which weights dropout takes away: the same in the forward and the backward pass."""
        generator = torch.Generator(weights.device).manual_seed((seed + self.number * 0x9E3779B97F4A7C15) % 2**63)
        return drop_mask(weights.shape, share, weights.device, generator)
