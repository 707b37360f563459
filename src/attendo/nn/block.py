"""A block, and blocks on top of each other."""

from __future__ import annotations

from collections.abc import Iterable

from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout, request
from attendo.nn.dropout import Dropout


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
    """Attention, then feed-forward (arXiv 1706.03762, figure 1, left); neighbours are mixed before, if a part does."""

    def __init__(self, attention: Residual, feed_forward: Residual, local: Residual | None = None) -> None:
        super().__init__()
        self.local, self.attention, self.feed_forward = local, attention, feed_forward

    def forward(
        self, x: Float[Tensor, "*B T E"], layout: Layout | None = None, read: Layout | None = None
    ) -> Float[Tensor, "*B R E"]:
        """All tokens, or those of a packed row that are read, as `read` lays them out over their texts as keys."""
        if self.local is not None:
            x = self.local(x, layout)
        if read is not None and request(self.attention.part) is None:
            return self.feed_forward(self.attention.read(x, read))
        x = self.feed_forward(self.attention(x, layout))  # who listens hears of all tokens
        return x if read is None else x[read.query_keys(x.device)]


class Stack(nn.Module):
    """Blocks in turn, and a norm at the end where the blocks are pre-norm."""

    def __init__(self, blocks: Iterable[nn.Module], norm: nn.Module | None = None) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.norm = norm or nn.Identity()

    def forward(
        self, x: Float[Tensor, "*B T E"], layout: Layout | None = None, read: Layout | None = None
    ) -> Float[Tensor, "*B R E"]:
        """All tokens, or those of a packed row that are read: the last block need not compute the others.

        Args:
            read: the tokens that are read as queries, over their texts as keys; a pooling's `reads` gives it.
        """
        for number, block in enumerate(self.blocks, 1):
            x = block(x, layout) if read is None or number < len(self.blocks) else block(x, layout, read)
        return self.norm(x)
