"""How tokens are drawn, beside the reference library; and rules about what has been written."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.decoding import (
    AtLeast,
    Banned,
    Draft,
    MinP,
    NoRepeat,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
    Typical,
    Writer,
    score_given,
)
from attendo.errors import ConfigError, InputError
from attendo.models import FAMILIES

V = 23


def theirs(name, *arguments, **options):
    transformers = pytest.importorskip("transformers")
    return getattr(transformers, name)(*arguments, **options)


@pytest.mark.parametrize(
    ("mine", "name", "value"),
    [
        *[(Temperature(value), "TemperatureLogitsWarper", value) for value in (0.3, 1.7)],
        *[(TopK(value), "TopKLogitsWarper", value) for value in (1, 5, 99)],
        *[(TopP(value), "TopPLogitsWarper", value) for value in (0.01, 0.4, 0.93, 1.0)],
        *[(MinP(value), "MinPLogitsWarper", value) for value in (0.05, 0.6, 1.0)],
        *[(Typical(value), "TypicalLogitsWarper", value) for value in (0.02, 0.5, 0.95)],
    ],
)
@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_shapings_are_those_of_the_reference_library(mine, name, value, seed):
    scores = torch.randn(3, V, generator=torch.Generator().manual_seed(seed)) * 3
    expected = theirs(name, value)(None, scores.clone()) if value != 1.0 or name != "TopPLogitsWarper" else scores
    torch.testing.assert_close(mine(scores), expected)


def drafts(*texts):
    return [Draft(prompt=tuple(prompt), ids=list(ids)) for prompt, ids in texts]


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.5, 1.0, 1.9]))
def test_rules_are_those_of_the_reference_library(seed, size, penalty):
    generator = torch.Generator().manual_seed(seed)
    scores, ids = torch.randn(3, 5, generator=generator), torch.randint(0, 5, (3, 8), generator=generator)
    texts = drafts(*((row[:4].tolist(), row[4:].tolist()) for row in ids))
    for mine, other in (
        (NoRepeat(size), theirs("NoRepeatNGramLogitsProcessor", size)),
        (RepetitionPenalty(penalty), theirs("RepetitionPenaltyLogitsProcessor", penalty)),
        (Banned(((3,), (1, 2), (4, 4, 4))), theirs("NoBadWordsLogitsProcessor", [[3], [1, 2], [4, 4, 4]])),
    ):
        before = scores.clone()
        torch.testing.assert_close(mine(scores, texts), other(ids, scores.clone()))
        assert torch.equal(scores, before)


def test_a_text_does_not_end_too_early():
    scores = torch.zeros(2, 4)
    found = AtLeast(2, (0, 3))(scores, drafts(((1,), (1,)), ((1,), (1, 2))))
    assert (found == -torch.inf).tolist() == [[True, False, False, True], [False] * 4]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Temperature(0.0), "The temperature must be above 0"),
        (lambda: TopK(0), "Top-k must keep at least 1 token"),
        (lambda: TopP(0.0), "Top-p needs a share above 0 and at most 1"),
        (lambda: MinP(1.5), "Min-p needs a share above 0 and at most 1"),
        (lambda: Typical(-1.0), "Typical sampling needs a share"),
        (lambda: NoRepeat(0), "`size` must be at least 1"),
        (lambda: RepetitionPenalty(0.0), "`penalty` must be above 0"),
        (lambda: Banned(((1,), ())), "must each have a token"),
    ],
)
def test_what_cannot_be_is_a_sentence(make, says):
    with pytest.raises(ConfigError, match=says):
        make()


def test_what_cannot_be_written_is_a_sentence():
    family = FAMILIES["gpt2"]
    shape = family.shape(vocab_size=9, n_positions=6, n_embd=8, n_layer=1, n_head=2)
    model = family.build(shape, "causal")
    with pytest.raises(InputError, match="Prompt 1 has no token"):
        Writer(model, [(1,), ()], rows=2, new=3)
    with pytest.raises(InputError, match="Prompt 0 has 4 tokens, which leaves no room for 3 more"):
        Writer(model, [(1, 2, 3, 4)], rows=1, new=3)
    with pytest.raises(InputError, match="at least 1 new token"):
        Writer(model, [(1,)], rows=1, new=0)
    with pytest.raises(InputError, match="There are 1 prompts for 2 outputs"):
        score_given(model, [(1,)], [(2,), (3,)])
    with pytest.raises(InputError, match="A prompt has no token"):
        score_given(model, [()], [(2,)])
    assert score_given(model, [(1,), (1, 2)], [(), (3,)])[0] == ()
