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
    Observe,
    Observed,
    Prefix,
    Segments,
    Window,
    attend,
    backends,
    choose_backend,
)
from attendo.errors import UnsupportedError

SQUARE, UNEVEN = Layout((5, 6), (5, 6)), Layout((4, 7), (6, 5))
DENSE = Dense(torch.rand(11, 11) < 0.5)

ACCEPTED = {
    "full": {},
    "causal": {"mask": Causal()},
    "lengths": {"mask": Lengths((11, 5))},
    "lengths & causal": {"mask": Lengths((11, 5)) & Causal()},
    "padded layout & causal": {"mask": Lengths(Layout((11, 5), offsets=(0, 0))) & Causal()},
    "dense": {"mask": DENSE},
    "causal & dense": {"mask": DENSE & Causal()},
    "dense bias": {"bias": torch.zeros(6, 11, 11)},
    "dense bias & causal": {"bias": torch.zeros(11, 11), "mask": Causal()},
    "segments": {"mask": Segments(UNEVEN)},
    "segments & causal": {"mask": Segments(SQUARE) & Causal()},
    "an empty request": {"observe": Observe()},
}
REFUSED = {
    "window": ({"mask": Window(1, 1)}, "it cannot mask by `Window`"),
    "prefix": ({"mask": Segments(SQUARE) & Prefix(3)}, "it cannot mask by `Prefix`"),
    "global": ({"mask": Global() & Causal()}, "it cannot mask by `Global`"),
    "a position bias": ({"bias": Alibi(torch.ones(6))}, "it takes a bias only as a whole matrix"),
    "observed": ({"observe": Observe(entropy=True)}, "it cannot be observed"),
    "texts that see each other": ({"mask": Segments(SQUARE) | Window(1, 1)}, "it takes packed texts only one by one"),
    "causal, with a start": (
        {"mask": Segments(UNEVEN) & Causal()},
        "it masks causally only as many queries as keys, or a single last query",
    ),
    "causal, out of place": ({"mask": Lengths(Layout((11, 5), offsets=(0, 3))) & Causal()}, "it masks causally only"),
    "segments & dense": ({"mask": Segments(SQUARE) & DENSE}, "it takes no matrix beside packed texts"),
    "segments and a bias": (
        {"mask": Segments(SQUARE), "bias": torch.zeros(11, 11)},
        "it takes no matrix beside packed texts",
    ),
}


@pytest.fixture
def inputs(draw, device):
    if device.type != "cpu":
        pytest.skip("what PyTorch is slow at differs between devices; the CPU is asked here")
    return draw(11, 11, value_width=5, dtype=torch.float32)


@pytest.mark.parametrize("case", ACCEPTED)
def test_pytorchs_own_function_is_taken_where_it_fits(case, inputs):
    choice = choose_backend(*inputs, **ACCEPTED[case])
    assert choice.backend.name == "sdpa"
    assert choice.passed_over == ()
    assert str(choice) == "sdpa: PyTorch's fused function; the fastest where it fits"


@pytest.mark.parametrize("case", REFUSED)
def test_otherwise_it_is_passed_over_and_by_name_refused(case, inputs):
    options, reason = REFUSED[case]
    choice = choose_backend(*inputs, **options)
    assert choice.backend.name == "streaming"
    assert [name for name, _ in choice.passed_over] == ["sdpa"]
    assert reason in str(choice)
    for ask in (attend, choose_backend):
        with pytest.raises(UnsupportedError) as refusal:
            ask(*inputs, backend="sdpa", **options)
        assert f"The backend `sdpa` cannot run this call: {reason}" in str(refusal.value)
        assert str(refusal.value).endswith("These can: streaming, reference.")


def test_what_pytorch_is_slow_at_is_passed_over_but_can_be_asked_for(inputs):
    query, key, value = inputs
    learned = torch.zeros(11, 11, requires_grad=True)
    cases = {
        "no dropout": {"dropout": 0.1},
        "no gradient to the bias": {"bias": learned},
    }
    for reason, options in cases.items():
        choice = choose_backend(query, key, value, **options)
        assert (choice.backend.name, choice.passed_over[0][0]) == ("streaming", "sdpa")
        assert reason in str(choice)
        assert choose_backend(query, key, value, backend="sdpa", **options).backend.name == "sdpa"
    with torch.no_grad():
        assert choose_backend(query, key, value, bias=learned).backend.name == "sdpa"
    assert "values as wide as keys" in str(choose_backend(query, key, value[..., :3]))


def test_a_name_is_obeyed_and_a_wrong_one_refused(inputs):
    for backend in backends():
        assert choose_backend(*inputs, backend=backend.name).backend is backend
    with pytest.raises(UnsupportedError, match="no attention backend `flash`"):
        attend(*inputs, backend="flash")


def test_auto_is_what_was_chosen(inputs):
    for options in ({}, {"mask": Window(2, 1)}, {"mask": Segments(UNEVEN)}):
        chosen = choose_backend(*inputs, **options).backend.name
        assert torch.equal(attend(*inputs, **options), attend(*inputs, backend=chosen, **options))


def test_the_table_says_what_each_can_do():
    assert [backend.name for backend in backends()] == ["sdpa", "streaming", "reference"]
    for backend in backends():
        words = (backend.summary, backend.masks, backend.biases, backend.dropout, backend.observe, backend.memory)
        assert all(words)
    assert {backend.name for backend in backends() if backend.observe == "everything"} == {"streaming", "reference"}


def test_answers_come_second_and_only_when_asked_for(inputs):
    assert isinstance(attend(*inputs, mask=Full()), torch.Tensor)
    for ask in (Observe(), Observe(peak=True)):
        output, seen = attend(*inputs, observe=ask)
        assert output.shape == (2, 6, 11, 5)
        assert isinstance(seen, Observed)
        assert (seen.peak is None) == (not ask.peak)
