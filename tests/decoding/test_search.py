"""Beams, paths and limits on a table of random scores, where every text that could be written can be listed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.decoding import (
    Banned,
    Beams,
    Beginning,
    Best,
    Constraint,
    Drawn,
    Hurried,
    Limits,
    Temperature,
    TopK,
    search,
    stream,
    write,
)
from attendo.errors import ConfigError, InputError

V, END, NEW = 4, 0, 4
LIMITS = Limits(ends=(END,), new=NEW)


class Table:
    """A model whose scores depend on the prompt and on all that has been written after it."""

    def __init__(self, prompts, seed=0):
        self.prompts, self._seed = [tuple(prompt) for prompt in prompts], seed
        self._texts = list(self.prompts)

    def begin(self):
        return torch.stack([self.scores(text) for text in self._texts])

    def go_on(self, texts, tokens):
        self._texts = [(*self._texts[text], token) for text, token in zip(texts, tokens, strict=True)]
        return self.begin()

    def scores(self, text):
        return torch.randn(V, generator=torch.Generator().manual_seed(hash((self._seed, text)) % 2**31)) * 2


def everything(table, prompt, beams):
    """All texts, with what they are ranked by, the best first."""
    found = []
    for length in range(1, NEW + 1):
        for ids in itertools.product(range(V), repeat=length):
            if END in ids[:-1] or (length < NEW and ids[-1] != END):
                continue
            logs = [float(table.scores((*prompt, *ids[:i])).log_softmax(0)[ids[i]]) for i in range(length)]
            found.append((beams.rank(sum(logs), length), ids, logs))
    return sorted(found, reverse=True)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0]), st.integers(1, 5))
def test_enough_beams_find_the_best_of_all(seed, penalty, best):
    table = Table([(1,), (2, 3)], seed)
    beams = Beams(width=V**NEW, length_penalty=penalty, best=best)
    for prompt, outputs in zip(table.prompts, search(Table(table.prompts, seed), beams, LIMITS), strict=True):
        expected = everything(table, prompt, beams)[:best]
        assert [output.score for output in outputs] == pytest.approx([score for score, *_ in expected], abs=1e-5)
        for output in outputs:
            score, _, logs = next(each for each in everything(table, prompt, beams) if each[1] == output.ids)
            assert output.score == pytest.approx(score, abs=1e-5)
            assert output.log_probabilities == pytest.approx(logs, abs=1e-5)
            assert output.ended == (output.ids[-1] == END)
            assert output.body == tuple(id for id in output.ids if id != END)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 1.0, -1.0]))
def test_what_is_beside_a_text_makes_no_difference(seed, width, penalty):
    prompts = [(1,), (2, 3), (3, 3, 1), (2,)]
    beams = Beams(width=width, length_penalty=penalty, best=width)
    together = search(Table(prompts, seed), beams, LIMITS)
    assert together == [search(Table([prompt], seed), beams, LIMITS)[0] for prompt in prompts]
    for choice in (lambda some: Best(), lambda some: Drawn([Temperature(1.3)], [prompts.index(each) for each in some])):
        together = write(Table(prompts, seed), choice(prompts), LIMITS)
        assert together == [write(Table([prompt], seed), choice([prompt]), LIMITS)[0] for prompt in prompts]


@given(st.integers(0, 10**6))
def test_one_beam_takes_the_best_token_each_time(seed):
    (found,) = search(Table([(1,)], seed), Beams(width=1, length_penalty=0.0), LIMITS)
    assert found == write(Table([(1,)], seed), Best(), LIMITS)


def test_tokens_come_as_they_are_written():
    prompts = [(1,), (2, 3), (3,)]
    tokens = list(stream(Table(prompts), Best(), LIMITS))
    outputs = write(Table(prompts), Best(), LIMITS)
    for number, output in enumerate(outputs):
        own = [token for token in tokens if token.text == number]
        assert tuple(token.id for token in own) == output.ids
        assert tuple(token.log_probability for token in own) == output.log_probabilities
        assert [token.last for token in own] == [None] * (len(own) - 1) + [output.ended]
    first_round = [token.text for token in tokens[:3]]
    assert first_round == [0, 1, 2]


def test_several_texts_after_each_prompt():
    prompts, copies = [(1,), (2, 3)], 3
    together = write(Table(prompts), Drawn([], range(6)), LIMITS, copies=copies)
    apart = write(Table([prompt for prompt in prompts for _ in range(copies)]), Drawn([], range(6)), LIMITS)
    assert together == apart


def test_nothing_to_write():
    assert write(Table([]), Best(), LIMITS) == []
    assert search(Table([]), Beams(), LIMITS) == []
    assert list(stream(Table([]), Best(), LIMITS)) == []


def test_what_has_been_written_may_end_a_text():
    limits = Limits(ends=(), new=9, until=lambda ids: ids[-1] == 2 or list(ids[-2:]) == [3, 3])
    rules = (Banned(((0,), (1,))),)
    for output in write(Table([(n,) for n in range(4)]), Best(), limits, rules):
        assert not output.ended or output.ids[-1] == 2 or output.ids[-2:] == (3, 3)
        assert output.ended == (2 in output.ids or (3, 3) in itertools.pairwise(output.ids))
        assert set(output.ids) <= {2, 3}


def test_a_beginning_and_a_constraint():
    def allowed(ids):
        return {3} if len(ids) == 2 else None

    rules = (Beginning((1, 2)), Constraint(allowed))
    for outputs in search(Table([(1,), (2,)]), Beams(width=3, best=2), LIMITS, rules):
        assert {output.ids[:3] for output in outputs} == {(1, 2, 3)}
    assert write(Table([(1,)]), Best(), LIMITS, rules)[0].ids[:3] == (1, 2, 3)


def test_rules_that_cannot_be_kept_are_a_sentence():
    rules = (Beginning((1,)), Banned(((1,),)))
    for work in (
        lambda: write(Table([(1,)]), Best(), LIMITS, rules),
        lambda: search(Table([(1,)]), Beams(), LIMITS, rules),
    ):
        with pytest.raises(InputError, match="The rules forbid every token after the 0 that have been written"):
            work()
    with pytest.raises(InputError, match="The constraint allows no token"):
        write(Table([(1,)]), Best(), LIMITS, (Constraint(lambda ids: ()),))


def test_texts_are_drawn_as_often_as_they_are_probable():
    table, limits = Table([(1,)]), Limits(ends=(END,), new=1)
    drawn = write(Table([(1,)] * 4000), Drawn([], range(4000)), limits)
    shares = torch.bincount(torch.tensor([output.ids[0] for output in drawn]), minlength=V) / 4000
    torch.testing.assert_close(shares, table.scores((1,)).softmax(0), atol=0.03, rtol=0)
    few = write(Table([(1,)] * 200), Drawn([TopK(2)], range(200)), limits)
    assert {output.ids[0] for output in few} == set(table.scores((1,)).topk(2).indices.tolist())


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"width": 0}, "`width` must be at least 1, but is 0"),
        ({"width": 2, "best": 3}, r"`best` must lie between 1 and `width` \(2\), but is 3"),
        ({"length_penalty": float("nan")}, "`length_penalty` must be a number, but is nan"),
        ({"coverage_penalty": -1.0}, r"`coverage_penalty` must be at least 0, but is -1\.0"),
    ],
)
def test_impossible_beams(numbers, says):
    with pytest.raises(ConfigError, match=says):
        Beams(**numbers)


class Word:
    """That some tokens are written one after the other."""

    def __init__(self, ids):
        self.ids = ids

    def missing(self, ids):
        size = len(self.ids)
        if any(tuple(ids[start : start + size]) == self.ids for start in range(len(ids))):
            return 0
        return size - max(n for n in range(size) if tuple(ids[len(ids) - n :]) == self.ids[:n])

    def nearing(self, ids):
        left = self.missing(ids)
        return np.array([token for token in range(V) if self.missing([*ids, token]) < left], dtype=np.int64)

    def allowed(self, ids):
        """Tokens that leave room for the word, and an end behind it only."""
        room = NEW - len(ids) - 1
        return {token for token in range(V) if self.missing([*ids, token]) <= (room if token != END else 0)}


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([(1,), (2, 3), (1, 1)]), st.integers(1, 4))
def test_what_every_text_has_to_come_to(seed, ids, width):
    word = Word(ids)
    rules = (Constraint(word.allowed),)
    limits = Limits(ends=(END,), new=NEW)
    prompts = [(1,), (2, 3)]
    beams = Beams(width=width, length_penalty=0.0)
    found = search(Table(prompts, seed), beams, limits, rules, word)
    wide = search(Table(prompts, seed), Beams(width=V**NEW, length_penalty=0.0), limits, rules)
    for (output,), (best,) in zip(found, wide, strict=True):
        assert word.missing(output.ids) == 0
        assert output.score <= best.score + 1e-6
    together = search(Table(prompts, seed), Beams(width=V**NEW, length_penalty=0.0), limits, rules, word)
    assert [output.ids for (output,) in together] == [output.ids for (output,) in wide]


def test_texts_as_far_from_the_goal_compete_with_each_other():
    word = Word((2, 3))
    seen = set()
    for seed in range(40):
        for goal in (None, word):
            ((output,),) = search(Table([(1,)], seed), Beams(width=3), LIMITS, (Constraint(word.allowed),), goal)
            seen.add((goal is None, output.ids.index(2)))
    assert len({place for without, place in seen if not without}) > 1  # the word stands where it fits best


def test_what_must_be_written_comes_before_the_natural_end():
    word = Word((2, 3))
    limits = Limits(ends=(END,), new=50)
    rules = (Hurried(word, (END,)), Constraint(lambda ids: range(END + (word.missing(ids) > 0), V)))
    for seed in range(20):
        freely = write(Table([(1,)], seed), Best(), limits)[0]
        output = write(Table([(1,)], seed), Best(), limits, rules)[0]
        if freely.ended and word.missing(freely.ids):
            own = len(freely.ids) - 1
            assert output.ids[: own + 1] == (*freely.ids[:own], *word.nearing(freely.ids[:own]).tolist())
        assert word.missing(output.ids) == 0 or not output.ended


class Looking(Table):
    """Says what it looks at, too: it depends on what has been written."""

    looked = ()

    def begin(self):
        self.looked = [self.weights(text) for text in self._texts]
        return super().begin()

    def weights(self, text):
        generator = torch.Generator().manual_seed(hash((self._seed, text, -7)) % 2**31)
        return (torch.randn(3, generator=generator) * 2).softmax(0)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 1.0]), st.sampled_from([0.2, 3.0]))
def test_what_was_hardly_looked_at_counts_against_a_text(seed, penalty, coverage):
    table = Looking([(1,), (2, 3)], seed)
    beams = Beams(width=V**NEW, length_penalty=penalty, coverage_penalty=coverage, best=2)
    for prompt, outputs in zip(table.prompts, search(Looking(table.prompts, seed), beams, LIMITS), strict=True):
        ranked = []
        for rank, ids, _ in everything(table, prompt, beams):
            looked = sum(table.weights((*prompt, *ids[:place])) for place in range(len(ids)))
            ranked.append((rank + coverage * float(looked.clamp(max=1).log().sum()), ids))
        expected = sorted(ranked, reverse=True)[:2]
        assert [output.score for output in outputs] == pytest.approx([score for score, _ in expected], abs=1e-4)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_beams_of_texts_that_end_where_something_has_been_written(seed, width):
    limits = Limits(ends=(), new=NEW, until=lambda ids: ids[-1] == END)
    plain = search(Table([(1,), (2,)], seed), Beams(width=width), LIMITS)
    assert search(Table([(1,), (2,)], seed), Beams(width=width), limits) == plain
