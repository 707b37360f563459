"""A block, and blocks on top of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from attendo.attention import Layout, request
from attendo.errors import ShapeError
from attendo.nn.cache import Cache
from attendo.nn.contexts import NOTHING, Context, KeyValues, Memory
from attendo.nn.dropout import Dropout
from attendo.nn.multihead import MultiHeadAttention
from attendo.nn.written import Written


class Residual(nn.Module):
    """Add what a part makes of its input to the input, with a norm before the part, after the sum, or both.

    Pre-norm: `Residual(part, before=LayerNorm(...))` (arXiv 2002.04745); post-norm: `Residual(part, after=...)`.
    """

    def __init__(
        self, part: nn.Module, *, before: nn.Module | None = None, after: nn.Module | None = None, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.part = part
        self.before = before or nn.Identity()
        self.after = after or nn.Identity()
        self.dropout = Dropout(dropout)

    def forward(self, x: Float[Tensor, "*B E"], *context: object) -> Float[Tensor, "*B E"]:
        """`context` is passed on to the part: an attention wants a layout, a feed-forward nothing."""
        return self.after(x + self.dropout(self.part(self.before(x), *context)))

    def read(self, x: Float[Tensor, "N E"], read: Layout) -> Float[Tensor, "M E"]:
        """The same for some tokens only: the part is an attention from these to all."""
        seen, places = self.before(x), read.query_keys(x.device)
        return self.after(x[places] + self.dropout(self.part(seen[places], read, seen)))


class Block(nn.Module):
    """Attention, then feed-forward (arXiv 1706.03762, figure 1, left); a decoder's looks at a memory between (right).

    Args:
        local: mixes neighbours before.
        cross: an attention to another text.
    """

    def __init__(
        self,
        attention: Residual,
        feed_forward: Residual,
        local: Residual | None = None,
        cross: Residual | None = None,
    ) -> None:
        super().__init__()
        self.local, self.attention, self.cross, self.feed_forward = local, attention, cross, feed_forward

    def forward(
        self,
        x: Float[Tensor, "*B T E"],
        layout: Layout | None = None,
        read: Layout | None = None,
        context: Context = NOTHING,
    ) -> Float[Tensor, "*B R E"]:
        """All tokens, or those of a packed row that are read, as `read` lays them out over their texts as keys.

        Raises:
            ShapeError: if it looks at a memory, and there is none.
        """
        if self.local is not None:
            x = self.local(x, layout)
        if read is not None and self.cross is None and request(self.attention.part) is None:
            return self.feed_forward(self.attention.read(x, read))
        x = self.attention(x, layout, None, context.past)
        if self.cross is not None:
            if context.memory is None:
                raise ShapeError("A block with `cross` looks at another text: give the stack a `Memory` or a `Cache`.")
            x = self.cross(x, context.seen_by, context.memory)
        x = self.feed_forward(x)  # who listens hears of all tokens
        return x if read is None else x[read.query_keys(x.device)]

    def at(self, x: Float[Tensor, "N E"], layout: Layout | None, places: Int[Tensor, " M"]) -> Float[Tensor, "M E"]:
        """The vectors at some places of a packed row only; those of other tokens are not fed forward."""
        x = x if self.local is None else self.local(x, layout)
        return self.feed_forward(self.attention(x, layout)[places])

    def room(self, tokens: int) -> Float[Tensor, "G2 S D"]:
        """Room for the keys of so many tokens, and behind them for their values."""
        part = self.attention.part
        assert isinstance(part, MultiHeadAttention), "a decoder's first part is an attention"
        return part.qkv.weight.new_zeros(2 * part.num_kv_heads, tokens, part.d_head)

    def remember(self, memory: Memory) -> KeyValues:
        """The keys and values that it makes of a memory."""
        part = None if self.cross is None else self.cross.part
        assert isinstance(part, MultiHeadAttention), "a block that is given a memory has an attention to look at it"
        return part.key_values(memory.vectors, memory.layout)


def called(block: nn.Module, *inputs: object) -> Tensor:
    """What a block makes of its inputs, all that its gradients need kept."""
    return block(*inputs)


def recomputed(block: nn.Module, *inputs: object) -> Tensor:
    """The same, but only the inputs are kept: the gradients have the block computed again (arXiv 1604.06174).

    Random numbers are drawn as they were the first time, so nothing but time and memory changes.
    """
    if not (block.training and torch.is_grad_enabled()):
        return block(*inputs)
    return cast(Tensor, checkpoint(block, *inputs, use_reentrant=False))


class Stack(nn.Module):
    """Blocks in turn, and a norm at the end where the blocks are pre-norm.

    Attributes:
        call: how a block is called: `called`, or `recomputed` where memory is short.
    """

    call: Callable[..., Tensor]

    def __init__(self, blocks: Iterable[nn.Module], norm: nn.Module | None = None) -> None:
        super().__init__()
        self.call = called
        self.blocks = nn.ModuleList(blocks)
        self.norm = norm or nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "*B T E"],
        layout: Layout | None = None,
        read: Layout | None = None,
        beyond: Memory | Written | None = None,
    ) -> Float[Tensor, "*B R E"]:
        """All tokens, or those of a packed row that are read: the last block need not compute the others.

        Args:
            read: the tokens that are read as queries, over their texts as keys; a pooling's `reads` gives it.
            beyond: what a decoder looks at beyond these tokens. With a cache, these are its latest.
        """
        contexts = _contexts(beyond, len(self.blocks), layout)
        for number, (block, context) in enumerate(zip(self.blocks, contexts, strict=True), start=1):
            x = self.call(block, x, layout, read if number == len(self.blocks) else None, context)
        return self.norm(x)

    @property
    def cross_attentions(self) -> list[nn.Module]:
        """What looks at a memory, from the first block to the last."""
        blocks = (block for block in self.blocks if isinstance(block, Block))
        return [block.cross.part for block in blocks if block.cross is not None]

    def at(self, x: Float[Tensor, "N E"], layout: Layout | None, places: Int[Tensor, " M"]) -> Float[Tensor, "M E"]:
        """The vectors at some places only, where a loss is asked for nothing else: the last block feeds no others."""
        for number, block in enumerate(self.blocks):
            if number + 1 == len(self.blocks) and isinstance(block, Block):
                return self.norm(block.at(x, layout, places))
            x = self.call(block, x, layout)
        return self.norm(x)[places]

    def cache(self, rows: int, capacity: int, texts: int | None = None, memory: Memory | None = None) -> Cache:
        """Room for texts that are written token by token.

        Args:
            rows: how many there may be at most, and `texts` how many there are at first (by default as many).
            capacity: tokens of the longest.
            memory: what they are written from.
        Raises:
            ShapeError: if there are more texts than rows.
        """
        blocks = [block for block in self.blocks if isinstance(block, Block)]
        own = [block.room(rows * capacity) for block in blocks]
        projected = [] if memory is None else [block.remember(memory) for block in blocks]
        return Cache(own, rows, rows if texts is None else texts, memory, projected)


def _contexts(beyond: Memory | Written | None, blocks: int, layout: Layout | None) -> list[Context]:
    """What each block may look at; who sees which part of a memory is found out once for all of them."""
    if isinstance(beyond, Cache):
        return beyond.contexts()
    if beyond is None:
        return [NOTHING] * blocks
    assert isinstance(beyond, Memory), "a cache of this very stack"
    assert layout is not None, "a memory is looked at from packed rows"
    return [Context(memory=beyond.vectors, seen_by=beyond.seen_by(layout.query_lengths))] * blocks
