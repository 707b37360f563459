"""One call of `attend`, checked and understood once, for whichever kernel runs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import torch
from torch import Tensor

from attendo.attention.biases import Bias, DenseBias
from attendo.attention.geometry import Part
from attendo.attention.layout import Layout, Run
from attendo.attention.masks import Dense, Full, Lengths, Mask, Occupied, Prefix, Segments, conjuncts, members
from attendo.attention.observed import Observe
from attendo.errors import ShapeError, UnsupportedError


@dataclass(frozen=True, kw_only=True, eq=False)
class Call:
    """What is to be computed. Queries, keys and values share their leading axes, which are flattened.

    Attributes:
        query: (X, H, T, D); `key` (X, G, S, D); `value` (X, G, S, V).
        lead: the leading axes before they were flattened.
        layout: the packed texts, where the mask holds `Segments`; `padded` the padded ones, where it holds `Lengths`.
        separable: packed texts do not see each other, so that each can be computed alone.
        rest: what the mask still asks within a part.
    """

    query: Tensor
    key: Tensor
    value: Tensor
    lead: tuple[int, ...]
    mask: Mask
    rest: Mask
    bias: Bias | None
    scale: float
    dropout: float
    observe: Observe | None
    layout: Layout | None
    padded: Lengths | None
    separable: bool

    @property
    def needs_grad(self) -> bool:
        tensors = (self.query, self.key, self.value, *(self.bias.tensors() if self.bias else ()))
        return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)

    @property
    def num_texts(self) -> int | None:
        """Texts that the mask speaks of; None where it speaks of none."""
        if self.layout is not None:
            return self.layout.num_texts
        return None if self.padded is None else len(self.padded.key_lengths)

    @cached_property
    def whole(self) -> Part:
        """The call as one batch of whole score matrices."""
        (copies, _, queries, _), keys = self.query.shape, self.key.shape[2]
        size = {"copies": copies, "query_length": queries, "key_length": keys}
        where = {"lead": self.lead, "device": self.query.device}
        if self.layout is not None:
            return Part(**size, **where, row=self.layout)
        if self.padded is None:
            return Part(**size, **where, offsets=(keys - queries,))
        repeats = copies // max(len(self.padded.key_lengths), 1)
        texts = torch.arange(len(self.padded.key_lengths), device=self.query.device)
        texts = texts if repeats == 1 else texts.repeat(repeats)
        layout = self.padded.layout
        return Part(**size, **where, texts=texts, offsets=layout.offsets * repeats if layout else (keys - queries,))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The call cut into parts that do not see each other."""
        if self.layout is None or not self.separable:
            return (self.whole,)
        return tuple(self._packed(run) for run in self.layout.runs)

    def empty_part(self, text: int) -> Part:
        """The part of a packed text that has no queries, which `parts` leaves out."""
        assert self.layout is not None
        layout = self.layout
        keys = layout.key_lengths[text]
        return self._packed(Run(text, 1, 0, keys, 0, layout.query_starts[text], layout.key_starts[text], keys))

    def _packed(self, run: Run) -> Part:
        copies, device = self.query.shape[0], self.query.device
        return Part(
            copies=copies,
            count=run.count,
            first_text=run.first,
            query_length=run.query_length,
            key_length=run.key_length,
            query_start=run.query_start,
            key_start=run.key_start,
            key_stride=run.key_stride,
            offsets=(run.offset,),
            texts=torch.arange(run.first, run.first + run.count, device=device).repeat(copies),
            lead=self.lead,
            device=device,
        )


def prepare(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Mask,
    bias: Bias | Tensor | None,
    scale: float | None,
    dropout: float,
    observe: Observe | None,
) -> Call:
    """Check that everything fits, and flatten the leading axes.

    Raises:
        ShapeError: naming the two sizes that do not fit.
    """
    _check_shapes(query, key, value)
    if not 0.0 <= dropout < 1.0:
        raise ShapeError(f"`dropout` must be at least 0 and less than 1, but is {dropout}.")
    lead = _leading_shape(query, key, value)
    bias = DenseBias(bias) if isinstance(bias, Tensor) else bias
    call = Call(
        query=_flatten(query, lead),
        key=_flatten(key, lead),
        value=_flatten(value, lead),
        lead=lead,
        bias=bias,
        scale=query.shape[-1] ** -0.5 if scale is None else scale,
        dropout=dropout,
        observe=observe if observe is not None and observe.fields else None,
        **_texts(mask),
    )
    _check_texts(call)
    _check_matrices(call)
    if call.observe is not None:
        _check_request(call, call.observe)
    return call


def _texts(mask: Mask) -> dict:
    """Find the texts that a mask speaks of, and what it asks beyond keeping packed texts apart."""
    found = [m for m in members(mask) if isinstance(m, Segments | Lengths)]
    layouts = {m.layout for m in found if isinstance(m, Segments)}
    paddings = {m for m in found if isinstance(m, Lengths)}
    if len(layouts) > 1 or len(paddings) > 1 or (layouts and paddings):
        raise ShapeError("A mask can speak of one packing (`Segments`) or one padding (`Lengths`), not of several.")
    separate = [m for m in conjuncts(mask) if isinstance(m, Segments)]
    if layouts and not separate:
        mask = mask & Occupied()
    rest = mask
    if separate:
        rest = Full()
        for other in conjuncts(mask):
            rest = rest if isinstance(other, Segments) else rest & other
    return {
        "mask": mask,
        "rest": rest,
        "layout": next(iter(layouts), None),
        "padded": next(iter(paddings), None),
        "separable": bool(separate) or not layouts,
    }


def _check_shapes(query: Tensor, key: Tensor, value: Tensor) -> None:
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.ndim < 3:
            raise ShapeError(
                f"`{name}` must have the axes (..., heads, tokens, width), but has the shape {_shape(tensor)}."
            )
    if query.shape[-1] != key.shape[-1]:
        raise ShapeError(f"`query` and `key` must be equally wide, but are {query.shape[-1]} and {key.shape[-1]} wide.")
    if key.shape[-3:-1] != value.shape[-3:-1]:
        raise ShapeError(
            f"`key` and `value` must have the same heads and tokens, but have {_shape(key)} and {_shape(value)}."
        )
    if not query.shape[-3] or not key.shape[-3] or query.shape[-3] % key.shape[-3]:
        raise ShapeError(
            f"The number of query heads must be a multiple of the number of key heads ({key.shape[-3]}), "
            f"but is {query.shape[-3]}."
        )


def _leading_shape(query: Tensor, key: Tensor, value: Tensor) -> tuple[int, ...]:
    shapes = [tensor.shape[:-3] for tensor in (query, key, value)]
    if shapes[0] == shapes[1] == shapes[2]:
        return tuple(shapes[0])
    try:
        return tuple(torch.broadcast_shapes(*shapes))
    except RuntimeError:
        raise ShapeError(f"The leading axes {', '.join(str(tuple(s)) for s in shapes)} do not broadcast.") from None


def _flatten(tensor: Tensor, lead: tuple[int, ...]) -> Tensor:
    if len(lead) == 1 and tensor.shape[:-3] == lead:
        return tensor
    return tensor.expand(*lead, *tensor.shape[-3:]).reshape(prod(lead), *tensor.shape[-3:])


def _check_texts(call: Call) -> None:
    if call.layout is not None:
        queries, keys = call.query.shape[2], call.key.shape[2]
        if queries != call.layout.num_queries:
            raise ShapeError(
                f"The layout holds {call.layout.num_queries} query tokens, but the query row has {queries}."
            )
        if keys < call.layout.num_keys:
            raise ShapeError(f"The layout needs {call.layout.num_keys} keys, but the key row has {keys}.")
    if call.padded is not None:
        texts, batch = len(call.padded.key_lengths), call.lead[-1] if call.lead else 1
        if texts != batch:
            raise ShapeError(f"`Lengths` speaks of {texts} texts, but the batch has {batch}.")
        if max(call.padded.key_lengths, default=0) > call.key.shape[2]:
            raise ShapeError(
                f"`Lengths` speaks of a text of {max(call.padded.key_lengths)} keys, but there are {call.key.shape[2]}."
            )
        queries = call.padded.layout.query_lengths if call.padded.layout else ()
        if max(queries, default=0) > call.query.shape[2]:
            raise ShapeError(
                f"`Lengths` speaks of a text of {max(queries)} queries, but there are {call.query.shape[2]}."
            )
    for mask in members(call.mask):
        if not isinstance(mask, Prefix) or isinstance(mask.length, int):
            continue
        if call.num_texts is None:
            raise ShapeError("`Prefix` with a length for each text needs `Segments` or `Lengths` beside it.")
        if len(mask.length) != call.num_texts:
            raise ShapeError(
                f"`Prefix` has a length for each of {len(mask.length)} texts, but there are {call.num_texts}."
            )


def _check_matrices(call: Call) -> None:
    scores = (*call.lead, call.query.shape[1], call.query.shape[2], call.key.shape[2])
    for mask in members(call.mask):
        if isinstance(mask, Dense):
            _check_broadcast("mask", mask.matrix.shape, scores)
    if isinstance(call.bias, DenseBias):
        _check_broadcast("bias", call.bias.matrix.shape, scores)
    if call.bias is not None and call.bias.heads() not in (None, call.query.shape[1]):
        raise ShapeError(f"`bias` was made for {call.bias.heads()} heads, but there are {call.query.shape[1]}.")


def _check_request(call: Call, observe: Observe) -> None:
    if observe.carry is not None:
        _check_broadcast("carry", observe.carry.shape, (*call.lead, call.query.shape[2]))
    if not call.separable and (observe.map or observe.rows or observe.columns):
        raise UnsupportedError(
            "`map`, `rows` and `columns` are given text by text, but this mask lets packed texts see each other. "
            "Join `Segments` with `&`, or ask for the other fields."
        )


def _check_broadcast(name: str, shape: torch.Size, target: tuple[int, ...]) -> None:
    fits = len(shape) <= len(target) and all(a in (1, b) for a, b in zip(shape[::-1], target[::-1], strict=False))
    if not fits:
        raise ShapeError(f"`{name}` has the shape {tuple(shape)}, which does not broadcast to {target}.")


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))
