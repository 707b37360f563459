"""Texts in, scores of labels out: a deep path that reads tokens, beside a linear path that counts n-grams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.nn import BagLinear, Bags, RowEmbedding


@dataclass(frozen=True, kw_only=True)
class TextBatch:
    """Texts as numbers, end to end.

    Attributes:
        tokens: the table rows of each token: its word first, then the n-grams that it is part of.
        features: the n-grams of each text, weighted, for the linear path.
    """

    layout: Layout
    tokens: Bags
    features: Bags

    def to(self, device: torch.device) -> TextBatch:
        """The same on a device."""
        return TextBatch(layout=self.layout, tokens=self.tokens.to(device), features=self.features.to(device))


class Scores(NamedTuple):
    """Scores (logits) of each label: of both paths, and mixed."""

    deep: Float[Tensor, "B C"]
    linear: Float[Tensor, "B C"]
    mixed: Float[Tensor, "B C"]


class DeepPath(nn.Module):
    """The Transformer: tokens to vectors, vectors that look at each other, one vector for the text, scores."""

    def __init__(
        self,
        *,
        hide: nn.Module,
        embedding: RowEmbedding,
        positions: nn.Module,
        dropout: nn.Module,
        stack: nn.Module,
        head: nn.Module,
    ) -> None:
        super().__init__()
        self.hide, self.embedding, self.positions, self.dropout = hide, embedding, positions, dropout
        self.stack, self.head = stack, head

    def forward(self, batch: TextBatch) -> Float[Tensor, "*B C"]:
        """Scores of each text, or of each token where the head pools nothing."""
        return self.head(self.encode(batch), batch.layout)

    def encode(self, batch: TextBatch) -> Float[Tensor, "N E"]:
        """The vector of each token, having looked at the others."""
        x = self.positions(self.embedding(self.hide(batch.tokens)), batch.layout)
        return self.stack(self.dropout(x), batch.layout)


class TextClassifier(nn.Module):
    """Embedding, encoder, pooling and head; a linear model beside them; and how much each of the two counts.

    The linear path is fitted on its own and the shares are fitted on dev texts, so neither takes part in training.
    """

    def __init__(self, deep: DeepPath, linear: BagLinear) -> None:
        super().__init__()
        self.deep, self.linear = deep, linear
        self.shares = nn.Parameter(torch.ones(2), requires_grad=False)
        for parameter in linear.parameters():
            parameter.requires_grad_(False)

    def answer(self, batch: TextBatch) -> Float[Tensor, "B C"]:
        """The scores that count, under the name that all models have for them."""
        return self(batch).mixed

    def forward(self, batch: TextBatch) -> Scores:
        deep, linear = self.deep(batch), self.linear(batch.features)
        return Scores(deep, linear, self.shares[0] * deep + self.shares[1] * linear)
