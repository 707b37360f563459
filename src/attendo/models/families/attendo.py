"""attendo's own models, for training from scratch on little data.

Tokens are sums of their word and its n-grams (arXiv 1607.04606); each block mixes neighbours, attends, and feeds
forward, all pre-norm (arXiv 2002.04745). For labels of texts, mean and maximum are pooled, and a linear model of
n-grams stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from attendo.models.classifier import DeepPath, TextClassifier
from attendo.models.encoder import Head, HeadKind
from attendo.models.shapes import Count, Depth, Share, Size
from attendo.nn import (
    BagDropout,
    BagLinear,
    Block,
    Dropout,
    FeedForward,
    LearnedPositions,
    LocalMixing,
    MaxPool,
    MeanPool,
    MultiHeadAttention,
    Residual,
    RowEmbedding,
    SideBySide,
    Stack,
    initialise,
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The numbers that make this family's models differ."""

    num_rows: Count
    """Rows of the table of words and n-grams."""
    num_features: Size
    """Features of the linear path."""
    num_labels: Count
    """Labels to score."""
    max_length: Count = 512
    """Words of the longest text."""
    d_model: Count = 128
    """Width of a token's vector."""
    num_layers: Depth = 2
    """Blocks."""
    num_heads: Count = 4
    """Attention heads of a block."""
    d_ff: Count = 256
    """Width of the feed-forward part."""
    local_width: Size = 3
    """Neighbouring tokens mixed before each attention; 0 for none."""
    dropout: Share = 0.2
    """Dropout on what each part adds."""
    attention_dropout: Share = 0.0
    """Dropout on attention weights."""
    embedding_dropout: Share = 0.4
    """Dropout on the vectors of tokens."""
    head_dropout: Share = 0.3
    """Dropout on the pooled vector."""
    token_dropout: Share = 0.2
    """Share of tokens hidden in training."""
    ngram_dropout: Share = 0.2
    """Share of n-grams hidden in training."""


def build(shape: Shape, head: str) -> TextClassifier | DeepPath:
    """A model with its first weights: for labels of texts or, without a linear path, scores or vectors of tokens."""
    whole, bare = head == "sequence", head == "bare"
    norm = None if bare else nn.LayerNorm(shape.d_model)  # without one, words may count more or less in a mean
    output = nn.Linear((2 if whole else 1) * shape.d_model, shape.num_labels)
    pool = SideBySide([MeanPool(), MaxPool()]) if whole else None
    deep = DeepPath(
        hide=BagDropout(shape.token_dropout, shape.ngram_dropout),
        embedding=RowEmbedding(shape.num_rows, shape.d_model),
        positions=LearnedPositions(shape.max_length, shape.d_model, std=0.1),
        dropout=Dropout(shape.embedding_dropout),
        stack=Stack([_block(shape) for _ in range(shape.num_layers)], norm=norm),
        head=nn.Identity() if bare else Head(output, pool=pool, hidden=Dropout(shape.head_dropout)),
    )
    initialise(deep, last=None if bare else output)
    return TextClassifier(deep, BagLinear(shape.num_features, shape.num_labels)) if whole else deep


def _block(shape: Shape) -> nn.Module:
    def residual(part: nn.Module) -> Residual:
        return Residual(part, before=nn.LayerNorm(shape.d_model), dropout=shape.dropout)

    attention = MultiHeadAttention(
        shape.d_model,
        shape.num_heads,
        dropout=shape.attention_dropout,
    )
    feed_forward = FeedForward(shape.d_model, shape.d_ff, dropout=shape.dropout)
    local = residual(LocalMixing(shape.d_model, shape.local_width)) if shape.local_width else None
    return Block(residual(attention), residual(feed_forward), local)


HEADS = {
    "sequence": HeadKind("TextClassifier"),
    "token": HeadKind("TextTagger"),
    "span": HeadKind("TextAnswerer"),
    "bare": HeadKind("TextEncoder"),
}
