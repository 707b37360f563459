"""The recurrent encoder: both directions beside their formulas, packed as one by one, and the smallest texts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn import CELLS, RecurrentEncoder
from attendo.nn.recurrent import Recurrence

E, H = 7, 5
LENGTHS = (3, 0, 6, 1, 6)


def encoder(name: str = "gru", layers: int = 2, dropout: float = 0.0) -> RecurrentEncoder:
    return RecurrentEncoder(E, H, layers, cell=name, dropout=dropout).double()


def one_way(layer: nn.Module, text: torch.Tensor, suffix: str) -> torch.Tensor:
    """One direction, by PyTorch's own cell."""
    kind = next(kind for kind in CELLS.values() if isinstance(layer, kind.layer))
    cell = kind.cell(text.shape[1], H).double()
    for name, weight in cell.named_parameters():
        weight.data = getattr(layer, f"{name}_l0{suffix}").data
    state, out = None, []
    for token in text:
        state = cell(token[None], state)
        out.append((state if kind.states == 1 else state[0])[0])
    return torch.stack(out) if out else text.new_zeros(0, H)


def alone(module: RecurrentEncoder, text: torch.Tensor) -> torch.Tensor:
    """All layers over one text, the second direction over the text turned round."""
    for layer in module.layers:
        backwards = one_way(layer, text.flip(0), "_reverse").flip(0)
        text = torch.cat([one_way(layer, text, ""), backwards], 1)
    return text


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("name", CELLS)
def test_texts_together_are_as_each_alone_by_hand(name, layers):
    module, layout = encoder(name, layers), Layout(LENGTHS)
    x = torch.randn(sum(LENGTHS), E).double()
    found = module(x, layout)
    assert found.shape == (len(x), module.width)
    torch.testing.assert_close(found, torch.cat([alone(module, text) for text in x.split(LENGTHS)]))
    places = torch.tensor([4, 0])
    assert torch.equal(module.at(x, layout, places), found[places])
    read = Layout((1, 0, 2, 1, 0), LENGTHS)
    assert torch.equal(module(x, layout, read), found[read.query_keys()])


@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_texts_alone(name):
    module, layout = encoder(name), Layout(LENGTHS)
    x = torch.randn(sum(LENGTHS), E).double().requires_grad_()
    factors = torch.randn(len(x), module.width).double()
    inputs = [x, *module.parameters()]
    found = torch.autograd.grad((module(x, layout) * factors).sum(), inputs)
    texts = torch.cat([module(text) for text in x.split(LENGTHS)])
    torch.testing.assert_close(found, torch.autograd.grad((texts * factors).sum(), inputs))
    assert all(each.isfinite().all() and each.any() for each in found)


@pytest.mark.parametrize("lengths", [(), (0,), (0, 0), (1,), (0, 1)], ids=str)
def test_the_smallest_texts(lengths):
    found = encoder()(torch.randn(sum(lengths), E).double(), Layout(lengths))
    assert found.shape == (sum(lengths), 2 * H)
    assert found.isfinite().all()


def test_dropout_is_between_layers_alone():
    x = torch.randn(11, E).double()
    one, two = encoder(layers=1, dropout=0.5).train(), encoder(layers=2, dropout=0.5).train()
    assert torch.equal(one(x), one(x))
    assert not torch.equal(two(x), two(x))
    assert torch.equal(two.eval()(x), two(x))


@pytest.mark.parametrize("name", CELLS)
def test_it_runs_in_the_precision_of_its_weights(name):
    module, x = encoder(name).float(), torch.randn(11, E)
    with torch.autocast("cpu", torch.bfloat16):
        found = module(x.bfloat16())
    torch.testing.assert_close(found, module(x.bfloat16().float()))


def test_what_does_not_fit_is_said():
    with pytest.raises(ShapeError, match="holds 3 tokens, but the packed row has 4"):
        encoder()(torch.randn(4, E).double(), Layout((2, 1)))
    with pytest.raises(NotImplementedError):
        Recurrence(3).cache(1, 1)
