"""Attention that is computed by PyTorch's functions: each call goes as it would, and is looked at beside.

Where a model makes its weights by itself, with a softmax, these are at hand anyway, and are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from attendo.attention import Causal, Dense, Full, Layout, Mask, Observe, Observed, attend, observe_weights
from attendo.errors import ShapeError, UnsupportedError
from attendo.observation.looks import Kind
from attendo.observation.places import Places

Heads: TypeAlias = "Sequence[int] | None"
Wanted: TypeAlias = "Callable[[], tuple[Observe, Heads, Places] | None]"
Note: TypeAlias = "Callable[[Kind, Sequence[Observed], tuple[int, ...]], None]"


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A call: queries (B, H, T, D) and keys (B, G, S, D), and what hides keys or is added to scores.

    Attributes:
        mask: true where a query may look, or None; `bias` is added, (B or 1, H or 1, T, S).
        causal: whether a query may only look at keys up to its own place, counted from the first.
        apart: whether the texts that are looked at are others.
        keys_real: (B, S), which keys are no padding, where that is known.
    """

    query: Tensor
    key: Tensor
    mask: Tensor | None = None
    bias: Tensor | None = None
    causal: bool = False
    scale: float | None = None
    apart: bool = False
    keys_real: Tensor | None = None


class Calls(TorchFunctionMode):
    """Sees calls of `scaled_dot_product_attention` and `multi_head_attention_forward` in this thread.

    Args:
        wanted: what to find out about the call at hand, if anything.
        note: takes what was found, text by text.
    """

    def __init__(self, wanted: Wanted, note: Note) -> None:
        super().__init__()
        self._wanted, self._note = wanted, note

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        read = READERS.get(func)
        asked = None if read is None and func not in SOFTMAXES else self._wanted()
        if asked is None:
            return output
        with torch.no_grad():
            if read is not None:
                self._look(read(*args, **kwargs), *asked)
            elif asked[2].innermost.attends and _weighs(output, *args, **kwargs):
                self._look_at(output, *asked)
        return output

    def _look_at(self, weights: Tensor, ask: Observe, heads: Heads, places: Places) -> None:
        """Note what was asked for of weights that a model made by itself, (B, H, T, S), or of one head (B, T, S)."""
        weights = weights[:, None] if weights.ndim == 3 else weights
        chosen, apart = _heads(heads, weights.shape[1]), places.innermost.crossed
        real, found = places.real(crossed=apart), []
        for text, whole in enumerate(weights):
            queries, keys = _real(weights, weights.mT, None, text, real, apart)
            own = whole[chosen][:, queries, keys]
            layout = Layout((own.shape[1],), (own.shape[2],))
            found += observe_weights(own, layout, ask).texts()
        self._note("cross" if apart else "self", found, tuple(chosen))

    def _look(self, given: Given, ask: Observe, heads: Heads, places: Places) -> None:
        """Compute the weights again, text by text, and note what was asked for."""
        chosen = _heads(heads, given.query.shape[1])
        share = given.query.shape[1] // given.key.shape[1]
        group = [head // share for head in chosen]
        found = []
        apart = given.apart or places.innermost.crossed
        real = places.real(crossed=apart)
        for text in range(len(given.query)):
            queries, keys = _real(given.query, given.key, given.keys_real, text, real, apart)
            parts = given.query[text][chosen][:, queries], given.key[text][group][:, keys]
            mask, bias = (_tile(each, text, chosen, queries, keys) for each in (given.mask, given.bias))
            found.append(_seen(parts, given, ask, mask, bias, (queries, keys)))
        self._note("cross" if apart else "self", found, tuple(chosen))


def _seen(
    parts: tuple[Tensor, Tensor],
    given: Given,
    ask: Observe,
    mask: Tensor | None,
    bias: Tensor | None,
    cut: tuple[slice, slice],
) -> Observed:
    """What the weights of one text are like."""
    allowed: Mask = Full() if mask is None else Dense(mask)
    if given.causal:
        allowed = allowed & _causal(given, *cut)
    query, key = parts
    return attend(query, key, key[..., :1], mask=allowed, bias=bias, scale=given.scale, observe=ask)[1]


def _causal(given: Given, queries: slice, keys: slice) -> Mask:
    """PyTorch counts places from the first query and the first key, which `Causal` does where both are as many."""
    size, others = given.query.shape[2], given.key.shape[2]
    if size == others and queries == keys:
        return Causal()
    at, to = torch.arange(size)[queries], torch.arange(others)[keys]
    return Dense((to <= at[:, None]).to(given.query.device))


def _heads(heads: Heads, count: int) -> list[int]:
    if heads is None:
        return list(range(count))
    for head in heads:
        if not -count <= head < count:
            raise ShapeError(f"`heads` asks for head {head}, but there are {count}.")
    return [head % count for head in heads]


def _real(
    query: Tensor, key: Tensor, known: Tensor | None, text: int, told: Tensor | None, apart: bool
) -> tuple[slice, slice]:
    """The queries and keys of a text that are no padding, as the call knows it or the model was told."""
    sizes = query.shape[2], key.shape[2]
    if known is None and told is not None and len(told) == len(query) and told.shape[1] == sizes[1]:
        known = told
    if known is None:
        return slice(0, sizes[0]), slice(0, sizes[1])
    keys = _span(known[text])
    if apart or sizes[0] != sizes[1]:  # another text's, or the last ones of their own
        return slice(0, sizes[0]), keys
    return keys, keys


def _span(real: Tensor) -> slice:
    """From the first real token to the last."""
    found = real.nonzero()
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0)


def _tile(matrix: Tensor | None, text: int, heads: list[int], queries: slice, keys: slice) -> Tensor | None:
    """What belongs to a text of a matrix that broadcasts to (B, H, T, S)."""
    if matrix is None:
        return None
    own = matrix[text if len(matrix) > 1 else 0]
    own = own[heads] if len(own) > 1 else own
    own = own[:, queries] if own.shape[1] > 1 else own
    return own[:, :, keys] if own.shape[2] > 1 else own


def _read_sdpa(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Given:
    lead = query.shape[:-3]
    query, key = _batched(query, lead), _batched(key, lead)
    matrix = None if attn_mask is None else _batched(attn_mask, lead, spread=False)
    hidden = matrix is not None and matrix.dtype == torch.bool
    return Given(
        query=query,
        key=key,
        mask=matrix if hidden else None,
        bias=None if hidden else matrix,
        causal=is_causal,
        scale=scale,
    )


def _batched(tensor: Tensor, lead: torch.Size, *, spread: bool = True) -> Tensor:
    """With one leading axis in place of any number; a matrix may have one of length 1."""
    if tensor.ndim < 4:
        tensor = tensor[(None,) * (4 - tensor.ndim)]
    if len(lead) < 2:
        return tensor if not spread or not lead else tensor.expand(*lead, *tensor.shape[-3:])
    if not spread and all(size == 1 for size in tensor.shape[:-3]):
        return tensor.reshape(1, *tensor.shape[-3:])
    return tensor.expand(*lead, *tensor.shape[-3:]).flatten(0, len(lead) - 1)


def _read_multi_head(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Given:
    """The projections of PyTorch's own module, made again: tensors come as (T, B, E), or (T, E) for a single text."""
    if bias_k is not None or bias_v is not None or add_zero_attn or static_k is not None or static_v is not None:
        raise UnsupportedError(
            "Attention with `bias_k`, `add_zero_attn` or static keys looks at places that are no tokens, and cannot be "
            "watched. Leave its module out of `layers`."
        )
    weights = [q_proj_weight, k_proj_weight]
    if not use_separate_proj_weight:
        assert in_proj_weight is not None
        weights = list(in_proj_weight.chunk(3)[:2])
    biases = [None] * 2 if in_proj_bias is None else list(in_proj_bias.chunk(3)[:2])
    heads = []
    for given, weight, bias in zip((query, key), weights, biases, strict=True):
        assert weight is not None
        given = given[:, None] if given.ndim == 2 else given
        made = F.linear(given, weight, bias)  # (T, B, E)
        heads.append(made.unflatten(2, (num_heads, -1)).permute(1, 2, 0, 3))
    mask, bias = _shown(attn_mask, heads[0])
    padding, soft = _padding(key_padding_mask)
    if soft is not None:
        bias = soft if bias is None else bias + soft
    return Given(
        query=heads[0],
        key=heads[1],
        mask=mask,
        bias=bias,
        apart=key is not query and (key.shape != query.shape or not torch.equal(key, query)),
        keys_real=padding,
    )


def _shown(mask: Tensor | None, query: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """PyTorch's module says which keys are hidden, (T, S) or (B * H, T, S), or what is added to scores."""
    if mask is None:
        return None, None
    mask = mask[None, None] if mask.ndim == 2 else mask.unflatten(0, (-1, query.shape[1]))
    return (~mask, None) if mask.dtype == torch.bool else (None, mask.to(query.dtype))


def _padding(mask: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """Which keys are real, (B, S); or what is added to the scores of each, (B, 1, 1, S)."""
    if mask is None:
        return None, None
    mask = mask[None] if mask.ndim == 1 else mask
    if mask.dtype == torch.bool:
        return ~mask, None
    hidden = mask.isneginf()
    return (~hidden, None) if bool(((mask == 0) | hidden).all()) else (None, mask[:, None, None])


def _weighs(output: Any, given: Tensor, dim: int | None = None, *options: Any, **named: Any) -> bool:
    """Whether a softmax makes weights of keys: along the last of three axes or four."""
    return isinstance(output, Tensor) and output.ndim in (3, 4) and dim in (-1, output.ndim - 1)


SOFTMAXES = (F.softmax, torch.softmax, Tensor.softmax)
READERS: dict[Callable[..., Any], Callable[..., Given]] = {
    F.scaled_dot_product_attention: _read_sdpa,
    F.multi_head_attention_forward: _read_multi_head,
}
"""How the arguments of each function are read."""
