"""Windows over the words of long texts, and the tokens that stand for words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.tasks.row_words import RowWords
from attendo.tasks.words import word_windows
from attendo.text import RowVocabulary, split_words

sizes = st.lists(st.integers(0, 7), max_size=60)


@given(sizes, st.integers(1, 23))
def test_windows_judge_each_word_once_and_keep_to_the_room(words, room):
    windows = word_windows(words, room)
    assert [number for each in windows for number in range(each.first, each.last)] == list(range(len(words)))
    for each in windows:
        assert each.start <= each.first <= each.last <= each.end
        assert sum(words[each.start : each.end]) <= room or each.end == each.start + 1 or len(windows) == 1


@given(st.integers(1, 200), st.integers(4, 29))
def test_words_are_judged_where_they_have_neighbours_on_both_sides(count, room):
    windows = word_windows([1] * count, room)
    if len(windows) == 1:
        assert count <= room
        return
    assert windows[-1].end - windows[-1].start == room
    for number, each in enumerate(windows):
        least = room // 8 - 1
        assert number == 0 or each.first - each.start >= least
        assert number == len(windows) - 1 or each.end - each.last >= least


def test_a_text_that_fits_has_one_window():
    assert word_windows([2, 3, 5], 10) == [(0, 3, 0, 3)]
    assert word_windows([], 7) == [(0, 0, 0, 0)]
    assert word_windows([1] * 1000, None) == [(0, 1000, 0, 1000)]


def test_windows_of_rows_read_what_stands_in_them():
    text = " ".join(f"w{number % 7}" for number in range(31))
    bounds = [(start, end) for start, end in split_words(text)]
    encoder = RowWords(RowVocabulary.train([text], bounds=[bounds], max_words=11, min_count=1, around=True))
    inputs = encoder.encode_words([text, "w1 w2"], [bounds, [(0, 2), (3, 5)]])
    assert max(inputs.lengths) == 11
    assert inputs.owners.tolist()[-1] == 1
    batch = inputs.batch(range(len(inputs)))
    assert batch.layout.num_queries == 31 + 2
    judged = [np.arange(each.first, each.last) for each in inputs.windows[:-1]]
    assert np.concatenate(judged).tolist() == list(range(31))
    assert batch.places.tolist() == sorted(set(batch.places.tolist()))


@pytest.mark.parametrize("around", [True, False])
def test_given_words_are_read_like_found_ones(around):
    texts = ["The cat sat.", "", "电影 very good 2024"]
    bounds = [[(start, end) for start, end in split_words(text)] for text in texts]
    rows = RowVocabulary.train(texts * 2, bounds=bounds * 2, around=around)
    given_words = rows.encode_words(texts, bounds)
    assert given_words.lengths.tolist() == [4, 0, 5]
    if not around:
        found = RowVocabulary.train(texts * 2).encode(texts)
        assert all((one == other).all() for one, other in zip(found, given_words, strict=True))


def test_rows_around_a_word_know_both_sides_and_the_edges_of_a_text():
    texts = ["a b c", "c b a"] * 2
    bounds = [[(0, 1), (2, 3), (4, 5)]] * 4
    rows = RowVocabulary.train(texts, bounds=bounds, around=True)
    tokens = rows.encode_words(texts[:2], bounds[:2])
    bags = np.split(tokens.rows, np.cumsum(tokens.sizes)[:-1])
    assert bags[1][0] == bags[4][0]  # the same word
    assert set(bags[1][1:]).isdisjoint(set(bags[4][1:]) - set(bags[1][1:]))
    assert set(bags[1].tolist()) != set(bags[4].tolist())  # between other neighbours
    assert set(bags[0].tolist()) != set(bags[5].tolist())  # `a` begins one text and ends the other
