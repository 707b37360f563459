"""Which errors are called the hardest."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import Example, SourceTarget, TextPair
from attendo.errors import ShapeError
from attendo.report import HardCase, hardest_cases, hardest_likenesses, hardest_writings
from attendo.tasks import Judged

NAMES = ("bad", "fair", "好")


def texts(count: int) -> list[Example]:
    return [Example(text=f"text {number}", path=Path("a.csv"), line=number + 2) for number in range(count)]


def test_only_errors_the_surest_first() -> None:
    chances = [[0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.5, 0.4, 0.1], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]]
    assert hardest_cases(texts(5), [0, 0, 1, 2, 0], chances, NAMES) == (
        HardCase(text="text 3", gold="好", predicted="fair", probability=0.9, place="a.csv line 5"),
        HardCase(text="text 1", gold="bad", predicted="好", probability=0.7, place="a.csv line 3"),
        HardCase(text="text 2", gold="fair", predicted="bad", probability=0.5, place="a.csv line 4"),
        HardCase(text="text 4", gold="bad", predicted="好", probability=0.4, place="a.csv line 6"),
    )


def test_with_several_labels_the_worst_decision_counts() -> None:
    gold = [[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 0]]
    chances = [[0.8, 0.1, 0.05], [0.1, 0.5, 0.2], [0.9, 0.6, 0.3], [0.7, 0.2, 0.4]]
    found = hardest_cases(texts(4), gold, chances, NAMES)
    assert [(case.text, case.gold, case.predicted) for case in found] == [
        ("text 0", "bad, 好", "bad"),  # sure that one is missing
        ("text 3", "fair", "bad"),
        ("text 1", "–", "fair"),
    ]
    assert [case.probability for case in found] == pytest.approx([0.95, 0.8, 0.5])


def test_pairs_show_both_texts() -> None:
    pair = Example(text="他来了吗？", pair="来了。", labels=("好",))
    (case,) = hardest_cases([pair], [2], [[0.8, 0.1, 0.1]], NAMES)
    assert case.text == "他来了吗？ ‖ 来了。"
    assert case.place == "no file"


def test_pairs_with_numbers_show_both_texts_apart() -> None:
    pairs = (TextPair("a b", "c", 1.0), TextPair("d", "e", 2.0))
    found = hardest_likenesses(Judged(pairs=pairs, cosines=np.array([0.9, 0.1])))
    assert [case.texts for case in found] == [("a b", "c"), ("d", "e")]


def test_equals_keep_their_order_and_the_rest_is_left_out() -> None:
    found = hardest_cases(texts(31), [0] * 31, [[0.2, 0.8, 0.0]] * 31, NAMES, most=7)
    assert [case.text for case in found] == [f"text {number}" for number in range(7)]


@pytest.mark.parametrize("several", [False, True])
def test_without_errors_there_is_nothing(several: bool) -> None:
    gold = [[0, 1, 0]] if several else [1]
    assert hardest_cases(texts(1), gold, [[0.1, 0.9, 0.0]], NAMES) == ()
    assert hardest_cases([], np.zeros((0, 3) if several else 0, dtype=int), np.zeros((0, 3)), NAMES) == ()


@pytest.mark.parametrize(
    ("gold", "chances"), [([0], [[0.5, 0.5]]), ([0, 1], [[1.0, 0, 0]]), ([[1, 0]], [[1.0, 0, 0]]), ([0], [1.0])]
)
def test_what_does_not_fit_together_is_refused(gold: list, chances: list) -> None:
    with pytest.raises(ShapeError, match="1 texts and 3 labels"):
        hardest_cases(texts(1), gold, chances, NAMES)


@given(st.integers(0, 2**32 - 1), st.integers(1, 23), st.integers(2, 5), st.booleans())
def test_it_lists_exactly_the_wrong_texts(seed: int, count: int, labels: int, several: bool) -> None:
    random = np.random.default_rng(seed)
    names = [f"label {number}" for number in range(labels)]
    gold = random.integers(2, size=(count, labels)) if several else random.integers(labels, size=count)
    chances = random.random((count, labels))
    if not several:
        chances /= chances.sum(1, keepdims=True)
    found = hardest_cases(texts(count), gold, chances, names, most=count)
    wrong = ((chances >= 0.5) != gold).any(1) if several else chances.argmax(1) != gold
    assert {case.text for case in found} == {f"text {number}" for number in np.flatnonzero(wrong)}
    sure = [case.probability for case in found]
    assert sure == sorted(sure, reverse=True)
    assert all(0 <= each <= 1 for each in sure)
    assert all(each >= 0.5 for each in sure) or not several
    assert all(case.gold != case.predicted for case in found)


def test_what_was_written_that_shares_least_comes_first() -> None:
    targets = ["两只狗跑", "a man runs", "two cats", "一"]
    pairs = [
        SourceTarget(f"text {number}", target, path=Path("a.tsv"), line=number + 2)
        for number, target in enumerate(targets)
    ]
    written = ["两只狗跳", "", "two cats", "二"]
    found = hardest_writings(pairs, written)
    assert [case.text for case in found] == ["text 1", "text 3", "text 0"]
    assert (found[0].gold, found[0].predicted, found[0].place) == ("a man runs", "", "a.tsv line 3")
    assert [case.text for case in hardest_writings(pairs, written, most=1)] == ["text 1"]
    assert hardest_writings(pairs, targets) == ()
