import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.attention import Layout
from attendo.errors import ShapeError

lengths = st.lists(st.integers(0, 7), max_size=7).map(tuple)


@given(lengths)
def test_pad_and_unpad_undo_each_other(lengths):
    layout = Layout(lengths)
    row = torch.randn(layout.num_queries, 3)
    padded = layout.pad(row, fill=5.0)
    assert padded.shape == (len(lengths), max(lengths, default=0), 3)
    assert torch.equal(layout.unpad(padded), row)
    assert (padded == 5.0).sum() == 3 * (padded.shape[0] * padded.shape[1] - sum(lengths))
    for text, piece in enumerate(layout.split(row)):
        assert torch.equal(padded[text, : lengths[text]], piece)


@given(lengths)
def test_every_token_has_its_text_and_position(lengths):
    layout = Layout(lengths)
    expected = [(text, position) for text, length in enumerate(lengths) for position in range(length)]
    for texts, positions in (
        (layout.query_texts(), layout.query_positions()),
        (layout.key_texts(), layout.key_positions()),
    ):
        assert list(zip(texts.tolist(), positions.tolist(), strict=True)) == expected
    assert layout.num_queries == layout.num_keys == len(expected)
    assert layout.num_texts == len(lengths)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-1, 1), st.integers(0, 1)), max_size=9))
def test_runs_cover_every_text_that_has_queries_once(texts):
    gaps = [gap for *_, gap in texts]
    starts = [sum(keys + gap for _, keys, _, gap in texts[:text]) + gaps[text] for text in range(len(texts))]
    queries, keys, offsets = (tuple(text[axis] for text in texts) for axis in range(3))
    layout = Layout(queries, keys if texts else (), offsets, tuple(starts))
    found = [
        (run.first + i, run.query_length, run.key_length, run.offset, query_start, run.key_start + i * run.key_stride)
        for run in layout.runs
        for i in range(run.count)
        for query_start in [run.query_start + i * run.query_length]
    ]
    expected = [
        (text, queries[text], keys[text], offsets[text], sum(queries[:text]), starts[text])
        for text in range(len(texts))
        if queries[text]
    ]
    assert found == expected


def test_neighbours_of_equal_shape_form_one_run():
    layout = Layout((5, 5, 5, 2, 0, 2, 2))
    assert [(run.first, run.count) for run in layout.runs] == [(0, 3), (3, 1), (5, 2)]
    apart = Layout((1, 1, 1), (3, 3, 3), key_starts=(0, 3, 7))
    assert [(run.first, run.count) for run in apart.runs] == [(0, 2), (2, 1)]
    in_a_cache = Layout((1,) * 5, (3,) * 5, key_starts=(0, 7, 14, 28, 35))
    assert [(run.first, run.count, run.key_stride) for run in in_a_cache.runs] == [(0, 3, 7), (3, 2, 7)]
    out_of_order = Layout((1, 1), (3, 3), key_starts=(7, 0))
    assert [run.count for run in out_of_order.runs] == [1, 1]
    aligned_otherwise = Layout((2, 2), (3, 3), offsets=(1, 0))
    assert len(aligned_otherwise.runs) == 2
    assert Layout(()).runs == ()


def test_queries_stand_on_the_last_keys_unless_told_otherwise():
    assert Layout((2, 3), (5, 3)).query_positions().tolist() == [3, 4, 0, 1, 2]
    assert Layout((2, 3), (5, 3), offsets=(0, 7)).query_positions().tolist() == [0, 1, 7, 8, 9]
    assert Layout((3,), (1,)).query_positions().tolist() == [-2, -1, 0]


def test_unused_places_of_a_cache_belong_to_no_text(device):
    cache = Layout((1, 1), (2, 3), key_starts=(6, 1))
    assert cache.num_keys == 8
    assert cache.key_texts(9, device).tolist() == [-1, 1, 1, 1, -1, -1, 0, 0, -1]
    assert cache.key_positions(9, device).tolist() == [0, 0, 1, 2, 0, 0, 0, 1, 0]
    assert cache.query_positions(device).tolist() == [1, 2]
    assert cache.query_texts(device).tolist() == [0, 1]


def test_split_follows_the_axis_it_is_given(device):
    pieces = Layout((2, 0, 3)).split(torch.arange(10, device=device).view(2, 5), dim=1)
    assert [piece.tolist() for piece in pieces] == [[[0, 1], [5, 6]], [[], []], [[2, 3, 4], [7, 8, 9]]]


def test_labels_are_padded_by_their_own_sign(device):
    padded = Layout((2, 1)).pad(torch.tensor([7, 8, 9], device=device), fill=-100)
    assert padded.tolist() == [[7, 8], [9, -100]]


def test_equal_layouts_are_equal_keys():
    assert Layout((2, 3)) == Layout((2, 3), (2, 3), (0, 0), (0, 2))
    assert len({Layout((2, 3)), Layout((2, 3), key_starts=(0, 2)), Layout((2, 3), key_starts=(0, 3))}) == 2


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Layout((2, 3), (5,)), "`key_lengths` must have one entry for each of the 2 texts, but has 1"),
        (lambda: Layout((2, 3), offsets=(1, 2, 3)), "`offsets` must have one entry for each of the 2 texts, but has 3"),
        (
            lambda: Layout((2,), key_starts=(0, 2)),
            "`key_starts` must have one entry for each of the 1 texts, but has 2",
        ),
        (lambda: Layout((2, -3)), "`query_lengths` must not be negative, but holds -3"),
        (lambda: Layout((2,), (-5,)), "`key_lengths` must not be negative, but holds -5"),
        (lambda: Layout((2,), key_starts=(-7,)), "`key_starts` must not be negative, but holds -7"),
        (lambda: Layout((1, 1), (3, 3), key_starts=(0, 2)), "Two texts share key 2"),
        (lambda: Layout((1, 1), (3, 3), key_starts=(5, 5)), "Two texts share key 5"),
        (lambda: Layout((2, 3)).split(torch.zeros(7)), "holds 5 tokens, but axis 0 of the tensor has 7"),
        (lambda: Layout((2, 3)).split(torch.zeros(5, 3), 1), "holds 5 tokens, but axis 1 of the tensor has 3"),
        (lambda: Layout((2, 3)).pad(torch.zeros(7)), "holds 5 tokens, but axis 0 of the tensor has 7"),
        (lambda: Layout((2, 3)).unpad(torch.zeros(2, 2)), "2 texts of up to 3 tokens, but the batch has 2 of 2"),
        (lambda: Layout((2, 3)).unpad(torch.zeros(5, 7)), "2 texts of up to 3 tokens, but the batch has 5 of 7"),
    ],
)
def test_what_does_not_fit_is_refused(make, sentence):
    with pytest.raises(ShapeError, match=sentence):
        make()


def test_texts_of_no_length_share_nothing():
    assert Layout((1, 0, 1), (3, 0, 2), key_starts=(0, 1, 3)).num_keys == 5
