import json
import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import InputError, ShapeError
from attendo.metrics import mean_squared_error, pearson, score_regression, spearman


@st.composite
def number_pairs(draw):
    """Two columns of numbers, coarse so that they tie, of any scale."""
    size = draw(st.integers(2, 23))
    column = st.lists(st.integers(-5, 5), min_size=size, max_size=size)
    scale = draw(st.sampled_from([1e-150, 1e-3, 1.0, 1e7]))
    return np.array(draw(column)) * scale, np.array(draw(column)) / 7


@settings(max_examples=80, deadline=None)
@given(number_pairs())
def test_equal_to_scipy_and_scikit_learn(pair):
    gold, predicted = pair
    assert mean_squared_error(gold, predicted) == pytest.approx(reference.mean_squared_error(gold, predicted))
    if gold.min() == gold.max() or predicted.min() == predicted.max():
        assert math.isnan(pearson(gold, predicted))
        assert math.isnan(spearman(gold, predicted))
    else:
        assert pearson(gold, predicted) == pytest.approx(scipy.stats.pearsonr(gold, predicted)[0], abs=1e-12)
        assert spearman(gold, predicted) == pytest.approx(scipy.stats.spearmanr(gold, predicted)[0], abs=1e-12)


def test_extremes():
    assert pearson([1e308, -1e308, 0], [1, -1, 0]) == pytest.approx(1)
    assert pearson([1.0, 1.0 + 2**-52], [0, 1]) == pytest.approx(1)
    assert spearman([1, 2, 3], [9, 4, 1]) == pytest.approx(-1)
    assert math.isnan(pearson([3], [4]))


def test_what_is_no_number_is_refused():
    with pytest.raises(InputError, match="finite"):
        spearman([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(InputError, match="numbers"):
        pearson(["a"], [1.0])
    with pytest.raises(ShapeError, match="one number"):
        mean_squared_error([[1.0]], [[1.0]])


def test_all_scores_against_plain_formulas():
    random = np.random.default_rng(3)
    gold = random.normal(size=211)
    found = gold + random.normal(size=211) / 2
    scores = score_regression(gold, found, resamples=53)
    assert scores.num_examples == 211
    assert scores.pearson.value == pytest.approx(np.corrcoef(gold, found)[0, 1])
    assert scores.spearman.value == pytest.approx(scipy.stats.spearmanr(gold, found).statistic)
    assert scores.mean_squared_error.value == pytest.approx(np.mean((gold - found) ** 2))
    assert scores.mean_absolute_error.value == pytest.approx(np.mean(np.abs(gold - found)))
    for each in (scores.pearson, scores.spearman, scores.mean_squared_error, scores.mean_absolute_error):
        assert each.low < each.value < each.high


def test_the_bins_hold_all_texts_in_order():
    random = np.random.default_rng(5)
    gold, found = random.normal(size=(2, 103))
    bins = score_regression(gold, found, resamples=3).bins
    assert sum(each.count for each in bins) == 103
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)
    lowest = np.argsort(found)[: bins[0].count]
    assert (bins[0].predicted, bins[0].gold) == pytest.approx((found[lowest].mean(), gold[lowest].mean()))
    assert len(score_regression([1.0, 2.0], [2.0, 1.0], resamples=3).bins) == 2


def test_a_prediction_that_never_varies_has_no_correlation():
    scores = score_regression([1.0, 2.0, 4.0], [3.0, 3.0, 3.0], resamples=7)
    assert (scores.pearson.value, scores.spearman.value) == (0, 0)
    assert scores.mean_absolute_error.value == pytest.approx(4 / 3)
    assert json.loads(json.dumps(scores.as_dict(), allow_nan=False))["bins"][0]["count"] == 1
