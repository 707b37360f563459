"""A piece of a part that is small enough to be computed at once."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from attendo.attention.dropping import drop_mask
from attendo.attention.geometry import Patch, Span


class Block(NamedTuple):
    """Some query rows of some of a part's matrices, with the keys that they may look at.

    `groups` are the key heads, each of which `share` query heads look at. The cells of `hidden` must not be looked at;
    None where there are no such cells.
    """

    number: int
    batch: slice
    groups: slice
    share: int
    rows: range
    spans: list[Span]
    patch: Patch
    hidden: Tensor | None

    @property
    def heads(self) -> slice:
        """The query heads."""
        return slice(self.groups.start * self.share, self.groups.stop * self.share)

    def matrix(self, scores: Tensor) -> Tensor:
        """View (b * g, h / g * t, s) as (b, h, t, s)."""
        return scores.view(-1, self.heads.stop - self.heads.start, len(self.rows), scores.shape[-1])

    def queries(self, tensor: Tensor) -> Tensor:
        """This block's rows of (B, H, T, D), query heads of one key head together: (b * g, h / g * t, D)."""
        rows = tensor[self.batch, self.heads, self.rows.start : self.rows.stop]
        return rows.reshape(-1, self.share * len(self.rows), rows.shape[-1])

    def keys(self, tensor: Tensor) -> Tensor:
        """This block's keys of (B, G, S, D), as (b * g, s, D)."""
        pieces = [tensor[self.batch, self.groups, first:end] for first, end in self.spans]
        return (pieces[0] if len(pieces) == 1 else torch.cat(pieces, 2)).flatten(0, 1)

    def add_keys(self, total: Tensor, piece: Tensor) -> None:
        """Add (b * g, s, D) to this block's keys of (B, G, S, D)."""
        sizes = [end - first for first, end in self.spans]
        for (first, end), values in zip(self.spans, piece.split(sizes, 1), strict=True):
            target = total[self.batch, self.groups, first:end]
            target += values.view(target.shape)

    def put(self, total: Tensor, piece: Tensor) -> None:
        """Write (b * g, h / g * t, D) to this block's rows of (B, H, T, D)."""
        target = total[self.batch, self.heads, self.rows.start : self.rows.stop]
        target.copy_(piece.view(target.shape))

    def dropped(self, weights: Tensor, share: float, seed: int) -> Tensor:
        """Which weights dropout takes away: the same in the forward and the backward pass."""
        generator = torch.Generator(weights.device).manual_seed((seed + self.number * 0x9E3779B97F4A7C15) % 2**63)
        return drop_mask(weights.shape, share, weights.device, generator)
