import dataclasses
import json

import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ShapeError
from attendo.metrics import score_classification, score_multilabel, softmax


def test_every_score_of_a_classifier():
    random = np.random.default_rng(0)
    gold = random.integers(3, size=211)
    probabilities = softmax(random.normal(size=(211, 4)) + 2 * np.eye(4)[gold])
    predicted = probabilities.argmax(1)
    scores = score_classification(gold, probabilities, ["体育", "财经", "science", "never seen"], resamples=101)
    assert scores.num_examples == 211
    assert scores.accuracy.value == pytest.approx(reference.accuracy_score(gold, predicted))
    assert scores.micro_f1 == scores.accuracy
    assert scores.macro_f1.value == pytest.approx(reference.f1_score(gold, predicted, average="macro"))
    assert scores.weighted_f1.value == pytest.approx(reference.f1_score(gold, predicted, average="weighted"))
    assert scores.matthews_correlation.value == pytest.approx(reference.matthews_corrcoef(gold, predicted))
    assert scores.negative_log_likelihood.value == pytest.approx(
        reference.log_loss(gold, probabilities, labels=range(4))
    )
    assert [row.label for row in scores.classes] == ["体育", "财经", "science", "never seen"]
    assert [one.value for one in scores.class_f1] == pytest.approx([row.f1 for row in scores.classes])
    assert np.sum(scores.confusion) == sum(one.count for one in scores.reliability) == 211
    for name in ("accuracy", "macro_f1", "weighted_f1", "matthews_correlation", "brier_score"):
        found = getattr(scores, name)
        assert found.low < found.value < found.high, name
    with pytest.raises(dataclasses.FrozenInstanceError):
        scores.num_examples = 3


def test_every_score_with_several_labels():
    random = np.random.default_rng(1)
    gold = random.integers(2, size=(101, 3))
    probabilities = np.clip(gold * 0.4 + random.random((101, 3)) * 0.6, 0, 1)
    predicted = probabilities >= 0.3
    scores = score_multilabel(gold, probabilities, ["rooms", "staff", "早餐"], threshold=0.3, resamples=101)
    assert scores.exact_match.value == pytest.approx(reference.accuracy_score(gold, predicted))
    assert scores.micro_f1.value == pytest.approx(reference.f1_score(gold, predicted, average="micro"))
    assert scores.macro_f1.value == pytest.approx(reference.f1_score(gold, predicted, average="macro"))
    assert [one.value for one in scores.class_f1] == pytest.approx(reference.f1_score(gold, predicted, average=None))
    assert sum(one.count for one in scores.reliability) == 303
    assert 0 < scores.calibration_error.value < 1


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 999))
def test_as_dict_survives_json_however_degenerate_the_examples(size, classes, seed):
    random = np.random.default_rng(seed)
    gold = random.integers(classes, size=size)
    labels = [f"类别 {i}" for i in range(classes)]
    single = score_classification(gold, softmax(random.normal(size=(size, classes)), 0.01), labels, resamples=3)
    several = score_multilabel(np.eye(classes)[gold], random.random((size, classes)), labels, resamples=3)
    for scores in (single, several):
        plain = scores.as_dict()
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        assert list(plain) == [field.name for field in dataclasses.fields(scores)]


def test_labels_must_match_the_columns():
    with pytest.raises(ShapeError, match="2 columns, but there are 1"):
        score_classification([0], [[0.5, 0.5]], ["only"])
    with pytest.raises(ShapeError, match="2 columns, but there are 3"):
        score_multilabel([[0, 1]], [[0.5, 0.5]], ["a", "b", "c"])
