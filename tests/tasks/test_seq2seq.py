"""Rows that are read and written: filled up so that sizes repeat, and nothing is asked about what fills them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import UnsupportedError
from attendo.tasks.seq2seq import ROUND, Marks, RewriteBatch

rows = st.lists(st.tuples(st.integers(1, 61), st.integers(1, 61)), min_size=1, max_size=11)


@given(lengths=rows, start=st.sampled_from([None, 7]))
def test_rows_are_filled_with_more_that_a_model_has_places_for(lengths, start):
    sources, targets = ([np.arange(11, 11 + length) for length in side] for side in zip(*lengths, strict=True))
    batch = RewriteBatch.of(sources, targets, Marks(start=start, ends=(3,)))
    for texts, given_rows in ((batch.texts.source, sources), (batch.texts.target, targets)):
        own = texts.layout.query_lengths
        assert list(own[: len(lengths)]) == list(map(len, given_rows))
        assert max(own) == max(map(len, given_rows))
        assert len(texts.ids) == sum(own) > sum(map(len, given_rows))
        assert sum(own) % ROUND == 0
        assert min(own) > 0
    assert batch.texts.source.layout.num_texts == batch.texts.target.layout.num_texts
    asked = sum(map(len, targets))
    assert batch.right[:asked].tolist() == np.concatenate(targets).tolist()
    assert (batch.right[asked:] == -100).all()
    for moved, row in zip(batch.texts.target.layout.split(batch.texts.target.ids), targets, strict=False):
        assert moved.tolist() == [row[-1] if start is None else start, *row[:-1]]


@pytest.mark.parametrize(
    ("config", "marks"),
    [
        ({"eos_token_id": 2, "decoder_start_token_id": 5}, Marks(start=5, ends=(2,))),
        ({"eos_token_id": [2, 9], "forced_bos_token_id": 0}, Marks(start=None, forced=(0,), ends=(2, 9))),
        ({"eos_token_id": 2, "bad_words_ids": [[4], [5, 6]]}, Marks(start=None, ends=(2,), never=(4,))),
    ],
)
def test_what_frames_a_target_is_in_the_configuration(config, marks):
    assert Marks.of(config) == marks


def test_a_model_that_never_ends_a_text_is_refused():
    with pytest.raises(UnsupportedError, match="names no token that ends a text"):
        Marks.of({"eos_token_id": None}, "folder")
