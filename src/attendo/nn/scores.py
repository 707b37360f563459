"""What turns vectors into scores of words, where a linear layer is not all there is to it."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Scale(nn.Module):
    """Multiply by a number that is not learned."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B E"]:
        return x * self.factor


class WordScores(nn.Module):
    """A score of each word, and a fixed head start for some: -inf for those that are never to be written.

    The head start is a row of its own, (1, V), as checkpoints have it; it is not learned.
    """

    start: Tensor

    def __init__(self, d_model: int, vocab_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab_size, d_model))
        nn.init.normal_(self.weight, std=d_model**-0.5)
        self.register_buffer("start", torch.zeros(1, vocab_size))

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B V"]:
        return nn.functional.linear(x, self.weight, self.start[0])
