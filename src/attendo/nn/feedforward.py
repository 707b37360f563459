"""The part of a block that works on each token alone."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.errors import ConfigError
from attendo.nn.dropout import Dropout

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}


class FeedForward(nn.Module):
    """Widen, bend, narrow (arXiv 1706.03762, eq. 2)."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "gelu", dropout: float = 0.0) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.activation, self.dropout = _activation(activation), Dropout(dropout)

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B E"]:
        return self.down(self.dropout(self.activation(self.up(x))))


class GatedFeedForward(nn.Module):
    """One half of the widened vector gates the other (arXiv 2002.05202); no biases, as in its paper."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "silu", dropout: float = 0.0) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(d_model, 2 * d_ff, bias=False), nn.Linear(d_ff, d_model, bias=False)
        self.activation, self.dropout = _activation(activation), Dropout(dropout)

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B E"]:
        gate, value = self.up(x).chunk(2, -1)
        return self.down(self.dropout(self.activation(gate) * value))


def _activation(name: str) -> Callable[[Tensor], Tensor]:
    if name not in ACTIVATIONS:
        raise ConfigError(f"There is no activation `{name}`. There are: {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]
