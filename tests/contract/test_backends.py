"""Every backend with every mask and every bias: what the definition gives, or a refusal that names who can."""

from functools import cache
from typing import NamedTuple

import pytest
import torch

from attendo.attention import (
    Alibi,
    Causal,
    Dense,
    Full,
    Global,
    Layout,
    Lengths,
    Mask,
    PositionFunction,
    Prefix,
    RelativeBuckets,
    Segments,
    Window,
    attend,
    backends,
)
from attendo.errors import UnsupportedError

ALL = [backend.name for backend in backends()]
FAST = [name for name in ALL if name != "reference"]
HEADS, KEY_HEADS = 6, 2

PACKED = Layout((3, 0, 1, 5, 5, 2), (4, 2, 1, 5, 5, 0))
CACHED = Layout((1, 3, 0, 2), (5, 4, 3, 2), key_starts=(0, 7, 11, 17))
ROWS = Layout((1, 1, 1, 2, 2), (3, 3, 3, 4, 4), key_starts=(0, 5, 10, 15, 20))
PADDED = Layout((11, 3, 0), (13, 5, 7), offsets=(2, 1, 3))


class Case(NamedTuple):
    mask: Mask
    queries: int = 11
    keys: int = 13
    lead: tuple[int, ...] = (2,)


@cache
def catalog(device) -> dict[str, Case]:
    def coin(*shape):
        return (torch.rand(shape, generator=torch.Generator().manual_seed(3)) < 0.5).to(device)

    plain = {
        "full": Full(),
        "causal": Causal(),
        "window": Window(3, 1),
        "later keys only": Window(-1, 4),
        "prefix": Prefix(4),
        "no key at all": Prefix(0),
        "global": Global((0, 7)),
        "window | global": Window(1, 1) | Global((0, 12)),
        "causal | prefix": Causal() | Prefix(4),
        "causal & window": Causal() & Window(3, 3),
        "nest": (Causal() | Prefix(3)) & (Window(5, 5) | Global((2,))) & Dense(coin(11, 13)),
        "dense (T, S)": Dense(coin(11, 13)),
        "dense (T, 1)": Dense(coin(11, 1)),
        "dense (H, 1, S)": Dense(coin(HEADS, 1, 13)),
        "dense (B, 1, T, S)": Dense(coin(2, 1, 11, 13)),
        "dense & dense": Dense(coin(HEADS, 11, 13)) & Dense(~coin(2, 1, 1, 13)),
        "dense | causal": Dense(coin(2, HEADS, 11, 13)) | Causal(),
    }
    square = {"square": Full(), "square causal": Causal(), "square causal & dense": Causal() & Dense(coin(11, 11))}
    padded = {
        "lengths": Lengths((13, 0, 7)),
        "lengths & causal": Lengths((13, 0, 7)) & Causal(),
        "lengths & dense": Lengths((13, 0, 7)) & Dense(coin(2, 3, 1, 11, 13)),
        "lengths | window": Lengths((5, 0, 7)) | Window(1, 0),
        "lengths & (causal | prefixes)": Lengths((13, 0, 7)) & (Causal() | Prefix((4, 2, 7))),
        "padded layout": Lengths(PADDED),
        "padded layout & causal": Lengths(PADDED) & Causal(),
        "padded layout & (window | global)": Lengths(PADDED) & (Window(2, 0) | Global()),
    }
    packed = {
        "segments": Segments(PACKED),
        "segments & causal": Segments(PACKED) & Causal(),
        "segments & window": Segments(PACKED) & Window(1, 1),
        "segments & prefix": Segments(PACKED) & Prefix(2),
        "segments & (causal | prefixes)": Segments(PACKED) & (Causal() | Prefix((3, 1, 0, 4, 2, 1))),
        "segments & (window | global)": Segments(PACKED) & (Window(1, 0) | Global((0, 3))),
        "segments & dense (N, S)": Segments(PACKED) & Dense(coin(16, 17)),
        "segments & dense (B, 1, N, S)": Segments(PACKED) & Dense(coin(2, 1, 16, 17)),
        "segments & dense (H, N, 1)": Segments(PACKED) & Dense(coin(HEADS, 16, 1)),
        "segments | window": Segments(PACKED) | Window(1, 1),
        "(segments & causal) | prefixes": (Segments(PACKED) & Causal()) | Prefix((1, 0, 0, 1, 2, 0)),
    }
    cached = {
        "cached segments": Segments(CACHED),
        "cached segments & causal": Segments(CACHED) & Causal(),
        "cached segments & window": Segments(CACHED) & Window(2, 0),
        "cached segments | window": Segments(CACHED) | Window(9, 9),
    }
    rows = {
        "rows of a cache": Segments(ROWS),
        "rows of a cache & causal": Segments(ROWS) & Causal(),
        "rows of a cache & window": Segments(ROWS) & Window(1, 0),
        "rows of a cache | window": Segments(ROWS) | Window(5, 0),
    }
    return {
        **{name: Case(mask) for name, mask in plain.items()},
        **{name: Case(mask, queries=11, keys=11) for name, mask in square.items()},
        **{name: Case(mask, lead=(2, 3)) for name, mask in padded.items()},
        **{name: Case(mask, queries=16, keys=17) for name, mask in packed.items()},
        **{name: Case(mask, queries=6, keys=23) for name, mask in cached.items()},
        **{name: Case(mask, queries=7, keys=24) for name, mask in rows.items()},
    }


def two_sided(table):
    return RelativeBuckets(table, max_distance=5)


def one_sided(table):
    return RelativeBuckets(table, max_distance=7, bidirectional=False)


def waves(tensor):
    return PositionFunction(lambda i, j, width: torch.sin(width * (i - j)), (tensor,))


BIASES = {
    "none": (lambda case: (0,), lambda tensor: None),
    "ALiBi": (lambda case: (HEADS,), Alibi),
    "two-sided buckets": (lambda case: (8, HEADS), two_sided),
    "one-sided buckets": (lambda case: (5, HEADS), one_sided),
    "function": (lambda case: (HEADS, 1, 1), waves),
    "dense (T, S)": (lambda case: (case.queries, case.keys), lambda tensor: tensor),
    "dense (H, 1, S)": (lambda case: (HEADS, 1, case.keys), lambda tensor: tensor),
    "dense (..., 1, T, S)": (lambda case: (*case.lead, 1, case.queries, case.keys), lambda tensor: tensor),
}
PAIRS = [
    (name, bias)
    for i, name in enumerate(catalog("cpu"))
    for j, bias in enumerate(BIASES)
    if bias == "none" or (i + j) % 2  # every mask meets half of the biases, and every bias half of the masks
]


def solve(backend, case, inputs, bias="none"):
    """The output, and the gradients of queries, keys, values and the bias's tensor."""
    *qkv, tensor = (tensor.detach().clone().requires_grad_() for tensor in inputs)
    output = attend(*qkv, mask=case.mask, bias=BIASES[bias][1](tensor), backend=backend)
    output.backward(torch.linspace(-1, 1, output.numel(), dtype=output.dtype, device=output.device).view(output.shape))
    return output.detach(), *(torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in (*qkv, tensor))


@cache
def problem(name, bias, device, dtype):
    """Inputs, and what the definition makes of them."""
    case = catalog(device)[name]
    (*lead, queries), keys = (*case.lead, case.queries), case.keys
    shapes = (HEADS, queries, 5), (KEY_HEADS, keys, 5), (KEY_HEADS, keys, 7)
    inputs = [torch.randn(*lead, *shape, dtype=dtype, device=device) for shape in shapes]
    inputs.append(torch.randn(BIASES[bias][0](case), dtype=dtype, device=device))
    return inputs, solve("reference", case, inputs, bias)


@pytest.mark.parametrize("backend", FAST)
@pytest.mark.parametrize(("name", "bias"), PAIRS)
def test_output_and_gradients_are_those_of_the_definition(name, bias, backend, device, exact, small_blocks):
    inputs, expected = problem(name, bias, device, exact)
    try:
        found = solve(backend, catalog(device)[name], inputs, bias)
    except UnsupportedError as refusal:
        assert f"The backend `{backend}` cannot run this call: " in str(refusal)  # noqa: PT017
        assert str(refusal).endswith("These can: streaming, reference.")  # noqa: PT017
        return
    for what, mine, theirs in zip(("output", "dq", "dk", "dv", "db"), found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, msg=lambda text, what=what: f"{what}: {text}")


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("name", ["causal", "square", "lengths & causal", "dense (B, 1, T, S)", "segments"])
@pytest.mark.parametrize(("dtype", "autocast"), [("float32", False), ("bfloat16", False), ("float32", True)])
def test_low_precision_costs_no_more_than_its_rounding(name, backend, dtype, autocast, device, exact):
    case, dtype = catalog(device)[name], getattr(torch, dtype)
    inputs = [tensor.to(dtype) for tensor in problem(name, "none", device, exact)[0]]
    try:
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            found = solve(backend, case, inputs)
    except UnsupportedError:
        assert (name, backend) in {("causal", "sdpa"), ("lengths & causal", "sdpa")}
        return
    assert found[0].dtype == dtype or autocast
    expected = solve("reference", case, [tensor.to(exact) for tensor in inputs])
    bound = 1e-5 if dtype == torch.float32 and not autocast else 4e-2
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine.to(exact), theirs, rtol=bound, atol=bound)
