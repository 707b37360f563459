"""Calls of every shape, and queries with no key to look at: the same on every backend."""

import pytest
import torch

from attendo.attention import (
    Alibi,
    Causal,
    Dense,
    Full,
    Layout,
    Lengths,
    Observe,
    Prefix,
    Segments,
    Window,
    attend,
    backends,
)
from attendo.errors import UnsupportedError

ALL = [backend.name for backend in backends()]
SEEING = [name for name in ALL if name != "sdpa"]

SIZES = {
    "one token": {"queries": 1, "keys": 1},
    "one query": {"queries": 1},
    "more keys than queries": {"queries": 5},
    "more queries than keys": {"keys": 5},
    "square": {"queries": 11, "keys": 11},
    "one key head": {"heads": 5, "key_heads": 1},
    "a key head for each": {"heads": 3, "key_heads": 3},
    "no leading axes": {"lead": ()},
    "several leading axes": {"lead": (2, 3)},
    "one wide": {"width": 1, "value_width": 1},
    "zero texts": {"lead": (0,)},
    "zero texts on the second axis": {"lead": (2, 0)},
    "no keys": {"keys": 0},
    "no queries": {"queries": 0},
    "nothing": {"queries": 0, "keys": 0},
}
MASKS = {"full": Full(), "causal": Causal(), "window": Causal() & Window(2, 0)}


def solve(backend, inputs, **options):
    """The output and the gradients of queries, keys and values."""
    leaves = [tensor.detach().clone().requires_grad_() for tensor in inputs]
    output = attend(*leaves, backend=backend, **options)
    output.backward(torch.linspace(-1, 1, output.numel(), dtype=output.dtype, device=output.device).view(output.shape))
    return output.detach(), *(torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves)


def by_hand(query, key, value, allowed):
    """Softmax over the allowed keys, one query at a time."""
    lead = torch.broadcast_shapes(query.shape[:-3], key.shape[:-3])
    output = query.new_zeros(*lead, *query.shape[-3:-1], value.shape[-1])
    for head in range(query.shape[-3]):
        group = head * key.shape[-3] // query.shape[-3]
        for place in range(query.shape[-2]):
            seen = allowed[place].nonzero()[:, 0]
            scores = (query[..., head, place, None, :] * key[..., group, seen, :]).sum(-1) / query.shape[-1] ** 0.5
            shares = scores.exp() / scores.exp().sum(-1, keepdim=True)
            output[..., head, place, :] = (shares[..., None] * value[..., group, seen, :]).sum(-2)
    return output


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("size", SIZES)
def test_calls_of_every_size(size, mask, backend, draw, device, small_blocks):
    query, key, value = (tensor.detach() for tensor in draw(**SIZES[size]))
    queries, keys = query.shape[-2], key.shape[-2]
    i = torch.arange(queries, device=device)[:, None] + keys - queries
    j = torch.arange(keys, device=device)[None]
    allowed = {"full": (j < keys).expand(queries, keys), "causal": j <= i, "window": (i - 2 <= j) & (j <= i)}[mask]
    try:
        output, *gradients = solve(backend, (query, key, value), mask=MASKS[mask])
    except UnsupportedError:
        assert backend == "sdpa"
        assert mask == "window" or queries not in (1, keys)
        return
    torch.testing.assert_close(output, by_hand(query, key, value, allowed))
    for mine, theirs in zip(gradients, solve("reference", (query, key, value), mask=MASKS[mask])[1:], strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("backend", ALL)
def test_leading_axes_broadcast(backend, draw, device):
    query, key, value = draw(lead=(3, 2))
    inputs = query[:, :1].detach(), key[:1].detach(), value[0].detach()  # (3, 1), (1, 2), (2,)
    mask = Dense(torch.rand(3, 1, 1, 11, 13, device=device) < 0.5)
    found = solve(backend, inputs, mask=mask)
    assert found[0].shape == (3, 2, 6, 11, 7)
    full = [tensor.expand(3, 2, *tensor.shape[-3:]) for tensor in inputs]
    output, dq, dk, dv = solve("reference", full, mask=mask)
    expected = output, dq.sum(1, keepdim=True), dk.sum(0, keepdim=True), dv.sum(0)
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("mask", [Full(), Segments(Layout((4, 7), (9, 4)))], ids=["plain", "packed"])
def test_inputs_need_not_be_contiguous(mask, backend, draw):
    straight = [tensor.detach() for tensor in draw()]
    tokens_first = [tensor.transpose(-3, -2).contiguous().transpose(-3, -2) for tensor in straight]
    every_other = [torch.stack([tensor, tensor + 1], -1).flatten(-2)[..., ::2] for tensor in straight]
    expected = solve(backend, straight, mask=mask)
    for inputs in (tokens_first, every_other):
        assert not any(tensor.is_contiguous() for tensor in inputs)
        for mine, theirs in zip(solve(backend, inputs, mask=mask), expected, strict=True):
            torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("backend", ALL)
def test_the_scale_can_be_chosen(backend, draw):
    query, key, value = (tensor.detach() for tensor in draw())
    torch.testing.assert_close(
        attend(query, key, value, scale=0.3, backend=backend),
        attend(query * 0.3 * 5**0.5, key, value, backend="reference"),
    )


def nothing_to_see(device, dtype):
    """Ways in which the second of two texts comes to have no key to look at."""
    hidden = torch.ones(2, 1, 11, 13, dtype=torch.bool, device=device)
    hidden[1] = False
    no_key = torch.zeros(2, 1, 11, 13, dtype=dtype, device=device).masked_fill(~hidden, -torch.inf)
    return {
        "dense mask": {"mask": Dense(hidden)},
        "lengths": {"mask": Lengths((13, 0))},
        "lengths and a bias": {"mask": Lengths((13, 0)), "bias": torch.zeros(11, 13, dtype=dtype, device=device)},
        "no query token": {"mask": Lengths(Layout((11, 0), (13, 13)))},
        "prefix": {"mask": Lengths((13, 13)) & Prefix((13, 0))},
        "bias": {"bias": no_key},
        "bias and mask": {"bias": no_key, "mask": Dense(torch.ones(11, 13, dtype=torch.bool, device=device))},
        "position bias": {"bias": Alibi(torch.ones(6, dtype=dtype, device=device)), "mask": Lengths((13, 0))},
    }


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("way", nothing_to_see("cpu", torch.float32))
def test_no_key_to_look_at_gives_zeros_and_no_gradients(way, backend, draw, device, exact, small_blocks):
    options = nothing_to_see(device, exact)[way]
    inputs = [tensor.detach() for tensor in draw()]
    try:
        found = solve(backend, inputs, **options)
    except UnsupportedError:
        assert (backend, way) in {("sdpa", "prefix"), ("sdpa", "position bias")}
        return
    for mine in found:
        assert not mine[1].any()
        assert mine[0].isfinite().all()
        assert mine[0].any()


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("way", nothing_to_see("cpu", torch.float32))
def test_no_key_to_look_at_is_seen_as_nothing(way, backend, draw, device, exact, small_blocks):
    ask = Observe(
        entropy=True,
        peak=True,
        top=2,
        received=True,
        map=3,
        rows=(0,),
        columns=(1,),
        distance=True,
        carry=torch.ones(11),
    )
    seen = attend(*draw(), backend=backend, observe=ask, **nothing_to_see(device, exact)[way])[1]
    for name in ("entropy", "received", "map", "rows", "columns", "distance", "carry"):
        assert not getattr(seen, name)[1].any(), name
        assert getattr(seen, name)[0].any(), name
    for largest in (seen.peak, seen.top):
        assert not largest.weights[1].any()
        assert (largest.keys[1] == -1).all()
        assert (largest.keys[0] >= 0).all()


@pytest.mark.parametrize("backend", ALL)
def test_a_single_row_with_no_key_harms_no_other(backend, draw, device):
    seen = torch.ones(11, 13, dtype=torch.bool, device=device)
    seen[4] = False
    query, key, value = (tensor.detach() for tensor in draw())
    output, dq, dk, dv = solve(backend, (query, key, value), mask=Dense(seen))
    torch.testing.assert_close(output, by_hand(query, key, value, seen))
    assert not dq[:, :, 4].any()
    assert dq[:, :, 3].any()
    assert all(gradient.isfinite().all() for gradient in (dq, dk, dv))


@pytest.mark.parametrize("backend", ALL)
def test_a_bias_of_minus_infinity_hides_a_key_as_a_mask_does(backend, draw, device, exact):
    seen = torch.rand(11, 13, device=device) < 0.5
    seen[4] = False
    inputs = [tensor.detach() for tensor in draw()]
    bias = torch.zeros(11, 13, dtype=exact, device=device).masked_fill(~seen, -torch.inf).requires_grad_()
    for mine, theirs in zip(
        solve(backend, inputs, bias=bias), solve("reference", inputs, mask=Dense(seen)), strict=True
    ):
        torch.testing.assert_close(mine, theirs)
    assert bias.grad is not None
    assert bias.grad.isfinite().all()


@pytest.mark.parametrize("backend", ALL)
def test_what_is_not_a_number_stays_visible(backend, draw, device):
    query, key, value = (tensor.detach().clone() for tensor in draw())
    query[0, 0, 0] = torch.nan
    mask = Dense(torch.ones(11, 13, dtype=torch.bool, device=device))
    output = attend(query, key, value, mask=mask, backend=backend)
    assert output[0, 0, 0].isnan().all()
    assert output[1].isfinite().all()


@pytest.mark.parametrize("backend", SEEING)
@pytest.mark.parametrize("size", [name for name, size in SIZES.items() if 0 in (*size.values(), *size.get("lead", ()))])
@pytest.mark.parametrize("kind", ["plain", "padded", "packed"])
def test_observing_nothing_has_the_right_shapes(kind, size, backend, draw):
    query, key, value = draw(**SIZES[size])
    lead, (heads, queries), keys = query.shape[:-3], query.shape[-3:-1], key.shape[-2]
    layout = Layout((queries,) * lead[-1], (keys,) * lead[-1])
    mask = {"plain": Full(), "padded": Lengths(layout), "packed": Segments(Layout((queries,), (keys,)))}[kind]
    ask = Observe(entropy=True, peak=True, top=2, received=True, map=3, distance=True, carry=torch.ones(queries))
    seen = attend(query, key, value, mask=mask, backend=backend, observe=ask)[1]
    cells = seen.map[0] if kind == "packed" else seen.map
    assert cells.shape == (*lead, heads, min(3, queries), min(3, keys))
    assert seen.entropy.shape == seen.distance.shape == seen.peak.keys.shape == (*lead, heads, queries)
    assert seen.top.weights.shape == (*lead, heads, queries, 2)
    assert seen.received.shape == seen.carry.shape == (*lead, heads, keys)
