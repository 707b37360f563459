"""Heads that several families have, from numbers: what stands between their vectors and their scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from attendo.models.encoder import Encoder, Head, HeadKind, Hidden, TokenModel
from attendo.nn import Dropout, FirstToken, LastToken

OF_WORDS = ("masked", "causal")
"""Heads that score words, and may do so with the very vectors that words are read with."""


def crowned(tower: Encoder, shape: Any, heads: Mapping[str, HeadKind], head: str) -> TokenModel:
    """A tower with one of its family's heads; words are scored as they are read if the shape says so."""
    return TokenModel(tower, heads[head].build(shape), tied=head in OF_WORDS and shape.tie_word_embeddings)


def each_token(width: int, count: int, *, dropout: float = 0.0, bias: bool = True) -> Head:
    """Scores of each token, straight from its vector."""
    return Head(nn.Linear(width, count, bias=bias), hidden=Dropout(dropout))


def last_token(width: int, count: int) -> Head:
    """Scores of a text, straight from the vector of its last token, which is the only one that has seen it all."""
    return Head(nn.Linear(width, count, bias=False), pool=LastToken())


def first_token(width: int, count: int, activation: str, dropout: tuple[float, float]) -> Head:
    """Scores of a text, from the vector of its first token through one more layer."""
    layer = Hidden(nn.Linear(width, width), activation, dropout=dropout)
    return Head(nn.Linear(width, count), pool=FirstToken(), hidden=layer)


def closing_token(width: int, count: int, activation: str, dropout: tuple[float, float]) -> Head:
    """Scores of a text, from the vector of the token that closes it, through one more layer."""
    layer = Hidden(nn.Linear(width, width), activation, dropout=dropout)
    return Head(nn.Linear(width, count), pool=LastToken(), hidden=layer)


def each_word(width: int, vocab_size: int, activation: str, norm: nn.LayerNorm) -> Head:
    """How well each word would stand at each place, from its vector through one more layer as wide as the norm."""
    (narrow,) = norm.normalized_shape
    return Head(nn.Linear(narrow, vocab_size), hidden=Hidden(nn.Linear(width, narrow), activation, norm=norm))
