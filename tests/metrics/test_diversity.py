"""How varied texts are, against counts by hand."""

import math

import numpy as np
import pytest

from attendo.errors import InputError
from attendo.metrics import score_diversity


def slow(cut, size):
    runs = [tuple(units[start : start + size]) for units in cut for start in range(len(units) - size + 1)]
    return len(set(runs)) / len(runs)


TEXTS = ["the cat sat on the cat sat on the cat", "A dog ran.", "a dog ran", "A dog ran.", "Größe"]
CUT = [[*["the", "cat", "sat", "on", "the", "cat", "sat", "on", "the", "cat"]], *[["a", "dog", "ran"]] * 3, ["größe"]]


def test_shares_of_different_runs():
    scores = score_diversity(TEXTS, resamples=41)
    assert scores.units == "words"
    for size, found in enumerate((scores.distinct_1, scores.distinct_2, scores.distinct_3), start=1):
        assert found.value == pytest.approx(slow(CUT, size))
        assert math.isnan(found.low)
    assert scores.equal.value == pytest.approx(1 / 5)
    assert scores.num_examples == 5
    assert (scores.classes, scores.class_f1) == ((), ())
    assert scores.as_dict()["units"] == "words"


def test_runs_that_come_back_within_a_text():
    scores = score_diversity(TEXTS, resamples=41, seed=3)
    assert scores.repetition.value == pytest.approx(3 / 7)  # seven runs of four, of which four differ
    rows = np.array([(3, 7), *[(0, 0)] * 4])[np.random.default_rng(3).integers(5, size=(41, 5))].sum(1)
    drawn = np.where(rows[:, 1] > 0, rows[:, 0] / np.maximum(rows[:, 1], 1), 0)
    assert (scores.repetition.low, scores.repetition.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))


def test_chinese_words_are_characters():
    scores = score_diversity(["春天春天", "BERT模型"], resamples=3)
    assert scores.units == "characters"
    assert scores.distinct_1.value == pytest.approx(5 / 7)
    assert scores.distinct_2.value == pytest.approx(4 / 5)


def test_texts_too_short_for_a_run():
    scores = score_diversity(["a", ""], resamples=3)
    assert scores.distinct_1.value == 1
    assert math.isnan(scores.distinct_2.value)
    assert scores.repetition.value == 0


def test_no_text():
    with pytest.raises(InputError, match="at least one text, but there is none"):
        score_diversity([])
