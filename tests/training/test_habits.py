"""What is settled where the settings of models that write a text from another are open."""

from __future__ import annotations

import pytest

from attendo.training import habits_of_rewriting


@pytest.mark.parametrize(
    ("pairs", "tokens", "epochs", "texts"),
    [
        (97, 31, 60, 33),  # little is read often, in small steps
        (29_000, 29, 36, 72),
        (1_000_000, 53, 4, 77),  # much seldom, in large ones
        (1, 5000, 60, 1),  # a step has at least one pair
    ],
)
def test_little_is_read_often_and_in_small_steps(pairs, tokens, epochs, texts):
    habits = habits_of_rewriting(128, [tokens] * pairs)
    assert (habits.epochs, habits.batch_texts) == (epochs, texts)
    assert habits.reasons == ("Learning rate 0.003: the model is 128 wide.",)


@pytest.mark.parametrize(("width", "rate"), [(64, 3e-3), (128, 3e-3), (256, 2.1e-3), (512, 1.5e-3)])
def test_wide_models_learn_more_slowly(width, rate):
    assert habits_of_rewriting(width, [13] * 7).rates.learning_rate == rate


def test_without_a_pair_there_is_still_a_step():
    assert habits_of_rewriting(128, []).batch_texts == 1
