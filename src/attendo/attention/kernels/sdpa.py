"""PyTorch's own fused attention, for what it can do exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import accumulate
from operator import and_
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from attendo.attention.biases import DenseBias
from attendo.attention.call import Call
from attendo.attention.filling import Filling, filling_of
from attendo.attention.geometry import Part, spread
from attendo.attention.kernels.backend import Backend
from attendo.attention.layout import Layout, Run
from attendo.attention.masks import Causal, Dense, Full, Lengths, Mask, conjuncts
from attendo.attention.observed import Observed


def run(call: Call) -> tuple[Tensor, Observed | None]:
    """Attend part by part, one fused call each.

    On a CPU short number formats are computed in float32: PyTorch's function is no faster in them, and its backward
    pass was seen to take five times as long.
    """
    if call.query.device.type != "cpu":
        return _run(call), None
    precise = torch.float64 if call.query.dtype == torch.float64 else torch.float32
    tensors = {"query": call.query, "key": call.key, "value": call.value}
    wrong = {name: tensor.to(precise) for name, tensor in tensors.items() if tensor.dtype != precise}
    if not wrong and not torch.is_autocast_enabled("cpu"):
        return _run(call), None
    with torch.autocast("cpu", enabled=False):
        return _run(replace(call, **wrong)).to(call.query.dtype), None


def _run(call: Call) -> Tensor:
    if call.layout is None:
        return _attend(call, call.whole, call.query, call.key, call.value)
    return _attend_packed(call, call.layout)


def _attend_packed(call: Call, layout: Layout) -> Tensor:
    """Texts of equal shape together, one fused call for each run of them.

    Outputs are joined as (X, N, H, V), the order in which PyTorch's function writes them on a CPU: nothing is copied
    on the way, and the caller who lays the heads side by side copies nothing either.
    """
    if not layout.runs:
        return _nothing(call.query, call.value)
    causal = any(isinstance(mask, Causal) for mask in conjuncts(call.rest))
    filling = filling_of(layout, call.key.shape[2], call.query.shape[1] * call.query.shape[3], causal)
    if filling is not None:
        return _attend_filled(call, filling, causal)
    asked = [(run.query_start, run.count, run.query_length, run.query_length) for run in layout.runs]
    places = [(run.key_start, run.count, run.key_length, run.key_stride) for run in layout.runs]
    queries, keys, values = _cut(call.query, asked), _cut(call.key, places), _cut(call.value, places)
    outputs = [
        _attend_run(call, run, causal, *tensors)
        for run, *tensors in zip(layout.runs, queries, keys, values, strict=True)
    ]
    return (outputs[0] if len(outputs) == 1 else torch.cat(outputs, 1)).transpose(1, 2)


def _attend_run(call: Call, run: Run, causal: bool, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """From texts (X, H, n, T, D) to (X, n * T, H, V)."""
    if run.key_length == 0:
        return _nothing(query.flatten(2, 3), value.flatten(2, 3)).transpose(1, 2)
    query, key, value = (texts.transpose(1, 2).flatten(0, 1) for texts in (query, key, value))
    key, value = (_repeat_heads(texts, query.shape[1]) for texts in (key, value))  # (X * n, H, S, D)
    is_causal = causal and run.query_length > 1
    mixed = F.scaled_dot_product_attention(
        query, key, value, is_causal=is_causal, scale=call.scale, dropout_p=call.dropout
    )
    return mixed.transpose(1, 2).unflatten(0, (-1, run.count)).flatten(1, 2)


def _attend_filled(call: Call, filling: Filling, causal: bool) -> Tensor:
    """Texts of unlike shape together, one fused call for each group of them; (X, H, N, V)."""
    sizes = [(len(group.texts), group.query_length, group.key_length) for group in filling.groups]
    queries = filling.queries.spread(call.query.transpose(1, 2)).split([rows * length for rows, length, _ in sizes], 1)
    keys, values = [_rows(tensor, filling, sizes) for tensor in (call.key, call.value)]
    outputs = []
    for (rows, length, _), group, mask, query, key, value in zip(
        sizes, filling.groups, filling.masks, queries, keys, values, strict=True
    ):
        query = query.unflatten(1, (rows, length)).flatten(0, 1).transpose(1, 2)  # (X * rows, H, T, D)
        key, value = (_repeat_heads(texts, query.shape[1]) for texts in (key, value))
        if mask is not None:
            mask = mask.to(query).repeat(len(query) // rows, 1, 1, 1)
        is_causal = causal and group.query_length > 1
        mixed = F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=is_causal, scale=call.scale, dropout_p=call.dropout
        )
        outputs.append(mixed.transpose(1, 2).unflatten(0, (-1, rows)).flatten(1, 2))  # (X, rows * T, H, V)
    return filling.queries.collect(outputs[0] if len(outputs) == 1 else torch.cat(outputs, 1)).transpose(1, 2)


def _rows(tensor: Tensor, filling: Filling, sizes: list[tuple[int, int, int]]) -> list[Tensor]:
    """Keys or values (X, G, S, D) as (X * rows, G, S, D) for each group: copied, or where they are a cache's, seen."""
    if filling.keys is None:
        ((_, _, length),), room = sizes, filling.groups[0].room
        assert room is not None, "keys that are not copied lie in a room"
        return [spread(tensor, room.start, room.rows, length, room.stride).transpose(1, 2).flatten(0, 1)]
    pieces = filling.keys.spread(tensor.transpose(1, 2)).split([rows * length for rows, _, length in sizes], 1)
    return [
        piece.unflatten(1, (rows, length)).flatten(0, 1).transpose(1, 2)
        for piece, (rows, _, length) in zip(pieces, sizes, strict=True)
    ]


def _cut(row: Tensor, places: list[tuple[int, int, int, int]]) -> Sequence[Tensor]:
    """Texts of (X, H, N, D) by their start, number, length and stride; by one split if they fill the row, end to end.

    The backward pass of a split is one copy, that of a slice a whole row of zeros.
    """
    lengths = [count * length for _, count, length, _ in places]
    ends = list(accumulate(lengths, initial=0))
    dense = all(count == 1 or length == stride for _, count, length, stride in places)
    if dense and [start for start, *_ in places] == ends[:-1] and ends[-1] == row.shape[2]:
        pieces = zip(row.split(lengths, 2), places, strict=True)
        return [piece.unflatten(2, (count, length)) for piece, (_, count, length, _) in pieces]
    return [spread(row, *place) for place in places]


def refuse(call: Call) -> str | None:
    """Why this call is beyond PyTorch's function."""
    if call.observe is not None:
        return "it cannot be observed"
    if call.bias is not None and not isinstance(call.bias, DenseBias):
        return "it takes a bias only as a whole matrix"
    if not call.separable:
        return "it takes packed texts only one by one"
    for mask in conjuncts(call.rest):
        if not isinstance(mask, Causal | Lengths | Dense):
            return f"it cannot mask by `{type(mask).__name__}`"
        if isinstance(mask, Causal) and not all(_plainly_causal(part) for part in call.parts):
            return "it masks causally only as many queries as keys, or a single last query"
    if call.layout is not None and (call.bias is not None or any(isinstance(m, Dense) for m in conjuncts(call.rest))):
        return "it takes no matrix beside packed texts"
    return None


def slow(call: Call) -> str | None:
    """Why PyTorch would leave its fused function at this call."""
    if call.query.device.type != "cpu":
        return None
    if call.dropout:
        return "on a CPU its fused function has no dropout"
    if call.query.shape[-1] != call.value.shape[-1]:
        return "on a CPU its fused function wants values as wide as keys"
    if call.bias is not None and call.needs_grad and any(t.requires_grad for t in call.bias.tensors()):
        return "on a CPU its fused function gives no gradient to the bias"
    return None


def _attend(call: Call, part: Part, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """One batch of score matrices, (B, H, T, D)."""
    if part.key_length == 0 or part.query_length == 0:
        return _nothing(query, value)
    key, value = (_repeat_heads(tensor, query.shape[1]) for tensor in (key, value))
    masks = conjuncts(call.rest)
    causal = any(isinstance(mask, Causal) for mask in masks) and part.query_length > 1
    others = [mask for mask in masks if not isinstance(mask, Causal)]
    options: dict[str, Any] = {"scale": call.scale, "dropout_p": call.dropout}
    if not others and call.bias is None:
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal, **options)
    patch = part.patch(range(part.query_length), [(0, part.key_length)])
    allowed = reduce(and_, masks if causal else others, Full()).allowed(patch)
    if call.bias is None and all(_shows_first_key(mask) for mask in masks):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=allowed, **options)
    return _masked(query, key, value, allowed, None if call.bias is None else call.bias.tile(patch), options)


def _masked(
    query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None, bias: Tensor | None, options: dict
) -> Tensor:
    """With a matrix; queries with no key are let look anywhere, and their output is then set to zero."""
    if bias is None:
        assert allowed is not None, "a call without mask and bias needs no matrix"
        empty = ~allowed.any(-1, keepdim=True)
        matrix = allowed | empty
    else:
        matrix = bias.to(query.dtype)
        matrix = matrix if allowed is None else matrix.masked_fill(~allowed, -torch.inf)
        empty = matrix.isneginf().all(-1, keepdim=True)
        matrix = matrix.masked_fill(empty, 0.0)
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=matrix, **options)
    return output.masked_fill(empty, 0.0) if bool(empty.any()) else output


def _shows_first_key(mask: Mask) -> bool:
    """Whether every query may look at the first key, as far as can be told without looking into tensors."""
    if isinstance(mask, Lengths):
        return mask.layout is None and min(mask.key_lengths, default=0) > 0
    return isinstance(mask, Causal)  # only plain ones come here


def _nothing(query: Tensor, value: Tensor) -> Tensor:
    """Zeros that are still part of the graph."""
    return query.new_zeros(*query.shape[:3], value.shape[-1]) + query[..., :0].sum()


def _plainly_causal(part: Part) -> bool:
    at_the_end = all(offset == part.key_length - part.query_length for offset in part.offsets)
    return at_the_end and part.query_length in (1, part.key_length)


def _repeat_heads(tensor: Tensor, heads: int) -> Tensor:
    return tensor if tensor.shape[1] == heads else tensor.repeat_interleave(heads // tensor.shape[1], 1)


BACKEND = Backend(
    name="sdpa",
    summary="PyTorch's fused function; the fastest where it fits",
    masks="Full, Causal (T=S or T=1), Lengths, Dense; Segments over Full and Causal, text by text",
    biases="dense",
    dropout="yes, slow on a CPU",
    observe="nothing",
    memory="O(T)",
    refuse=refuse,
    slow=slow,
    run=run,
)
