"""Every answer against its definition, read from the whole matrix of weights in plain PyTorch."""

from typing import NamedTuple

import pytest
import torch

from attendo.attention import Causal, Layout, Lengths, Observe, Segments, Window, attend, backends
from attendo.attention.observed import cells
from attendo.errors import ShapeError

SEEING = [backend.name for backend in backends() if backend.observe != "nothing"]
QUERIES, KEYS = 11, 13


class Call(NamedTuple):
    """A mask, and the same by hand: which cells are allowed, and where queries and keys stand."""

    mask: object
    allowed: torch.Tensor  # (B or 1, T, S)
    query_positions: torch.Tensor  # (B or 1, T)
    key_positions: torch.Tensor  # (S,)
    texts: tuple = ((slice(None), slice(None)),)  # rows and keys of each packed text


def plain():
    i, j = torch.arange(QUERIES) + KEYS - QUERIES, torch.arange(KEYS)
    return Call(Causal(), (j <= i[:, None])[None], i[None], j)


def padded():
    t, j = torch.arange(QUERIES), torch.arange(KEYS)
    i = torch.stack([t + 2, t + 1])  # (B, T)
    real = (t < torch.tensor([[11], [3]]))[:, :, None] & (j < torch.tensor([[13], [5]]))[:, None]
    return Call(Lengths(Layout((11, 3), (13, 5), offsets=(2, 1))) & Causal(), real & (j <= i[..., None]), i, j)


def packed():
    layout = Layout((4, 1, 3, 3), (5, 1, 2, 2), key_starts=(0, 6, 7, 9))  # keys 5, 11 and 12 belong to no text
    i = torch.tensor([1, 2, 3, 4, 0, -1, 0, 1, -1, 0, 1])
    j = torch.tensor([0, 1, 2, 3, 4, 0, 0, 0, 1, 0, 1, 0, 0])
    text_of_query = torch.tensor([0, 0, 0, 0, 1, 2, 2, 2, 3, 3, 3])
    text_of_key = torch.tensor([0, 0, 0, 0, 0, -1, 1, 2, 2, 3, 3, -1, -1])
    distance = j - i[:, None]
    allowed = (text_of_query[:, None] == text_of_key) & (distance >= -2) & (distance <= 1)
    texts = ((0, 4, 0, 5), (4, 5, 6, 7), (5, 8, 7, 9), (8, 11, 9, 11))
    slices = tuple((slice(a, b), slice(c, d)) for a, b, c, d in texts)
    return Call(Segments(layout) & Window(2, 1), allowed[None], i[None], j, slices)


CALLS = {"plain": plain(), "padded": padded(), "packed": packed()}


def weights_of(query, key, allowed):
    """The matrix itself, (..., H, T, S)."""
    scores = query @ key.repeat_interleave(query.shape[1] // key.shape[1], 1).mT / query.shape[-1] ** 0.5
    scores = scores.masked_fill(~allowed.to(query.device)[:, None], -torch.inf)
    return torch.softmax(scores, -1).nan_to_num(0.0).detach()


def largest(weights, key_positions, count):
    values, places = weights.sort(-1, descending=True)
    keys = torch.where(values > 0, key_positions.to(weights.device)[places], -1)
    missing = (0, max(count - weights.shape[-1], 0))
    pad = torch.nn.functional.pad
    return pad(values, missing)[..., :count], pad(keys, missing, value=-1)[..., :count]


def pooled(weights, most):
    rows, columns = (min(most, size) for size in weights.shape[-2:])
    high, wide = weights.shape[-2:]
    found = weights.new_zeros(*weights.shape[:-2], rows, columns)
    for a in range(rows):
        for b in range(columns):
            cell = weights[
                ..., high * a // rows : high * (a + 1) // rows, wide * b // columns : wide * (b + 1) // columns
            ]
            found[..., a, b] = cell.mean((-2, -1))
    return found


@pytest.fixture
def inputs(draw):
    return draw(QUERIES, KEYS)


def look(backend, inputs, call, **ask):
    return attend(*inputs, mask=call.mask, backend=backend, observe=Observe(**ask))[1]


def by_text(call, weights, reduce):
    """What `reduce` makes of each text's own matrix; packed texts are answered one by one."""
    answers = tuple(reduce(weights[..., rows, keys]) for rows, keys in call.texts)
    return answers if len(answers) > 1 else answers[0]


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("kind", CALLS)
def test_each_answer_is_its_definition(kind, backend, inputs, small_blocks):
    call = CALLS[kind]
    weights = weights_of(*inputs[:2], call.allowed)
    device = weights.device
    carry = torch.randn(2, QUERIES, dtype=weights.dtype, device=device)
    seen = look(
        backend, inputs, call,
        entropy=True, peak=True, top=3, received=True, map=2, rows=(0, -1), columns=(0, -1), distance=True, carry=carry,
    )  # fmt: skip
    distance = (call.query_positions[:, None, :, None] - call.key_positions).abs().to(device)
    logs = torch.where(weights > 0, weights.log(), 0.0)
    expected = {
        "entropy": -(weights * logs).sum(-1),
        "peak": tuple(value[..., 0] for value in largest(weights, call.key_positions, 1)),
        "top": largest(weights, call.key_positions, 3),
        "received": weights.sum(-2),
        "map": by_text(call, weights, lambda weights: pooled(weights, 2)),
        "rows": by_text(call, weights, lambda weights: weights[..., [0, -1], :]),
        "columns": by_text(call, weights, lambda weights: weights[..., [0, -1]]),
        "distance": (weights * distance).sum(-1),
        "carry": torch.einsum("bt,bhts->bhs", carry, weights),
    }
    for name, answer in expected.items():
        found = getattr(seen, name)
        found = tuple(found) if isinstance(answer, tuple) else found
        torch.testing.assert_close(found, answer, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_observing_changes_neither_output_nor_gradients(dropout, kind, backend, inputs, small_blocks):
    ask = Observe(entropy=True, peak=True, top=3, received=True, map=5, rows=(0,), columns=(0,), distance=True)

    def solve(**options):
        torch.manual_seed(7)
        for leaf in inputs:
            leaf.grad = None
        found = attend(*inputs, mask=CALLS[kind].mask, dropout=dropout, backend=backend, **options)
        output = found[0] if isinstance(found, tuple) else found
        output.square().sum().backward()
        return output, *(leaf.grad for leaf in inputs)

    for seen, unseen in zip(solve(observe=ask), solve(), strict=True):
        assert torch.equal(seen, unseen)


@pytest.mark.parametrize("backend", SEEING)
def test_what_was_not_asked_for_is_none_and_nothing_carries_gradients(backend, inputs):
    carry = torch.ones(QUERIES, dtype=inputs[0].dtype, device=inputs[0].device, requires_grad=True)
    seen = look(backend, inputs, CALLS["plain"], received=True, top=2, carry=carry)
    assert seen.entropy is seen.peak is seen.map is seen.rows is seen.columns is seen.distance is None
    assert not any(tensor.requires_grad for tensor in (seen.received, seen.top.weights, seen.carry))
    torch.testing.assert_close(seen.carry, seen.received)
    nothing = look(backend, inputs, CALLS["plain"])
    assert nothing.received is nothing.top is None


@pytest.mark.parametrize("backend", SEEING)
def test_dropout_is_not_seen(backend, inputs):
    call = CALLS["plain"]
    seen = attend(*inputs, mask=call.mask, dropout=0.5, backend=backend, observe=Observe(received=True))[1]
    torch.testing.assert_close(seen.received, weights_of(*inputs[:2], call.allowed).sum(-2))


@pytest.mark.parametrize("backend", SEEING)
def test_equal_scores_are_as_uncertain_as_can_be(backend, inputs):
    query, key, value = inputs
    seen = attend(query * 0, key, value, backend=backend, observe=Observe(entropy=True, distance=True))[1]
    torch.testing.assert_close(seen.entropy, torch.full_like(seen.entropy, KEYS).log())
    places = torch.arange(KEYS, dtype=seen.distance.dtype, device=seen.distance.device)
    torch.testing.assert_close(seen.distance[0, 0, 0], (places - 2).abs().mean())


@pytest.mark.parametrize("backend", SEEING)
def test_more_largest_weights_than_keys_leave_places_empty(backend, inputs):
    seen = look(backend, inputs, CALLS["plain"], top=KEYS + 3).top
    assert seen.weights.shape[-1] == KEYS + 3
    assert not seen.weights[..., KEYS:].any()
    assert (seen.keys[..., KEYS:] == -1).all()
    assert (seen.keys[:, :, 0, 3:] == -1).all()  # the first query of a causal call looks at three keys only
    assert sorted(seen.keys[0, 0, -1, :KEYS].tolist()) == list(range(KEYS))


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("most", [1, 4, 12, 100])
def test_a_map_keeps_all_weight(most, backend, inputs, small_blocks):
    found = look(backend, inputs, CALLS["plain"], map=most).map
    heights, widths = (
        torch.tensor([b - a for a, b in cells(size, most)], dtype=found.dtype, device=found.device)
        for size in (QUERIES, KEYS)
    )
    mass = (found * heights[:, None] * widths).sum((-2, -1))
    torch.testing.assert_close(mass, torch.full_like(mass, QUERIES))
    if most == 100:
        torch.testing.assert_close(found, weights_of(*inputs[:2], CALLS["plain"].allowed))


@pytest.mark.parametrize("backend", SEEING)
def test_negative_places_count_from_the_end(backend, inputs, small_blocks):
    seen = look(backend, inputs, CALLS["plain"], rows=(-1, 4, 10), columns=(-13, 0))
    assert torch.equal(seen.rows[:, :, 0], seen.rows[:, :, 2])
    assert torch.equal(seen.columns[..., 0], seen.columns[..., 1])


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize(
    ("kind", "ask", "sentence"),
    [
        ("plain", {"rows": (11,)}, "`rows` asks for place 11, but a text has 11 tokens"),
        ("plain", {"rows": (-12,)}, "`rows` asks for place -12, but a text has 11 tokens"),
        ("plain", {"columns": (3, 13)}, "`columns` asks for place 13, but a text has 13 tokens"),
        ("packed", {"rows": (2,)}, "`rows` asks for place 2, but a text has 1 tokens"),
    ],
)
def test_places_outside_a_text_are_refused(kind, ask, sentence, backend, inputs):
    with pytest.raises(ShapeError, match=sentence):
        look(backend, inputs, CALLS[kind], **ask)


def test_coarse_numbers_are_observed_finely(draw, device):
    inputs = draw(dtype=torch.bfloat16)
    seen = look("streaming", inputs, CALLS["plain"], entropy=True, received=True)
    assert seen.entropy.dtype == seen.received.dtype == torch.float32
    weights = weights_of(*(tensor.float() for tensor in inputs[:2]), CALLS["plain"].allowed)
    torch.testing.assert_close(seen.received, weights.sum(-2))
