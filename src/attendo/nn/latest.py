"""One new token of each text that is being written, with as few operations as that takes.

In general every layer understands layout, mask and bias anew, which for a single token takes longer than all that is
computed. Here a step is understood once for all layers; whatever is out of the ordinary goes the general way.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Causal, Full, request
from attendo.nn.block import Block, Residual, Stack
from attendo.nn.cache import Cache
from attendo.nn.multihead import MultiHeadAttention
from attendo.nn.single import Single


def latest_vectors(stack: nn.Module, x: Float[Tensor, "B E"], cache: object) -> Float[Tensor, "B E"] | None:
    """What a stack makes of the latest token of each text; None where that asks for the general way.

    Args:
        x: the vectors of these tokens, by which the cache has grown.
    """
    if not isinstance(cache, Cache) or not isinstance(stack, Stack) or torch.is_grad_enabled() or stack.training:
        return None
    step = cache.single() if all(_is_plain(block) for block in stack.blocks) else None
    if step is None:
        return None
    for number, block in enumerate(stack.blocks):
        assert isinstance(block, Block)
        x = _added(block.attention, x, _own(block.attention.part, _before(block.attention, x), step, number))
        if block.cross is not None:
            x = _added(block.cross, x, _across(block.cross.part, _before(block.cross, x), step, number))
        x = _added(block.feed_forward, x, block.feed_forward.part(_before(block.feed_forward, x)))
    return stack.norm(x)


def _is_plain(block: nn.Module) -> bool:
    """Whether a block looks at all of its text so far, and at all of its source, and nobody listens."""
    if not isinstance(block, Block) or block.local is not None:
        return False
    return _looks(block.attention.part, Causal) and (block.cross is None or _looks(block.cross.part, Full))


def _looks(part: nn.Module, mask: type) -> bool:
    plain = isinstance(part, MultiHeadAttention) and type(part.mask) is mask and part.bias is None
    return plain and request(part) is None


def _before(residual: Residual, x: Tensor) -> Tensor:
    return x if isinstance(residual.before, nn.Identity) else residual.before(x)


def _added(residual: Residual, x: Tensor, found: Tensor) -> Tensor:
    x = x + found
    return x if isinstance(residual.after, nn.Identity) else residual.after(x)


def _own(part: nn.Module, x: Tensor, step: Single, number: int) -> Tensor:
    """Attention to the text so far."""
    assert isinstance(part, MultiHeadAttention)
    sizes = [part.num_heads, part.num_kv_heads, part.num_kv_heads]
    query, key, value = F.linear(x, part.qkv.weight, part.qkv.bias).unflatten(-1, (-1, part.d_head)).split(sizes, 1)
    if part.rotary is not None or part.query_norm is not None:
        angles = None if part.rotary is None else part.rotary.angles(step.positions)
        query, key = part.turned(query, part.query_norm, angles), part.turned(key, part.key_norm, angles)
    keys, values = step.joined(number, key, value)
    query = step.rowed(query).unflatten(1, (part.num_kv_heads, -1))  # (R, G, H / G, D): a group shares its keys
    mixed = F.scaled_dot_product_attention(query, keys, values, attn_mask=step.mask, scale=part.scale)
    return F.linear(step.unrowed(mixed.flatten(1)), part.output.weight, part.output.bias)


def _across(part: nn.Module, x: Tensor, step: Single, number: int) -> Tensor:
    """Attention to the source."""
    assert isinstance(part, MultiHeadAttention)
    width = part.num_heads * part.d_head
    bias = None if part.qkv.bias is None else part.qkv.bias[:width]
    query = part.turned(F.linear(x, part.qkv.weight[:width], bias).unflatten(-1, (-1, part.d_head)), part.query_norm)
    keys, values, mask = step.memory(number)
    sources, share = len(keys), len(x) // max(len(keys), 1)
    query = query.unflatten(0, (sources, share)).unflatten(2, (part.num_kv_heads, -1))  # (n, w, G, H / G, D)
    query = query.transpose(1, 2).flatten(2, 3)
    mixed = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=part.scale)
    mixed = mixed.unflatten(2, (share, -1)).transpose(1, 2).flatten(2)  # (n, w, H * D)
    return F.linear(mixed.flatten(0, 1), part.output.weight, part.output.bias)
