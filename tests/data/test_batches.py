"""Batches by token budget: every text once, like lengths together, and the same plan on any machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import plan_batches, plan_in_order

LENGTHS = st.lists(st.integers(0, 97), max_size=211)
BUDGETS = st.integers(1, 131)


def tokens(batch, lengths):
    return sum(lengths[i] for i in batch)


@given(LENGTHS, BUDGETS, st.integers(0, 2**64 - 1), st.integers(0, 7))
def test_every_text_once_and_within_the_budget(lengths, budget, seed, epoch):
    for batches in (
        plan_batches(lengths, budget, seed=seed, epoch=epoch, window=3),
        plan_in_order(lengths, budget, window=17),
    ):
        assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
        assert all(batches)
        for batch in batches:
            longest = max(lengths[i] for i in batch)
            assert tokens(batch, lengths) <= budget or (longest > budget and tokens(batch, lengths) == longest)
            assert [lengths[i] for i in batch] == sorted(lengths[i] for i in batch)


@given(LENGTHS, BUDGETS, st.integers(0, 97))
def test_the_same_arguments_give_the_same_batches(lengths, budget, seed):
    assert plan_batches(lengths, budget, seed=seed) == plan_batches(lengths, budget, seed=seed)


def test_the_plan_is_the_same_on_every_machine():
    lengths = [5, 3, 11, 2, 7, 3, 13, 2, 5, 7, 1]
    assert plan_batches(lengths, 13, seed=3, epoch=1, window=2) == [[2], [6], [7, 0, 8], [5, 1, 4], [10, 3], [9]]
    assert plan_in_order(lengths, 13) == [[10, 3, 7, 1, 5], [0, 8], [4], [9], [2], [6]]


def test_seed_and_epoch_change_the_order():
    lengths = list(range(1, 102))
    plans = [plan_batches(lengths, 211, seed=seed, epoch=epoch) for seed in (0, 1) for epoch in (0, 1)]
    assert all(plans[i] != plans[j] for i in range(4) for j in range(i))


def test_like_lengths_lie_together():
    lengths = [2, 89] * 103
    batches = plan_batches(lengths, 89 * 3, seed=1)
    mixed = [batch for batch in batches if len({lengths[i] for i in batch}) > 1]
    assert len(mixed) <= 1


def test_a_window_bounds_how_far_prediction_looks_ahead():
    batches = plan_in_order([3, 97, 3, 97, 3, 97], 103, window=2)
    assert [sorted(batch) for batch in batches] == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("lengths", [[101], [101, 103, 107]])
def test_a_long_text_is_a_batch_of_its_own(lengths):
    assert sorted(plan_batches(lengths, 97, seed=0)) == [[i] for i in range(len(lengths))]


def test_nothing_gives_no_batches():
    assert plan_batches([], 13, seed=0) == []
    assert plan_in_order([], 13) == []
