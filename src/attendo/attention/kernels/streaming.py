"""Attention in plain PyTorch, a block of query rows at a time: O(N * block) memory, forward and backward.

A block sees all of its keys at once, so its softmax is exact, and everything that can be observed is read from it while
it is in the cache. The backward pass computes the blocks again instead of keeping them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from attendo.attention.call import Call
from attendo.attention.geometry import Part
from attendo.attention.kernels.backend import Backend
from attendo.attention.kernels.block import Block
from attendo.attention.kernels.tally import Tally
from attendo.attention.observed import Observed

TILE = 1 << 19
"""Scores that a thread computes at a time, about: they should stay in its cache between the operations on them."""

MOST_THREADS = 8
"""Threads from which on blocks grow no more: memory would grow with them, and speed hardly."""

LARGER = 2
"""How many times larger blocks are with a bias, whose tiles are best shared, and on anything but a CPU, where each
operation takes long to start."""

MIN_ROWS = 32
"""Rows of a block at least, so that products of matrices stay efficient."""


def run(call: Call) -> tuple[Tensor, Observed | None]:
    """Attend block by block."""
    inputs = {name: getattr(call, name) for name in ("query", "key", "value")}
    outline = replace(call, **{name: tensor.new_empty(()).expand(tensor.shape) for name, tensor in inputs.items()})
    tally = None if call.observe is None else Tally(outline)
    seed = int(torch.randint(1 << 62, ())) if call.dropout else 0
    tensors = call.bias.tensors() if call.bias is not None else ()
    output = _Streaming.apply(_Plan(outline, tally, seed), *inputs.values(), *tensors)
    return output, None if tally is None else tally.finish()


class _Plan(NamedTuple):
    """All but the tensors, which belong to autograd: it saves them, or lets go of them at a checkpoint."""

    call: Call
    tally: Tally | None
    seed: int


class _Streaming(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, plan: _Plan, query: Tensor, key: Tensor, value: Tensor, *tensors: Tensor) -> Tensor:
        call = plan.call
        output = query.new_zeros(*query.shape[:3], value.shape[-1])
        with torch.autocast(query.device.type, enabled=False):
            for part, blocks in _parts(call):
                q, k, v = _take(part, query, key, value)
                mixed = q.new_zeros(*q.shape[:3], v.shape[-1])  # (B, H, T, V)
                if plan.tally is not None:
                    plan.tally.open(part)
                for block in blocks:
                    scores, weights = _weights(call, block, q, k)  # (b * g, h / g * t, s)
                    if plan.tally is not None:
                        plan.tally.add(block, scores, weights)
                    if call.dropout:
                        weights.masked_fill_(block.dropped(weights, call.dropout, plan.seed), 0.0)
                    block.put(mixed, torch.bmm(weights, block.keys(v)))
                if plan.tally is not None:
                    plan.tally.close()
                part.put(output, mixed.mul_(1 / (1 - call.dropout)) if call.dropout else mixed)
        ctx.plan = plan._replace(tally=None)
        ctx.save_for_backward(query, key, value, output, *tensors)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        call = ctx.plan.call
        query, key, value, output, *tensors = ctx.saved_tensors
        grads = [torch.zeros_like(tensor, dtype=_precision(tensor)) for tensor in (query, key, value)]
        learned = {i: torch.zeros_like(t, dtype=_precision(t)) for i, t in enumerate(tensors) if t.requires_grad}
        with torch.autocast(query.device.type, enabled=False):
            for part, blocks in _parts(call):
                inputs = _take(part, query, key, value, output, grad_outputs[0])
                pieces = _part_backward(ctx.plan, blocks, inputs, tensors, learned)
                for grad, piece, keys in zip(grads, pieces, (False, True, True), strict=True):
                    part.put(grad, piece, keys=keys)
        found = [grad.to(tensor.dtype) for grad, tensor in zip(grads, (query, key, value), strict=True)]
        return None, *found, *(learned[i].to(t.dtype) if i in learned else None for i, t in enumerate(tensors))


def _part_backward(
    plan: _Plan, blocks: Iterator[Block], inputs: tuple[Tensor, ...], tensors: list[Tensor], learned: dict[int, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of one part's queries, keys and values; those of the bias are added to `learned`."""
    call = plan.call
    q, k, v, output, grad_output = inputs
    delta = (grad_output * output).sum(-1, keepdim=True)  # sum_j A_ij dA_ij, also with dropout
    grad_output = grad_output / (1 - call.dropout) if call.dropout else grad_output
    dq, dk, dv = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
    for block in blocks:
        _, weights = _weights(call, block, q, k)
        grad, keys = block.queries(grad_output), block.keys(k)
        scores_grad = torch.bmm(grad, block.keys(v).mT)
        if call.dropout:
            dropped = block.dropped(weights, call.dropout, plan.seed)
            scores_grad.masked_fill_(dropped, 0.0)
            block.add_keys(dv, torch.bmm(weights.masked_fill(dropped, 0.0).mT, grad))
        else:
            block.add_keys(dv, torch.bmm(weights.mT, grad))
        scores_grad.sub_(block.queries(delta)).mul_(weights)
        if learned:
            _bias_backward(call, block, scores_grad, tensors, learned)
        block.put(dq, torch.bmm(scores_grad, keys))
        block.add_keys(dk, torch.bmm(scores_grad.mT, block.queries(q)))
    return dq.mul_(call.scale), dk.mul_(call.scale), dv


def _bias_backward(
    call: Call, block: Block, scores_grad: Tensor, tensors: list[Tensor], learned: dict[int, Tensor]
) -> None:
    assert call.bias is not None
    with torch.enable_grad():
        tile = call.bias.tile(block.patch)
    if not tile.requires_grad:
        return
    grad = block.matrix(scores_grad).sum_to_size(tile.shape)
    wanted = [tensors[i] for i in learned]
    found = torch.autograd.grad(tile, wanted, grad.to(tile.dtype), allow_unused=True)
    for i, piece in zip(learned, found, strict=True):
        if piece is not None:
            learned[i] += piece


def _parts(call: Call) -> Iterator[tuple[Part, Iterator[Block]]]:
    numbers = count()
    for part in call.parts:
        yield part, _blocks(part, call, numbers)


def _blocks(part: Part, call: Call, numbers: Iterator[int]) -> Iterator[Block]:
    """Cut a part so that each block holds about TILE scores a thread: of few heads and texts rather than of few rows.

    With a bias it is the other way round: its tile holds all heads, and often serves all texts.
    """
    queries, keys, groups = part.query_length, part.key_length, call.key.shape[1]
    if not (part.batch and queries and keys):
        return
    share = call.query.shape[1] // groups
    tile = TILE * (min(torch.get_num_threads(), MOST_THREADS) if part.device.type == "cpu" else LARGER)
    tile = tile if call.bias is None else LARGER * tile
    texts = max(1, min(part.batch, tile // (share * groups * min(queries, MIN_ROWS) * keys)))
    together = 1 if call.bias is None else groups * texts
    step = max(MIN_ROWS, tile // (together * share * keys))
    for start in range(0, queries, step):
        rows = range(start, min(start + step, queries))
        spans = [(0, keys)] if part.row is not None else call.rest.spans(*part.position_range(rows), keys)
        if not spans:
            continue
        room = tile // (share * len(rows) * sum(end - first for first, end in spans))
        for batch in _slices(part.batch, room // groups):
            patch = part.patch(rows, spans, batch)
            allowed = call.rest.allowed(patch)
            hidden = None if allowed is None else ~allowed
            for heads in _slices(groups, room if call.bias is None else groups):
                yield Block(next(numbers), batch, heads, share, rows, spans, patch, hidden)


def _slices(length: int, step: int) -> Iterator[slice]:
    """Cut a length into slices of `step`, at least 1."""
    step = max(step, 1)
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _weights(call: Call, block: Block, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """A block's masked scores and its weights, (b * g, h / g * t, s); zeros for a query with no key to look at."""
    scores = torch.bmm(block.queries(q) * call.scale, block.keys(k).mT)
    if call.bias is not None:
        with torch.no_grad():
            block.matrix(scores).add_(call.bias.tile(block.patch))
    if block.hidden is not None:
        hidden = block.hidden if block.hidden.shape[1] == 1 else block.hidden[:, block.heads]
        block.matrix(scores).masked_fill_(hidden, -torch.inf)
    weights = torch.softmax(scores, -1)
    if (block.hidden is not None or call.bias is not None) and bool(weights[..., 0].isnan().any()):
        weights.masked_fill_(scores.amax(-1, keepdim=True).isneginf(), 0.0)
    return scores, weights


def _take(part: Part, query: Tensor, key: Tensor, value: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
    """The part's tensors, contiguous and at least in float32."""
    queries = (part.take(tensor) for tensor in (query, *more))
    keys = (part.take(tensor, keys=True) for tensor in (key, value))
    first, *others = (tensor.to(_precision(tensor)).contiguous() for tensor in queries)
    k, v = (tensor.to(_precision(tensor)).contiguous() for tensor in keys)
    return first, k, v, *others


def _precision(tensor: Tensor) -> torch.dtype:
    return torch.float32 if tensor.dtype in (torch.float16, torch.bfloat16) else tensor.dtype


BACKEND = Backend(
    name="streaming",
    summary="plain PyTorch in blocks of query rows; every mask, every observation, on any device",
    masks="all",
    biases="all",
    dropout="yes",
    observe="everything",
    memory="O(T*block)",
    refuse=lambda call: None,
    slow=lambda call: None,
    run=run,
)
