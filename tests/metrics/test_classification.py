import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import InputError, ShapeError
from attendo.metrics import (
    accuracy,
    class_f1,
    class_scores,
    confusion_matrix,
    macro_f1,
    matthews_correlation,
    micro_f1,
    weighted_f1,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")


@st.composite
def label_pairs(draw):
    """Gold and predicted ids, with gaps, single classes and single examples among them."""
    classes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=5, unique=True))
    size = draw(st.integers(1, 29))
    column = st.lists(st.sampled_from(classes), min_size=size, max_size=size)
    return draw(column), draw(column)


@st.composite
def multi_hot_pairs(draw):
    size, labels = draw(st.integers(1, 17)), draw(st.integers(2, 5))
    cells = st.lists(st.integers(0, 1), min_size=size * labels, max_size=size * labels)
    return np.array(draw(cells)).reshape(size, labels), np.array(draw(cells)).reshape(size, labels)


@settings(max_examples=30, deadline=None)
@given(label_pairs())
def test_single_label_scores_equal_scikit_learn(pair):
    gold, predicted = pair
    assert accuracy(gold, predicted) == pytest.approx(reference.accuracy_score(gold, predicted))
    for ours, average in ((macro_f1, "macro"), (micro_f1, "micro"), (weighted_f1, "weighted")):
        expected = reference.f1_score(gold, predicted, average=average, zero_division=0)
        assert ours(gold, predicted) == pytest.approx(expected), average
    expected = reference.matthews_corrcoef(gold, predicted) if len(set(gold) | set(predicted)) > 1 else 0
    assert matthews_correlation(gold, predicted) == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(multi_hot_pairs())
def test_multi_hot_scores_equal_scikit_learn(pair):
    gold, predicted = pair
    assert accuracy(gold, predicted) == pytest.approx(reference.accuracy_score(gold, predicted))
    for ours, average in ((macro_f1, "macro"), (micro_f1, "micro"), (weighted_f1, "weighted")):
        expected = reference.f1_score(gold, predicted, average=average, zero_division=0)
        assert ours(gold, predicted) == pytest.approx(expected), average
    labels = [f"标签{i}" for i in range(gold.shape[1])]
    table = reference.precision_recall_fscore_support(gold, predicted, zero_division=0)
    ours = [(row.precision, row.recall, row.f1, row.support) for row in class_scores(gold, predicted, labels)]
    np.testing.assert_allclose(ours, np.transpose(table))


@settings(max_examples=30, deadline=None)
@given(label_pairs())
def test_class_scores_and_confusion_equal_scikit_learn_over_all_named_classes(pair):
    gold, predicted = pair
    names = [f"class {i}" for i in range(13)]
    rows = class_scores(gold, predicted, names)
    table = reference.precision_recall_fscore_support(gold, predicted, labels=range(13), zero_division=0)
    assert [row.label for row in rows] == names
    np.testing.assert_allclose([(row.precision, row.recall, row.f1, row.support) for row in rows], np.transpose(table))
    np.testing.assert_allclose([class_f1(i)(gold, predicted) for i in range(13)], table[2])
    expected = reference.confusion_matrix(gold, predicted, labels=range(13))
    np.testing.assert_array_equal(confusion_matrix(gold, predicted, 13), expected)
    smallest = confusion_matrix(gold, predicted)
    np.testing.assert_array_equal(smallest, expected[: len(smallest), : len(smallest)])


def test_a_class_that_never_occurs_is_left_out_of_the_macro_mean():
    assert macro_f1([0, 2], [0, 2]) == 1
    assert macro_f1([[1, 0]], [[1, 0]]) == 0.5


def test_columns_may_be_named_and_of_any_integer_type():
    gold, predicted = np.array([0, 1, 1], dtype=np.uint8), np.array([False, True, False])
    assert accuracy(gold=gold, predicted=predicted) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("gold", "predicted", "error", "words"),
    [
        ([], [], InputError, "at least one example"),
        ([0, 1], [0], ShapeError, r"\[2, 1\]"),
        ([0.5, 1.0], [0, 1], InputError, "map label names"),
        (["好", "坏"], [0, 1], InputError, "`gold`"),
        ([0, 1], [0, -1], InputError, "`predicted`"),
        ([[1, 0]], [[1, 0, 0]], ShapeError, "2 labels"),
        ([[1, 2]], [[1, 0]], InputError, "0 .* and 1"),
        ([[1], [1, 0]], [0, 1], ShapeError, "differ in length"),
        (3, 3, InputError, "at least one"),
    ],
)
def test_what_cannot_be_scored_is_said(gold, predicted, error, words):
    with pytest.raises(error, match=words):
        accuracy(gold, predicted)


def test_labels_must_cover_the_ids():
    with pytest.raises(ShapeError, match="names 2 classes"):
        class_scores([0, 2], [0, 0], ["a", "b"])
    with pytest.raises(ShapeError, match="names 3 classes"):
        class_scores([[0, 1]], [[0, 1]], ["a", "b", "c"])
    with pytest.raises(ShapeError, match="0 to 1"):
        confusion_matrix([0, 2], [0, 0], 2)
    with pytest.raises(ShapeError, match="one label id per text"):
        matthews_correlation([[0, 1]], [[0, 1]])
