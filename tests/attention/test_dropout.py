import pytest
import torch

from attendo.attention import Causal, Full, Layout, Lengths, Segments, attend, backends, drop_mask

ALL = [backend.name for backend in backends()]
MASKS = {
    "full": Full(),
    "causal": Causal(),
    "padded": Lengths((7, 3)),
    "packed": Segments(Layout((2, 2, 3))) & Causal(),
}


def kept(backend, share, device, *, tokens=64, mask=None, seed=0):
    """The weights that dropout left, on equal scores: (H, T, S)."""
    torch.manual_seed(seed)
    query = torch.zeros(1, 4, tokens, 2, device=device)
    value = torch.eye(tokens, device=device).expand(1, 4, tokens, tokens)
    options = {} if mask is None else {"mask": mask}
    return attend(query, query, value, dropout=share, backend=backend, **options)[0]


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_share_is_taken_away_and_the_rest_scaled_up(share, backend, device):
    weights = kept(backend, share, device)
    total = weights.numel()
    spread = 5 * (share * (1 - share) / total) ** 0.5
    assert (weights > 0).sum().item() / total == pytest.approx(1 - share, abs=spread)
    torch.testing.assert_close(weights[weights > 0].unique(), torch.tensor([1 / 64 / (1 - share)], device=device))


@pytest.mark.parametrize("backend", ALL)
def test_a_seed_decides(backend, device):
    assert torch.equal(kept(backend, 0.5, device, seed=3), kept(backend, 0.5, device, seed=3))
    assert not torch.equal(kept(backend, 0.5, device, seed=3), kept(backend, 0.5, device, seed=5))


def test_blocks_heads_rows_and_texts_are_dropped_independently(device, small_blocks):
    alike, apart = Layout((16, 16, 16, 16)), Layout((16, 0, 16, 0, 16, 0, 16))  # in one run, and each in its own
    rows = (kept("streaming", 0.5, device) > 0).flatten(0, 1)
    assert len(rows.unique(dim=0)) == len(rows)
    for layout in (alike, apart):
        weights = kept("streaming", 0.5, device, mask=Segments(layout)) > 0  # (H, 64, 64)
        texts = torch.cat([weights[:, first : first + 16, first : first + 16] for first in range(0, 64, 16)])
        assert len(texts.unique(dim=0)) == 16


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("mask", ["full", "packed"])
def test_on_average_nothing_is_lost(mask, backend, draw, device):
    query, key, value = (tensor.detach() for tensor in draw(7, 7, lead=(1,)))
    runs = 997
    copies = [tensor.expand(runs, *tensor.shape[1:]) for tensor in (query, key, value)]
    outputs = attend(*copies, mask=MASKS[mask], dropout=0.3, backend=backend)
    expected = attend(query, key, value, mask=MASKS[mask], backend="reference")[0]
    error = (outputs.mean(0) - expected).abs() / (outputs.std(0) / runs**0.5 + 1e-9)
    assert error.max() < 5


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("mask", MASKS)
def test_forward_and_backward_drop_the_same(mask, backend, draw, exact, small_blocks):
    if exact != torch.float64:
        pytest.skip("the device has no float64")
    inputs = draw(7, 7, heads=2, key_heads=1, width=2, value_width=3)

    def with_the_same_seed(*inputs):
        torch.manual_seed(11)
        return attend(*inputs, mask=MASKS[mask], dropout=0.4, backend=backend)

    torch.autograd.gradcheck(with_the_same_seed, inputs, fast_mode=True)


def test_without_dropout_no_random_number_is_drawn(draw):
    inputs, before = draw(), torch.get_rng_state()
    attend(*inputs, backend="streaming").sum().backward()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("share", [0.0, 1e-9, 0.25, 1 - 1e-9])
def test_shares_near_nothing_and_near_everything(share, device):
    dropped = drop_mask((331, 7), share, device)
    assert dropped.shape == (331, 7)
    assert dropped.dtype == torch.bool
    assert dropped.float().mean().item() == pytest.approx(share, abs=0.05)


def test_a_generator_decides_which_places_are_dropped(device):
    def draw(seed):
        return drop_mask((331,), 0.5, device, torch.Generator(device).manual_seed(seed))

    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(5))
    assert drop_mask((0, 7), 0.5, device).shape == (0, 7)
