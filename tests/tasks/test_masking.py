"""Which tokens are hidden: against the definition, counted over many draws."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from attendo.tasks.pretraining import FRAME, MaskRule, hide, keys_of

MASK, VOCABULARY = 4, 211
PLAIN = np.arange(5, VOCABULARY, dtype=np.int32)
RULE = MaskRule(share=0.15, as_mask=0.8, as_random=0.1, mask=MASK, plain=PLAIN, alone=np.zeros(VOCABULARY, dtype=bool))
LENGTHS = np.array([53, 7, 2, 101, 31])


def pieces(rng: np.random.Generator, *, longest_word: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Pieces that each begin with a token of the frame, of words of one to so many tokens."""
    ids, words = [], []
    for length in LENGTHS.tolist():
        sizes = rng.integers(1, longest_word + 1, length)
        ids += [2, *rng.choice(PLAIN, length - 1).tolist()]
        words += [FRAME, *np.repeat(np.arange(length), sizes)[: length - 1].tolist()]
    return np.array(ids, dtype=np.int32), np.array(words, dtype=np.int32)


def draws(rule: MaskRule, longest_word: int = 1, epochs: int = 97):
    """Each epoch's tokens, words and what was hidden of them."""
    ids, words = pieces(np.random.default_rng(3), longest_word=longest_word)
    for epoch in range(epochs):
        yield ids, words, hide(rule, ids, words, LENGTHS, keys_of(7, epoch, np.arange(len(LENGTHS))))


def near(share: float, expected: float, count: int) -> bool:
    """Within five standard deviations of a binomial count."""
    return abs(share - expected) <= 5 * sqrt(expected * (1 - expected) / count)


def owners() -> np.ndarray:
    return np.repeat(np.arange(len(LENGTHS)), LENGTHS)


@pytest.mark.parametrize("share", [0.15, 0.3, 0.61])
def test_of_every_piece_the_share_is_hidden_and_one_token_at_least(share):
    for _, _, masked in draws(replace(RULE, share=share, alone=None), epochs=11):
        counts = np.bincount(owners()[masked.places], minlength=len(LENGTHS))
        expected = [max(1, np.floor(share * (length - 1) + 0.5)) for length in LENGTHS]
        assert counts.tolist() == expected


def test_every_token_is_hidden_as_often_as_any_other():
    times = np.zeros(LENGTHS[0], dtype=int)
    for _, _, masked in draws(RULE, epochs=701):
        times += np.bincount(masked.places[masked.places < LENGTHS[0]], minlength=LENGTHS[0])
    assert times[0] == 0
    expected = round(0.15 * (LENGTHS[0] - 1)) / (LENGTHS[0] - 1)
    assert all(near(count / 701, expected, 701) for count in times[1:].tolist())


def test_what_is_shown_in_their_place():
    kinds, others = np.zeros(3), []
    for ids, _, masked in draws(RULE, epochs=499):
        shown, real = masked.shown[masked.places], ids[masked.places]
        kinds += [(shown == MASK).sum(), ((shown != MASK) & (shown != real)).sum(), (shown == real).sum()]
        others += shown[(shown != MASK) & (shown != real)].tolist()
        untouched = np.ones(len(ids), dtype=bool)
        untouched[masked.places] = False
        assert np.array_equal(masked.shown[untouched], ids[untouched])
    total = int(kinds.sum())
    by_chance = 0.1 / len(PLAIN)
    for count, expected in zip(kinds, (0.8, 0.1 - by_chance, 0.1 + by_chance), strict=True):
        assert near(count / total, expected, total)
    assert set(others) <= set(PLAIN.tolist())
    assert len(set(others)) > 0.9 * len(PLAIN)


@pytest.mark.parametrize(("as_mask", "as_random"), [(1.0, 0.0), (0.0, 0.0), (0.0, 1.0)])
def test_the_shares_may_be_all_or_nothing(as_mask, as_random):
    rule = replace(RULE, as_mask=as_mask, as_random=as_random)
    for ids, _, masked in draws(rule, epochs=5):
        shown, real = masked.shown[masked.places], ids[masked.places]
        assert np.all((shown == MASK) == (as_mask == 1))
        assert as_mask or as_random or np.array_equal(shown, real)
        assert not as_random or np.mean(shown == real) < 0.1


def test_words_are_hidden_whole_and_their_tokens_come_to_the_share():
    hidden = total = 0
    for _, words, masked in draws(RULE, longest_word=5, epochs=211):
        flags = np.zeros(len(words), dtype=bool)
        flags[masked.places] = True
        for piece in range(len(LENGTHS)):
            own = (owners() == piece) & (words != FRAME)
            for word in np.unique(words[own]):
                assert len(set(flags[own & (words == word)].tolist())) == 1
        long = owners() == 3
        hidden, total = hidden + flags[long].sum(), total + (long & (words != FRAME)).sum()
    assert abs(hidden / total - 0.15) < 0.01


def test_tokens_that_stand_for_no_text_are_never_hidden_nor_shown():
    rule = replace(RULE, share=0.9, plain=np.setdiff1d(PLAIN, [6, 7, 8, 9]).astype(np.int32))
    for ids, _, masked in draws(rule, epochs=31):
        assert not set(ids[masked.places].tolist()) & {2, 6, 7, 8, 9}
        assert not set(masked.shown[masked.places].tolist()) & {0, 1, 2, 3}


def test_chinese_is_hidden_in_spans_of_one_to_four_neighbours():
    length, epochs = 401, 307
    ids = np.full(length, 11, dtype=np.int32)
    rule = replace(RULE, share=0.02, alone=np.ones(VOCABULARY, dtype=bool))
    spans = np.zeros(9, dtype=int)
    for epoch in range(epochs):
        words = np.arange(length, dtype=np.int32)
        places = hide(rule, ids, words, np.array([length]), keys_of(5, epoch, np.array([3]))).places
        runs = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
        for run in runs:
            spans[min(len(run), 8)] += 1
    shares = spans / spans.sum()  # neighbouring spans look like one, which is rare
    assert shares[1:5] == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.05)
    assert shares[5:].sum() < 0.05


def test_spans_do_not_reach_over_what_stands_between_nor_into_another_piece():
    alone = np.zeros(VOCABULARY, dtype=bool)
    alone[11] = True
    ids = np.array([11, 11, 12, 11, 11, 11, 11, 11], dtype=np.int32)
    words = np.array([0, 1, 2, 3, 4, 0, 1, 2], dtype=np.int32)
    rule = replace(RULE, share=0.001, alone=alone)
    groups = [{0, 1}, {2}, {3, 4}, {5, 6, 7}]
    for epoch in range(101):
        places = hide(rule, ids, words, np.array([5, 3]), keys_of(5, epoch, np.arange(2))).places.tolist()
        for run in ([place for place in places if place < 5], [place for place in places if place >= 5]):
            assert any(set(run) <= group for group in groups)


def test_a_piece_is_masked_alike_in_any_batch_and_otherwise_in_another_epoch_or_run():
    ids, words = pieces(np.random.default_rng(3), longest_word=3)
    starts = np.concatenate([[0], np.cumsum(LENGTHS)])
    together = hide(RULE, ids, words, LENGTHS, keys_of(7, 2, np.arange(len(LENGTHS))))
    for piece in range(len(LENGTHS)):
        inside = slice(starts[piece], starts[piece + 1])
        by_itself = hide(RULE, ids[inside], words[inside], LENGTHS[piece : piece + 1], keys_of(7, 2, np.array([piece])))
        assert np.array_equal(by_itself.shown, together.shown[inside])
        own = owners()[together.places] == piece
        assert np.array_equal(by_itself.places + starts[piece], together.places[own])
        assert np.array_equal(by_itself.draws, together.draws[own])
    for seed, epoch in ((7, 3), (8, 2)):
        other = hide(RULE, ids, words, LENGTHS, keys_of(seed, epoch, np.arange(len(LENGTHS))))
        assert not np.array_equal(other.shown, together.shown)
