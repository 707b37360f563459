"""BLEU and chrF against sacreBLEU's own corpus scores, and what is chosen and said for each language."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from attendo.errors import ConfigError, InputError, ShapeError, UnsupportedError
from attendo.metrics import (
    BLEU_TOKENIZERS,
    bleu_tokenizer,
    paired_bleu,
    paired_chrf,
    score_translation,
    text_chrf,
    written_language,
)

WORDS = ["A", "man", "is", "singing", "on", "the", "roof", ".", ",", "dogs", "Tom's", "3.14", "run", "!"]
SIGNS = [*"汤姆说他有个计划。我們，弄丟了車", "Tom", "3", " "]
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
chinese = st.lists(st.sampled_from(SIGNS), max_size=11).map("".join)


def corpus(language, count, seed=0):
    """Right translations, and worse ones."""
    draw = random.Random(seed)
    signs, between = (SIGNS, "") if language == "zh" else (WORDS, " ")
    right = [[draw.choice(signs) for _ in range(draw.randint(3, 17))] for _ in range(count)]
    written = [[draw.choice(signs) if draw.random() < 0.3 else sign for sign in signs_] for signs_ in right]
    return [between.join(each) for each in written], [between.join(each) for each in right]


def expected(outputs, columns, tokenizer):
    """What sacreBLEU says of the whole."""
    return {
        "bleu": BLEU(tokenize=tokenizer, force=True).corpus_score(outputs, columns).score,
        "bleu_lowercase": BLEU(tokenize=tokenizer, lowercase=True, force=True).corpus_score(outputs, columns).score,
        "chrf": CHRF().corpus_score(outputs, columns).score,
        "chrf_words": CHRF(word_order=2).corpus_score(outputs, columns).score,
    }


@pytest.mark.parametrize(("language", "tokenizer"), [("en", "13a"), ("zh", "zh"), ("de-AT", "13a"), ("zh_Hant", "zh")])
def test_scores_are_those_of_sacrebleu(language, tokenizer):
    outputs, right = corpus(language[:2], 53)
    scores = score_translation(outputs, right, language=language, resamples=29)
    for name, value in expected(outputs, [right], tokenizer).items():
        found = getattr(scores, name)
        assert found.value == pytest.approx(value, abs=1e-9)
        assert found.low < found.value < found.high
    assert scores.num_examples == 53
    assert scores.bleu_signature.startswith(f"nrefs:1|case:mixed|eff:no|tok:{tokenizer}|smooth:exp|version:2.")
    assert scores.chrf_signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.")
    assert (scores.classes, scores.class_f1, scores.note) == ((), (), None)
    assert "note" not in scores.as_dict()


@settings(max_examples=40)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_few_and_empty_texts_as_sacrebleu_scores_them(pairs):
    outputs, right = map(list, zip(*pairs, strict=True))
    scores = score_translation(outputs, right, language="en", resamples=3)
    for name, value in expected(outputs, [right], "13a").items():
        assert getattr(scores, name).value == pytest.approx(value, abs=1e-9)


@settings(max_examples=20)
@given(st.lists(st.tuples(chinese, chinese), min_size=1, max_size=5))
def test_few_chinese_texts_as_sacrebleu_scores_them(pairs):
    outputs, right = map(list, zip(*pairs, strict=True))
    scores = score_translation(outputs, right, language="zh", resamples=3)
    for name, value in expected(outputs, [right], "zh").items():
        assert getattr(scores, name).value == pytest.approx(value, abs=1e-9)


def test_several_references_also_where_some_have_fewer():
    outputs, first = corpus("en", 31)
    second, _ = corpus("en", 31, seed=3)
    both = [[a, b] for a, b in zip(first, second, strict=True)]
    scores = score_translation(outputs, both, language="en", resamples=3)
    assert scores.bleu.value == pytest.approx(BLEU(force=True).corpus_score(outputs, [first, second]).score)
    assert scores.chrf.value == pytest.approx(CHRF().corpus_score(outputs, [first, second]).score)
    assert scores.bleu_signature.startswith("nrefs:2|")
    both[7] = [first[7]]
    holes = [first, [None if number == 7 else text for number, text in enumerate(second)]]
    scores = score_translation(outputs, both, language="en", resamples=3)
    assert scores.bleu.value == pytest.approx(BLEU(force=True).corpus_score(outputs, holes).score)
    assert scores.bleu_signature.startswith("nrefs:var|")


def test_intervals_come_from_sums_over_resampled_texts():
    outputs, right = corpus("en", 23)
    scores = score_translation(outputs, right, language="en", resamples=101, seed=5)
    picks = np.random.default_rng(5).integers(23, size=(101, 23))
    drawn = [
        BLEU(force=True).corpus_score([outputs[n] for n in pick], [[right[n] for n in pick]]).score for pick in picks
    ]
    assert (scores.bleu.low, scores.bleu.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))


def test_what_is_longer_and_shorter_than_the_references():
    scores = score_translation(["a b c d e f"], ["a b c d"], language="en", resamples=3)
    assert scores.length_ratio.value == pytest.approx(1.5)
    scores = score_translation([""], ["a b c d"], language="en", resamples=3)
    assert (scores.bleu.value, scores.chrf.value, scores.length_ratio.value) == (0, 0, 0)


def test_two_systems_on_the_same_texts():
    outputs, right = corpus("en", 59)
    worse = [" ".join(text.split()[::-1]) for text in outputs]
    found = paired_bleu(right, outputs, worse, language="en", resamples=199)
    scores = [BLEU(force=True).corpus_score(each, [right]).score for each in (outputs, worse)]
    assert found.difference == pytest.approx(scores[0] - scores[1])
    assert found.low > 0
    assert found.p_value == pytest.approx(2 / 200)
    assert paired_bleu(right, outputs, outputs, resamples=29).p_value == 1
    found = paired_chrf(right, worse, outputs, resamples=199)
    assert found.difference < found.high < 0


def test_chrf_of_single_texts():
    outputs, right = corpus("zh", 17)
    expected_ones = [CHRF().sentence_score(a, [b]).score for a, b in zip(outputs, right, strict=True)]
    assert text_chrf(outputs, right).tolist() == pytest.approx(expected_ones)


@pytest.mark.parametrize(("texts", "language"), [
    (["A man sings."], "en"),
    (["Ein Mann läuft über die Straße."], "en"),
    (["汤姆说他有个计划。"], "zh"),
    (["Tom寫明信片給我們。"], "zh"),
    (["トムは計画があると言っている。"], "ja"),
    (["톰은 계획이 있다고 말한다."], "ko"),
    ([""], "en"),
])  # fmt: skip
def test_the_language_is_seen_by_its_script(texts, language):
    assert written_language(texts) == language


def test_words_are_told_apart_by_the_script_of_the_references():
    assert "tok:zh" in score_translation(["他有计划"], ["他有个计划。"], resamples=3).bleu_signature
    assert "tok:13a" in score_translation(["a plan"], ["A plan."], resamples=3).bleu_signature


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_characters_where_no_words_can_be_told_apart(language, monkeypatch):
    monkeypatch.setattr(f"sacrebleu.tokenizers.tokenizer_{language}_mecab.MeCab", None)
    needed = f"The tokenizer `{language}-mecab` needs packages that are not installed."
    said = f"BLEU counts characters. {needed} Run `pip install sacrebleu[{language}]`."
    assert bleu_tokenizer(language) == ("char", said)
    scores = score_translation(["東京 계획"], ["東京 계획"], language=language, resamples=3)
    assert "tok:char" in scores.bleu_signature
    assert scores.note == said
    with pytest.raises(UnsupportedError, match=rf"needs packages.*sacrebleu\[{language}\]"):
        score_translation(["東京"], ["東京"], tokenizer=f"{language}-mecab")


def test_what_cannot_be_scored():
    with pytest.raises(ShapeError, match="There are 1 outputs for 2 references; give one for each"):
        score_translation(["a"], ["a", "b"])
    with pytest.raises(InputError, match="at least one text, but there is none"):
        score_translation([], [])
    with pytest.raises(InputError, match="Each output needs a reference, but number 2 has none"):
        score_translation(["a", "b"], [["a"], []])
    with pytest.raises(ConfigError, match=f"`tokenizer` is `moses`; it may be {', '.join(BLEU_TOKENIZERS)}"):
        score_translation(["a"], ["a"], tokenizer="moses")
