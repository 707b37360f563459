"""What a module must know about the texts in its input.

Every part takes either a packed row `(N, E)` with its `Layout`, or an ordinary batch `(B, T, E)`, with a `Layout` if
some of its texts are shorter than T. These functions are the only place that tells the two apart.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attendo.attention import Full, Layout, Lengths, Mask, Segments
from attendo.errors import ShapeError


def own_text(x: Float[Tensor, "*B T E"], layout: Layout | None) -> Mask:
    """The mask that keeps each token to its own text."""
    if layout is None:
        return Full()
    layout = layout_of(x, layout)
    return Segments(layout) if x.ndim == 2 else Lengths(layout)


def layout_of(x: Float[Tensor, "*B T E"], layout: Layout | None) -> Layout:
    """The layout, or without one: a row is one text, and the rows of a batch are all full.

    Raises:
        ShapeError: if the layout holds other texts than the tensor.
    """
    if layout is None:
        batch, length = (1, x.shape[0]) if x.ndim == 2 else x.shape[:2]
        return Layout((length,) * batch)
    if x.ndim == 2 and x.shape[0] != layout.num_queries:
        raise ShapeError(f"The layout holds {layout.num_queries} tokens, but the packed row has {x.shape[0]}.")
    if x.ndim == 3 and x.shape[0] != layout.num_texts:
        raise ShapeError(f"The layout holds {layout.num_texts} texts, but the batch has {x.shape[0]}.")
    return layout


def positions_in(x: Float[Tensor, "*B T E"], layout: Layout | None) -> Int[Tensor, "*#B T"]:
    """The position of each token in its text: (N,) for a packed row, (1 or B, T) for a batch."""
    if x.ndim == 2:
        return layout_of(x, layout).query_positions(x.device)
    positions = torch.arange(x.shape[1], device=x.device)[None]
    if layout is None or not any(layout_of(x, layout).offsets):
        return positions
    return positions + torch.tensor(layout.offsets, device=x.device)[:, None]


def packed(x: Float[Tensor, "*B T E"], layout: Layout | None) -> Float[Tensor, "N E"]:
    """The real tokens of all texts, end to end."""
    if x.ndim == 2:
        return x
    return x.flatten(0, 1) if layout is None else layout_of(x, layout).unpad(x)
