"""One new token of each text that is being written, with as few operations as that takes.

In general every layer understands layout, mask and bias anew, and finds its weights by their names, which for a single
token takes longer than all that is computed. Here a step is understood once for all layers, and what is to be done in
it once for all steps; whatever is out of the ordinary goes the general way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Causal, Full, is_heard
from attendo.nn.block import Block, Residual, Stack
from attendo.nn.cache import Cache, Way
from attendo.nn.embeddings import TokenEmbedding
from attendo.nn.feedforward import FeedForward, GatedFeedForward
from attendo.nn.multihead import MultiHeadAttention
from attendo.nn.positions import LearnedPositions, SinusoidalPositions
from attendo.nn.single import Single


def latest_vectors(ids: Int[Tensor, " B"], cache: Cache) -> Float[Tensor, "B E"] | None:
    """What the decoder of a cache makes of one more token of each text; None, and the cache has not grown, where that
    asks for the general way."""
    if cache.way is None or is_heard() or torch.is_grad_enabled() or torch.is_autocast_enabled(ids.device.type):
        return None
    step = cache.single() if len(ids) == len(cache.lengths) else None
    return None if step is None else step.unrowed(cache.way(step.rowed(ids), step))


def short_way(embedding: nn.Module, stack: nn.Module) -> Way | None:
    """From ids to vectors, with all weights at hand; None if the decoder is learning, a part is none of those that are
    known here, somebody has hooked something on to it, or its attention is not one to all of a text."""
    if stack.training:
        return None
    try:
        return _in_turn(embedding, stack)
    except _UnknownPartError:
        return None


class _UnknownPartError(Exception):
    """A part that only its own `forward` knows."""


def _in_turn(embedding: nn.Module, stack: nn.Module) -> Way:
    _check(isinstance(stack, Stack), stack)
    parts = [_embedded(embedding)]
    for number, block in enumerate(cast(Stack, stack).blocks):
        _check(isinstance(block, Block) and block.local is None, block)
        block = cast(Block, block)
        parts.append(_around(block.attention, _own(block.attention.part, number)))
        if block.cross is not None:
            parts.append(_around(block.cross, _across(block.cross.part, number)))
        parts.append(_around(block.feed_forward, _fed_forward(block.feed_forward.part)))
    norm = _function(cast(Stack, stack).norm)

    def run(x: Tensor, step: Single) -> Tensor:
        for part in parts:
            x = part(x, step)
        return norm(x)

    return run


def _check(known: bool, module: nn.Module) -> None:
    if not known or module._forward_hooks or module._forward_pre_hooks:
        raise _UnknownPartError


def _function(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """What a norm or a linear layer does, without the search for its weights."""
    if type(module) is nn.Identity:
        return _as_it_is
    if type(module) is nn.LayerNorm:
        _check(True, module)
        shape, weight, bias, eps = module.normalized_shape, module.weight, module.bias, module.eps
        return lambda x: torch.layer_norm(x, shape, weight, bias, eps)
    if type(module) is nn.Linear:
        _check(True, module)
        weight, bias = module.weight, module.bias
        return lambda x: F.linear(x, weight, bias)
    return module


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _embedded(embedding: nn.Module) -> Way:
    """Words and their positions as vectors."""
    _check(isinstance(embedding, TokenEmbedding), embedding)
    embedding = cast(TokenEmbedding, embedding)
    positions = embedding.positions
    if not isinstance(positions, LearnedPositions | SinusoidalPositions | None):
        raise _UnknownPartError

    def run(ids: Tensor, step: Single) -> Tensor:
        x = embedding.words(ids)
        return embedding.finished(x if positions is None else positions.at(x, step.positions, step.longest))

    return run


def _around(residual: Residual, part: Way) -> Way:
    """A part, and the norms and the sum around it."""
    _check(True, residual)
    before, after = _function(residual.before), _function(residual.after)
    return lambda x, step: after(part(before(x), step) + x)


def _own(part: nn.Module, number: int) -> Way:
    """Attention to the text so far."""
    _check(_looks(part, Causal), part)
    part = cast(MultiHeadAttention, part)
    projected, output = _function(part.qkv), _function(part.output)
    groups, width, scale = part.num_kv_heads, part.d_head, part.scale
    share, sizes, joined = part.num_heads // groups, [part.num_heads, 2 * groups], part.num_heads * width
    turned = part.rotary is not None or part.query_norm is not None

    def run(x: Tensor, step: Single) -> Tensor:
        query, seen = projected(x).view(-1, sum(sizes), width).split_with_sizes(sizes, 1)
        if turned:
            angles = None if part.rotary is None else part.rotary.angles(step.positions)
            key = part.turned(seen[:, :groups], part.key_norm, angles)
            query, seen = part.turned(query, part.query_norm, angles), torch.cat([key, seen[:, groups:]], 1)
        keys, values = step.joined(number, seen)
        query = query.view(-1, groups, share, width)  # a group shares its keys
        mixed = F.scaled_dot_product_attention(query, keys, values, attn_mask=step.mask, scale=scale)
        return output(mixed.reshape(-1, joined))

    return run


def _across(part: nn.Module, number: int) -> Way:
    """Attention to the source, whose keys all texts share that are written from it."""
    _check(_looks(part, Full), part)
    part = cast(MultiHeadAttention, part)
    _check(True, part.qkv)
    groups, width, scale = part.num_kv_heads, part.d_head, part.scale
    share, joined = part.num_heads // groups, part.num_heads * width
    weight, output = part.qkv.weight[:joined], _function(part.output)
    bias = None if part.qkv.bias is None else part.qkv.bias[:joined]

    def run(x: Tensor, step: Single) -> Tensor:
        keys, values, mask = step.memory(number)
        query = F.linear(x, weight, bias)
        if part.query_norm is not None:
            query = part.turned(query.view(-1, groups * share, width), part.query_norm)
        if step.texts == 1:
            query = query.view(-1, groups, share, width)
        else:
            query = query.view(-1, step.texts, groups, share, width).transpose(1, 2).flatten(2, 3)
        mixed = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=scale)
        if step.texts != 1:
            mixed = mixed.unflatten(2, (step.texts, share)).transpose(1, 2)
        return output(mixed.reshape(-1, joined))

    return run


def _looks(part: nn.Module, mask: type) -> bool:
    return isinstance(part, MultiHeadAttention) and type(part.mask) is mask and part.bias is None


def _fed_forward(part: nn.Module) -> Way:
    """The part that works on each token alone."""
    if not isinstance(part, FeedForward | GatedFeedForward):
        return lambda x, step: part(x)
    _check(True, part)
    up, down, bent = _function(part.up), _function(part.down), part.activation
    if isinstance(part, FeedForward):
        return lambda x, step: down(bent(up(x)))

    def run(x: Tensor, step: Single) -> Tensor:
        gate, value = up(x).chunk(2, 1)
        return down(bent(gate) * value)

    return run
