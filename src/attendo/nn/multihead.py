"""Multi-head attention: projections around `attend`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Full, Layout, Mask, attend, report, request
from attendo.errors import ShapeError
from attendo.nn.contexts import KeyValues, Past
from attendo.nn.positions import AlibiBias, RelativeBias, Rotary
from attendo.nn.texts import own_text, positions_in


@dataclass(frozen=True, kw_only=True)
class Heads:
    """How many heads an attention has, and how each of them reads.

    Raises:
        ShapeError: if the numbers do not divide.
    """

    num_heads: int
    """Query heads."""
    num_kv_heads: int | None = None
    """Key and value heads, each shared by a group of query heads (arXiv 2305.13245); all by default."""
    d_head: int | None = None
    """Width of a head; what is to be attended to, divided by the heads, by default."""
    scale: float | None = None
    """Factor on the scores; 1 / sqrt(d_head) by default."""
    biases: tuple[bool, bool] = (True, True)
    """Whether the projections in front, and the one behind, have a bias."""

    def counted(self, d_model: int) -> tuple[int, int, int]:
        """Query heads, key and value heads, and their width, for vectors of this width."""
        groups = self.num_heads if self.num_kv_heads is None else self.num_kv_heads
        for name, number in (("num_heads", self.num_heads), ("num_kv_heads", groups)):
            if number < 1:
                raise ShapeError(f"`{name}` must be at least 1, but is {number}.")
        if self.d_head is None and d_model % self.num_heads:
            raise ShapeError(
                f"`num_heads` must divide `d_model` ({d_model}), but is {self.num_heads}. Use {_divisors(d_model)}."
            )
        if self.num_heads % groups:
            raise ShapeError(f"`num_kv_heads` must divide `num_heads` ({self.num_heads}), but is {groups}.")
        return self.num_heads, groups, self.d_head or d_model // self.num_heads


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own projection (arXiv 1706.03762, section 3.2.2).

    Whoever listens (`attendo.attention.listen`) hears what it looks at; nothing is computed for that otherwise.

    Args:
        heads: how many there are, or all about them.
        rotary: turns queries and keys by their positions.
        norms: of each query and of each key, before they are turned.
        bias: yields what is added to the scores.
        mask: what this layer may look at within a text.
        dropout: share of the attention weights taken away in training.
    Raises:
        ShapeError: if the numbers do not divide, or `rotary` is wider than a head.
    """

    def __init__(
        self,
        d_model: int,
        heads: int | Heads,
        *,
        rotary: Rotary | None = None,
        norms: tuple[nn.Module, nn.Module] | None = None,
        bias: AlibiBias | RelativeBias | None = None,
        mask: Mask = Full(),  # noqa: B008 - frozen
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        heads = Heads(num_heads=heads) if isinstance(heads, int) else heads
        self.num_heads, self.num_kv_heads, self.d_head = heads.counted(d_model)
        if rotary is not None and rotary.width > self.d_head:
            raise ShapeError(f"`rotary` turns {rotary.width} values of a head, but a head has only {self.d_head}.")
        self.scale, self.mask, self.dropout = heads.scale, mask, dropout
        self.rotary, self.bias = rotary, bias
        self.query_norm, self.key_norm = norms or (None, None)
        self._sizes = [self.num_heads, self.num_kv_heads, self.num_kv_heads]
        self.qkv = nn.Linear(d_model, sum(self._sizes) * self.d_head, bias=heads.biases[0])
        self.output = nn.Linear(self.num_heads * self.d_head, d_model, bias=heads.biases[1])

    def forward(
        self,
        x: Float[Tensor, "*B T E"],
        layout: Layout | None = None,
        memory: Float[Tensor, "*B S E"] | KeyValues | None = None,
        past: Past | None = None,
    ) -> Float[Tensor, "*B T E"]:
        """Attend within each text, or from each text to its `memory`.

        Args:
            layout: the texts; with a memory its `key_lengths` are the lengths in the memory.
            memory: another text to look at, or what `key_values` made of it.
            past: keys and values of earlier tokens of a packed row, to which those of the tokens at hand are added.
        """
        angles = None if self.rotary is None else self.rotary.angles(positions_in(x, layout))
        if memory is None:
            query, key, value = self.qkv(x).unflatten(-1, (-1, self.d_head)).split(self._sizes, -2)
            found = self._seen(key, value, angles)
            found = found if past is None else past.joined(found)
        else:
            (query,) = self._project(x, self._sizes[:1])
            found = memory if isinstance(memory, KeyValues) else self.key_values(memory, layout)
        query = self._turned(query, self.query_norm, angles)
        mixed = self._attend(query, found.keys, found.values, own_text(x, layout) & self.mask)
        return self.output(mixed.transpose(-3, -2).flatten(-2))

    def key_values(self, memory: Float[Tensor, "*B S E"], layout: Layout | None = None) -> KeyValues:
        """What this attention makes of a memory; it need be computed once only, however often it is looked at.

        Args:
            layout: the texts that look at it; its `key_lengths` are the lengths in the memory.
        """
        key, value = self._project(memory, self._sizes[1:])
        angles = None if self.rotary is None else self.rotary.angles(_memory_positions(memory, layout))
        return self._seen(key, value, angles)

    def _project(self, x: Tensor, sizes: list[int]) -> Sequence[Tensor]:
        """Queries alone, or keys and values alone: (..., T, heads, D) each."""
        cut = self.num_heads * self.d_head
        rows = slice(0, cut) if len(sizes) == 1 else slice(cut, None)
        bias = None if self.qkv.bias is None else self.qkv.bias[rows]
        return nn.functional.linear(x, self.qkv.weight[rows], bias).unflatten(-1, (-1, self.d_head)).split(sizes, -2)

    def _seen(self, key: Tensor, value: Tensor, angles: tuple[Tensor, Tensor] | None) -> KeyValues:
        return KeyValues(self._turned(key, self.key_norm, angles), value.transpose(-3, -2))

    def turned(
        self, heads: Float[Tensor, "*B T H D"], norm: nn.Module | None, angles: tuple[Tensor, Tensor] | None = None
    ) -> Float[Tensor, "*B T H D"]:
        """Queries or keys, normed and turned by their positions."""
        heads = heads if norm is None else _normed(norm, heads)
        return heads if angles is None or self.rotary is None else self.rotary(heads, angles)

    def _turned(self, heads: Tensor, norm: nn.Module | None, angles: tuple[Tensor, Tensor] | None) -> Tensor:
        """The same, laid out as `attend` takes them: (..., H, T, D)."""
        return self.turned(heads, norm, angles).transpose(-3, -2)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Mask) -> Tensor:
        bias = None if self.bias is None else self.bias()
        asked: dict[str, Any] = {"mask": mask, "bias": bias, "scale": self.scale}
        output = attend(query, key, value, **asked, dropout=self.dropout if self.training else 0.0)
        wanted = request(self)
        if wanted is not None:  # looked at beside, so that what is computed stays the same to the last bit
            with torch.no_grad():
                report(self, attend(query, key, key[..., :1], **asked, observe=wanted)[1])
        return output


def _normed(norm: nn.Module, x: Tensor) -> Tensor:
    """A norm in the precision of its weights, which is above that of products where these are made in bfloat16."""
    weight = next(norm.parameters(), x)
    return norm(x) if weight.dtype == x.dtype else norm(x.to(weight.dtype)).to(x.dtype)


def _memory_positions(memory: Tensor, layout: Layout | None) -> Tensor:
    if memory.ndim == 2 and layout is not None:
        return layout.key_positions(memory.shape[0], memory.device)
    return torch.arange(memory.shape[-2], device=memory.device)


def _divisors(number: int) -> str:
    return ", ".join(str(n) for n in range(1, number + 1) if number % n == 0 and number // n >= 16) or "1"
