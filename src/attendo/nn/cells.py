"""The cells of recurrent layers, GRU and LSTM, and layers of them over packed texts.

Layers run on tokens in the order of their steps (see `steps`), which is how PyTorch packs them: at each step only the
texts that are not at their end take part. Not for what surrounds them: that is in `recurrent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from attendo.nn.steps import Steps

Layer = TypeVar("Layer", bound="_Layer")
CellName: TypeAlias = Literal["gru", "lstm"]
State: TypeAlias = tuple[Tensor, ...]
"""What a layer knows of each text so far, (B, H): the state, which is also what comes out, and an LSTM's cell."""


@dataclass(frozen=True, kw_only=True)
class CellKind:
    """A kind of cell.

    Attributes:
        layer: the same over whole texts.
        states: how many tensors its state has.
        advance: the next state, from what the input says to all gates, what the state says to them, and the state.
    """

    cell: type[nn.GRUCell | nn.LSTMCell]
    layer: type[GRULayer | LSTMLayer]
    states: int
    advance: Callable[[Tensor, Tensor, State], State]


def _advance_gru(given: Float[Tensor, "B G"], own: Float[Tensor, "B G"], state: State) -> State:
    """Gated recurrent units (arXiv 1406.1078); the state is reset behind its product, as in PyTorch's layers."""
    (before,) = state
    parts = [2 * before.shape[1], before.shape[1]]
    (gates_given, given), (gates, own) = given.split(parts, 1), own.split(parts, 1)
    reset, update = (gates_given + gates).sigmoid().chunk(2, 1)
    return (torch.lerp(torch.addcmul(given, reset, own).tanh(), before, update),)


def _advance_lstm(given: Float[Tensor, "B G"], own: Float[Tensor, "B G"], state: State) -> State:
    """Long short-term memory with a gate that forgets."""
    keep, forget, new, show = (given + own).chunk(4, 1)
    cell = torch.addcmul(forget.sigmoid() * state[1], keep.sigmoid(), new.tanh())
    return show.sigmoid() * cell.tanh(), cell


class _Layer(nn.RNNBase):
    """It drops nothing, so its mode makes no difference but one: cuDNN has gradients for layers in training alone."""

    def train(self: Layer, mode: bool = True) -> Layer:
        return super().train(True)


class GRULayer(_Layer, nn.GRU):
    """Gated recurrent units over whole texts."""


class LSTMLayer(_Layer, nn.LSTM):
    """Long short-term memory over whole texts."""


CELLS: dict[CellName, CellKind] = {
    "gru": CellKind(cell=nn.GRUCell, layer=GRULayer, states=1, advance=_advance_gru),
    "lstm": CellKind(cell=nn.LSTMCell, layer=LSTMLayer, states=2, advance=_advance_lstm),
}
"""By the name that config.json has for them."""


def through(
    layer: nn.GRU | nn.LSTM, x: Float[Tensor, "M E"], steps: Steps, state: State = ()
) -> tuple[Float[Tensor, "M F"], State]:
    """Run a layer of one or both directions over all texts; without a state to begin with it begins with zeros.

    Tokens and states are in the order of `steps`, and there is at least one token.
    """
    if x.is_cuda and len({weight.untyped_storage().data_ptr() for weight in layer.parameters()}) > 1:
        layer.flatten_parameters()  # weights that were loaded one by one, which cuDNN wants side by side
    sizes = torch.tensor(steps.counts)
    begin: Any = tuple(each[None].contiguous() for each in state)
    packed, last = layer(PackedSequence(x, sizes), (begin if len(begin) > 1 else begin[0]) if begin else None)
    last = last if isinstance(last, tuple) else (last,)
    return packed.data, tuple(each[0] for each in last)
