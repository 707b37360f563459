"""How texts are usually written, what is asked for above it, and the file that other libraries read."""

from __future__ import annotations

import dataclasses

import pytest

from attendo.errors import ModelFolderError
from attendo.tasks import WriteSettings
from attendo.tasks.seq2seq import Marks
from attendo.tasks.translating.marks import (
    BEAMS,
    GENERATION,
    filled_in,
    generation_file,
    read_generation,
    usual_writing,
)

USUAL = WriteSettings(method="beam", beams=3, length_penalty=2.0, no_repeat_ngram=3, max_new=31, min_new=7)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"beams": 3, "length_penalty": 2.0, "no_repeat_ngram": 3, "max_new": 31, "min_new": 7}),
        ({"beams": 2, "min_new": 1}, {"beams": 2, "length_penalty": 2.0, "max_new": 31, "min_new": 1}),
        ({"n_best": 5}, {"beams": 5, "max_new": 31}),
        ({"max_new": 5}, {"max_new": 5, "min_new": 5}),
        ({"min_new": 37}, {"max_new": 37, "min_new": 37}),
        ({"method": "greedy"}, {"beams": None, "length_penalty": None, "no_repeat_ngram": 3, "max_new": 31}),
        ({"top_k": 3}, {"beams": None, "length_penalty": None, "min_new": 7}),
        ({"pattern": "a+"}, {"min_new": 0, "max_new": 31, "beams": 3}),
    ],
)
def test_what_is_left_open_is_as_usual(asked, found):
    filled = filled_in(WriteSettings(**asked), USUAL)
    assert {name: getattr(filled, name) for name in found} == found
    assert filled_in(None, USUAL) is USUAL


@pytest.mark.parametrize("usual", [USUAL, BEAMS, dataclasses.replace(USUAL, min_new=0, max_new=None)])
@pytest.mark.parametrize("forced", [(), (5,)])
def test_the_file_says_what_was_read_from_it(usual, forced, tmp_path):
    marks = Marks(start=2, forced=forced, ends=(3, 4), never=(0,))
    said = generation_file(marks, usual, 0)
    assert Marks.of(said, tmp_path) == marks
    assert usual_writing(said, 1 + len(forced)) == usual


def test_the_file_about_writing_stands_above_config(tmp_path):
    config = {"eos_token_id": 3, "num_beams": 2, "decoder_start_token_id": None}
    assert read_generation(config, tmp_path) == {"eos_token_id": 3, "num_beams": 2}
    (tmp_path / GENERATION).write_text('{"num_beams": 7, "eos_token_id": null}', encoding="utf-8")
    assert read_generation(config, tmp_path) == {"eos_token_id": 3, "num_beams": 7}
    (tmp_path / GENERATION).write_text("{", encoding="utf-8")
    with pytest.raises(ModelFolderError, match="generation_config"):
        read_generation(config, tmp_path)


def test_what_is_never_written_are_single_tokens():
    marks = Marks.of({"eos_token_id": [3, 4], "bad_words_ids": [[7], [8, 9], [7]], "forced_bos_token_id": 5}, "x")
    assert marks == Marks(start=None, forced=(5,), ends=(3, 4), never=(7,))
