"""What is taken out of texts, and what is to be written: put back it is the text again, counted over many draws."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import built_in_corpus
from attendo.tasks.pretraining import (
    FRAME,
    Denoising,
    Infilling,
    Pieces,
    SpanCorruption,
    closing_tokens,
    cut_texts,
    find_sentinels,
    keys_of,
    sentinel_names,
)
from attendo.tasks.seq2seq import Marks
from attendo.text import train_tokenizer

MASK, VOCABULARY = 4, 211
SENTINELS = np.arange(VOCABULARY + 96, VOCABULARY - 1, -1, dtype=np.int32)
MARKS = Marks(start=0, ends=(3,))


def infilling(share: float = 0.3, mean: float = 3.0, whole_words: bool = True, closing=None) -> Infilling:
    return Infilling(share=share, mean=mean, mask=MASK, whole_words=whole_words, closing=closing)


def corruption(share: float = 0.15, mean: float = 3.0, whole_words: bool = True) -> SpanCorruption:
    return SpanCorruption(share=share, mean=mean, sentinels=SENTINELS, whole_words=whole_words)


def text(length: int, longest_word: int = 1, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Tokens that stand for text, in words of one to so many; no two neighbours are alike."""
    rng = np.random.default_rng(seed)
    ids = 5 + (np.cumsum(rng.integers(1, 101, length)) % 206)
    words = np.repeat(np.arange(length), rng.integers(1, longest_word + 1, length))[:length]
    return ids.astype(np.int32), words.astype(np.int32)


def keys(count: int, epoch: int = 0, seed: int = 7) -> np.ndarray:
    return keys_of(seed, epoch, np.arange(count))


def put_back(source: list[int], target: list[int], sentinels: np.ndarray = SENTINELS) -> list[int]:
    """The text again: each sentinel gives way to what the target has behind it."""
    known = set(sentinels.tolist())
    places = [place for place, token in enumerate(target) if token in known]
    told = {target[a]: target[a + 1 : b] for a, b in pairwise(places)}
    return [token for each in source for token in (told[each] if each in known else [each])]


def filled(source: list[int], whole: list[int]) -> list[list[int]] | None:
    """What each mask stands for, if the source is the text with parts masked: found by trying all lengths."""
    if not source:
        return [] if not whole else None
    if source[0] != MASK:
        return filled(source[1:], whole[1:]) if whole and whole[0] == source[0] else None
    for length in range(len(whole) + 1):
        if len(source) > 1 and (length == len(whole) or whole[length] != source[1]):
            continue
        rest = filled(source[1:], whole[length:])
        if rest is not None:
            return [whole[:length], *rest]
    return None


sizes = st.integers(1, 41)
shares = st.sampled_from([0.01, 0.15, 0.3, 0.61, 0.97])
means = st.sampled_from([1.0, 2.5, 3.0, 17.0])


@given(length=sizes, longest=st.integers(1, 5), share=shares, mean=means, whole=st.booleans(), seed=st.integers(0, 99))
def test_what_was_taken_out_can_be_put_back(length, longest, share, mean, whole, seed):
    ids, words = text(length, longest, seed)
    source, target = corruption(share, mean, whole)(ids, words, keys(1, seed)[0])
    known = set(SENTINELS.tolist())
    marks = [token for token in source.tolist() if token in known]
    assert put_back(source.tolist(), target.tolist()) == ids.tolist()
    assert marks == SENTINELS[: len(marks)].tolist(), "in their order, each once"
    assert target[-1] == SENTINELS[len(marks)], "one more closes"
    for row in (source, target):
        stand = np.isin(row, SENTINELS)
        assert not (stand[1:] & stand[:-1]).any(), "never two in a row"
    units = len(set(words.tolist())) if whole else length
    assert (len(marks) == 0) == (units == 1)
    assert len(target) + len(source) == length + 2 * len(marks) + 1


@given(length=sizes, longest=st.integers(1, 5), share=shares, mean=means, whole=st.booleans(), seed=st.integers(0, 99))
def test_masks_stand_for_parts_of_the_text_or_for_nothing(length, longest, share, mean, whole, seed):
    ids, words = text(length, longest, seed)
    source, target = infilling(share, mean, whole)(ids, words, keys(1, seed)[0])
    assert target.tolist() == ids.tolist()
    assert len(source) <= length, "there is a place for each token"
    assert filled(source.tolist(), ids.tolist()) is not None
    stand = source == MASK
    assert not (stand[1:] & stand[:-1]).any()
    units = len(set(words.tolist())) if whole else length
    assert stand.any() == (units > 1)


@pytest.mark.parametrize("noise", [infilling(), corruption()])
def test_words_are_taken_out_whole(noise):
    _, words = text(211, 5)
    ids = np.arange(1000, 1211, dtype=np.int32)  # each token once, so that it is known where it stood
    for key in keys(53):
        stays = np.isin(ids, noise(ids, words, key).source)
        assert all(len(set(stays[words == word].tolist())) == 1 for word in set(words.tolist()))


@pytest.mark.parametrize("longest", [1, 4])
def test_the_share_and_the_mean_length_of_what_is_taken_out(longest):
    ids, words = text(997, longest)
    taken = marks = 0
    for key in keys(101):
        target = corruption()(ids, words, key).target
        stand = int(np.isin(target, SENTINELS).sum())
        taken, marks = taken + len(target) - stand, marks + stand - 1  # one closes
    assert taken / (101 * 997) == pytest.approx(0.15, abs=0.005)
    assert taken / marks == pytest.approx(3, abs=0.1)


def test_lengths_of_masked_parts_are_poisson():
    ids, words = text(199)
    lengths = np.zeros(40, dtype=int)
    for key in keys(211):
        parts = filled(infilling(0.15)(ids, words, key).source.tolist(), ids.tolist())
        for part in parts or []:
            lengths[len(part)] += 1
    assert (lengths * np.arange(40)).sum() == 211 * 30
    expected = np.array([math.exp(-3) * 3**k / math.factorial(k) for k in range(9)])
    assert lengths[:9] / lengths.sum() == pytest.approx(expected, abs=0.03)


def test_every_word_is_taken_out_as_often_as_any_other():
    ids, words = np.arange(5, 58, dtype=np.int32), np.arange(53, dtype=np.int32)
    for noise, taken in ((infilling(), 16), (corruption(), 8)):
        times = np.zeros(53)
        for key in keys(1009):
            times += ~np.isin(ids, noise(ids, words, key).source)
        expected = taken / 53
        spread = 5 * math.sqrt(expected * (1 - expected) / 1009)
        inner = times[4:-4] / 1009
        assert inner == pytest.approx(np.full(45, expected), abs=spread + 0.02)
        assert (times[[0, -1]] / 1009 > 0.3 * expected).all(), "ends are not spared"


def test_sentences_are_shown_in_another_order_and_stay_whole():
    closing = np.zeros(VOCABULARY, dtype=bool)
    closing[9] = True
    sentences = [[11, 12, 13, 9], [21, 22, 9], [31, 32, 33, 34, 9, 9], [41, 42]]
    ids = np.array([token for each in sentences for token in each], dtype=np.int32)
    words = np.arange(len(ids), dtype=np.int32)
    orders = set()
    for key in keys(211):
        source, target = infilling(0.01, 1.0, closing=closing)(ids, words, key)
        assert target.tolist() == ids.tolist()
        heads = [token // 10 for token in source.tolist() if token not in (9, MASK)]
        order = tuple(dict.fromkeys(heads))
        assert heads == sorted(heads, key=order.index), "sentences are not mixed"
        orders.add(order)
    assert len(orders) >= 24
    words[4:6] = 4  # a full stop within a word ends nothing
    words[3] = 4
    found = {tuple(infilling(0.01, 1.0, closing=closing)(ids, words, key).source.tolist()) for key in keys(97)}
    assert all(not 1 <= each.index(21) - each.index(11) <= 2 for each in found if 21 in each and 11 in each)


def pieces(lengths: tuple[int, ...] = (53, 7, 3, 101, 31)) -> Pieces:
    ids, words = zip(*(text(length - 2, 3, length) for length in lengths), strict=True)
    framed = np.concatenate([[2, *each, 3] for each in ids]).astype(np.int32)
    of_words = np.concatenate([[FRAME, *each, FRAME] for each in words]).astype(np.int32)
    return Pieces(framed, of_words, np.cumsum([0, *lengths]))


@pytest.mark.parametrize("noise", [infilling(), corruption()])
def test_a_piece_has_the_same_noise_in_any_batch_and_another_in_each_epoch_and_run(noise):
    given_pieces, order = pieces(), [3, 0, 4, 1, 2]
    together = Denoising(noise, MARKS, 5)(given_pieces, order, 2)
    rows = together.texts.source.layout.split(together.texts.source.ids)
    right = together.texts.target.layout.split(together.right)
    for row, own, number in zip(rows, right, order, strict=False):
        alone = Denoising(noise, MARKS, 5)(given_pieces, [number], 2)
        assert alone.texts.source.layout.split(alone.texts.source.ids)[0].tolist() == row.tolist()
        assert alone.texts.target.layout.split(alone.right)[0].tolist() == own.tolist()
    for seed, epoch in ((5, 3), (6, 2)):
        other = Denoising(noise, MARKS, seed)(given_pieces, order, epoch)
        assert other.texts.source.ids.tolist() != together.texts.source.ids.tolist()


def test_both_sides_are_framed_and_a_tokenizer_that_closes_no_text_opens_none():
    closed = Denoising(corruption(), MARKS, 5)(pieces(), [1], 0)
    source, right = closed.texts.source.ids[:7], closed.right[closed.right >= 0]
    assert (source[0], right[0], right[-1]) == (2, 2, 3)
    assert int(closed.texts.target.ids[0]) == MARKS.start
    whole = pieces((7,))
    opened = Pieces(whole.ids[:-1], whole.words[:-1], np.array([0, 6]))
    found = Denoising(infilling(), MARKS, 5)(opened, [0], 0)
    assert found.right[found.right >= 0].tolist() == [*opened.ids[1:].tolist(), 3]
    assert int(found.texts.source.ids[0]) == 2


def test_a_piece_needs_two_words():
    words = [[FRAME, 0, 0], [FRAME, 0, 1], [FRAME, 0], [FRAME, 0, 0, 3, FRAME]]
    found = Pieces(np.arange(13, dtype=np.int32), np.concatenate(words).astype(np.int32), np.array([0, 3, 6, 8, 13]))
    assert found.of_words(1, whole=True).lengths == [3, 3, 2, 5]
    assert found.of_words(2, whole=True).ids.tolist() == [3, 4, 5, 8, 9, 10, 11, 12]
    assert found.of_words(2, whole=False).lengths == [3, 3, 5]


@pytest.mark.parametrize(("kind", "ends"), [("wordpiece", ".!?。"), ("characters", ".!?。"), ("bytes", ".!?")])
def test_tokens_that_may_end_a_sentence(kind, ends):
    tokenizer = train_tokenizer(["a. b! c? d, e。f"] * 3, kind=kind, vocab_size=401)
    found = set(np.array(tokenizer.tokens())[closing_tokens(tokenizer)].tolist())
    assert set(ends) <= found <= {*".!?。", "##.", "<0x2E>", "<0x21>", "<0x3F>"}


@pytest.mark.parametrize("kind", ["wordpiece", "bpe", "unigram", "characters"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_texts_in_both_languages_the_noise_can_be_undone(kind, language):
    texts = [each.text for each in built_in_corpus(language, size=101).train]
    names = sentinel_names(29)
    tokenizer = train_tokenizer(texts, kind=kind, vocab_size=701, single="$A [SEP]", marks=names)
    sentinels = find_sentinels(tokenizer)
    assert [tokenizer.tokens()[number] for number in sentinels] == names[::-1]
    assert sentinels[0] == tokenizer.vocab_size - 1
    cut = cut_texts(tokenizer, texts, 61)
    noise = SpanCorruption(share=0.15, mean=3.0, sentinels=sentinels, whole_words=True)
    taken = total = 0
    for ids, words, key in zip(*cut.each(range(len(cut))), keys(len(cut)), strict=True):
        source, target = noise(ids[:-1], words[:-1], key)
        assert put_back(source.tolist(), target.tolist(), sentinels) == ids[:-1].tolist()
        taken, total = taken + len(target) - int(np.isin(target, sentinels).sum()), total + len(ids) - 1
    assert taken / total == pytest.approx(0.15, abs=0.04)
