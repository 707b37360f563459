"""Dropout (arXiv 1207.0580), drawing random numbers sparingly."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import drop_mask
from attendo.errors import ConfigError


class Dropout(nn.Module):
    """In training, set a share of the values to zero and scale up the rest."""

    def __init__(self, share: float) -> None:
        super().__init__()
        if not 0 <= share < 1:
            raise ConfigError(f"A dropout share must be at least 0 and less than 1, but is {share}.")
        self.share = share

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if not self.training or self.share == 0:
            return x
        kept = ~drop_mask(x.shape, self.share, x.device)
        return x * (kept * (1 / (1 - self.share))).to(x.dtype)

    def extra_repr(self) -> str:
        return f"{self.share}"
