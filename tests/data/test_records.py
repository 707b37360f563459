"""What the records of the tasks are called, in what is said of them."""

from dataclasses import replace

import pytest

from attendo.data import Example, FramedSentence, Question, TaggedText, TextPair, noun_of
from attendo.data.checks import comparison_notes

RECORDS = {
    "text": Example("a film"),
    "pair": Example("a film", "a song"),
    "sentence": FramedSentence("a film", ((0, 1), (2, 6))),
    "question": Question("What?", "a film"),
}


@pytest.mark.parametrize("noun", RECORDS)
def test_warnings_call_records_by_their_name(noun):
    record = RECORDS[noun]
    assert noun_of([record, record]) == noun
    repeats, leaks = comparison_notes({"train": [record, replace(record)], "dev": [replace(record)]})
    assert repeats.startswith(f"train: {noun}s that repeat an earlier one: 1 (")
    assert leaks.startswith(f"dev: {noun}s that stand in train too: 1 of 1 (")


def test_a_text_without_a_label_has_none_of_them():
    one, other = TaggedText("a b", ((0, 1), (2, 3)), ("B-PER", "O")), TaggedText("a b", ((0, 1), (2, 3)), ("O", "O"))
    *_, said = comparison_notes({"train": [one, other]})
    assert said == "Texts that occur with different labels: 1 (such as `PER` in no file and none in no file)."


def test_several_kinds_are_texts():
    assert noun_of(RECORDS.values()) == noun_of([]) == "text"
    assert [noun_of([TextPair("a")]), noun_of([TextPair("a", "b")]), noun_of([TaggedText("a")])] == [
        *("text", "pair", "text")
    ]
