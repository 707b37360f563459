"""One vector for a text from the vectors of its tokens. An empty text gives zeros."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout, Segments, attend, report, request
from attendo.errors import ShapeError
from attendo.nn.texts import layout_of, packed


class OneToken(nn.Module):
    """The vector of one token of each text; whoever computes the vectors may leave out all others."""

    def reads(self, layout: Layout) -> Layout:
        """The tokens that are read, as queries over their texts."""
        raise NotImplementedError

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "B E"]:
        layout, x = layout_of(x, layout), packed(x, layout)
        filled = torch.tensor(layout.query_lengths, device=x.device).nonzero()[:, 0]
        pooled = x.new_zeros(layout.num_texts, x.shape[-1])
        return pooled.index_copy(0, filled, x[self.reads(layout).query_keys(x.device)])


class FirstToken(OneToken):
    """The vector of the first token."""

    def reads(self, layout: Layout) -> Layout:
        return Layout(_ones(layout), layout.query_lengths, offsets=(0,) * layout.num_texts)


class LastToken(OneToken):
    """The vector of the last token, which has seen all others where nothing looks ahead."""

    def reads(self, layout: Layout) -> Layout:
        return Layout(_ones(layout), layout.query_lengths)


def _ones(layout: Layout) -> tuple[int, ...]:
    """One token for each text that has any."""
    return tuple(min(length, 1) for length in layout.query_lengths)


class MeanPool(nn.Module):
    """The mean over the tokens."""

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "B E"]:
        layout, x = layout_of(x, layout), packed(x, layout)
        lengths = torch.tensor(layout.query_lengths, device=x.device)
        exact = x.to(torch.promote_types(x.dtype, torch.float32))  # whatever a device would sum in
        total = exact.new_zeros(layout.num_texts, x.shape[-1]).index_add(0, layout.query_texts(x.device), exact)
        return (total / lengths.clamp(min=1)[:, None]).to(x.dtype)


class MaxPool(nn.Module):
    """The largest value over the tokens, for each feature."""

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "B E"]:
        layout, x = layout_of(x, layout), packed(x, layout)
        texts = layout.query_texts(x.device)[:, None].expand(x.shape)
        empty = x.new_zeros(layout.num_texts, x.shape[-1])
        return empty.scatter_reduce(0, texts, x, "amax", include_self=False)


class SideBySide(nn.Module):
    """What several poolings make of the same tokens, end to end."""

    def __init__(self, pools: Iterable[nn.Module]) -> None:
        super().__init__()
        self.pools = nn.ModuleList(pools)

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "B F"]:
        return torch.cat([pool(x, layout) for pool in self.pools], -1)


class AttentionPool(nn.Module):
    """What a learned query picks from each text, in several heads; it can be listened to like any attention."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        if num_heads < 1 or d_model % num_heads:
            raise ShapeError(f"`num_heads` must divide `d_model` ({d_model}), but is {num_heads}.")
        self.num_heads, self.d_head = num_heads, d_model // num_heads
        self.query = nn.Parameter(torch.zeros(num_heads, 1, self.d_head))
        self.key_value = nn.Linear(d_model, 2 * num_heads * self.d_head)

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "B E"]:
        layout, x = layout_of(x, layout), packed(x, layout)
        key, value = self.key_value(x).unflatten(-1, (2, self.num_heads, self.d_head)).permute(1, 2, 0, 3)
        query = self.query.to(key.dtype).expand(-1, layout.num_texts, -1)  # (H, B, D)
        mask = Segments(Layout((1,) * layout.num_texts, layout.query_lengths))
        wanted = request(self)
        if wanted is None:
            mixed = attend(query, key, value, mask=mask)
        else:
            mixed, observed = attend(query, key, value, mask=mask, observe=wanted)
            report(self, observed)
        return mixed.transpose(0, 1).flatten(1)
