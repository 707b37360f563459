"""Mix each token with its neighbours, before attention looks further."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.nn.texts import layout_of, positions_in


class LocalMixing(nn.Module):
    """A convolution over `width` neighbouring tokens of the same text; what lies outside counts as zero."""

    def __init__(self, d_model: int, width: int = 3) -> None:
        super().__init__()
        self.width = width
        self.mix = nn.Linear(width * d_model, d_model)

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "*B T E"]:
        position = positions_in(x, layout)
        lengths = _own_length(x, layout)
        steps = range(-(self.width // 2), self.width - self.width // 2)
        seen = []
        for step in steps:
            inside = (position + step >= 0) & (position + step < lengths)
            seen.append(x.roll(-step, -2) * inside[..., None] if step else x)
        return F.gelu(self.mix(torch.cat(seen, -1)))


def _own_length(x: Tensor, layout: Layout | None) -> Tensor:
    """The length of the text that each token belongs to: (N,), or (B, 1) for a batch."""
    layout = layout_of(x, layout)
    lengths = torch.tensor(layout.query_lengths, device=x.device)
    return lengths[layout.query_texts(x.device)] if x.ndim == 2 else lengths[:, None]
