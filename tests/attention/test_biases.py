import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.attention import Alibi, Layout, PositionFunction, RelativeBuckets, Segments, attend
from attendo.errors import ShapeError


def scores_of(bias, device, *, queries=5, keys=7, heads=3, mask=None):
    """The bias alone, read back from weights on equal scores."""
    query, key = (torch.zeros(1, heads, length, 2, dtype=torch.float64, device=device) for length in (queries, keys))
    value = torch.eye(keys, dtype=torch.float64, device=device).expand(1, heads, keys, keys)
    options = {} if mask is None else {"mask": mask}
    weights = attend(query, key, value, bias=bias, backend="reference", **options)[0]
    return weights.log()


def same_up_to_a_shift(found, expected):
    """Softmax does not know a constant added to a whole row."""
    torch.testing.assert_close(found - found[..., :1], expected - expected[..., :1])


@pytest.fixture
def distance(device):
    """j - i where the last of 5 queries stands on the last of 7 keys."""
    return torch.arange(7, device=device)[None, :] - (torch.arange(5, device=device)[:, None] + 2)


def needs_double(device):
    if device.type == "mps":
        pytest.skip("the device has no float64")


def test_alibi_falls_with_distance(device, distance):
    needs_double(device)
    slopes = torch.tensor([0.5, 0.25, 2.0], dtype=torch.float64, device=device)
    same_up_to_a_shift(scores_of(Alibi(slopes), device), -slopes[:, None, None] * distance.abs())


def test_positions_are_those_of_each_packed_text(device):
    needs_double(device)
    slopes = torch.tensor([1.0], dtype=torch.float64, device=device)
    layout = Layout((2, 1), (3, 2), key_starts=(4, 0))
    found = scores_of(Alibi(slopes), device, queries=3, keys=7, heads=1, mask=Segments(layout))[0]
    same_up_to_a_shift(found[:2, 4:7], torch.tensor([[-1.0, 0, -1], [-2, -1, 0]], dtype=torch.float64, device=device))
    same_up_to_a_shift(found[2:, :2], torch.tensor([[-1.0, 0]], dtype=torch.float64, device=device))


def test_a_function_of_positions_is_added_as_it_is(device, distance):
    needs_double(device)
    width = torch.tensor([0.3, 0.7, 1.1], dtype=torch.float64, device=device).view(3, 1, 1)
    bias = PositionFunction(lambda i, j, width: torch.sin(width * (j - i)), (width,))
    same_up_to_a_shift(scores_of(bias, device), torch.sin(width * distance))


def test_buckets_look_their_values_up(device, distance):
    needs_double(device)
    table = torch.randn(8, 3, dtype=torch.float64, device=device)
    bias = RelativeBuckets(table, max_distance=5)
    same_up_to_a_shift(scores_of(bias, device), table[bias.buckets(distance)].permute(2, 0, 1))


def bucket(distance, count, max_distance, bidirectional):
    """Section 2.1 of arXiv 1910.10683 and its public code, for one distance."""
    shift = 0
    if bidirectional:
        count //= 2
        shift = count if distance > 0 else 0
        distance = abs(distance)
    else:
        distance = max(-distance, 0)
    near = count // 2
    if distance < near:
        return shift + distance
    far = near + math.log(distance / near) / math.log(max_distance / near) * (count - near)
    return shift + min(int(far + 1e-6), count - 1)  # float32 rounds where the logarithm meets a whole number


@given(st.sampled_from([(32, 128), (8, 20), (5, 11), (4, 2)]), st.booleans())
def test_buckets_are_those_of_t5(sizes, bidirectional):
    count, max_distance = sizes
    found = RelativeBuckets(torch.zeros(count, 1), max_distance=max_distance + 1, bidirectional=bidirectional)
    distances = range(-200, 201)
    expected = [bucket(distance, count, max_distance + 1, bidirectional) for distance in distances]
    assert found.buckets(torch.tensor(distances)).tolist() == expected


@pytest.mark.parametrize(
    ("shape", "options", "sentence"),
    [
        ((3, 2), {}, "`table` must have at least 4 buckets, but has 3"),
        ((1, 2), {"bidirectional": False}, "`table` must have at least 2 buckets, but has 1"),
        ((8, 2), {"max_distance": 2}, "`max_distance` must be greater than 2, .* but is 2"),
        ((8, 2), {"max_distance": 3, "bidirectional": False}, "`max_distance` must be greater than 4, .* but is 3"),
    ],
)
def test_buckets_that_cannot_be_made_are_refused(shape, options, sentence):
    with pytest.raises(ShapeError, match=sentence):
        RelativeBuckets(torch.zeros(shape), **options)


@pytest.mark.parametrize("backend", ["streaming", "reference"])
def test_a_function_may_leave_its_tensor_unused(backend, draw, device):
    unused = torch.ones(1, device=device, requires_grad=True)
    bias = PositionFunction(lambda i, j, unused: -(i - j).abs(), (unused,))
    query, key, value = draw()
    attend(query, key, value, bias=bias, backend=backend).sum().backward()
    assert unused.grad is None or not unused.grad.any()
    assert query.grad.any()


@pytest.mark.parametrize("backend", ["streaming", "reference"])
def test_gradients_flow_through_a_bias_to_what_it_was_made_of(backend, draw, device, exact, small_blocks):
    raw = torch.randn(6, dtype=exact, device=device, requires_grad=True)
    inputs = [tensor.detach() for tensor in draw()]
    torch.autograd.gradcheck(lambda raw: attend(*inputs, bias=Alibi(raw.exp()), backend=backend), raw, fast_mode=True)
