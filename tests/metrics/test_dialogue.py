"""Scores of dialogues are those of their parts."""

from __future__ import annotations

import pytest

from attendo.errors import InputError, ShapeError
from attendo.metrics import score_dialogue, score_diversity, score_likelihood, score_translation

WRITTEN, RIGHT = ["How are you ?", "Fine .", "Fine ."], ["How are we ?", "Fine , thanks .", "Good ."]
NATS, TOKENS, CHARACTERS = [3.5, 2.0], [4, 3], [7, 5]


def test_all_of_them_are_those_of_their_parts():
    found = score_dialogue(NATS, TOKENS, CHARACTERS, WRITTEN, RIGHT, num_examples=2)
    cost = score_likelihood(NATS, TOKENS, characters=CHARACTERS)
    compared, varied = score_translation(WRITTEN, RIGHT), score_diversity(WRITTEN)
    assert (found.num_examples, found.num_answers) == (2, 3)
    assert found.perplexity == cost.perplexity
    assert found.bits_per_character == cost.bits_per_character
    assert (found.bleu, found.chrf) == (compared.bleu, compared.chrf)
    assert found.distinct_2.value == pytest.approx(varied.distinct_2.value)
    assert set(found.as_dict()) >= {"bleu", "chrf", "distinct_1", "perplexity"}
    assert (found.classes, found.class_f1) == ((), ())


def test_columns_that_do_not_fit_are_named():
    with pytest.raises(ShapeError):
        score_dialogue(NATS, TOKENS, CHARACTERS, WRITTEN, RIGHT[:2], num_examples=2)
    with pytest.raises(InputError):
        score_dialogue([], [], [], WRITTEN, RIGHT, num_examples=2)
