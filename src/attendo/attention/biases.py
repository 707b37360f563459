"""What is added to the scores because of where query and key stand.

A bias yields tiles, never a whole matrix, and lets gradients flow to the tensors it was made with. It holds no weights:
`nn/` owns the parameters and passes them in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attendo.attention.geometry import Patch
from attendo.errors import ShapeError


class Bias:
    """Base of all biases."""

    def tile(self, patch: Patch) -> Float[Tensor, "#B #H #T #S"]:
        """What is added to the scores of the patch."""
        raise NotImplementedError

    def tensors(self) -> tuple[Tensor, ...]:
        """The tensors that the tiles are made of; gradients reach those that require them."""
        return ()

    def heads(self) -> int | None:
        """The number of heads it was made for; None where any will do."""
        return None


@dataclass(frozen=True, eq=False)
class Alibi(Bias):
    """A penalty that grows with distance, -slope_h * |i - j| (arXiv 2108.12409); symmetric, so fit for encoders."""

    slopes: Float[Tensor, " H"]

    def tile(self, patch: Patch) -> Tensor:
        return -self.slopes[:, None, None] * patch.distances[:, None]

    def tensors(self) -> tuple[Tensor, ...]:
        return (self.slopes,)

    def heads(self) -> int:
        return len(self.slopes)


@dataclass(frozen=True, eq=False)
class RelativeBuckets(Bias):
    """A learned value for each bucket of distances, narrow near by and logarithmic far away (T5, arXiv 1910.10683).

    Args:
        table: one value for each bucket and head.
        max_distance: from here on all distances share the last bucket.
        bidirectional: half of the buckets serve keys after the query.
    Raises:
        ShapeError: if there are too few buckets, or all distances up to `max_distance` have their own.
    """

    table: Float[Tensor, "buckets H"]
    max_distance: int = 128
    bidirectional: bool = True

    def __post_init__(self) -> None:
        least = 4 if self.bidirectional else 2
        near = self.table.shape[0] // least
        if near == 0:
            raise ShapeError(f"`table` must have at least {least} buckets, but has {self.table.shape[0]}.")
        if self.max_distance <= near:
            raise ShapeError(
                f"`max_distance` must be greater than {near}, up to where each distance has its own bucket, "
                f"but is {self.max_distance}."
            )

    def tile(self, patch: Patch) -> Tensor:
        distance = patch.key_positions[:, None, :] - patch.query_positions[:, :, None]
        return self.table[self.buckets(distance)].movedim(-1, 1)  # (B, H, T, S)

    def tensors(self) -> tuple[Tensor, ...]:
        return (self.table,)

    def heads(self) -> int:
        return self.table.shape[1]

    def buckets(self, distance: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
        """The bucket of each distance j - i."""
        count, sides = self.table.shape[0], torch.zeros_like(distance)
        if self.bidirectional:
            count //= 2
            sides = (distance > 0) * count
            distance = distance.abs()
        else:
            distance = (-distance).clamp(min=0)
        near = count // 2
        ratio = torch.log(distance.clamp(min=1).float() / near) / math.log(self.max_distance / near)
        far = (near + (ratio * (count - near)).long()).clamp(max=count - 1)
        return sides + torch.where(distance < near, distance, far)


@dataclass(frozen=True, eq=False)
class PositionFunction(Bias):
    """Any function of positions: `function(query_positions (B, 1, T, 1), key_positions (B, 1, 1, S), *inputs)`.

    The result broadcasts to (B, H, T, S). Gradients reach `inputs` only: pass every learned tensor there.
    """

    function: Callable[..., Tensor]
    inputs: tuple[Tensor, ...] = ()

    def tile(self, patch: Patch) -> Tensor:
        queries, keys = patch.query_positions[:, None, :, None], patch.key_positions[:, None, None, :]
        return self.function(queries, keys, *self.inputs)

    def tensors(self) -> tuple[Tensor, ...]:
        return self.inputs


@dataclass(frozen=True, eq=False)
class DenseBias(Bias):
    """Any matrix that broadcasts to the scores; what `attend` makes of a tensor passed as `bias`."""

    matrix: Float[Tensor, "*#B #T #S"] = field(repr=False)

    def tile(self, patch: Patch) -> Tensor:
        return patch.cut(self.matrix)

    def tensors(self) -> tuple[Tensor, ...]:
        return (self.matrix,)
