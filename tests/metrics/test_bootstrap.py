import inspect
import time

import numpy as np
import pytest

from attendo.errors import InputError, ShapeError
from attendo.metrics import (
    Interval,
    accuracy,
    brier_score,
    calibration_error,
    class_f1,
    interval,
    intervals,
    macro_f1,
    matthews_correlation,
    mean_squared_error,
    micro_f1,
    negative_log_likelihood,
    paired_bootstrap,
    pearson,
    softmax,
    spearman,
    weighted_f1,
)


def sample(size=101, classes=5, seed=0):
    random = np.random.default_rng(seed)
    gold = random.integers(classes, size=size)
    logits = random.normal(size=(size, classes))
    logits[np.arange(size), gold] += 1.5
    return gold, softmax(logits)


def slowly(metric):
    """The same metric without its sums, so that it is called on every resample."""
    return lambda *columns: metric(*columns)


@pytest.mark.parametrize("metric", [accuracy, macro_f1, micro_f1, weighted_f1, matthews_correlation, class_f1(3)])
def test_resampled_counts_equal_resampled_examples(metric):
    gold, probabilities = sample()
    predicted = probabilities.argmax(1)
    fast, slow = (interval(one, gold, predicted, resamples=53) for one in (metric, slowly(metric)))
    assert (fast.low, fast.value, fast.high) == pytest.approx((slow.low, slow.value, slow.high), rel=1e-12)
    fast, slow = (paired_bootstrap(one, gold, predicted, gold[::-1], resamples=53) for one in (metric, slowly(metric)))
    assert fast.p_value == slow.p_value
    assert (fast.low, fast.difference, fast.high) == pytest.approx((slow.low, slow.difference, slow.high), rel=1e-12)


@pytest.mark.parametrize("metric", [calibration_error, brier_score, negative_log_likelihood])
def test_resampled_sums_equal_resampled_probabilities(metric):
    fast, slow = (interval(one, *sample(), resamples=53) for one in (metric, slowly(metric)))
    assert (fast.low, fast.value, fast.high) == pytest.approx((slow.low, slow.value, slow.high), rel=1e-9)


@pytest.mark.parametrize("metric", [accuracy, macro_f1, micro_f1, weighted_f1, calibration_error, class_f1(1)])
def test_resampled_multi_hot_rows_equal_their_slow_twin(metric):
    random = np.random.default_rng(1)
    gold, predicted = random.integers(2, size=(2, 31, 3))
    fast, slow = (interval(one, gold, predicted, resamples=53) for one in (metric, slowly(metric)))
    assert (fast.low, fast.value, fast.high) == pytest.approx((slow.low, slow.value, slow.high), rel=1e-9)


def test_blocks_do_not_change_the_draws(monkeypatch):
    gold, probabilities = sample()
    whole = interval(macro_f1, gold, probabilities.argmax(1), resamples=53)
    monkeypatch.setattr("attendo.metrics.bootstrap._BLOCK", 7 * 101)
    assert interval(macro_f1, gold, probabilities.argmax(1), resamples=53) == whole


def test_the_interval_has_the_width_of_the_binomial():
    gold = np.zeros(2003, dtype=int)
    predicted = (np.arange(2003) % 5 == 0).astype(int)
    found = interval(accuracy, gold, predicted, resamples=2000)
    spread = 1.96 * np.sqrt(found.value * (1 - found.value) / 2003)
    assert found.value == pytest.approx(0.8, abs=1e-3)
    assert (found.low, found.high) == pytest.approx((found.value - spread, found.value + spread), abs=3e-3)
    narrow = interval(accuracy, gold, predicted, resamples=2000, level=0.5)
    assert found.low < narrow.low < found.value < narrow.high < found.high


def test_a_seed_decides_and_metrics_share_draws():
    gold, probabilities = sample()
    columns = gold, probabilities.argmax(1)
    assert interval(accuracy, *columns, seed=3) == interval(accuracy, *columns, seed=3)
    assert interval(accuracy, *columns, seed=3) != interval(accuracy, *columns, seed=4)
    together = intervals({"accuracy": accuracy, "f1": macro_f1, "slow": slowly(accuracy)}, *columns, resamples=53)
    assert together["accuracy"] == interval(accuracy, *columns, resamples=53) == together["slow"]
    assert together["f1"] == interval(macro_f1, *columns, resamples=53)


def test_one_example_and_undefined_metrics():
    assert interval(accuracy, [1], [1], resamples=7) == Interval(value=1, low=1, high=1)
    undefined = interval(pearson, [1.0, 1.0, 1.0], [1.0, 2.0, 3.0], resamples=7)
    assert np.isnan([undefined.value, undefined.low, undefined.high]).all()
    partly = interval(spearman, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], resamples=101)
    assert (partly.value, partly.low, partly.high) == pytest.approx((1, 1, 1))
    assert interval(mean_squared_error, [1.0, 2.0], [1.0, 4.0], resamples=101).high == 4
    assert paired_bootstrap(pearson, [1.0, 1.0], [1.0, 2.0], [2.0, 1.0], resamples=7).p_value == 1


def test_paired_comparison_sees_what_two_intervals_do_not():
    gold = np.zeros(503, dtype=int)
    worse = (np.arange(503) % 4 == 0).astype(int)
    better = worse.copy()
    better[:40] = 0
    found = paired_bootstrap(accuracy, gold, better, worse)
    assert found.difference == pytest.approx(10 / 503)
    assert 0 < found.low < found.high
    assert found.p_value < 0.01
    assert interval(accuracy, gold, better).low < interval(accuracy, gold, worse).high
    same = paired_bootstrap(accuracy, gold, worse, worse)
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    backwards = paired_bootstrap(accuracy, gold, worse, better)
    assert (backwards.low, backwards.high) == pytest.approx((-found.high, -found.low))


def test_a_thousand_resamples_of_five_thousand_examples_are_quick():
    gold, probabilities = sample(5003, 7)
    columns = gold, probabilities.argmax(1)
    start = time.perf_counter()
    intervals({"accuracy": accuracy, "f1": macro_f1, "matthews": matthews_correlation}, *columns)
    interval(calibration_error, gold, probabilities)
    assert time.perf_counter() - start < 3  # about 0.3 s on an idle core


def test_metrics_tell_their_arguments():
    assert list(inspect.signature(macro_f1).parameters) == ["gold", "predicted"]
    assert macro_f1.__doc__ is not None
    assert macro_f1.__doc__.startswith("Mean of the F1")
    with pytest.raises(TypeError):
        macro_f1([0])


def test_settings_out_of_range_are_refused():
    with pytest.raises(InputError, match="resamples"):
        interval(accuracy, [0], [0], resamples=0)
    with pytest.raises(InputError, match="level"):
        interval(accuracy, [0], [0], level=95)
    with pytest.raises(ShapeError, match="entries"):
        paired_bootstrap(accuracy, [0, 1], [0, 1], [0])
    with pytest.raises(InputError, match="at least one"):
        interval(accuracy, [], [])
