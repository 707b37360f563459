"""Where a token stands: added to its embedding, turned into its query and key, or added to the scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Alibi, Bias, Layout, RelativeBuckets
from attendo.errors import ShapeError
from attendo.nn.texts import positions_in


class SinusoidalPositions(nn.Module):
    """Add sines and cosines of the position (arXiv 1706.03762, section 3.5); any length, no weights.

    Args:
        interleaved: whether sines and cosines take turns, as in the paper; else all sines come first (Marian).
    """

    def __init__(self, d_model: int, base: float = 10000.0, *, interleaved: bool = True) -> None:
        super().__init__()
        if d_model % 2:
            raise ShapeError(f"`d_model` must be even for sinusoidal positions, but is {d_model}.")
        self.d_model, self.base, self.interleaved = d_model, base, interleaved
        self._table = torch.empty(0, d_model)

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "*B T E"]:
        positions = positions_in(x, layout)
        return self.at(x, positions, _number(positions))

    def at(self, x: Float[Tensor, "*B T E"], positions: Int[Tensor, "*#B #T"], number: int) -> Float[Tensor, "*B T E"]:
        """The same for given positions, of which there are so many."""
        return x + nn.functional.embedding(positions, self._rows(number, x))

    def _rows(self, number: int, like: Tensor) -> Float[Tensor, "rows E"]:
        """The vectors of the first positions, in float64 until they are done; made anew only for longer texts."""
        if len(self._table) < number or (self._table.device, self._table.dtype) != (like.device, like.dtype):
            positions = torch.arange(2 ** max(number - 1, 1).bit_length(), dtype=torch.float64)
            turns = self.base ** -(torch.arange(0, self.d_model, 2, dtype=torch.float64) / self.d_model)
            angles = positions[:, None] * turns
            parts = torch.stack([angles.sin(), angles.cos()], -1 if self.interleaved else -2)
            self._table = parts.flatten(-2).to(like.device, like.dtype)
        return self._table


class LearnedPositions(nn.Module):
    """Add a learned vector for each position.

    Args:
        first: the row of the first position, where a model keeps others before it (RoBERTa and BART do).
    Raises:
        ShapeError: for a text longer than there are positions.
    """

    def __init__(self, max_length: int, d_model: int, std: float = 0.02, first: int = 0) -> None:
        super().__init__()
        self.first = first
        self.weight = nn.Parameter(torch.empty(max_length, d_model))
        nn.init.normal_(self.weight, std=std)

    @property
    def max_length(self) -> int:
        """Tokens of the longest text."""
        return len(self.weight) - self.first

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "*B T E"]:
        positions = positions_in(x, layout)
        return self.at(x, positions, _number(positions))

    def at(self, x: Float[Tensor, "*B T E"], positions: Int[Tensor, "*#B #T"], number: int) -> Float[Tensor, "*B T E"]:
        """The same for given positions, of which there are so many.

        Raises:
            ShapeError: if that is more than there are learned ones for.
        """
        if number > self.max_length:
            raise ShapeError(
                f"A text has {number} tokens, but there are learned positions for only {self.max_length}. Cut the "
                "text, or use rotary positions or ALiBi, which know no limit."
            )
        return x + nn.functional.embedding(positions + self.first if self.first else positions, self.weight)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Slower turns, so that a model reaches further than it was trained for (arXiv 2306.15595).

    Turns that come round more than `kept` times a token stay as they are, those slower than `stretched` are slowed by
    the whole factor, and those between by a part of it (as Llama 3.1 does).
    """

    factor: float
    kept: float = math.inf
    stretched: float = math.inf

    def __call__(self, angles: Tensor) -> Tensor:
        """The slower angles, given those of one token."""
        slowed = angles / self.factor
        if math.isinf(self.kept):
            return slowed
        rounds = angles / (2 * math.pi)
        share = ((rounds - self.stretched) / (self.kept - self.stretched)).clamp(0, 1)
        return share * angles + (1 - share) * slowed


class Rotary(nn.Module):
    """Turn queries and keys by an angle that grows with the position (arXiv 2104.09864).

    The first half of the (rotated part of the) head is paired with the second half.

    Args:
        width: how much of each head is rotated; even.
        stretch: slows the turns.
    """

    def __init__(self, width: int, base: float = 10000.0, stretch: Stretch | None = None) -> None:
        super().__init__()
        if width % 2:
            raise ShapeError(f"The rotated width must be even, but is {width}.")
        self.width, self.base, self.stretch = width, base, stretch

    def angles(self, positions: Int[Tensor, "*#B T"]) -> tuple[Tensor, Tensor]:
        """Cosine and sine for each position and pair, (..., T, width / 2), in float32."""
        angles = positions[..., None] * self.turns(positions.device)
        return angles.cos(), angles.sin()

    def turns(self, device: torch.device) -> Tensor:
        """What each pair turns by for a token, (width / 2,), in float32."""
        turns = _turns(self.width, self.base, device)
        return turns if self.stretch is None else self.stretch(turns)

    def forward(self, heads: Float[Tensor, "*B T H D"], angles: tuple[Tensor, Tensor]) -> Float[Tensor, "*B T H D"]:
        cos, sin = (angle[..., None, :].to(heads.dtype) for angle in angles)
        turned, rest = heads[..., : self.width], heads[..., self.width :]
        first, second = turned.chunk(2, -1)
        parts = [first * cos - second * sin, second * cos + first * sin]
        return torch.cat([*parts, rest] if rest.shape[-1] else parts, -1)


class AlibiBias(nn.Module):
    """A fixed penalty on distance, steeper in some heads than in others (arXiv 2108.12409, section 3)."""

    slopes: Tensor

    def __init__(self, num_heads: int) -> None:
        super().__init__()
        self.register_buffer("slopes", _alibi_slopes(num_heads), persistent=False)

    def forward(self) -> Bias:
        return Alibi(self.slopes)


class RelativeBias(nn.Module):
    """A learned value for each bucket of distances and each head (T5, arXiv 1910.10683)."""

    def __init__(
        self, num_heads: int, num_buckets: int = 32, max_distance: int = 128, bidirectional: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_buckets, num_heads))
        self.max_distance, self.bidirectional = max_distance, bidirectional

    def forward(self) -> Bias:
        return self._buckets()

    def each_distance(self, distances: Sequence[int]) -> Float[Tensor, "distances H"]:
        """What is added for keys so far ahead of their query (behind it where negative)."""
        return self.weight[self._buckets().buckets(torch.tensor(distances, device=self.weight.device))]

    def _buckets(self) -> RelativeBuckets:
        return RelativeBuckets(self.weight, self.max_distance, self.bidirectional)


def _number(positions: Tensor) -> int:
    """Of positions from the first to the last of these."""
    return int(positions.max()) + 1 if positions.numel() else 0


def _turns(width: int, base: float, device: torch.device) -> Tensor:
    """What each pair turns by for a token.

    Made anew in each call, in float32: a stored table would be rounded when a model is moved to half precision, and
    far positions would turn by a wrong angle.
    """
    return base ** -(torch.arange(0, width, 2, device=device) / width)


def _alibi_slopes(num_heads: int) -> Tensor:
    """Powers from 2^(-8/n) on; where n is no power of two, every second slope of the next power fills up."""
    power = 2 ** math.floor(math.log2(num_heads))
    slopes = [2 ** (-8 * (head + 1) / power) for head in range(power)]
    extra = [2 ** (-4 * (head + 1) / power) for head in range(0, 2 * power, 2)]
    return torch.tensor(slopes + extra[: num_heads - power])
