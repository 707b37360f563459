"""Labels as numbers: their order, and what is said of those that do not fit."""

import numpy as np
import pytest

from attendo.errors import DataError
from attendo.tasks import LabelSet


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ("10 9 -1 2.5", ("-1", "2.5", "9", "10")),
        ("pos neg 中 3", ("3", "neg", "pos", "中")),
        ("nan b inf a 1", ("1", "a", "b", "inf", "nan")),
        ("1 01 1.0", ("01", "1", "1.0")),
    ],
)
def test_numbers_come_first_and_in_their_order(found, names):
    for order in (found.split(), found.split()[::-1]):
        assert LabelSet.of([(name,) for name in order]).names == names


def test_one_label_each():
    labels = LabelSet.of([("b",), ("a",), ("b",)])
    assert labels == LabelSet(("a", "b"), several=False)
    assert labels.encode([("b",), ("a",)]).tolist() == [1, 0]
    assert labels.encode([]).shape == (0,)


def test_several_labels_make_a_matrix():
    labels = LabelSet.of([("b", "a"), (), ("c",)])
    assert labels.several
    found = labels.encode([("c", "a"), (), ("b", "b")])
    assert np.array_equal(found, [[1, 0, 1], [0, 0, 0], [0, 1, 0]])


def test_unknown_labels_are_named_with_their_place():
    labels = LabelSet(("a", "b"))
    with pytest.raises(DataError) as error:
        labels.encode([("a",), ("x",), ("y",), ("x",)], ["f line 1", "f line 2", "f line 3", "f line 4"])
    assert str(error.value) == "The model does not know these labels: `x`, `y` (f line 2). It knows: a, b."


@pytest.mark.parametrize(("row", "count"), [((), 0), (("a", "b"), 2)])
def test_one_label_is_wanted(row, count):
    with pytest.raises(DataError, match=rf"must have one label, but one has {count} \(line 2\)"):
        LabelSet(("a", "b")).encode([("a",), row], ["line 1", "line 2"])


def test_long_lists_are_shortened():
    labels = LabelSet(tuple(f"l{n}" for n in range(23)))
    assert labels.shown().endswith("l19 and 3 more")
    assert LabelSet(("a", "b")).shown() == "a, b"
