"""Texts of unlike lengths side by side: the same answers with fewer calls."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.attention import Causal, Full, Layout, Segments, attend
from attendo.attention import filling as room
from attendo.attention.filling import filling_of

HEADS, WIDTH = 3, 5


def ask(layout: Layout, keys: int, mask, backend: str):
    """The answer, and the gradients of queries, keys and values."""
    torch.manual_seed(7)
    sizes = (layout.num_queries, keys, keys)
    tensors = [torch.randn(1, HEADS, size, WIDTH, dtype=torch.double, requires_grad=True) for size in sizes]
    answer = attend(*tensors, mask=Segments(layout) & mask, backend=backend)
    weights = torch.linspace(-1, 1, answer.numel(), dtype=torch.double).view_as(answer)
    return answer, *torch.autograd.grad((answer * weights).sum(), tensors, materialize_grads=True)


def agree(layout: Layout, keys: int, mask) -> None:
    for ours, theirs in zip(ask(layout, keys, mask, "sdpa"), ask(layout, keys, mask, "reference"), strict=True):
        torch.testing.assert_close(ours, theirs)


lengths = st.lists(st.integers(0, 7), min_size=2, max_size=9)


@given(lengths, st.sampled_from([Full(), Causal()]))
def test_own_text(numbers, mask):
    layout = Layout(tuple(numbers))
    agree(layout, layout.num_keys, mask)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=2, max_size=9))
def test_another_text(pairs):
    layout = Layout(tuple(q for q, _ in pairs), tuple(k for _, k in pairs))
    agree(layout, layout.num_keys, Full())


@given(st.lists(st.integers(1, 5), min_size=2, max_size=7), st.data())
def test_rows_of_a_cache_of_which_some_are_free(numbers, data):
    stride = 5
    rows = data.draw(st.lists(st.integers(0, 9), min_size=len(numbers), max_size=len(numbers), unique=True))
    layout = Layout((1,) * len(numbers), tuple(numbers), key_starts=tuple(stride * row for row in rows))
    agree(layout, 10 * stride, Causal())


def test_unlike_texts_take_one_call_and_long_ones_another():
    short, long = [2, 5, 3, 7, 11], [2000, 2300, 13]
    filling = filling_of(Layout((*short, *long)), sum(short) + sum(long), 512, True)
    assert filling is not None
    held = [sorted(group.texts) for group in filling.groups]
    assert held == [[0, 1, 2, 3, 4, 7], [5], [6]]
    assert filling.masks == (None, None, None), "looking back, no query reaches what was filled up"


def test_rows_of_a_cache_are_taken_as_they_lie():
    layout = Layout((1, 1, 1), (4, 2, 6), key_starts=(20, 0, 10))
    filling = filling_of(layout, 30, 64, True)
    assert filling is not None
    assert filling.keys is None
    assert [group.texts for group in filling.groups] == [(1, 2, 0)]


@pytest.mark.parametrize(
    "layout",
    [
        Layout((4, 4, 4)),
        Layout((3, 2), (0, 5)),
        Layout((2, 3), (5, 7)),
        Layout((1, 1), (900, 2), key_starts=(0, 90_000)),
    ],
    ids=["one shape", "a text without keys", "looking back over a cache", "rows far apart"],
)
def test_where_it_brings_nothing_or_cannot_be(layout):
    assert filling_of(layout, layout.num_keys, 64, True) is None


def test_runs_one_by_one_give_the_same(monkeypatch):
    layout = Layout((2, 3, 5, 2))
    together = ask(layout, 12, Causal(), "sdpa")
    filling_of.cache_clear()
    monkeypatch.setattr(room, "CALL", 0)
    assert filling_of(layout, 12, HEADS * WIDTH, True) is None
    for ours, theirs in zip(ask(layout, 12, Causal(), "sdpa"), together, strict=True):
        torch.testing.assert_close(ours, theirs)
    filling_of.cache_clear()
