"""What only the streaming backend promises: blocks of any size, little memory, and nothing kept that can be let go."""

import weakref

import pytest
import torch
from torch.overrides import TorchFunctionMode

from attendo.attention import Alibi, Causal, Full, Global, Layout, Lengths, Observe, Segments, Window, attend
from attendo.attention.kernels import streaming

EVERYTHING = {"entropy": True, "peak": True, "top": 8, "received": True, "map": 16, "rows": (0, -1), "distance": True}


@pytest.mark.parametrize(
    "mask",
    [Causal(), Lengths((13, 5)), Segments(Layout((4, 4, 3), (5, 5, 3))) & Window(2, 0), Window(1, 1) | Global()],
    ids=["causal", "lengths", "packed", "global"],
)
def test_the_size_of_blocks_does_not_matter(mask, draw, device, exact, monkeypatch):
    query, key, value = draw()
    slopes = torch.rand(6, dtype=exact, device=device, requires_grad=True)

    def solve(tile, least):
        monkeypatch.setattr(streaming, "TILE", tile)
        monkeypatch.setattr(streaming, "MIN_ROWS", least)
        ask = Observe(entropy=True, top=3, received=True, map=3, columns=(1,))
        output, seen = attend(query, key, value, mask=mask, bias=Alibi(slopes), backend="streaming", observe=ask)
        gradients = torch.autograd.grad(output.square().sum(), (query, key, value, slopes))
        return output, gradients, seen.entropy, seen.top.weights, seen.received, seen.map, seen.columns

    expected = solve(1 << 20, 32)
    for sizes in ((1, 1), (97, 2), (499, 3), (2000, 5)):
        torch.testing.assert_close(solve(*sizes), expected)


class Memory(TorchFunctionMode):
    """Counts the bytes of all tensors made, as long as they live, and the most that lived at once."""

    def __init__(self):
        super().__init__()
        self.live = self.peak = 0
        self._known = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple) else (result,):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return result

    def _count(self, storage):
        if storage._cdata in self._known:
            return
        self._known.add(storage._cdata)
        self.live += storage.nbytes()
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._forget, storage._cdata, storage.nbytes())

    def _forget(self, name, size):
        self._known.discard(name)
        self.live -= size


def test_the_memory_count_sees_what_lives(device):
    with Memory() as memory:
        first = torch.zeros(1000, device=device)
        second = first.view(10, 100) + 1
        del first, second
        third = torch.zeros(500, device=device)
    assert memory.peak == 8000
    assert memory.live == third.nbytes == 2000


@pytest.mark.parametrize(
    ("mask", "observe"), [(Causal(), None), (Full(), Observe(**EVERYTHING))], ids=["unobserved", "observed"]
)
def test_memory_stays_far_below_the_matrix(mask, observe, draw, device, monkeypatch):
    monkeypatch.setattr(streaming, "TILE", 1 << 16)
    query, key, value = draw(2048, 2048, lead=(1,), heads=2, key_heads=1, width=16, value_width=16, dtype=torch.float32)
    bias = Alibi(torch.ones(2, device=device, requires_grad=True))
    matrix = 2 * 2048 * 2048 * 4
    with Memory() as memory:
        found = attend(query, key, value, mask=mask, bias=bias, backend="streaming", observe=observe)
        output = found if observe is None else found[0]
        assert memory.peak < matrix / 5
        output.sum().backward()
        assert memory.peak < matrix / 5
    assert query.grad.any()


def test_a_window_costs_only_what_it_keeps(draw, monkeypatch):
    computed = []
    monkeypatch.setattr(streaming, "TILE", 1 << 12)
    original = streaming._weights
    monkeypatch.setattr(streaming, "_weights", lambda *args: computed.append(original(*args)) or computed[-1])
    inputs = draw(512, 512, lead=(1,), heads=1, key_heads=1)
    for mask, most in ((Full(), 1), (Causal(), 0.6), (Window(16, 16), 0.15), (Window(16, 16) | Global((3,)), 0.25)):
        computed.clear()
        attend(*inputs, mask=mask, backend="streaming")
        assert sum(weights.numel() for _, weights in computed) <= most * 512 * 512


@pytest.mark.parametrize("backend", ["streaming", "sdpa"])
def test_inputs_live_no_longer_than_autograd_keeps_them(backend, draw):
    query, key, value = draw()
    inner = []

    def layer(query, key, value):
        inputs = query * 2, key * 3, value * 5
        inner.extend(weakref.ref(tensor.untyped_storage()) for tensor in inputs)
        return attend(*inputs, backend=backend)

    with torch.autograd.graph.saved_tensors_hooks(torch.clone, lambda copy: copy):  # as a checkpoint would
        output = layer(query, key, value)
    assert [storage() for storage in inner] == [None, None, None]
    found = torch.autograd.grad(output.square().sum(), (query, key, value))
    expected = torch.autograd.grad(layer(query, key, value).square().sum(), (query, key, value))
    torch.testing.assert_close(found, expected)


def test_gradients_of_gradients_are_refused_here_and_given_by_the_reference(draw, exact):
    inputs = draw(3, 5, heads=2, key_heads=1, width=2, value_width=3)
    gradients = torch.autograd.grad(attend(*inputs, backend="streaming").square().sum(), inputs, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradients[0].sum().backward()
    if exact == torch.float64:
        torch.autograd.gradgradcheck(lambda *inputs: attend(*inputs, backend="reference"), inputs, fast_mode=True)


def test_changing_an_input_before_the_backward_pass_is_noticed(draw):
    query, key, value = draw()
    output = attend(query, key, value, backend="streaming")
    with torch.no_grad():
        key.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


def test_only_what_asks_for_gradients_gets_them(draw):
    query, key, value = draw()
    output = attend(query, key.detach(), value.detach(), backend="streaming")
    output.sum().backward()
    assert query.grad is not None
    with torch.no_grad():
        assert not attend(query, key, value, backend="streaming").requires_grad
