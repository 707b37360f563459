"""Scores of answers, against the rules spelled out once more and cases whose published results were seen."""

from __future__ import annotations

import itertools
import json
import re
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError, InputError, ShapeError
from attendo.metrics import ANSWER_RULES, answer_language, score_answers
from attendo.metrics.treebank import western_words

SEEN = [  # rules, prediction, right answers, exact match, F1: what the published scripts gave
    ("squad-1.1", "The cat sat.", ["cat sat", "a dog"], 1, 1.0),
    ("squad-1.1", "the", ["a"], 1, 0.0),
    ("squad-1.1", "", ["cat"], 0, 0.0),
    ("squad-1.1", "cat cat dog", ["cat dog dog"], 0, 2 / 3),
    ("squad-1.1", "x-ray", ["xray"], 1, 1.0),
    ("squad-1.1", "中国。", ["中国"], 0, 0.0),
    ("squad-2.0", "the", ["a"], 1, 1.0),
    ("squad-2.0", "", [], 1, 1.0),
    ("squad-2.0", "cat", [], 0, 0.0),
    ("squad-2.0", "...", [], 1, 1.0),
    ("squad-2.0", "cat", ["the", "cat"], 1, 1.0),
    ("squad-2.0", "", ["the", "cat"], 0, 0.0),
    ("cmrc-2018", "光荣和ω-force", ["光荣和ω-force"], 1, 1.0),
    ("cmrc-2018", "《光荣》。", ["光荣"], 1, 1.0),
    ("cmrc-2018", "光……荣", ["光荣"], 0, 0.4),
    ("cmrc-2018", "北京大学", ["京大"], 0, 2 / 3),
    ("cmrc-2018", "天地人", ["天人地"], 0, 1 / 3),
    ("cmrc-2018", "Windows 98系统", ["windows 98"], 0, 2 / 3),
    ("cmrc-2018", "。", ["，"], 1, 0.0),
    ("cmrc-2018", "", ["中国"], 0, 0.0),
    ("cmrc-2018", "3,000人", ["3000人"], 0, 0.5),
    ("cmrc-2018", "１９９９年", ["1999年"], 0, 0.5),
]
SEEN_WORDS = [  # what the published segmentation made of texts without Chinese characters
    ("it's 3,000 etc. and so on. ok.", ["it", "'s", "3,000", "etc", ".", "and", "so", "on", ".", "ok", "."]),
    ('j. k. rowling said "hi".', ["j.", "k.", "rowling", "said", "``", "hi", "''", "."]),
    ("he cannot, i'm", ["he", "can", "not", ",", "i", "'m"]),
    ("mr. smith (u.s.) won't", ["mr.", "smith", "(", "u.s.", ")", "wo", "n't"]),
    ("colorado springs.[citation needed]", ["colorado", "springs", ".", "[", "citation", "needed", "]"]),
    ("$5 & 50%... no!", ["$", "5", "&", "50", "%", "...", "no", "!"]),
]
LETTERS = [*"中国人在《。，…-?、．Ａ ", "the", "a ", "an", "cat", "dog", "42"]
texts = st.lists(st.sampled_from(LETTERS), max_size=7).map("".join)
answers = st.lists(texts, min_size=1, max_size=3)


@pytest.mark.parametrize(("rules", "prediction", "right", "exact", "f1"), SEEN)
def test_what_the_published_scripts_gave(rules, prediction, right, exact, f1):
    assert ANSWER_RULES[rules].score(prediction, right) == (exact, pytest.approx(f1))


@pytest.mark.parametrize(("text", "words"), SEEN_WORDS)
def test_words_as_the_published_segmentation_cuts_them(text, words):
    assert western_words(text) == words


def plain(text, marks=string.punctuation):
    kept = "".join(sign for sign in text.lower() if sign not in marks)
    words = [re.sub(r"^(a|an|the)$", " ", word) for word in re.split(r"(\W+)", kept)]
    return " ".join("".join(words).split())


def slow_bag(ours, theirs, neither):
    ours, theirs = list(ours), list(theirs)
    if not ours and not theirs:
        return neither
    shared, rest = 0, list(theirs)
    for one in ours:
        if one in rest:
            rest.remove(one)
            shared += 1
    return 2 * shared / (len(ours) + len(theirs))


def slow_run(ours, theirs):
    runs = [tuple(ours[i:j]) for i, j in itertools.combinations(range(len(ours) + 1), 2)]
    others = {tuple(theirs[i:j]) for i, j in itertools.combinations(range(len(theirs) + 1), 2)}
    shared = max((len(run) for run in runs if run in others), default=0)
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def segments(text):
    """Chinese characters apart; words only at blanks, so for texts without other marks."""
    apart = "".join(f" {sign} " if "\u4e00" <= sign <= "\u9fa5" or sign == "?" else sign for sign in cmrc_plain(text))
    return apart.split()


def cmrc_plain(text):
    return "".join(sign for sign in text.lower().strip() if sign not in "《。，-、")


@settings(max_examples=300)
@given(texts, answers)
def test_rules_equal_their_slow_twins(prediction, right):
    exact = max(plain(prediction) == plain(one) for one in right)
    words = max(slow_bag(plain(prediction).split(), plain(one).split(), 0.0) for one in right)
    assert ANSWER_RULES["squad-1.1"].score(prediction, right) == (exact, pytest.approx(words))
    kept = [one for one in right if plain(one)] or [""]
    exact = max(plain(prediction) == plain(one) for one in kept)
    words = max(slow_bag(plain(prediction).split(), plain(one).split(), 1.0) for one in kept)
    assert ANSWER_RULES["squad-2.0"].score(prediction, right) == (exact, pytest.approx(words))
    exact = max(cmrc_plain(prediction) == cmrc_plain(one) for one in right)
    runs = max(slow_run(segments(prediction), segments(one)) for one in right)
    assert ANSWER_RULES["cmrc-2018"].score(prediction, right) == (exact, pytest.approx(runs))
    marks = string.punctuation + "《》？，。、；："
    exact = max(plain(prediction, marks) == plain(one, marks) for one in right)
    signs = max(slow_bag(plain(prediction, marks), plain(one, marks), 0.0) for one in right)
    assert ANSWER_RULES["drcd"].score(prediction, right) == (exact, pytest.approx(signs))


questions = st.lists(
    st.tuples(st.sampled_from(["", "x", "x y", "the"]), st.sampled_from([(), ("x",), ("y",), ("x y", "z")])),
    min_size=1,
    max_size=11,
)


@given(questions, st.randoms(use_true_random=False))
def test_best_thresholds_reach_what_they_say(pairs, random):
    predictions, golds = [list(column) for column in zip(*pairs, strict=True)]
    chances = random.sample([number / 97 for number in range(1, 97)], len(pairs))
    best = score_answers(predictions, golds, rules="squad-2.0", no_answer=chances, resamples=2).best
    for index, (reached, threshold) in enumerate(
        [(best.best_exact, best.best_exact_threshold), (best.best_f1, best.best_f1_threshold)]
    ):

        def at(limit, index=index):
            said = [text if chance <= limit else "" for text, chance in zip(predictions, chances, strict=True)]
            scored = [
                ANSWER_RULES["squad-2.0"].score(text, gold)[index] for text, gold in zip(said, golds, strict=True)
            ]
            return sum(scored) / len(scored)

        tried = [at(limit) for limit in (0.0, *chances)]
        # "the" counts as an answer given here, as in the published search, though it normalises to nothing.
        if "the" not in predictions:
            assert reached == pytest.approx(max(tried))
            assert at(threshold) == pytest.approx(reached)


def test_ties_are_taken_one_after_the_other_as_the_published_search_does():
    best = score_answers(["x", "x"], [["x"], []], no_answer=[0.5, 0.5], resamples=2).best
    assert (best.best_exact, best.best_exact_threshold) == (1.0, 0.5)


def test_scores_are_means_over_questions_with_parts():
    scores = score_answers(["cat", "", "dog", "dog cat"], [["cat"], [], [], ["cat"]], resamples=50)
    assert scores.rules == "squad-2.0"
    assert (scores.num_examples, scores.exact_match.value) == (4, 0.5)
    assert scores.f1.value == pytest.approx((1 + 1 + 0 + 2 / 3) / 4)
    assert (scores.has_answer.num_examples, scores.has_answer.exact_match.value) == (2, 0.5)
    assert (scores.no_answer.num_examples, scores.no_answer.f1.value) == (2, 0.5)
    assert scores.exact_match.low <= scores.exact_match.value <= scores.exact_match.high
    assert "best" not in json.loads(json.dumps(scores.as_dict()))


def test_intervals_are_those_of_a_plain_bootstrap():
    right = [["cat"]] * 31
    predictions = ["cat"] * 13 + ["dog"] * 18
    found = score_answers(predictions, right, resamples=200, seed=3).exact_match
    values = np.array([1.0] * 13 + [0.0] * 18)
    means = values[np.random.default_rng(3).integers(31, size=(200, 31))].mean(axis=1)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))


def test_only_questions_with_answers_have_no_parts():
    scores = score_answers(["cat"], [["cat"]], resamples=2)
    assert scores.rules == "squad-1.1"
    assert scores.has_answer is scores.no_answer is scores.best is None


def test_chinese_answers_are_scored_by_the_rules_for_chinese():
    assert score_answers(["北京"], [["北京。"]], resamples=2).rules == "cmrc-2018"
    assert score_answers(["北京"], [["北京。"]], language="en", resamples=2).exact_match.value == 0.0
    assert score_answers(["北京", "", "京"], [["北京"], [], []], resamples=2).no_answer.exact_match.value == 0.5
    assert score_answers(["北京"], [["北京，"]], rules="drcd", resamples=2).exact_match.value == 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("北京", "zh"),
        ("Windows 98系统", "zh"),
        ("Beijing (北京), the capital", "en"),
        ("1999", "en"),
        ("", "en"),
        ("臺灣大學", "zh"),
    ],
)
def test_the_language_is_found_from_the_letters(text, language):
    assert answer_language([text]) == language


def test_what_cannot_be_scored():
    with pytest.raises(ShapeError, match="2 predictions for 1"):
        score_answers(["a", "b"], [["a"]])
    with pytest.raises(InputError, match="at least one"):
        score_answers([], [])
    with pytest.raises(ConfigError, match="cmrc-2018"):
        score_answers(["a"], [["a"]], rules="rouge")
    with pytest.raises(ConfigError, match="`fr`"):
        score_answers(["a"], [["a"]], language="fr")
    with pytest.raises(InputError, match="probabilities"):
        score_answers(["a"], [["a"]], no_answer=[3.0])
    with pytest.raises(ShapeError, match="1 questions"):
        score_answers(["a"], [["a"]], no_answer=[0.5, 0.5])
