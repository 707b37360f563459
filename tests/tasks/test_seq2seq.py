"""Rows that are read and written: filled up so that sizes repeat, and nothing is asked about what fills them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        assert len(texts.ids) == sum(own) == -(-(sum(map(len, given_rows)) + 1) // ROUND) * ROUND
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
        ({"eos_token_id": None}, Marks(start=None, ends=())),
    ],
)
def test_what_frames_a_target_is_in_the_configuration(config, marks):
    assert Marks.of(config) == marks
