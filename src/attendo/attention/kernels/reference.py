"""The definition of `attend`: whole matrices, in the tensors' own precision. Everything else is tested against it."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from attendo.attention.call import Call
from attendo.attention.kernels.backend import Backend
from attendo.attention.observed import Largest, Observe, Observed, cells, entropy, places


def run(call: Call) -> tuple[Tensor, Observed | None]:
    """Softmax of the masked scores, times the values (arXiv 1706.03762, eq. 1)."""
    weights = attention_weights(call)
    kept = torch.nn.functional.dropout(weights, call.dropout) if call.dropout else weights
    output = kept @ _repeat_heads(call.value, call)
    return output, None if call.observe is None else observe(weights, call)


def attention_weights(call: Call) -> Tensor:
    """The weights A, (X, H, T, S); all zeros for a query with no key to look at."""
    scores = call.query @ _repeat_heads(call.key, call).mT * call.scale  # (X, H, T, S)
    patch = call.whole.patch(range(scores.shape[2]), [(0, scores.shape[3])])
    if call.bias is not None:
        scores = scores + call.bias.tile(patch).to(scores.dtype)
    allowed = call.mask.allowed(patch)
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -torch.inf)
    empty = scores.isneginf().all(-1, keepdim=True)
    return torch.softmax(scores.masked_fill(empty, 0.0), -1).masked_fill(empty, 0.0)


@torch.no_grad()
def observe(weights: Tensor, call: Call) -> Observed:
    """Reduce whole matrices to what was asked for, each as its definition reads."""
    ask, part = call.observe, call.whole
    assert ask is not None
    patch = part.patch(range(part.query_length), [(0, part.key_length)])
    distance = (patch.query_positions[:, None, :, None] - patch.key_positions[:, None, None, :]).abs()
    found = {
        "entropy": entropy(weights) if ask.entropy else None,
        "peak": _largest(weights, patch.key_positions, 1) if ask.peak else None,
        "top": _largest(weights, patch.key_positions, ask.top) if ask.top else None,
        "received": weights.sum(-2) if ask.received else None,
        "distance": (weights * distance).sum(-1) if ask.distance else None,
    }
    if found["peak"] is not None:
        found["peak"] = Largest(*(values[..., 0] for values in found["peak"]))
    if ask.carry is not None:
        carry = ask.carry.to(weights).expand(*call.lead, part.query_length)
        carry = carry.reshape(part.copies, 1, 1, part.query_length)
        found["carry"] = (carry @ weights).squeeze(-2)
    unflat = {name: _unflatten(value, call.lead) for name, value in found.items()}
    return Observed(**unflat, **_by_text(weights, call, ask))


def _by_text(weights: Tensor, call: Call, ask: Observe) -> dict:
    """The answers that are whole matrices themselves, one for each packed text."""
    if call.layout is None:
        one = _pictures(weights, ask)
        return {name: _unflatten(value, call.lead) for name, value in one.items()}
    lists: dict[str, list] = {name: [] for name in ("map", "rows", "columns") if name in ask.fields}
    layout = call.layout
    for text in range(layout.num_texts):
        rows = weights.narrow(2, layout.query_starts[text], layout.query_lengths[text])
        block = rows.narrow(3, layout.key_starts[text], layout.key_lengths[text])
        for name, value in _pictures(block, ask).items():
            lists[name].append(_unflatten(value, call.lead))
    return {name: tuple(values) for name, values in lists.items()}


def _pictures(weights: Tensor, ask: Observe) -> dict[str, Tensor]:
    queries, keys = weights.shape[-2:]
    found = {}
    if ask.map:
        rows = [weights[..., a:b, :].mean(-2) for a, b in cells(queries, ask.map)]
        pooled = torch.stack(rows, -2) if rows else weights
        columns = [pooled[..., a:b].mean(-1) for a, b in cells(keys, ask.map)]
        found["map"] = torch.stack(columns, -1) if columns else pooled
    if ask.rows:
        found["rows"] = weights[..., places(ask.rows, queries, "rows"), :]
    if ask.columns:
        found["columns"] = weights[..., places(ask.columns, keys, "columns")]
    return found


def _largest(weights: Tensor, positions: Tensor, count: int) -> Largest:
    found, keys = weights.topk(min(count, weights.shape[-1]), -1)
    keys = positions[:, None, None, :].expand(weights.shape).gather(-1, keys)
    missing = (0, count - found.shape[-1])
    found, keys = torch.nn.functional.pad(found, missing), torch.nn.functional.pad(keys, missing, value=-1)
    return Largest(found, keys.masked_fill(found == 0, -1))


def _repeat_heads(tensor: Tensor, call: Call) -> Tensor:
    return tensor.repeat_interleave(call.query.shape[1] // tensor.shape[1], 1)


def _unflatten(value: Tensor | Largest | None, lead: tuple[int, ...]):
    if value is None:
        return None
    if isinstance(value, Largest):
        return Largest(*(_unflatten(each, lead) for each in value))
    assert value.shape[0] == prod(lead)
    return value.reshape(*lead, *value.shape[1:])


BACKEND = Backend(
    name="reference",
    summary="the definition, readable in a minute; any precision; gradients of any order",
    masks="all",
    biases="all",
    dropout="yes",
    observe="everything",
    memory="O(T*S)",
    refuse=lambda call: None,
    slow=lambda call: "it builds the whole matrix",
    run=run,
)
