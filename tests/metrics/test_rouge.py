"""ROUGE against rouge_score, and in Chinese against the same scores spelled out slowly."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError, InputError, ShapeError
from attendo.metrics import UNITS, paired_rouge, score_summaries, text_rouge, units_of
from attendo.metrics.rouge import common_places, longest_common

rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")

LIBRARY = {"rouge_l": "rougeL", "rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_lsum": "rougeLsum"}
WORDS = ["The", "cat", "sat", "on", "a", "mat", ",", ".", "\n", "it's", "3.14", "U.S.", "naïve", "cat", "the", "-"]
NEWS = [
    "The United Nations said on Tuesday that 1,200 people had fled the flooded valley.\nRescuers reached 40 villages.",
    "Rescuers reached forty villages on Tuesday, the United Nations said.\nSome 1,200 people have fled the valley.",
    "A court in Madrid has ordered the bank to repay its customers.\nThe bank said it would appeal.",
    "Shares fell after the bank said that it would appeal against the court's order.",
]
texts = st.lists(st.sampled_from(WORDS), max_size=17).map(" ".join)


def library(output, references):
    scores = rouge_scorer.RougeScorer(list(LIBRARY.values())).score_multi(references, output)
    return {name: scores[theirs] for name, theirs in LIBRARY.items()}


def slow_common(ours, theirs):
    table = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i, one in enumerate(ours, start=1):
        for j, other in enumerate(theirs, start=1):
            table[i][j] = table[i - 1][j - 1] + 1 if one == other else max(table[i - 1][j], table[i][j - 1])
    return table[-1][-1]


def agrees(output, references):
    found = score_summaries([output], [references], language="en", resamples=1)
    for name, score in library(output, references).items():
        assert getattr(found, name).value == pytest.approx(score.fmeasure)
        assert getattr(found, f"{name}_precision").value == pytest.approx(score.precision)
        assert getattr(found, f"{name}_recall").value == pytest.approx(score.recall)


@given(texts, texts)
def test_one_reference(output, reference):
    agrees(output, [reference])


@settings(max_examples=25)
@given(texts, st.lists(texts, min_size=2, max_size=3))
def test_several_references(output, references):
    agrees(output, references)


@pytest.mark.parametrize("output", NEWS)
@pytest.mark.parametrize("reference", NEWS)
def test_real_looking_summaries(output, reference):
    agrees(output, [reference])


class Characters:
    """Gives the library the units that Chinese is counted in."""

    tokenize = staticmethod(UNITS["characters"])


@settings(max_examples=25)
@given(st.text("汤姆说他有个计划。3.\nA ", max_size=13), st.text("汤姆说他有个计划。3.\nA ", max_size=13))
def test_chinese_as_the_library_counts_it_when_given_characters(output, reference):
    scorer = rouge_scorer.RougeScorer(list(LIBRARY.values()), tokenizer=Characters)
    found = score_summaries([output], [reference], language="zh", resamples=1)
    for name, theirs in LIBRARY.items():
        assert getattr(found, name).value == pytest.approx(scorer.score(reference, output)[theirs].fmeasure)


def test_long_texts():
    draw = random.Random(0)
    ours, theirs = ([draw.choice(WORDS[:-1]) for _ in range(size)] for size in (211, 307))
    agrees(" ".join(ours), [" ".join(theirs)])


@given(st.lists(st.integers(0, 4), max_size=13), st.lists(st.integers(0, 4), max_size=13))
def test_longest_common_sequences(ours, theirs):
    ours, theirs = list(map(str, ours)), list(map(str, theirs))
    longest = slow_common(ours, theirs)
    assert longest_common(ours, theirs) == longest
    places = common_places(ours, theirs)
    assert len(places) == longest
    assert slow_common([ours[place] for place in reversed(places)], theirs) == longest


@pytest.mark.parametrize(("name", "text", "units"), [
    ("english", "It's 3.14, Größe!", ["it", "s", "3", "14", "gr", "e"]),
    ("words", "It's 3.14, snake_case Größe!", ["it", "s", "3", "14", "snake", "case", "größe"]),
    ("characters", "用Transformer训练3.14天，a_b。", [*"用", "transformer", *"训练", "3.14", "天", "a", "b"]),
    ("characters", "カタカナ 1,000人", [*"カタカナ", "1,000", "人"]),
])  # fmt: skip
def test_what_is_counted(name, text, units):
    assert UNITS[name](text) == units


def test_chinese_is_counted_in_characters():
    output, reference = "用3.14训练BERT模型。", "训练一个BERT模型"
    scores = score_summaries([output], [reference], resamples=3)
    ours, theirs = ["用", "3.14", "训", "练", "bert", "模", "型"], ["训", "练", "一", "个", "bert", "模", "型"]
    shared = slow_common(ours, theirs)
    assert scores.units == "characters"
    assert shared == 5
    assert scores.rouge_l.value == pytest.approx(2 * shared / (len(ours) + len(theirs)))
    assert scores.rouge_1.value == pytest.approx(2 * 5 / 14)
    assert scores.rouge_2.value == pytest.approx(2 * 3 / 12)
    assert scores.rouge_lsum.value == scores.rouge_l.value


def test_the_language_decides_what_is_counted():
    assert [units_of(tag) for tag in ("en", "en-GB", "de", "zh", "zh_Hant", "ja", "ko")] == [
        *("english", "english", "words", "characters", "characters", "characters", "words"),
    ]
    assert score_summaries(["Über"], ["über"], language="de", resamples=1).rouge_1.value == 1
    assert score_summaries(["人"], ["人"], units="english", resamples=1).rouge_1.value == 0


def test_means_and_intervals_are_over_texts():
    ones = text_rouge(NEWS, NEWS[::-1], kind="rouge_1")
    expected = [library(a, [b])["rouge_1"].fmeasure for a, b in zip(NEWS, NEWS[::-1], strict=True)]
    assert ones.tolist() == pytest.approx(expected)
    scores = score_summaries(NEWS, NEWS[::-1], resamples=53, seed=3)
    drawn = ones[np.random.default_rng(3).integers(4, size=(53, 4))].mean(1)
    assert scores.rouge_1.value == pytest.approx(ones.mean())
    assert (scores.rouge_1.low, scores.rouge_1.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))
    assert (scores.classes, scores.class_f1) == ((), ())
    assert scores.as_dict()["units"] == "english"


def test_two_systems_on_the_same_texts():
    found = paired_rouge(NEWS, NEWS, NEWS[::-1], resamples=97)
    assert found.difference == pytest.approx(1 - text_rouge(NEWS[::-1], NEWS).mean())
    assert found.low > 0


def test_what_cannot_be_scored():
    with pytest.raises(ShapeError, match="There are 1 outputs for 2 references"):
        score_summaries(["a"], ["a", "b"])
    with pytest.raises(InputError, match="at least one text"):
        score_summaries([], [])
    with pytest.raises(ConfigError, match="`units` is `bytes`; it may be english, words, characters"):
        score_summaries(["a"], ["a"], units="bytes")
    with pytest.raises(ConfigError, match="`kind` is `rouge_3`; it may be rouge_l, rouge_1, rouge_2, rouge_lsum"):
        text_rouge(["a"], ["a"], kind="rouge_3")
