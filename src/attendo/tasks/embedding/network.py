"""From tokens to one vector for each text: a network, a pooling, and perhaps layers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.models import DeepPath, TokenModel
from attendo.nn import FirstToken, LastToken, MaxPool, MeanPool, SideBySide

POOLS: dict[str, type[nn.Module]] = {"mean": MeanPool, "first": FirstToken, "last": LastToken, "max": MaxPool}
"""By what settings call them."""

ACTIVATIONS: dict[str, type[nn.Module]] = {
    each.__name__: each for each in (nn.Identity, nn.Tanh, nn.ReLU, nn.GELU, nn.SiLU, nn.Sigmoid)
}
"""What may bend a further layer, by PyTorch's names."""


class Unit(nn.Module):
    """Vectors of length one; a vector of zeros stays as it is."""

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, dim=-1)


class Dense(nn.Module):
    """A further layer on pooled vectors."""

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True, activation: str = "Identity") -> None:
        super().__init__()
        self.linear, self.activation = nn.Linear(inputs, outputs, bias=bias), ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.linear(x))


class TextVectors(nn.Module):
    """A network that gives vectors of tokens, what pools them, and what comes behind."""

    def __init__(self, network: DeepPath | TokenModel, pool: nn.Module, further: Iterable[nn.Module] = ()) -> None:
        super().__init__()
        self.network: DeepPath | TokenModel = network
        self.pool, self.further = pool, nn.Sequential(*further)

    def forward(self, batch: Any) -> Tensor:
        """The vector of each text: (texts, width)."""
        network, layout = self.network, batch.layout
        tokens = network.encoder(batch) if isinstance(network, TokenModel) else network.encode(batch)
        return self.further(self.pool(tokens, Layout(layout.query_lengths)).float())

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        for layer in reversed(list(self.further)):
            if isinstance(layer, Dense):
                return layer.linear.out_features
        if isinstance(self.network, TokenModel):
            own = self.network.encoder.width
        else:
            own = self.network.embedding.weight.shape[1]
        return own * (len(self.pool.pools) if isinstance(self.pool, SideBySide) else 1)
