import itertools

import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from attendo.errors import InputError, ShapeError
from attendo.metrics import (
    brier_score,
    calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_bins,
    softmax,
)


@st.composite
def predictions(draw):
    """Gold ids and probabilities over 2 to 5 classes; some sharp, some rounded so that confidences tie."""
    size, classes = draw(st.integers(1, 31)), draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    probabilities = softmax(random.normal(size=(size, classes)), draw(st.sampled_from([0.05, 0.5, 2.0])))
    if draw(st.booleans()):
        probabilities = np.eye(classes)[probabilities.argmax(axis=1)]
    return random.integers(classes, size=size), probabilities


def slow_calibration_error(gold, probabilities, edges):
    """The definition, bin by bin: |mean confidence − accuracy| weighted by the share of texts."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == gold
    total = 0.0
    for low, high in itertools.pairwise(edges):
        here = (confidence > low) & (confidence <= high)
        if here.any():
            total += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return total


@settings(max_examples=50, deadline=None)
@given(predictions(), st.integers(1, 17))
def test_calibration_error_is_its_definition(case, bins):
    gold, probabilities = case
    ours = calibration_error(gold, probabilities, bins=bins)
    assert ours == pytest.approx(slow_calibration_error(gold, probabilities, np.linspace(0, 1, bins + 1)))
    for equal_mass in (False, True):
        found = reliability_bins(gold, probabilities, bins=bins, equal_mass=equal_mass)
        assert sum(one.count for one in found) == len(gold)
        again = sum(one.count * abs(one.confidence - one.accuracy) for one in found) / len(gold)
        assert calibration_error(gold, probabilities, bins=bins, equal_mass=equal_mass) == pytest.approx(again)
        assert all(one.low - 1e-12 <= one.confidence <= one.high + 1e-12 for one in found)


def test_equal_mass_bins_hold_equally_many_unless_confidences_tie():
    top = np.linspace(0.51, 0.99, 35)
    probabilities = np.stack([top, 1 - top], axis=1)
    assert [one.count for one in reliability_bins(np.zeros(35, int), probabilities, bins=5, equal_mass=True)] == [7] * 5
    tied = np.tile([0.7, 0.3], (13, 1))
    assert [one.count for one in reliability_bins(np.zeros(13, int), tied, bins=5, equal_mass=True)] == [13]


@settings(max_examples=40, deadline=None)
@given(predictions())
def test_brier_and_likelihood_equal_scikit_learn(case):
    gold, probabilities = case
    labels = list(range(probabilities.shape[1]))
    expected = reference.brier_score_loss(gold, probabilities, labels=labels, scale_by_half=False)
    assert brier_score(gold, probabilities) == pytest.approx(expected)
    expected = reference.log_loss(gold, probabilities, labels=labels)
    assert negative_log_likelihood(gold, probabilities) == pytest.approx(expected, abs=1e-9)


def test_with_several_labels_each_label_of_each_text_is_a_decision():
    gold = np.array([[1, 0, 1], [0, 0, 1]])
    chances = np.array([[0.9, 0.2, 0.9], [0.2, 0.2, 0.9]])
    # Of the decisions at 0.9 all came true, of those at 0.2 none did.
    assert calibration_error(gold, chances) == pytest.approx((3 * 0.1 + 3 * 0.2) / 6)
    assert [(one.count, one.accuracy) for one in reliability_bins(gold, chances)] == [(3, 0.0), (3, 1.0)]


def test_temperature_is_where_a_search_finds_it():
    random = np.random.default_rng(0)
    gold = random.integers(3, size=307)
    logits = random.normal(size=(307, 3))
    logits[np.arange(307), gold] += 1.0
    for sharpness in (0.1, 1.0, 11.0):
        scaled = logits * sharpness

        def loss(log_temperature, scaled=scaled):
            return negative_log_likelihood(gold, softmax(scaled, np.exp(log_temperature)))

        expected = np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-9}).x)
        assert fit_temperature(gold, scaled) == pytest.approx(expected, rel=1e-4)


def test_temperature_stays_finite_where_no_best_one_exists():
    always_right = np.array([[5.0, 0.0], [0.0, 5.0]])
    coldest = fit_temperature([0, 1], always_right)
    assert 0.01 <= coldest < 0.2
    assert negative_log_likelihood([0, 1], softmax(always_right, coldest)) == 0
    assert fit_temperature([1, 0], always_right) == pytest.approx(100)
    assert fit_temperature([0, 1], np.zeros((2, 2))) == 1
    assert fit_temperature([0], [[3.0]]) == 1


def test_softmax_does_not_overflow():
    np.testing.assert_allclose(softmax([[1e4, 0.0], [0.0, 0.0]]), [[1, 0], [0.5, 0.5]])


def test_what_is_no_probability_is_refused():
    with pytest.raises(InputError, match="not logits"):
        calibration_error([0], [[2.0, -1.0]])
    with pytest.raises(InputError, match="not logits"):
        brier_score([0], [[np.nan, 0.5]])
    with pytest.raises(InputError, match="sum to 1"):
        negative_log_likelihood([0], [[0.9, 0.9]])
    with pytest.raises(ShapeError, match="only 2 classes"):
        brier_score([2], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match="one row"):
        brier_score([0, 1], [0.5, 0.5])
    with pytest.raises(ShapeError, match="shape"):
        calibration_error([[1, 0]], [[0.1, 0.2, 0.3]])
    with pytest.raises(InputError, match="at least 1"):
        calibration_error([0], [[0.5, 0.5]], bins=0)
    with pytest.raises(InputError, match="finite"):
        fit_temperature([0], [[np.inf, 0.0]])
