"""When labels are numbers, and what is said of it; labels that look like several in one cell."""

import pytest

from attendo.data import DataSettings, Example, as_number, inspect_data, load_splits
from attendo.data.joined_labels import joining_sign
from attendo.data.numbers import look_like_numbers
from attendo.errors import ConfigError, DataError


def write(path, labels):
    rows = [f"text number {number} of many,{label}" for number, label in enumerate(labels)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


FRACTIONS = [f"{number / 7:.2f}" for number in range(41)]


@pytest.mark.parametrize(
    ("label", "number"), [("1.5", 1.5), (" -3 ", -3.0), ("1e3", 1000.0), ("nan", None), ("inf", None), ("1_0", None)]
)
def test_what_is_a_number(label, number):
    assert as_number(label) == number


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (FRACTIONS, True),
        (["1.0", "2.0", "0.5", "1.5", "2.5"] * 3, False),  # few: classes
        ([*FRACTIONS, "good"], False),
        ([*FRACTIONS, "nan"], False),
        ([str(number) for number in range(103)], False),  # classes by their numbers
        ([str(number) for number in range(1, 104)], False),
        ([str(number * 3 + 1900) for number in range(53)], True),
        (["1.0", "0.0"], False),
        ([], False),
    ],
)
def test_numbers_or_classes(labels, expected):
    assert look_like_numbers([Example("a", labels=(label,)) for label in labels]) is expected


def test_several_labels_are_classes():
    assert not look_like_numbers([Example("a", labels=(label, "1.25")) for label in FRACTIONS])


def test_a_few_labels_that_are_no_numbers_are_named(tmp_path):
    path = write(tmp_path / "broken.csv", [*FRACTIONS, *FRACTIONS, "high", "nan"])
    said = r"look like numbers but for `high` \(broken\.csv line 84\), `nan` \(broken\.csv line 85\)\. Put these right"
    with pytest.raises(DataError, match=said):
        load_splits(path)
    with pytest.raises(DataError, match="only one row has the label"):
        load_splits(path, settings=DataSettings(numbers=False))
    assert load_splits(path, settings=DataSettings(skip_labels=("high", "nan"))).numbers


def test_what_was_found_is_told_and_can_be_set_both_ways(tmp_path):
    found = load_splits(write(tmp_path / "open.csv", FRACTIONS * 2))
    assert found.numbers
    assert any(
        "41 different numbers from 0 to 5.71" in note and "`numbers` set to false" in note for note in found.notes
    )
    assert not any("which train does not have" in note for note in found.warnings)
    assert not load_splits(tmp_path / "open.csv", settings=DataSettings(numbers=False)).numbers
    few = write(tmp_path / "few.csv", ["1", "2", "3"] * 11)
    assert not load_splits(few).numbers
    asked = load_splits(few, settings=DataSettings(numbers=True))
    assert asked.numbers
    assert any("3 different numbers from 1 to 3, and numbers are predicted (as asked)" in note for note in asked.notes)


def test_what_cannot_be_learnt_as_numbers(tmp_path):
    settings = DataSettings(numbers=True)
    with pytest.raises(DataError, match=r"`good` \(words.csv line 5\) is no number"):
        load_splits(write(tmp_path / "words.csv", ["1", "2", "3", "good"] * 7), settings=settings)
    with pytest.raises(DataError, match=r"all 23 rows have the number 1\.5"):
        load_splits(write(tmp_path / "same.csv", ["1.5"] * 23), settings=settings)
    with pytest.raises(ConfigError, match="exclude each other"):
        DataSettings(numbers=True, label_separator="|")


def test_data_with_numbers_are_looked_at(tmp_path):
    report = inspect_data(write(tmp_path / "data.csv", FRACTIONS))
    assert not report.problems
    assert any("numbers are predicted" in note for note in report.notes)


@pytest.mark.parametrize(
    ("labels", "sign"),
    [
        (["a|b", "b", "a", "b|c", "c"], "|"),
        (["a|b", "b|c", "c|a"], "|"),
        (["a|b", "c", "d"], None),
        (["Rock, Paper", "Scissors", "Stone, Sand"], None),
        (["剧情、演员", "演员", "剧情", "剧情、音乐", "音乐"], "、"),
        (["a", "b"], None),
    ],
)
def test_labels_that_look_like_several(labels, sign):
    assert joining_sign(labels) == sign


def test_a_hint_at_the_separator(tmp_path):
    path = write(tmp_path / "several.csv", ["plot|cast", "cast", "plot", "plot|music", "music"] * 7)
    assert any("set `label_separator` to `|`" in note for note in load_splits(path).notes)
    asked = load_splits(path, settings=DataSettings(label_separator="|"))
    assert not any("label_separator" in note for note in asked.notes)
    rare = write(tmp_path / "rare.csv", [*["plot", "cast", "music"] * 5, "plot|cast", "cast|music"])
    with pytest.raises(DataError, match=r"set `label_separator` to `\|`"):
        load_splits(rare)
