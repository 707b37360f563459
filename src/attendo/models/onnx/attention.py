"""Multi-head attention as nodes of a graph."""

from __future__ import annotations

from collections.abc import Callable

import torch

from attendo.errors import UnsupportedError
from attendo.models.onnx.graph import Graph
from attendo.models.onnx.texts import Texts
from attendo.nn import MultiHeadAttention, RelativeBias, Rotary

_HIDDEN = torch.finfo(torch.float32).min
"""The score of a key that may not be looked at; being finite, it makes no NaN where there is no other key."""


def write_attention(part: MultiHeadAttention, texts: Texts, x: str, write_part: Callable[..., str]) -> str:
    """Attention within each text; query heads stand in groups, one for each key head: (B, G, R, T, D).

    Raises:
        UnsupportedError: if something is added to the scores, or the mask has no counterpart.
    """
    graph, groups = texts.graph, part.num_kv_heads
    query, key, value = _projected(part, texts, x, write_part)
    query = _turned(graph, query, (groups, part.num_heads // groups, part.d_head), (0, 2, 3, 1, 4))
    key = _turned(graph, key, (groups, 1, part.d_head), (0, 2, 3, 4, 1))
    value = _turned(graph, value, (groups, 1, part.d_head), (0, 2, 3, 1, 4))
    scale = part.d_head**-0.5 if part.scale is None else part.scale
    scores = graph.add("Mul", graph.add("MatMul", query, key), graph.number(scale))  # (B, G, R, T, S)
    if part.bias is not None:
        scores = graph.add("Add", scores, _biases(part, texts))
    seen = graph.add("Where", texts.allowed(part.mask), scores, graph.number(_HIDDEN))
    mixed = graph.add("MatMul", graph.add("Softmax", seen, axis=-1), value)  # (B, G, R, T, D)
    joined = graph.add("Transpose", mixed, perm=[0, 3, 1, 2, 4])
    return graph.linear(part.output, graph.add("Reshape", joined, graph.whole(0, 0, part.num_heads * part.d_head)))


def _biases(part: MultiHeadAttention, texts: Texts) -> str:
    """What is added to the scores, (B, G, R, T, S): a row of a table for each distance, the last for all beyond."""
    if not isinstance(part.bias, RelativeBias):
        raise UnsupportedError(f"Attention with a `{type(part.bias).__name__}` cannot be written as ONNX.")
    graph, furthest = texts.graph, part.bias.max_distance
    rows = part.bias.each_distance(range(-furthest, furthest + 1)).unflatten(-1, (part.num_kv_heads, -1))
    near = graph.add("Clip", texts.distance(), graph.place(-furthest), graph.place(furthest))
    row = graph.add("Squeeze", graph.add("Add", near, graph.place(furthest)), graph.whole(1, 2))  # (B, T, S)
    table = graph.numbers(rows.detach())  # (distances, G, R)
    return graph.add("Transpose", graph.add("Gather", table, row), perm=[0, 3, 4, 1, 2])


def _projected(part: MultiHeadAttention, texts: Texts, x: str, write_part: Callable[..., str]) -> tuple[str, str, str]:
    """Queries, keys and values, each (B, T, heads, D), normed and turned by their positions."""
    graph = texts.graph
    heads = graph.add("Reshape", graph.linear(part.qkv, x), graph.whole(0, 0, -1, part.d_head))
    sizes = graph.whole(part.num_heads, part.num_kv_heads, part.num_kv_heads)
    query, key, value = graph.split("Split", heads, sizes, outputs=3, axis=2)
    if part.query_norm is not None and part.key_norm is not None:
        query, key = write_part(part.query_norm, texts, query), write_part(part.key_norm, texts, key)
    if part.rotary is not None:
        query, key = _rotated(part.rotary, texts, query, part.d_head), _rotated(part.rotary, texts, key, part.d_head)
    return query, key, value


def _turned(graph: Graph, heads: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> str:
    """Heads in groups, their axes in another order."""
    return graph.add("Transpose", graph.add("Reshape", heads, graph.whole(0, 0, *shape)), perm=list(axes))


def _rotated(rotary: Rotary, texts: Texts, heads: str, d_head: int) -> str:
    """Each pair turned by an angle that grows with the position."""
    graph, half = texts.graph, rotary.width // 2
    cos, sin = _angles(rotary, texts)
    rest = d_head - rotary.width
    sizes = graph.whole(*(half, half, rest)[: 3 if rest else 2])
    first, second, *left = graph.split("Split", heads, sizes, outputs=3 if rest else 2, axis=-1)
    parts = (
        graph.add("Sub", graph.add("Mul", first, cos), graph.add("Mul", second, sin)),
        graph.add("Add", graph.add("Mul", second, cos), graph.add("Mul", first, sin)),
    )
    return graph.add("Concat", *parts, *left, axis=-1)


def _angles(rotary: Rotary, texts: Texts) -> tuple[str, str]:
    """Cosine and sine for each position and pair, (B, T, 1, width / 2)."""
    graph = texts.graph
    places = graph.add("Cast", graph.add("Unsqueeze", texts.positions, graph.whole(2, 3)), to=1)
    angles = graph.add("Mul", places, graph.numbers(rotary.turns(torch.device("cpu"))))
    return graph.add("Cos", angles), graph.add("Sin", angles)
