"""Words as table rows: exact offsets, known parts of unknown words, n-grams within texts, pairs, and long texts."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.text import FIRST_FREE, RowVocabulary, split_words
from attendo.text.rows import SECOND, SHARED, UNKNOWN

TRAIN = ["the good film was good", "a good film", "the bad film", "这部电影很好", "这部电影很差", "don't 3.14 😀 😀"]
PIECES = st.sampled_from(
    [
        "the",
        "good",
        "unseen",
        "don't",
        "3.14",
        " ",
        "\n",
        "\t",
        "。",
        "电影",
        "很",
        "😀",
        "👩‍👩‍👧",
        "é",
        "́",
        "\ud800",
        "ﬁ",
    ]
)
TEXTS = st.lists(st.lists(PIECES | st.text(max_size=3), max_size=13).map("".join), max_size=7)
VOCABULARY = RowVocabulary.train(TRAIN, min_count=1)


def bags(tokens):
    """The rows and weights of each word, text by text."""
    ends = np.cumsum(tokens.sizes)
    words = [
        list(zip(tokens.rows[end - size : end].tolist(), tokens.weights[end - size : end].tolist(), strict=True))
        for end, size in zip(ends, tokens.sizes, strict=True)
    ]
    stops = np.cumsum(tokens.lengths)
    return [words[stop - length : stop] for stop, length in zip(stops, tokens.lengths, strict=True)]


def rows(text, vocabulary=VOCABULARY, pair=None):
    """The sets of rows of each word of one text."""
    tokens = vocabulary.encode([text], None if pair is None else [pair])
    return [{row for row, _ in word} for word in bags(tokens)[0]]


@given(TEXTS)
def test_bounds_are_those_of_the_words_in_the_text(texts):
    tokens = VOCABULARY.encode(texts)
    place = 0
    for text, length in zip(texts, tokens.lengths.tolist(), strict=True):
        found = [tuple(bound) for bound in tokens.bounds[place : place + length].tolist()]
        assert found == [tuple(span) for span in split_words(text)]
        place += length
    assert place == len(tokens.bounds) == len(tokens.sizes) == len(tokens.seconds)
    assert tokens.sizes.sum() == len(tokens.rows) == len(tokens.weights)


@given(TEXTS, st.integers(2, 7))
def test_one_by_one_equals_together(texts, longest):
    vocabulary = RowVocabulary(VOCABULARY.keys, longest)
    together = bags(vocabulary.encode(texts))
    assert together == [bags(vocabulary.encode([text]))[0] for text in texts]
    pairs = texts[::-1]
    together = bags(vocabulary.encode(texts, pairs))
    assert together == [bags(vocabulary.encode([a], [b]))[0] for a, b in zip(texts, pairs, strict=True)]


@given(TEXTS)
def test_rows_lie_in_the_table(texts):
    tokens = VOCABULARY.encode(texts)
    assert ((tokens.rows >= 0) & (tokens.rows < VOCABULARY.num_rows)).all()
    assert np.isfinite(tokens.weights).all()


def test_case_and_compatibility_forms_make_no_difference():
    assert rows("Good FILM") == rows("good film")
    assert rows("ｇｏｏｄ") == rows("good")


def test_an_unknown_word_keeps_its_known_parts():
    own, *parts = bags(VOCABULARY.encode(["goodness"]))[0][0]
    assert own == (UNKNOWN, 1.0)
    assert parts
    assert sum(weight for _, weight in parts) == pytest.approx(1)
    known = {row for row, _ in bags(VOCABULARY.encode(["good"]))[0][0]}
    assert {row for row, _ in parts} <= known
    assert bags(VOCABULARY.encode(["zzz"]))[0] == [[(UNKNOWN, 1.0)]]


def test_the_first_row_of_a_word_is_its_own():
    tokens = VOCABULARY.encode(["good 电影 good"])
    first = tokens.rows[np.cumsum(tokens.sizes) - tokens.sizes]
    assert first[0] == first[3] >= FIRST_FREE
    assert len(set(first.tolist())) == 3


def test_ngrams_have_rows_in_their_last_word():
    alone, after = rows("film")[0], rows("good film")[1]
    assert alone < after
    assert len(rows("a good film")[2] - after) == 1  # the trigram
    assert rows("film good")[1] == rows("good")[0]
    assert rows("电 部影")[2] == rows("影")[0]


def test_shorter_ngrams_only_where_asked():
    vocabulary = RowVocabulary.train(TRAIN, min_count=1, ngrams=1)
    assert rows("a good film", vocabulary)[2] == rows("film", vocabulary)[0]


def test_ngrams_never_cross_texts():
    split, whole = VOCABULARY.encode(["good", "film"]), VOCABULARY.encode(["good film"])
    assert len(split.rows) == len(whole.rows) - 1
    assert RowVocabulary.train(["x", "y"] * 3).num_rows == FIRST_FREE + 2
    crossing = VOCABULARY.encode(["good"], ["film"])
    assert {row for row, _ in bags(crossing)[0][1]} - rows("film")[0] == {SECOND}


def test_rare_words_have_no_row():
    vocabulary = RowVocabulary.train(["often often once"], min_count=2, ngrams=1)
    first = [word[0][0] for word in bags(vocabulary.encode(["often once"]))[0]]
    assert first[0] >= FIRST_FREE
    assert first[1] == UNKNOWN


def test_pairs_flag_the_second_text_and_shared_words():
    tokens = VOCABULARY.encode(["the good film", "电影"], ["the bad FILM", ""])
    first, second = bags(tokens)
    flags = [{row for row, _ in word} & {SECOND, SHARED} for word in first]
    assert flags == [{SHARED}, set(), {SHARED}, {SECOND, SHARED}, {SECOND}, {SECOND, SHARED}]
    assert all(not {row for row, _ in word} & {SECOND, SHARED} for word in second)
    assert tokens.seconds.tolist() == [False] * 3 + [True] * 3 + [False] * 2
    assert tokens.lengths.tolist() == [6, 2]
    assert tokens.bounds[3].tolist() == [0, 3]


@pytest.mark.parametrize(("longest", "kept"), [(4, [0, 1, 9, 10]), (5, [0, 1, 2, 9, 10]), (11, list(range(11)))])
def test_a_long_text_keeps_both_ends(longest, kept):
    text = "abcdefghijk"
    tokens = RowVocabulary(VOCABULARY.keys, longest).encode([" ".join(text), "x y"])
    assert (tokens.bounds[: len(kept), 0] // 2).tolist() == kept
    assert tokens.lengths.tolist() == [len(kept), 2]


@pytest.mark.parametrize(("head", "tail"), [("a good", "film good"), ("这部", "电影")])
def test_no_ngram_reaches_over_a_cut(head, tail):
    whole, cut = rows(f"{head} {tail}"), rows(f"{head} left out {tail}", RowVocabulary(VOCABULARY.keys, 4))
    assert whole[2] > cut[2]
    assert cut == rows(head) + rows(tail)


def test_no_ngram_over_a_cut_is_learned():
    text = "a b c d e f g"
    whole = RowVocabulary.train([text], max_words=5, min_count=1)
    assert whole.keys.tolist() == RowVocabulary.train([text[:5], text[-3:]], min_count=1).keys.tolist()


def test_both_texts_of_a_pair_are_cut():
    tokens = RowVocabulary(VOCABULARY.keys, 6).encode(["a b c d e"], ["f g"])
    assert (tokens.lengths.tolist(), tokens.seconds.tolist()) == ([5], [False] * 3 + [True] * 2)


@pytest.mark.parametrize("texts", [[], [""], ["", " \n"], ["", "good", ""]])
def test_empty_texts(texts):
    tokens = VOCABULARY.encode(texts)
    assert tokens.lengths.tolist() == [len(text.split()) for text in texts]
    assert RowVocabulary.train([]).encode(texts).lengths.tolist() == tokens.lengths.tolist()


PROGRAM = """
import hashlib
from attendo.text import RowVocabulary
texts = ["the good film was good", "这部电影很好 good film", "😀 don't 3.14"]
vocabulary = RowVocabulary.train(texts, min_count=1)
tokens = vocabulary.encode(texts, texts[::-1])
arrays = (vocabulary.keys, tokens.rows, tokens.sizes, tokens.weights, tokens.bounds)
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def test_rows_do_not_depend_on_the_process(capsys):
    found = set()
    for seed in ("1", "2"):
        line = [sys.executable, "-c", PROGRAM]
        found.add(
            subprocess.run(line, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": seed}).stdout
        )
    exec(PROGRAM)
    assert found == {capsys.readouterr().out}
    assert len(found.pop().strip()) == hashlib.sha256().digest_size * 2
