"""Links between words, against the formulas of Och and Ney spelled out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import InputError, ShapeError
from attendo.metrics import paired_alignment, score_alignment

links = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=7)


def slow(found, sure, possible):
    ours = {(n, *link) for n, each in enumerate(found) for link in each}
    right = {(n, *link) for n, each in enumerate(sure) for link in each}
    allowed = right | {(n, *link) for n, each in enumerate(possible) for link in each}
    both = len(ours) + len(right)
    return (
        1 - (len(ours & right) + len(ours & allowed)) / both if both else 0.0,
        len(ours & allowed) / len(ours) if ours else 0.0,
        len(ours & right) / len(right) if right else 0.0,
    )


@given(st.lists(st.tuples(links, links, links), min_size=1, max_size=5))
def test_as_the_formulas_say(pairs):
    found, sure, possible = zip(*pairs, strict=True)
    scores = score_alignment(found, sure, possible, resamples=3)
    values = scores.alignment_error_rate.value, scores.precision.value, scores.recall.value
    assert values == pytest.approx(slow(found, sure, possible))


def test_without_possible_links():
    found, sure = [[(0, 0), (1, 1)], [(2, 0)]], [[(0, 0)], [(2, 0), (2, 1)]]
    scores = score_alignment(found, sure, resamples=53, seed=5)
    assert scores.alignment_error_rate.value == pytest.approx(1 - 4 / 6)
    rows = np.array([(2, 1, 1), (1, 2, 1)])[np.random.default_rng(5).integers(2, size=(53, 2))].sum(1)
    drawn = 1 - 2 * rows[:, 2] / (rows[:, 0] + rows[:, 1])
    expected = tuple(np.quantile(drawn, [0.025, 0.975]))
    assert (scores.alignment_error_rate.low, scores.alignment_error_rate.high) == pytest.approx(expected)
    assert scores.as_dict()["num_examples"] == 2
    assert (scores.classes, scores.class_f1) == ((), ())


def test_two_ways_to_link_the_same_texts():
    sure = [[(0, 0), (1, n % 3)] for n in range(11)]
    worse = [[(0, 0), (1, 0)] for _ in range(11)]
    found = paired_alignment(sure, None, sure, worse, resamples=61)
    assert found.difference == pytest.approx(-slow(worse, sure, [()] * 11)[0])
    assert found.high < 0


def test_what_cannot_be_scored():
    with pytest.raises(ShapeError, match="there are 1 found, 2 sure and 2 possible sets"):
        score_alignment([[]], [[], []])
    with pytest.raises(InputError, match="at least one pair of texts"):
        score_alignment([], [])
