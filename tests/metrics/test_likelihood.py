"""Perplexity and bits, against sums by hand."""

import math

import numpy as np
import pytest

from attendo.errors import InputError, ShapeError
from attendo.metrics import paired_bits, score_likelihood

TEXTS = ["A man sings.", "汤姆说他有个计划。", "naïve", "x"]
NATS = [7.5, 31.25, 11.0, 2.0]
TOKENS = [5, 9, 3, 1]
CHARACTERS = list(map(len, TEXTS))
BYTES = [len(text.encode()) for text in TEXTS]


def test_what_tokens_characters_and_bytes_cost():
    scores = score_likelihood(NATS, TOKENS, characters=CHARACTERS, num_bytes=BYTES, resamples=101)
    assert scores.num_examples == 4
    assert scores.perplexity.value == pytest.approx(math.exp(51.75 / 18))
    assert scores.nats_per_token.value == pytest.approx(51.75 / 18)
    assert scores.bits_per_character is not None
    assert scores.bits_per_byte is not None
    assert scores.bits_per_character.value == pytest.approx(51.75 / math.log(2) / sum(CHARACTERS))
    assert scores.bits_per_byte.value == pytest.approx(51.75 / math.log(2) / sum(BYTES))
    assert scores.perplexity.low < scores.perplexity.value < scores.perplexity.high
    assert (scores.classes, scores.class_f1) == ((), ())


def test_resamples_are_sums_over_texts():
    scores = score_likelihood(NATS, TOKENS, resamples=37, seed=5)
    picks = np.random.default_rng(5).integers(4, size=(37, 4))
    drawn = np.array(NATS)[picks].sum(1) / np.array(TOKENS)[picks].sum(1)
    ends = np.exp(np.quantile(drawn, [0.025, 0.975]))
    assert (scores.perplexity.low, scores.perplexity.high) == pytest.approx(tuple(ends))
    assert set(scores.as_dict()) == {"num_examples", "perplexity", "nats_per_token"}


def test_empty_texts_and_hopeless_models():
    assert score_likelihood([0, 3.0], [0, 2], resamples=29).nats_per_token.value == 1.5
    assert score_likelihood([9e9], [1], resamples=3).perplexity.value == math.inf


def test_two_models_with_other_tokens():
    found = paired_bits([value / 2 for value in NATS], NATS, BYTES, resamples=61)
    assert found.difference == pytest.approx(-51.75 / 2 / math.log(2) / sum(BYTES))
    assert found.low < found.difference < found.high < 0


@pytest.mark.parametrize(("columns", "kind", "said"), [
    (([1.0, 2.0], [1]), ShapeError, r"the columns have \[2, 1\] entries"),
    (([], []), InputError, "at least one example"),
    (([1.0, math.nan], [1, 1]), InputError, "`nats` must hold finite numbers from 0, but text 2 has nan."),
    (([math.inf], [1]), InputError, "`nats` must hold finite numbers from 0, but text 1 has inf."),
    (([1.0], [-1]), InputError, "`tokens` must hold finite numbers from 0, but text 1 has -1."),
    (([1.0, 2.0], [0, 0]), InputError, "`tokens` is 0 for every text, so that nothing can be said for each of them."),
    (([[1.0]], [1]), ShapeError, r"`nats` must hold one number for each text, but is of shape \(1, 1\)."),
])  # fmt: skip
def test_what_cannot_be_scored(columns, kind, said):
    with pytest.raises(kind, match=said):
        score_likelihood(*columns)
