"""The part of a block that works on each token alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.errors import ConfigError
from attendo.nn.dropout import Dropout


def _gelu_tanh(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_tanh": _gelu_tanh,
    "gelu_new": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "relu": torch.relu,
    "silu": F.silu,
    "swish": F.silu,
    "tanh": torch.tanh,
}
"""By all the names that config.json files use."""

TILE_BYTES = 4 * 2**20
"""Size of the widened vectors that are made at a time: what a processor core keeps close at hand."""


class FeedForward(nn.Module):
    """Widen, bend, narrow (arXiv 1706.03762, eq. 2)."""

    def __init__(
        self, d_model: int, d_ff: int, activation: str = "gelu", dropout: float = 0.0, *, bias: bool = True
    ) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(d_model, d_ff, bias=bias), nn.Linear(d_ff, d_model, bias=bias)
        self.activation, self.dropout = activation_named(activation), Dropout(dropout)

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B E"]:
        return _in_tiles(self._each_token, x, self.up.out_features)

    def _each_token(self, x: Tensor) -> Tensor:
        return self.down(self.dropout(self.activation(self.up(x))))


class GatedFeedForward(nn.Module):
    """One half of the widened vector gates the other (arXiv 2002.05202); no biases, as in its paper, by default."""

    def __init__(
        self, d_model: int, d_ff: int, activation: str = "silu", dropout: float = 0.0, *, bias: bool = False
    ) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(d_model, 2 * d_ff, bias=bias), nn.Linear(d_ff, d_model, bias=bias)
        self.activation, self.dropout = activation_named(activation), Dropout(dropout)

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B E"]:
        return _in_tiles(self._each_token, x, self.up.out_features)

    def _each_token(self, x: Tensor) -> Tensor:
        gate, value = self.up(x).chunk(2, -1)
        return self.down(self.dropout(self.activation(gate) * value))


def _in_tiles(each_token: Callable[[Tensor], Tensor], x: Tensor, width: int) -> Tensor:
    """Do to all tokens what is done to each alone, with vectors up to `width` wide on the way.

    On a CPU that keeps no gradients this goes tile by tile: the wide vectors of all tokens do not fit into the cache,
    and would travel to memory and back between each step and the next.
    """
    tokens = x.numel() // max(x.shape[-1], 1)
    tile = max(TILE_BYTES // (width * x.element_size()), 64)  # fewer tokens make a slow matrix product
    if tokens <= tile or x.device.type != "cpu" or torch.is_grad_enabled():
        return each_token(x)
    tiles = [each_token(part) for part in x.reshape(tokens, -1).split(tile)]
    return torch.cat(tiles).reshape(x.shape)


def activation_named(name: str) -> Callable[[Tensor], Tensor]:
    """The function of a name in `ACTIVATIONS`.

    Raises:
        ConfigError: if there is none.
    """
    if name not in ACTIVATIONS:
        raise ConfigError(f"There is no activation `{name}`. There are: {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]
