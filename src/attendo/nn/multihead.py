"""Multi-head attention: projections around `attend`."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Full, Layout, Mask, attend, report, request
from attendo.errors import ShapeError
from attendo.nn.positions import AlibiBias, RelativeBias, Rotary
from attendo.nn.texts import own_text, positions_in


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own projection (arXiv 1706.03762, section 3.2.2).

    Whoever listens (`attendo.attention.listen`) hears what it looks at; nothing is computed for that otherwise.

    Args:
        num_kv_heads: key and value heads, shared by groups of query heads (arXiv 2305.13245); all by default.
        d_head: width of a head; `d_model / num_heads` by default.
        rotary: turns queries and keys by their positions.
        bias: yields what is added to the scores.
        mask: what this layer may look at within a text.
        dropout: share of the attention weights taken away in training.
    Raises:
        ShapeError: if the numbers do not divide, or `rotary` is wider than a head.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        *,
        num_kv_heads: int | None = None,
        d_head: int | None = None,
        rotary: Rotary | None = None,
        bias: AlibiBias | RelativeBias | None = None,
        mask: Mask = Full(),  # noqa: B008 - frozen
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        groups = num_heads if num_kv_heads is None else num_kv_heads
        for name, number in (("num_heads", num_heads), ("num_kv_heads", groups)):
            if number < 1:
                raise ShapeError(f"`{name}` must be at least 1, but is {number}.")
        if d_head is None and d_model % num_heads:
            raise ShapeError(
                f"`num_heads` must divide `d_model` ({d_model}), but is {num_heads}. Use {_divisors(d_model)}."
            )
        if num_heads % groups:
            raise ShapeError(f"`num_kv_heads` must divide `num_heads` ({num_heads}), but is {groups}.")
        self.num_heads, self.num_kv_heads = num_heads, groups
        self.d_head = d_model // num_heads if d_head is None else d_head
        if rotary is not None and rotary.width > self.d_head:
            raise ShapeError(f"`rotary` turns {rotary.width} values of a head, but a head has only {self.d_head}.")
        self.mask, self.dropout = mask, dropout
        self.rotary, self.bias = rotary, bias
        self.qkv = nn.Linear(d_model, (num_heads + 2 * groups) * self.d_head)
        self.output = nn.Linear(num_heads * self.d_head, d_model)

    def forward(
        self,
        x: Float[Tensor, "*B T E"],
        layout: Layout | None = None,
        memory: Float[Tensor, "*B S E"] | None = None,
    ) -> Float[Tensor, "*B T E"]:
        """Attend within each text, or from each text to its `memory`.

        Args:
            layout: the texts; with a memory its `key_lengths` are the lengths in the memory.
        """
        query, key, value = self._project(x, memory)  # (..., T, H, D)
        if self.rotary is not None:
            angles = self.rotary.angles(positions_in(x, layout))
            query = self.rotary(query, angles)
            key = self.rotary(key, angles if memory is None else self.rotary.angles(_memory_positions(memory, layout)))
        query, key, value = (heads.transpose(-3, -2) for heads in (query, key, value))  # (..., H, T, D)
        mixed = self._attend(query, key, value, own_text(x, layout) & self.mask)
        return self.output(mixed.transpose(-3, -2).flatten(-2))

    def _project(self, x: Tensor, memory: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        sizes = [self.num_heads, self.num_kv_heads, self.num_kv_heads]
        if memory is None:
            query, key, value = self.qkv(x).unflatten(-1, (-1, self.d_head)).split(sizes, -2)
            return query, key, value
        cut = self.num_heads * self.d_head
        query = nn.functional.linear(x, self.qkv.weight[:cut], self.qkv.bias[:cut])
        both = nn.functional.linear(memory, self.qkv.weight[cut:], self.qkv.bias[cut:])
        key, value = both.unflatten(-1, (-1, self.d_head)).split(sizes[1:], -2)
        return query.unflatten(-1, (-1, self.d_head)), key, value

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Mask) -> Tensor:
        bias = None if self.bias is None else self.bias()
        dropout = self.dropout if self.training else 0.0
        wanted = request(self)
        if wanted is None:
            return attend(query, key, value, mask=mask, bias=bias, dropout=dropout)
        output, observed = attend(query, key, value, mask=mask, bias=bias, dropout=dropout, observe=wanted)
        report(self, observed)
        return output


def _memory_positions(memory: Tensor, layout: Layout | None) -> Tensor:
    if memory.ndim == 2 and layout is not None:
        return layout.key_positions(memory.shape[0], memory.device)
    return torch.arange(memory.shape[-2], device=memory.device)


def _divisors(number: int) -> str:
    return ", ".join(str(n) for n in range(1, number + 1) if number % n == 0 and number // n >= 16) or "1"
