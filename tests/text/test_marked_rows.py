"""Rows of words in sentences with a marked word, against what a plain reading of the rules says."""

from collections import Counter

import numpy as np
import pytest

from attendo.text import FIRST_FREE, UNMARKED, MarkedRows, ranges, split_words

TEXTS = ["Ada gave Alan a book", "Alan gave Ada nothing", "", "张三 把 书 给 了 李四", "gave"]
BOUNDS = [[(span.start, span.end) for span in split_words(text)] for text in TEXTS]
MARKS = [(0, 1), (1, 1), (3, 3), (4, 0)]


@pytest.fixture(scope="module")
def rows() -> MarkedRows:
    return MarkedRows.train(TEXTS, BOUNDS, MARKS, min_count=1, min_marked=1)


def bag(rows: MarkedRows, sentence: int, word: int, mark: int | None, among=TEXTS, bounds=BOUNDS) -> Counter:
    """The weighted rows of one word."""
    read = rows.encode(among, bounds)
    start = int(read.starts[sentence])
    marked = UNMARKED if mark is None else start + mark
    found = rows.bags(read, np.array([start + word]), np.array([marked]))
    return Counter(dict(zip(found.rows.tolist(), found.weights.tolist(), strict=True)))


def test_a_word_and_its_neighbours_have_rows_and_a_mark_adds_more(rows):
    own, marked = bag(rows, 0, 2, None), bag(rows, 0, 2, 1)
    assert own.keys() < marked.keys()
    assert all(row >= FIRST_FREE for row in marked)
    parts = sum(weight for weight in own.values() if weight != 1)
    assert parts == pytest.approx(1)  # the parts of a word share one
    assert len(marked) - len(own) == 8
    assert bag(rows, 4, 0, None).keys() != bag(rows, 0, 1, None).keys()  # at the edge other neighbours


def test_rows_do_not_depend_on_what_stands_around_a_sentence(rows):
    for sentence, place, mark in ((0, 0, 1), (0, 4, 1), (1, 3, 1), (3, 0, 3)):
        alone = bag(rows, 0, place, mark, [TEXTS[sentence]], [BOUNDS[sentence]])
        assert alone == bag(rows, sentence, place, mark)


def test_words_show_the_shape_that_words_of_tagged_texts_show():
    texts = ["张 李四 王五六"]
    bounds = [[(0, 1), (2, 4), (5, 8)]]
    rows = MarkedRows.train(texts, bounds, [], min_count=1, min_marked=1)
    alone = [["一"], ["一一"], ["一一一一一一"]]  # unknown words, of which the shape is all that is known
    found = [bag(rows, 0, 0, None, each, [[(0, len(each[0]))]]) for each in alone]
    assert found[0] != found[1]
    assert found[1] == found[2]


def test_the_side_and_the_distance_count(rows):
    twice = "gave Ada gave"
    bounds = [[(span.start, span.end) for span in split_words(twice)]]
    one, other = (bag(rows, 0, 1, mark, [twice], bounds) for mark in (0, 2))
    assert one != other


def test_unknown_words_have_the_row_of_unknown_words_first(rows):
    read = rows.encode(["zzz"], [[(0, 3)]])
    found = rows.bags(read, np.array([0]), np.array([UNMARKED]))
    assert found.rows[0] == 0
    assert found.sizes.tolist() == [len(found.rows)]


def test_many_words_at_once_are_the_words_one_by_one(rows):
    read = rows.encode(TEXTS, BOUNDS)
    words = np.arange(int(read.starts[-1]))
    marks = np.where(words < read.starts[1], read.starts[0] + 1, UNMARKED)
    found = rows.bags(read, words, marks)
    ends = np.cumsum(found.sizes)
    for word, mark, end, size in zip(words, marks, ends, found.sizes, strict=True):
        single = rows.bags(read, np.array([word]), np.array([mark]))
        assert single.rows.tolist() == found.rows[end - size : end].tolist()


def test_what_is_rare_has_no_row():
    few = MarkedRows.train(TEXTS, BOUNDS, MARKS, min_count=3, min_marked=10**6)
    everything = MarkedRows.train(TEXTS, BOUNDS, MARKS, min_count=1, min_marked=1)
    assert len(few.keys) < len(everything.keys)
    assert bag(few, 0, 0, 1) == bag(few, 0, 0, None)
    assert MarkedRows.train([], [], []).num_rows == FIRST_FREE


def test_ranges_lie_end_to_end():
    assert ranges(np.array([7, 2, 5]), np.array([2, 0, 3])).tolist() == [7, 8, 5, 6, 7]
