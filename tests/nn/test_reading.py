"""Where only some tokens are read, the last block computes only those; what comes out is the same."""

import pytest
import torch
from torch import nn

from attendo.attention import Layout, Observe, Window, listen
from attendo.nn import (
    Block,
    FeedForward,
    FirstToken,
    LastToken,
    LocalMixing,
    MultiHeadAttention,
    Residual,
    Rotary,
    Stack,
)

LENGTHS = (5, 0, 1, 7, 3)
LAYOUT = Layout(LENGTHS)
E = 12


def pre_norm() -> Block:
    return Block(
        Residual(MultiHeadAttention(E, 3, rotary=Rotary(4)), before=nn.LayerNorm(E)),
        Residual(FeedForward(E, 17), before=nn.LayerNorm(E)),
    )


def post_norm() -> Block:
    attention = MultiHeadAttention(E, 2, mask=Window(1, 2))
    return Block(
        Residual(attention, after=nn.LayerNorm(E)),
        Residual(FeedForward(E, 17), after=nn.LayerNorm(E)),
        Residual(LocalMixing(E), before=nn.LayerNorm(E)),
    )


def stack(make) -> Stack:
    torch.manual_seed(0)
    return Stack([make(), make()], norm=nn.LayerNorm(E)).double()


@pytest.mark.parametrize("make", [pre_norm, post_norm])
@pytest.mark.parametrize("read", [FirstToken().reads(LAYOUT), LastToken().reads(LAYOUT)], ids=["first", "last"])
def test_the_same_comes_out(make, read):
    model = stack(make)
    x = torch.randn(sum(LENGTHS), E, dtype=torch.float64, requires_grad=True)
    expected, found = model(x, LAYOUT)[read.query_keys()], model(x, LAYOUT, read)
    torch.testing.assert_close(found, expected)
    inputs = [x, *model.parameters()]
    direction = torch.randn_like(expected)
    gradients = [torch.autograd.grad(each, inputs, direction, retain_graph=True) for each in (expected, found)]
    torch.testing.assert_close(gradients[1], gradients[0])


@pytest.mark.parametrize(("pool", "places"), [(FirstToken(), [0, 5, 6, 13]), (LastToken(), [4, 5, 12, 15])])
def test_what_was_read_is_pooled(pool, places):
    model = stack(post_norm)
    x = torch.randn(sum(LENGTHS), E, dtype=torch.float64)
    read = pool.reads(LAYOUT)
    assert read.query_keys().tolist() == places
    pooled = pool(model(x, LAYOUT, read), Layout(read.query_lengths))
    torch.testing.assert_close(pooled, pool(model(x, LAYOUT), LAYOUT))
    assert torch.equal(pooled[1], torch.zeros(E, dtype=torch.float64))


def test_who_listens_hears_of_all_tokens():
    class Ear:
        heard: list = []  # noqa: RUF012

        def request(self, module):
            return Observe(entropy=True)

        def report(self, module, observed):
            self.heard.append(observed.entropy.shape[-1])

    model, read = stack(pre_norm), FirstToken().reads(LAYOUT)
    x = torch.randn(sum(LENGTHS), E, dtype=torch.float64)
    with listen(Ear()):
        found = model(x, LAYOUT, read)
    assert Ear.heard == [sum(LENGTHS)] * 2
    torch.testing.assert_close(found, model(x, LAYOUT, read))
