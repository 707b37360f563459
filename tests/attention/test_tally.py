"""How answers are collected: shapes, cells, the largest weights, and vectors to carry."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.attention import Full, Layout, Observe, Segments, attend, backends
from attendo.attention.kernels.tally import entropy_of_scores, k_largest
from attendo.attention.observed import cells
from attendo.errors import ShapeError

SEEING = [backend.name for backend in backends() if backend.observe != "nothing"]
QUERIES, KEYS = 11, 13


@given(st.integers(0, 99), st.integers(1, 20))
def test_cells_cut_a_length_evenly_and_without_gaps(length, most):
    found = cells(length, most)
    assert [place for first, end in found for place in range(first, end)] == list(range(length))
    assert len(found) == min(length, most)
    assert max((b - a for a, b in found), default=0) - min((b - a for a, b in found), default=0) <= 1


@pytest.mark.parametrize("size", [1, 15, 16, 31, 32, 33, 47, 97, 331])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_largest_are_found_chunk_by_chunk(size, count, device):
    weights = torch.rand(2, 3, size, device=device)
    values, keys = k_largest(weights, count)
    expected, places = weights.topk(min(count, size), -1)
    assert torch.equal(values, expected)
    assert torch.equal(keys, places)


@pytest.mark.parametrize("height", [0, 1e4, -1e4])
@pytest.mark.parametrize("spread", [1e-3, 1, 1e3])
def test_entropy_is_exact_for_scores_of_any_size(height, spread, device):
    scores = (torch.randn(5, 97, device=device) * spread + height).masked_fill_(
        torch.rand(5, 97, device=device) < 0.3, -torch.inf
    )
    expected = torch.distributions.Categorical(logits=scores.double()).entropy()
    found = entropy_of_scores(scores, torch.softmax(scores, -1))
    torch.testing.assert_close(found, expected.float(), atol=2e-6, rtol=2e-6)


def test_a_query_without_keys_has_no_entropy(device):
    scores = torch.full((2, 13), -torch.inf, device=device)
    assert entropy_of_scores(scores, torch.zeros_like(scores)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("backend", SEEING)
def test_packed_texts_without_queries_or_keys_have_empty_maps(backend, draw):
    layout = Layout((3, 0, 2), (3, 5, 0))
    query, key, value = draw(5, 8)
    seen = attend(query, key, value, mask=Segments(layout), backend=backend, observe=Observe(map=2, received=True))[1]
    assert [tuple(cell.shape) for cell in seen.map] == [(2, 6, 2, 2), (2, 6, 0, 2), (2, 6, 2, 0)]
    assert not seen.received[..., 3:].any()


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("lead", [(), (2, 3)])
def test_answers_keep_the_leading_axes(lead, backend, draw):
    query, key, value = draw(lead=lead)
    ask = Observe(entropy=True, top=2, received=True, map=3, rows=(1,), carry=torch.ones(QUERIES))
    for mask in (Full(), Segments(Layout((4, 7), (6, 7)))):
        seen = attend(query, key, value, mask=mask, backend=backend, observe=ask)[1]
        maps = seen.map if isinstance(mask, Segments) else (seen.map,)
        assert all(found.shape == (*lead, 6, 3, 3) for found in maps)
        assert seen.entropy.shape == (*lead, 6, QUERIES)
        assert seen.received.shape == seen.carry.shape == (*lead, 6, KEYS)


@pytest.mark.parametrize("shape", [(1,), (11,), (3, 1), (1, 11), (2, 1, 11), (2, 3, 11)], ids=str)
def test_a_carried_vector_broadcasts(shape, draw, device, exact):
    query, key, value = draw(lead=(2, 3))
    carry = torch.randn(shape, dtype=exact, device=device)
    mask = Segments(Layout((4, 7), (6, 7)))
    found, expected = (
        attend(query, key, value, mask=mask, backend=backend, observe=Observe(carry=vector))[1].carry
        for backend, vector in (("streaming", carry), ("reference", carry.expand(2, 3, 11)))
    )
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", ["top", "map"])
def test_negative_numbers_are_refused(name):
    with pytest.raises(ShapeError, match=f"`{name}` must not be negative, but is -3"):
        Observe(**{name: -3})
