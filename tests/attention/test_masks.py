from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo import attention
from attendo.attention import Causal, Full, Global, Layout, Lengths, Prefix, Segments, Window, attend
from attendo.attention.call import prepare
from attendo.attention.geometry import crossed, joined
from attendo.attention.masks import conjuncts

RULES = {
    "full": (Full(), lambda i, j: True),
    "causal": (Causal(), lambda i, j: j <= i),
    "window": (Window(3, 1), lambda i, j: -3 <= j - i <= 1),
    "window behind": (Window(3, -1), lambda i, j: -3 <= j - i <= -1),
    "empty window": (Window(-1, 0), lambda i, j: False),
    "prefix": (Prefix(4), lambda i, j: j < 4),
    "global": (Global((0, 5)), lambda i, j: i in (0, 5) or j in (0, 5)),
    "global nowhere": (Global(()), lambda i, j: False),
    "causal | prefix": (Causal() | Prefix(4), lambda i, j: j <= i or j < 4),
    "window & causal": (Window(2, 2) & Causal(), lambda i, j: i - 2 <= j <= i),
    "window | global": (Window(1, 0) | Global((2,)), lambda i, j: j in (i - 1, i) or 2 in (i, j)),
    "nest": (
        (Causal() | Prefix(3)) & (Window(2, 2) | Global((4,))),
        lambda i, j: (j <= i or j < 3) and (abs(i - j) <= 2 or 4 in (i, j)),
    ),
}


def uniform(mask, device, *, queries, keys, texts=1):
    """What each query sees of each key when all scores are equal: one share for each key that it may look at."""
    value = torch.eye(keys, device=device).expand(texts, 1, keys, keys)
    query, key = (torch.zeros(texts, 1, length, 3, device=device) for length in (queries, keys))
    return attend(query, key, value, mask=mask, backend="reference")[:, 0]


def shares(allowed):
    """The same from a list of lists of truths."""
    allowed = torch.tensor(allowed, dtype=torch.float32)
    return allowed / allowed.sum(-1, keepdim=True).clamp(min=1)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("queries", "keys"), [(7, 7), (5, 11), (11, 5), (1, 7)])
def test_a_mask_allows_exactly_its_keys(name, queries, keys, device):
    mask, rule = RULES[name]
    allowed = [[rule(i + keys - queries, j) for j in range(keys)] for i in range(queries)]
    torch.testing.assert_close(uniform(mask, device, queries=queries, keys=keys)[0].cpu(), shares(allowed))


@pytest.mark.parametrize("name", RULES)
def test_packed_texts_are_masked_each_by_its_own_positions(name, device):
    mask, rule = RULES[name]
    layout = Layout((3, 1, 0, 5), (5, 1, 2, 3), key_starts=(2, 0, 13, 8))
    allowed = [[False] * 17 for _ in range(9)]
    places = [(0, 2, 2), (0, 2, 3), (0, 2, 4), (1, 0, 0), *((3, 8, i) for i in range(-2, 3))]  # text, first key, i
    for row, (text, start, i) in enumerate(places):
        for j in range(layout.key_lengths[text]):
            allowed[row][start + j] = rule(i, j)
    found = uniform(Segments(layout) & mask, device, queries=9, keys=17)
    torch.testing.assert_close(found[0].cpu(), shares(allowed))


@pytest.mark.parametrize("name", RULES)
def test_padded_texts_are_masked_each_by_its_own_positions(name, device):
    mask, rule = RULES[name]
    layout = Layout((5, 2, 0), (7, 3, 4), offsets=(2, 0, 1))
    found = uniform(Lengths(layout) & mask, device, queries=5, keys=7, texts=3)
    for text in range(3):
        queries, keys, offset = layout.query_lengths[text], layout.key_lengths[text], layout.offsets[text]
        allowed = [[t < queries and j < keys and rule(t + offset, j) for j in range(7)] for t in range(5)]
        torch.testing.assert_close(found[text].cpu(), shares(allowed))


def test_a_prefix_for_each_text(device):
    packed = uniform(Segments(Layout((2, 3))) & Prefix((1, 2)), device, queries=5, keys=5)
    expected = shares([[j == 0 for j in range(5)]] * 2 + [[j in (2, 3) for j in range(5)]] * 3)
    torch.testing.assert_close(packed[0].cpu(), expected)
    padded = uniform(Lengths((2, 3)) & Prefix((1, 2)), device, queries=3, keys=3, texts=2)
    torch.testing.assert_close(padded[1].cpu(), shares([[True, True, False]] * 3))
    torch.testing.assert_close(padded[0].cpu(), shares([[True, False, False]] * 3))


def test_places_of_no_text_stay_unseen_also_where_texts_see_each_other(device):
    layout = Layout((1, 1), (2, 2), key_starts=(1, 5))
    found = uniform(Segments(layout) | Window(7, 7), device, queries=2, keys=11)
    expected = shares([[j in (1, 2, 5, 6) for j in range(11)]] * 2)
    torch.testing.assert_close(found[0].cpu(), expected)


def test_the_algebra_keeps_full_out_of_the_way():
    causal, window, prefix = Causal(), Window(1, 1), Prefix(2)
    assert Full() & causal is causal
    assert causal & Full() is causal
    assert Full() | causal == causal | Full() == Full()
    assert conjuncts(causal & (window & Full()) & prefix) == [causal, window, prefix]
    assert conjuncts(causal | window) == [causal | window]
    assert Lengths([3, 5]) == Lengths(torch.tensor([3, 5])) == Lengths((3, 5))
    assert causal & window != window & causal


spans = st.lists(st.tuples(st.integers(-5, 20), st.integers(-5, 20)), max_size=5)


@given(spans, spans)
def test_ranges_are_joined_and_crossed_as_sets(left, right):
    def members(ranges):
        return {place for first, end in ranges for place in range(first, end)}

    union = joined(left)
    assert members(union) == members(left)
    assert all(first < end for first, end in union)
    assert all(a[1] < b[0] for a, b in pairwise(union))  # sorted, with gaps between
    both = crossed(union, joined(right))
    assert members(both) == members(left) & members(right)
    assert both == sorted(both)


number = st.integers(0, 9)
leaves = st.one_of(
    st.sampled_from(
        ["Full()", "Causal()", *(f"Dense(torch.arange(91).view(7, 13) % {step} > 0)" for step in (2, 5, 11))]
    ),
    st.builds("Window({}, {})".format, st.integers(-3, 5), st.integers(-3, 5)),
    st.builds("Prefix({})".format, number | st.tuples(number, number, number)),
    st.builds("Global({})".format, st.lists(st.integers(-2, 9), max_size=3).map(tuple)),
)
masks = st.recursive(
    leaves, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("&|"), inner), max_leaves=5
)
offsets = st.tuples(*[st.integers(-3, 7)] * 3)
cuts = st.tuples(st.integers(0, 3), st.integers(0, 4)), st.tuples(st.integers(0, 6), st.integers(0, 7))


@settings(max_examples=70)
@given(masks, st.sampled_from([Segments, Lengths]), *cuts, offsets, st.integers(1, 7))
def test_spans_hold_every_key_that_is_allowed(mask, about, queries, keys, offsets, step):
    layout = Layout((*queries, 7 - sum(queries)), (*keys, 13 - sum(keys)), offsets)
    mask = eval(mask, vars(attention) | {"torch": torch}) & about(
        layout
    )  # as text, because a falsifying example should be easy to read
    query, key = (torch.zeros(3 if about is Lengths else 1, 1, length, 2) for length in (7, 13))
    call = prepare(query, key, key, mask=mask, bias=None, scale=None, dropout=0.0, observe=None)
    for part in (part for part in call.parts if part.key_length):
        shape = (part.batch, 1, part.query_length, part.key_length)
        allowed = call.rest.allowed(part.patch(range(part.query_length), [(0, part.key_length)]))
        allowed = torch.ones(shape, dtype=torch.bool) if allowed is None else allowed.expand(shape)
        for start in range(0, part.query_length, step):
            rows = range(start, min(start + step, part.query_length))
            ranges = call.rest.spans(*part.position_range(rows), part.key_length)
            assert ranges == joined(ranges), "sorted, without overlap or empty ranges"
            reached = torch.zeros(part.key_length, dtype=torch.bool)
            for first, end in ranges:
                assert first >= 0
                assert end <= part.key_length
                reached[first:end] = True
            assert not allowed[:, :, rows.start : rows.stop, ~reached].any()
