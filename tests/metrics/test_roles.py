"""Scores of roles, against a slow twin of the rules and against results of the program of CoNLL-2005."""

import json
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError, InputError, ShapeError
from attendo.metrics import score_frames

LABELS = ["A0", "A1", "R-A0", "C-A0", "C-A1", "C-R-A0", "V", "C-V", "C-C-A0"]


class Frame(NamedTuple):
    predicate: int
    roles: tuple[tuple[int, int, str], ...] = ()
    sense: str | None = None


def parsed(*columns: str) -> list[Frame]:
    """Frames from columns like `(A0* *) (V*)`; the predicate of column n is word n."""
    frames = []
    for number, column in enumerate(columns):
        roles, start, label = [], 0, ""
        for place, cell in enumerate(column.split()):
            if cell.startswith("("):
                start, label = place, cell[1 : cell.index("*")]
            if cell.endswith(")"):
                roles.append((start, place + 1, label))
        frames.append(Frame(number, tuple(roles)))
    return frames


# Counts printed by srl-eval.pl for these props: correct, excess, missed.
OFFICIAL = [
    (["(A0*) (V*) (A1* *)"], ["(A0*) (V*) (A1* *)"], (2, 0, 0)),
    (["(A0*) (V*) (A1* *)"], ["(A0*) (V*) (A1*) *"], (1, 1, 1)),
    (["(A0*) (V*) (A1* *)"], ["(A1*) (V*) (A1* *)"], (1, 1, 1)),
    (["(A0*) (V*) (C-A0* *)"], ["(A0*) (V*) (C-A0* *)"], (1, 0, 0)),
    (["(A0*) (V*) (C-A0* *)"], ["(A0*) (V*) (A0* *)"], (0, 2, 1)),
    (["(A0*) (V*) (C-A0* *)"], ["(A0*) (V*) * *"], (0, 1, 1)),
    (["(A0*) (V*) (A1*) *"], ["(C-A0*) (V*) (C-A1*) *"], (2, 0, 0)),
    (["(A0*) (C-A0*) (A0*) (C-A0*)"], ["(A0*) (C-A0*) (A0*) (C-A0*)"], (2, 0, 0)),
    (["(A0*) (C-A0*) (A0*) (C-A0*)"], ["(A0*) (C-A0*) (C-A0*) (C-A0*)"], (0, 1, 2)),
    (["(A0*) (R-A0*) (V*) (C-R-A0*)"], ["(A0*) (R-A0*) (V*) (C-A0*)"], (0, 2, 2)),
    (["(A0*) (V*) (C-V*) *"], ["(A0*) (V*) * (A1*)"], (1, 1, 0)),
    (["(A0*) (V*)", "(A1*) (C-C-A1*)"], ["(A0*) (V*)", "(A1*) (C-A1*)"], (1, 1, 2)),
    (["* (A0*)", "(A0*) *"], ["* (A0*)"], (1, 0, 1)),
]


@pytest.mark.parametrize(("gold", "predicted", "counts"), OFFICIAL)
def test_cases_whose_official_counts_are_known(gold, predicted, counts):
    scores = score_frames([parsed(*gold)], [parsed(*predicted)], resamples=2)
    assert scores.num_predicates == len(gold)
    correct, excess, missed = counts
    assert scores.precision.value == pytest.approx(correct / max(1, correct + excess))
    assert scores.recall.value == pytest.approx(correct / (correct + missed))
    assert scores.f1.value == pytest.approx(2 * correct / max(1, 2 * correct + excess + missed))
    assert sum(row.support for row in scores.classes) == correct + missed
    assert sum(round(row.recall * row.support) for row in scores.classes) == correct


def slow_arguments(roles) -> list[tuple[str, list[tuple[int, int]]]]:
    """Word by word: a piece looks back for the nearest argument that it may continue."""
    found: list[tuple[str, list[tuple[int, int]]]] = []
    for place in range(1 + max((end for _, end, _ in roles), default=0)):
        for start, end, label in roles:
            if start != place:
                continue
            name = label[2:] if label.startswith("C-") else label
            earlier = [argument for argument in reversed(found) if argument[0] == name]
            if label.startswith("C-") and earlier:
                earlier[0][1].append((start, end))
            else:
                found.append((name, [(start, end)]))
    return [argument for argument in found if argument[0] != "V"]


def slow_counts(gold, predicted, label=None) -> tuple[int, int, int]:
    """Correct, predicted, and there."""
    correct = guessed = there = 0
    for true, guess in zip(gold, predicted, strict=True):
        for frame in guess:
            match = [other for other in true if other.predicate == frame.predicate]
            rest = slow_arguments(match[0].roles) if match else []
            for argument in slow_arguments(frame.roles):
                if label in (None, argument[0]):
                    guessed += 1
                    correct += argument in rest
        for frame in true:
            there += sum(label in (None, name) for name, _ in slow_arguments(frame.roles))
    return correct, guessed, there


@st.composite
def frames(draw, size=7):
    found = []
    for predicate in draw(st.lists(st.integers(0, size - 1), unique=True, max_size=3)):
        roles, place = [], 0
        while place < size:
            end = min(size, place + draw(st.integers(1, 3)))
            if draw(st.booleans()):
                roles.append((place, end, draw(st.sampled_from(LABELS))))
            place = end
        found.append(Frame(predicate, tuple(roles)))
    return found


@st.composite
def noisy(draw):
    true = draw(frames())
    guess = [frame for frame in true if draw(st.integers(0, 4))]
    kept = [tuple(role for role in frame.roles if draw(st.integers(0, 3))) for frame in guess]
    guess = [frame._replace(roles=roles) for frame, roles in zip(guess, kept, strict=True)]
    free = [frame for frame in draw(frames()) if frame.predicate not in {other.predicate for other in true}]
    return true, guess + free


@given(st.lists(noisy(), min_size=1, max_size=5))
@settings(deadline=None)
def test_the_slow_twin_agrees(sentences):
    gold, predicted = [true for true, _ in sentences], [guess for _, guess in sentences]
    scores = score_frames(gold, predicted, resamples=2)
    correct, guessed, there = slow_counts(gold, predicted)
    assert scores.precision.value == pytest.approx(correct / max(1, guessed))
    assert scores.recall.value == pytest.approx(correct / max(1, there))
    assert scores.f1.value == pytest.approx(2 * correct / max(1, guessed + there))
    for row, spread in zip(scores.classes, scores.class_f1, strict=True):
        correct, guessed, there = slow_counts(gold, predicted, row.label)
        assert row.support == there
        assert (row.precision, row.recall) == pytest.approx((correct / max(1, guessed), correct / max(1, there)))
        assert row.f1 == spread.value == pytest.approx(2 * correct / max(1, guessed + there))


def test_heads_are_counted_one_by_one():
    gold = [[Frame(1, ((0, 1, "A0"), (2, 3, "C-A0"), (1, 2, "V"), (4, 5, "A1")))]]
    predicted = [[Frame(1, ((0, 1, "A0"), (2, 3, "A0"), (4, 5, "A1")))]]
    scores = score_frames(gold, predicted, arguments="heads", resamples=2)
    assert (scores.precision.value, scores.recall.value) == pytest.approx((2 / 3, 2 / 3))
    assert {row.label: row.support for row in scores.classes} == {"A0": 1, "A1": 1, "C-A0": 1}
    assert score_frames(gold, predicted, resamples=2).f1.value == pytest.approx(2 / 5)


def test_predicates_and_senses():
    gold = [[Frame(1, sense="go.01"), Frame(3, sense="be.01")], [Frame(0), Frame(2, sense="see.01")], []]
    predicted = [[Frame(1, sense="go.01"), Frame(4)], [Frame(0), Frame(2, sense="see.02")], []]
    scores = score_frames(gold, predicted, resamples=11)
    assert (scores.num_examples, scores.num_predicates) == (3, 4)
    assert scores.predicate_precision.value == scores.predicate_recall.value == scores.predicate_f1.value == 3 / 4
    assert scores.sense_accuracy is not None
    assert scores.sense_accuracy.value == pytest.approx(1 / 3)
    assert (scores.f1.value, scores.classes) == (0, ())
    without = score_frames(gold, [[frame._replace(sense=None) for frame in each] for each in predicted], resamples=11)
    assert without.sense_accuracy is None


def test_a_wrong_predicate_adds_its_arguments_and_a_missed_one_loses_them():
    gold = [[Frame(1, ((0, 1, "A0"), (2, 3, "A1")))]]
    predicted = [[Frame(2, ((0, 1, "A0"),))]]
    scores = score_frames(gold, predicted, resamples=2)
    assert [(row.label, row.precision, row.support) for row in scores.classes] == [("A0", 0, 1), ("A1", 0, 1)]
    both = score_frames(gold, [gold[0] + predicted[0]], resamples=2)
    assert (both.precision.value, both.recall.value) == pytest.approx((2 / 3, 1))


def test_several_predicates_on_one_word_are_told_apart_by_their_order():
    gold = [[Frame(1, ((0, 1, "A0"),)), Frame(1, ((2, 3, "A1"),))]]
    assert score_frames(gold, gold, resamples=2).f1.value == 1
    assert score_frames(gold, [gold[0][::-1]], resamples=2).f1.value == 0
    assert score_frames(gold, [gold[0][:1]], resamples=2).predicate_recall.value == 0.5


def test_intervals_are_over_sentences_and_repeat():
    good, bad = Frame(1, ((0, 1, "A0"),)), Frame(1)
    gold = [[good]] * 23
    predicted = [[good]] * 13 + [[bad]] * 10
    first = score_frames(gold, predicted, resamples=211, seed=5)
    assert first == score_frames(gold, predicted, resamples=211, seed=5)
    assert first.recall.value == pytest.approx(13 / 23)
    assert first.recall.low < first.recall.value < first.recall.high
    assert (first.precision.low, first.precision.high) == (1, 1)
    assert json.loads(json.dumps(first.as_dict())) == first.as_dict()
    assert first.as_dict()["classes"][0]["label"] == "A0"


def test_what_cannot_be_scored():
    with pytest.raises(ShapeError, match="2 gold sentences, but 1"):
        score_frames([[], []], [[]])
    with pytest.raises(InputError, match="at least one example"):
        score_frames([], [])
    with pytest.raises(ConfigError, match="may be spans or heads"):
        score_frames([[]], [[]], arguments="words")  # type: ignore[arg-type]
