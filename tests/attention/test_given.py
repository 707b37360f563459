"""Weights from elsewhere are told of as `attend` tells of its own."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Largest, Layout, Observe, Segments, attend, observe_weights
from attendo.attention.call import prepare
from attendo.attention.kernels.reference import attention_weights
from attendo.errors import ShapeError

ALL = Observe(
    entropy=True, peak=True, top=2, received=True, map=3, rows=(0, -1), columns=(0,), distance=True,
    carry=torch.linspace(0, 1, 8),
)  # fmt: skip


@pytest.mark.parametrize("layout", [Layout((5, 1, 2), (7, 3, 1)), Layout((3, 5), (2, 4), key_starts=(0, 5))], ids=str)
def test_the_answers_are_those_of_attend(layout):
    query, key = torch.randn(2, 8, 5), torch.randn(2, 11, 5)
    mask = Segments(layout)
    _, expected = attend(query, key, key, mask=mask, backend="reference", observe=ALL)
    call = prepare(query, key, key, mask=mask, bias=None, scale=None, dropout=0.0, observe=ALL)
    found = observe_weights(attention_weights(call)[0], layout, ALL)
    for name in ALL.fields:
        mine, theirs = getattr(found, name), getattr(expected, name)
        if isinstance(mine, Largest | tuple):
            assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True)), name
        else:
            assert torch.equal(mine, theirs), name


def test_nothing_asked_is_nothing_answered():
    found = observe_weights(torch.ones(1, 2, 3), Layout((2,), (3,)), Observe())
    assert found.entropy is None


def test_other_texts_than_the_weights_are_refused():
    with pytest.raises(ShapeError, match="holds 3 query tokens, but the query row has 2"):
        observe_weights(torch.ones(1, 2, 3), Layout((3,)), ALL)
