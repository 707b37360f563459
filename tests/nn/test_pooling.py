"""Poolings against the same, text by text, in plain loops."""

import pytest
import torch

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn import AttentionPool, FirstToken, MaxPool, MeanPool

E = 6
LENGTHS = (3, 0, 1, 7, 0)
LAYOUT = Layout(LENGTHS)
LOOPS = {
    FirstToken: lambda text: text[0],
    MeanPool: lambda text: text.mean(0),
    MaxPool: lambda text: text.amax(0),
}


@pytest.mark.parametrize(("make", "loop"), LOOPS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_pools_each_text_alone(make, loop, device, exact):
    row = torch.randn(sum(LENGTHS), E, device=device, dtype=exact)
    empty = torch.zeros(E, device=device, dtype=exact)
    expected = torch.stack([loop(text) if len(text) else empty for text in row.split(LENGTHS)])
    torch.testing.assert_close(make()(row, LAYOUT), expected)
    torch.testing.assert_close(make()(LAYOUT.pad(row, fill=99.0), LAYOUT), expected)


@pytest.mark.parametrize("make", [FirstToken, MeanPool, MaxPool, lambda: AttentionPool(E, 2)])
def test_an_empty_text_gives_zeros_whatever_its_neighbours_hold(make):
    row = torch.full((5, E), float("inf"))
    found = make()(row, Layout((0, 5, 0)))
    assert not found[0].any()
    assert not found[2].any()


def test_attention_pool_mixes_values_by_the_query():
    pool = AttentionPool(E, 2).double()
    torch.nn.init.normal_(pool.query)
    row = torch.randn(sum(LENGTHS), E, dtype=torch.float64)
    expected = torch.zeros(len(LENGTHS), 2, 3, dtype=torch.float64)
    for number, text in enumerate(row.split(LENGTHS)):
        key, value = pool.key_value(text).view(-1, 2, 2, 3).unbind(1)  # (T, H, D)
        for head in range(2):
            weights = (key[:, head] @ pool.query[head, 0] / 3**0.5).softmax(0)
            expected[number, head] = weights @ value[:, head]
    torch.testing.assert_close(pool(row, LAYOUT), expected.flatten(1))


def test_before_training_attention_pool_is_the_mean_of_its_values():
    pool, row = AttentionPool(E, 2), torch.randn(sum(LENGTHS), E)
    values = pool.key_value(row)[:, E:]
    torch.testing.assert_close(pool(row, LAYOUT), MeanPool()(values, LAYOUT))


def test_the_mean_of_a_long_text_in_half_precision(device):
    row = torch.ones(1009, E, dtype=torch.bfloat16, device=device)
    found = MeanPool()(row)
    assert found.dtype == torch.bfloat16
    assert (found == 1).all()


@pytest.mark.parametrize("num_heads", [0, 4])
def test_heads_that_do_not_divide(num_heads):
    with pytest.raises(ShapeError, match=rf"`num_heads` must divide `d_model` \(6\), but is {num_heads}"):
        AttentionPool(E, num_heads)
