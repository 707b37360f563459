"""Mix each token with its neighbours, before attention looks further."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.nn.texts import layout_of


class LocalMixing(nn.Module):
    """A convolution over `width` neighbouring tokens of the same text; what lies outside counts as zero."""

    def __init__(self, d_model: int, width: int = 3) -> None:
        super().__init__()
        self.width = width
        self.mix = nn.Linear(width * d_model, d_model)

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "*B T E"]:
        place, length = _places(x, layout)
        steps = range(-(self.width // 2), self.width - self.width // 2)
        seen = []
        for step in steps:
            outside = (place + step < 0) | (place + step >= length)
            seen.append(x.roll(-step, -2).masked_fill(outside[..., None], 0) if step else x)
        return F.gelu(self.mix(torch.cat(seen, -1)))


def _places(x: Tensor, layout: Layout | None) -> tuple[Tensor, Tensor]:
    """Where each token stands in its text, and that text's length: (N,) for a packed row, (T,) and (B, 1) for a batch.

    These are places among the tokens at hand: unlike positions they do not count what lies in a cache or a memory.
    """
    layout = layout_of(x, layout)
    place = torch.arange(x.shape[-2], device=x.device)
    lengths = torch.tensor(layout.query_lengths, device=x.device)
    if x.ndim == 3:
        return place, lengths[:, None]
    texts = layout.query_texts(x.device)
    return place - torch.tensor(layout.query_starts, device=x.device)[texts], lengths[texts]
