"""Cells and layers of them beside their formulas, one text and one step at a time."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attendo.attention import Layout
from attendo.nn import CELLS, RecurrentEncoder, initialise
from attendo.nn.cells import through
from attendo.nn.steps import steps_of

E, H = 7, 5
LENGTHS = (3, 0, 6, 1, 6)


def gru(x, state, of_input, of_state, input_bias, state_bias):
    """r, z, n as PyTorch's documentation writes them; the bias of the candidate's state stands behind the reset."""
    (h,) = state
    reset_in, update_in, new_in = (of_input @ x + input_bias).chunk(3)
    reset_own, update_own, new_own = (of_state @ h + state_bias).chunk(3)
    r, z = torch.sigmoid(reset_in + reset_own), torch.sigmoid(update_in + update_own)
    n = torch.tanh(new_in + r * new_own)
    return ((1 - z) * n + z * h,)


def lstm(x, state, of_input, of_state, input_bias, state_bias):
    h, c = state
    i, f, g, o = (of_input @ x + input_bias + of_state @ h + state_bias).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


FORMULAS = {"gru": gru, "lstm": lstm}
every_cell = pytest.mark.parametrize("name", CELLS)


def test_every_cell_has_its_formula():
    assert set(FORMULAS) == set(CELLS)


@every_cell
def test_a_step_is_the_formula(name):
    kind = CELLS[name]
    cell = kind.cell(E, H).double()
    x, state = torch.randn(3, E).double(), tuple(torch.randn(3, H).double() for _ in range(kind.states))
    given = nn.functional.linear(x, cell.weight_ih, cell.bias_ih)
    own = nn.functional.linear(state[0], cell.weight_hh, cell.bias_hh)
    found = kind.advance(given, own, state)
    for text in range(3):
        expected = FORMULAS[name](x[text], tuple(each[text] for each in state), *cell.parameters())
        for mine, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(mine[text], theirs)


@every_cell
@pytest.mark.parametrize("given", [True, False], ids=["from a state", "from zeros"])
def test_a_layer_over_texts_is_the_formula_step_by_step(name, given):
    kind = CELLS[name]
    layer, layout = kind.layer(E, H).double(), Layout(LENGTHS)
    x, steps = torch.randn(sum(LENGTHS), E).double(), steps_of(layout, torch.device("cpu"))
    begin = tuple(torch.randn(len(LENGTHS), H).double() * given for _ in range(kind.states))
    found, last = through(layer, x[steps.rows], steps, tuple(each[steps.texts] for each in begin) if given else ())
    row = torch.empty_like(found).index_copy(0, steps.rows, found)
    for text, (tokens, mine) in enumerate(zip(layout.split(x), layout.split(row), strict=True)):
        state = tuple(each[text] for each in begin)
        for token, vector in zip(tokens, mine, strict=True):
            state = FORMULAS[name](token, state, *layer.parameters())
            torch.testing.assert_close(vector, state[0])
        if len(tokens):
            rank = steps.texts.tolist().index(text)
            assert all(torch.allclose(a[rank], b) for a, b in zip(last, state, strict=True))


@every_cell
def test_first_weights_keep_a_state_as_long_as_it_is(name):
    encoder = RecurrentEncoder(E, H, 2, cell=name)
    initialise(encoder)
    for layer in encoder.layers:
        for key, weight in layer.named_parameters():
            if key.startswith("weight_hh"):
                for gate in weight.detach().split(H):
                    torch.testing.assert_close(gate @ gate.T, torch.eye(H))
            elif key.startswith("bias"):
                forgets = name == "lstm" and key.startswith("bias_ih")
                assert weight.sum() == (H if forgets else 0)
    if name == "lstm":
        assert torch.equal(encoder.layers[0].bias_ih_l0[H : 2 * H], torch.ones(H))  # type: ignore[index]
