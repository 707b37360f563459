"""Sums of table rows: a token as the sum of its word and n-grams, a text as the sum of its n-grams' votes."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class Bags(NamedTuple):
    """Weighted rows of a table, several for each token (or text): those of bag b begin at `starts[b]`."""

    rows: Int[Tensor, " M"]
    starts: Int[Tensor, " B"]
    weights: Float[Tensor, " M"]

    def to(self, device: torch.device) -> Bags:
        """The same on a device."""
        return Bags(*(tensor.to(device, non_blocking=True) for tensor in self))

    @property
    def bag_of_row(self) -> Int[Tensor, " M"]:
        """The bag that each row belongs to."""
        ends = F.pad(self.starts[1:], (0, 1), value=len(self.rows))
        bags = torch.arange(len(self.starts), device=self.starts.device)
        return torch.repeat_interleave(bags, ends - self.starts, output_size=len(self.rows))


class RowEmbedding(nn.Module):
    """A large table of vectors, of which each batch touches a few rows: its gradient is sparse.

    The vector of a bag is the weighted sum of its rows, as fastText builds words from their parts (arXiv 1607.04606).
    """

    def __init__(self, num_rows: int, d_model: int, std: float = 0.1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_rows, d_model))
        nn.init.normal_(self.weight, std=std)

    def forward(self, bags: Bags) -> Float[Tensor, "B E"]:
        if len(bags.starts) == 0:
            return self.weight.new_zeros(0, self.weight.shape[1])
        table, rows = self.weight, bags.rows
        if torch.is_grad_enabled() and self.weight.requires_grad:
            touched, rows = torch.unique(rows, return_inverse=True)
            table = _Rows.apply(self.weight, touched)
        return F.embedding_bag(rows, table, bags.starts, mode="sum", per_sample_weights=bags.weights.to(table.dtype))


class BagDropout(nn.Module):
    """In training, hide whole bags and single rows, so that a model learns to do with part of what it reads.

    Args:
        bags: share of the bags that are hidden.
        rows: share of the rows that are hidden; the first row of a bag is not counted among them.
    """

    def __init__(self, bags: float, rows: float) -> None:
        super().__init__()
        self.bags, self.rows = bags, rows

    def forward(self, bags: Bags) -> Bags:
        if not self.training or (self.bags == 0 and self.rows == 0):
            return bags
        bag = bags.bag_of_row
        first = bag.diff(prepend=bag.new_full((1,), -1)) != 0
        shown = torch.rand(len(bags.rows), device=bag.device) >= self.rows
        whole = torch.rand(len(bags.starts), device=bag.device) >= self.bags
        return bags._replace(weights=bags.weights * ((shown | first) & whole[bag]))


class BagLinear(nn.Module):
    """A linear model of weighted features: the scores of a text are the sum of its features' rows, and a bias."""

    def __init__(self, num_features: int, num_labels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_features, num_labels))
        self.bias = nn.Parameter(torch.zeros(num_labels))

    def forward(self, bags: Bags) -> Float[Tensor, "B C"]:
        total = F.embedding_bag(
            bags.rows, self.weight, bags.starts, mode="sum", per_sample_weights=bags.weights.to(self.weight.dtype)
        )
        return total + self.bias


class _Rows(torch.autograd.Function):
    """Take different rows of a table; their gradient is sparse and already in order."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.shape = table.shape
        return table[rows]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        return torch.sparse_coo_tensor(rows[None], grads[0], ctx.shape, is_coalesced=True, check_invariants=False), None
