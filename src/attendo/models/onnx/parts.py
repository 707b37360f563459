"""How each part of a network is written as nodes of a graph: one table, by the class of the part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.errors import UnsupportedError
from attendo.models.encoder import Head, Hidden
from attendo.models.onnx.attention import write_attention
from attendo.models.onnx.texts import SEGMENTS, Texts
from attendo.nn import (
    ACTIVATIONS,
    Block,
    Dropout,
    FeedForward,
    FirstToken,
    GatedFeedForward,
    LastToken,
    LearnedPositions,
    MeanPool,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)


def write_part(part: nn.Module, texts: Texts, x: str) -> str:
    """The nodes of a part, and of the parts in it; the name of what comes out.

    Raises:
        UnsupportedError: for a part without a row in `PARTS`.
    """
    write = next((PARTS[kind] for kind in type(part).__mro__ if kind in PARTS), None)
    if write is None:
        raise UnsupportedError(
            f"The part `{type(part).__name__}` cannot be written as ONNX; of this model, only `--to hf` is to be had."
        )
    return write(part, texts, x)


def _same(part: nn.Module, texts: Texts, x: str) -> str:
    return x


def _in_turn(part: nn.Sequential, texts: Texts, x: str) -> str:
    for each in part:
        x = write_part(each, texts, x)
    return x


def _linear(part: nn.Linear, texts: Texts, x: str) -> str:
    return texts.graph.linear(part, x)


def _embedding(part: TokenEmbedding, texts: Texts, ids: str) -> str:
    graph = texts.graph
    x = graph.add("Gather", graph.weight(part.tokens.weight, "tokens"), ids)
    x = x if part.scale == 1.0 else graph.add("Mul", x, graph.number(part.scale))
    if part.segments is not None:
        table = graph.weight(part.segments.weight, "segments")
        which = SEGMENTS if texts.marked else graph.whole(0)
        x = graph.add("Add", x, graph.add("Gather", table, which))
    if part.positions is not None:
        x = write_part(part.positions, texts, x)
    return write_part(part.widen, texts, write_part(part.norm, texts, x))


def reads_segments(part: TokenEmbedding) -> bool:
    """Whether it matters to the model which of two texts a token is from."""
    return part.segments is not None and part.segments.num_embeddings > 1


def _positions(part: LearnedPositions, texts: Texts, x: str) -> str:
    graph = texts.graph
    rows = graph.add("Add", texts.positions, graph.whole(part.first)) if part.first else texts.positions
    return graph.add("Add", x, graph.add("Gather", graph.weight(part.weight, "positions"), rows))


def _residual(part: Residual, texts: Texts, x: str) -> str:
    change = write_part(part.part, texts, write_part(part.before, texts, x))
    return write_part(part.after, texts, texts.graph.add("Add", x, change))


def _block(part: Block, texts: Texts, x: str) -> str:
    if part.local is not None:
        x = write_part(part.local, texts, x)
    if part.cross is not None:
        raise UnsupportedError("A block that looks at another text cannot be written as ONNX.")
    return write_part(part.feed_forward, texts, write_part(part.attention, texts, x))


def _stack(part: Stack, texts: Texts, x: str) -> str:
    for block in part.blocks:
        x = write_part(block, texts, x)
    return write_part(part.norm, texts, x)


def _feed_forward(part: FeedForward, texts: Texts, x: str) -> str:
    wide = _bent(part.activation, texts, texts.graph.linear(part.up, x))
    return texts.graph.linear(part.down, wide)


def _gated(part: GatedFeedForward, texts: Texts, x: str) -> str:
    graph = texts.graph
    gate, value = graph.split("Split", graph.linear(part.up, x), outputs=2, axis=-1, num_outputs=2)
    return graph.linear(part.down, graph.add("Mul", _bent(part.activation, texts, gate), value))


def _head(part: Head, texts: Texts, x: str) -> str:
    x = x if part.pool is None else write_part(part.pool, texts, x)
    return write_part(part.output, texts, write_part(part.hidden, texts, x))


def _hidden(part: Hidden, texts: Texts, x: str) -> str:
    return write_part(part.norm, texts, _bent(part.activation, texts, texts.graph.linear(part.dense, x)))


def _layer_norm(part: nn.LayerNorm, texts: Texts, x: str) -> str:
    graph = texts.graph
    scale = torch.ones(part.normalized_shape) if part.weight is None else part.weight
    bias = () if part.bias is None else (graph.weight(part.bias, "bias"),)
    return graph.add("LayerNormalization", x, graph.weight(scale, "norm"), *bias, axis=-1, epsilon=part.eps)


def _rms_norm(part: nn.RMSNorm, texts: Texts, x: str) -> str:
    graph = texts.graph
    eps = torch.finfo(torch.float32).eps if part.eps is None else part.eps
    power = graph.add("ReduceMean", graph.add("Mul", x, x), graph.whole(-1), keepdims=1)
    size = graph.add("Sqrt", graph.add("Add", power, graph.number(eps)))
    normed = graph.add("Div", x, size)
    return normed if part.weight is None else graph.add("Mul", normed, graph.weight(part.weight, "norm"))


def _pool(shares: Callable[[Texts], str]) -> Callable[[nn.Module, Texts, str], str]:
    """One vector for each text, in which each token has its share; a text without tokens gives zeros."""

    def write(part: nn.Module, texts: Texts, x: str) -> str:
        pooled = texts.graph.add("MatMul", shares(texts), x)  # (B, 1, E)
        return texts.graph.add("Squeeze", pooled, texts.graph.whole(1))

    return write


def _bent(activation: Callable[[Tensor], Tensor], texts: Texts, x: str) -> str:
    if activation not in BENDS:
        name = getattr(activation, "__name__", type(activation).__name__)
        raise UnsupportedError(f"The activation `{name}` cannot be written as ONNX.")
    return BENDS[activation](texts, x)


BENDS: dict[Any, Callable[[Texts, str], str]] = {
    F.gelu: lambda texts, x: texts.graph.add("Gelu", x),
    ACTIVATIONS["gelu_new"]: lambda texts, x: texts.graph.add("Gelu", x, approximate="tanh"),
    torch.relu: lambda texts, x: texts.graph.add("Relu", x),
    F.silu: lambda texts, x: texts.graph.add("Mul", x, texts.graph.add("Sigmoid", x)),
    torch.tanh: lambda texts, x: texts.graph.add("Tanh", x),
}
"""How each activation is written."""

PARTS: dict[type[nn.Module], Callable[..., str]] = {
    nn.Identity: _same,
    Dropout: _same,
    nn.Sequential: _in_turn,
    nn.Linear: _linear,
    TokenEmbedding: _embedding,
    LearnedPositions: _positions,
    MultiHeadAttention: lambda part, texts, x: write_attention(part, texts, x, write_part),
    FeedForward: _feed_forward,
    GatedFeedForward: _gated,
    Residual: _residual,
    Block: _block,
    Stack: _stack,
    Head: _head,
    Hidden: _hidden,
    nn.LayerNorm: _layer_norm,
    nn.RMSNorm: _rms_norm,
    FirstToken: _pool(lambda texts: texts.share(first=True)),
    LastToken: _pool(lambda texts: texts.share(first=False)),
    MeanPool: _pool(Texts.equal_shares),
}
"""How each part is written; a part of a class that is derived from one of these is written like it."""
