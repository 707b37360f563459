"""Sums of table rows against the same sums written out, and gradients that touch only what was read."""

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from scipy.sparse import csr_matrix
from torch.nn import functional as F

from attendo.nn import BagDropout, BagLinear, Bags, RowEmbedding

ROWS, E = 19, 5
SIZES = (3, 0, 1, 7, 2, 0)


def bags_of(sizes, *, rows=ROWS, dtype=torch.float64, device="cpu") -> Bags:
    starts = torch.tensor([sum(sizes[:bag]) for bag in range(len(sizes))], dtype=torch.long)
    weights = torch.rand(sum(sizes), dtype=dtype) + 0.5
    return Bags(torch.randint(rows, (sum(sizes),)), starts, weights).to(torch.device(device))


def one_by_one(table, bags, sizes):
    """The weighted sum of each bag's rows, bag by bag."""
    pieces = zip(bags.rows.split(list(sizes)), bags.weights.split(list(sizes)), strict=True)
    return torch.stack([(table[rows] * weights[:, None]).sum(0) for rows, weights in pieces])


sizes_of_bags = st.lists(st.integers(0, 4), max_size=6)


@given(sizes_of_bags)
def test_bag_of_row(sizes):
    expected = [bag for bag, size in enumerate(sizes) for _ in range(size)]
    assert bags_of(sizes).bag_of_row.tolist() == expected


@given(sizes_of_bags.filter(bool))
def test_row_embedding_sums_the_rows_of_each_bag(sizes):
    part, bags = RowEmbedding(ROWS, E).double(), bags_of(sizes)
    expected = one_by_one(part.weight, bags, sizes)
    torch.testing.assert_close(part(bags), expected)
    with torch.no_grad():
        torch.testing.assert_close(part(bags), expected)


def test_row_embedding_equals_a_dense_one(device, exact):
    part, bags = RowEmbedding(ROWS, E).to(device, exact), bags_of(SIZES, dtype=exact, device=device)
    table = part.weight.detach().clone().requires_grad_()
    expected = F.embedding_bag(bags.rows, table, bags.starts, mode="sum", per_sample_weights=bags.weights)
    found = part(bags)
    torch.testing.assert_close(found, expected)
    found.sin().sum().backward()
    expected.sin().sum().backward()
    assert part.weight.grad is not None
    torch.testing.assert_close(part.weight.grad.to_dense(), table.grad)


def test_its_gradient_is_sparse_and_holds_each_row_used_once():
    part, bags = RowEmbedding(ROWS, E), bags_of(SIZES, dtype=torch.float32)
    (gradient,) = torch.autograd.grad(part(bags).sum(), [part.weight])
    assert gradient.is_sparse
    assert gradient.is_coalesced()
    assert gradient.indices()[0].tolist() == sorted(set(bags.rows.tolist()))


def test_gradients_of_several_calls_add_up():
    part, first, second = RowEmbedding(ROWS, E).double(), bags_of(SIZES), bags_of((2, 1))
    part(first).sum().backward()
    part(second).sum().backward()
    gradient = part.weight.grad
    assert gradient is not None
    expected = torch.zeros(ROWS, dtype=torch.float64)
    for bags in (first, second):
        expected.index_add_(0, bags.rows, bags.weights)
    torch.testing.assert_close(gradient.to_dense(), expected[:, None].expand(-1, E))


def test_a_frozen_table_takes_no_gradient():
    part, bags = RowEmbedding(ROWS, E).requires_grad_(False), bags_of(SIZES, dtype=torch.float32)
    assert not part(bags).requires_grad


@pytest.mark.parametrize("sizes", [(), (0,), (0, 0), (1,)], ids=str)
@pytest.mark.parametrize("make", [RowEmbedding, BagLinear])
def test_the_smallest_bags(make, sizes):
    part, bags = make(ROWS, E).double(), bags_of(sizes)
    found = part(bags)
    assert found.shape == (len(sizes), E)
    expected = one_by_one(part.weight, bags, sizes) if sizes else found
    torch.testing.assert_close(found, expected)
    if sizes:
        found.sum().backward()
        assert part.weight.grad is not None
        assert part.weight.grad.to_dense().isfinite().all()


@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("make", [RowEmbedding, BagLinear])
def test_bags_together_equal_each_alone_in_training(make, autocast, device):
    part, bags = make(ROWS, E).to(device).train(), bags_of((3, 1, 7), dtype=torch.float32, device=device)
    torch.nn.init.normal_(part.weight)
    with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
        together = part(bags)
        start = torch.zeros(1, dtype=torch.long, device=device)
        pieces = zip(bags.rows.split([3, 1, 7]), bags.weights.split([3, 1, 7]), strict=True)
        alone = torch.cat([part(Bags(rows, start, weights)) for rows, weights in pieces])
    assert together.dtype == torch.float32
    torch.testing.assert_close(together, alone)
    together.sum().backward()
    assert all(p.grad is not None and p.grad.to_dense().isfinite().all() for p in part.parameters())


@given(sizes_of_bags.filter(bool))
def test_bag_linear_is_a_sparse_product_and_a_bias(sizes):
    part, bags = BagLinear(ROWS, 3).double(), bags_of(sizes)
    torch.nn.init.normal_(part.weight)
    torch.nn.init.normal_(part.bias)
    ends = np.append(bags.starts.numpy(), len(bags.rows))
    counts = csr_matrix((bags.weights.numpy(), bags.rows.numpy(), ends), shape=(len(sizes), ROWS))
    expected = counts @ part.weight.detach().numpy() + part.bias.detach().numpy()
    np.testing.assert_allclose(part(bags).detach().numpy(), expected)


def test_a_linear_model_starts_undecided():
    assert not BagLinear(ROWS, 3)(bags_of(SIZES, dtype=torch.float32)).any()


def hidden_share(weights: torch.Tensor) -> float:
    return (weights == 0).double().mean().item()


def test_bag_dropout_hides_its_shares():
    bags = bags_of((5,) * 3001)
    kept = BagDropout(0.3, 0.2).train()(bags).weights.view(-1, 5)
    gone = (kept == 0).all(1)
    assert abs(gone.double().mean().item() - 0.3) < 0.03
    seen = kept[~gone]
    assert (seen[:, 0] != 0).all()  # the first row stands for the word itself
    assert abs(hidden_share(seen[:, 1:]) - 0.2) < 0.02
    whole = bags.weights.view(-1, 5)
    assert torch.equal(kept[kept != 0], whole[kept != 0])  # what is shown keeps its weight


def test_bag_dropout_of_only_one_kind():
    bags = bags_of((5,) * 401)
    rows_only = BagDropout(0.0, 0.5).train()(bags).weights.view(-1, 5)
    assert rows_only[:, 0].all()
    assert abs(hidden_share(rows_only[:, 1:]) - 0.5) < 0.05
    bags_only = BagDropout(0.5, 0.0).train()(bags).weights.view(-1, 5)
    assert set((bags_only == 0).sum(1).tolist()) == {0, 5}


@pytest.mark.parametrize("sizes", [(), (0,), (0, 0), (2, 0), (0, 3), (1, 0, 2, 0)], ids=str)
def test_bag_dropout_of_empty_bags(sizes):
    bags = bags_of(sizes)
    kept = BagDropout(0.0, 0.9999).train()(bags).weights
    firsts = [sum(sizes[:bag]) for bag, size in enumerate(sizes) if size]
    assert kept[firsts].all()
    assert kept.count_nonzero() == len(firsts)


def test_bag_dropout_rests_outside_training():
    bags = bags_of(SIZES)
    assert BagDropout(0.5, 0.5).eval()(bags) is bags
    assert BagDropout(0.0, 0.0).train()(bags) is bags
