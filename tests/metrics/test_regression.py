import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import InputError, ShapeError
from attendo.metrics import mean_squared_error, pearson, spearman


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
