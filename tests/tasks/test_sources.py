"""Sources as they are read: cut where sentences end, with what stands before them, joined as their script asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import SourceTarget
from attendo.tasks.translating.contexts import with_context
from attendo.tasks.translating.sources import cut_to_fit
from attendo.text import Normalisation, Tokenizer, train_tokenizer

KNOWN = 'ehdOnrtwTFuHso"Aabcdefghijklmnopqrst ,.\n，。一二三四五六七八九中'
AS_IT_IS = Normalisation(form="NFC", lower=False, half_width=False, clean=False)
TOKENIZER = train_tokenizer([KNOWN] * 3, kind="characters", vocab_size=400, normalisation=AS_IT_IS)


def cut(text: str, room: int = 14) -> list[str]:
    return cut_to_fit(text, TOKENIZER, room)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two. Three. Four.", ["One. Two.", " Three. Four."]),
        ("一二三四五。六七八九。一二三。", ["一二三四五。六七八九。", "一二三。"]),
        ("One two three, one two", ["One two ", "three,", " one two"]),
        ("一二三四五六七八，一二三四五六七八", ["一二三四五六七八，", "一二三四五六七八"]),
        ("abcdefghijklmnopqrst", ["abcdefghijklm", "nopqrst"]),
        ("One two\nthree one", ["One two\n", "three one"]),
        ('He said "no." And went', ['He said "no."', " And went"]),
        ("short", ["short"]),
        ("a" + " " * 40 + "b", ["a" + " " * 38, "  b"]),
        (" " * 40 + "ab", [" " * 40 + "ab"]),
        ("ab" + " " * 40, ["ab" + " " * 40]),
    ],
)
def test_parts_end_where_sentences_do(text, parts):
    assert cut(text) == parts


@given(st.text(st.sampled_from("ab. ,。，\n中"), max_size=90), st.integers(3, 17))
def test_parts_fit_and_nothing_is_lost(text, room):
    parts = cut(text, room)
    assert "".join(parts) == text or not text.strip()
    assert all(part.strip() for part in parts)
    assert all(len(TOKENIZER.encode(part.strip())) <= room for part in parts)


def test_tokenizers_that_read_a_part_otherwise_than_within_its_text(tmp_path):
    words = train_tokenizer(["unhappy people are unhappily here"] * 3, kind="wordpiece", vocab_size=60)
    text = "unhappyunhappyunhappily " * 7
    parts = cut_to_fit(text, words, 5)
    assert "".join(parts) == text
    assert all(len(words.encode(part.strip())) <= 5 for part in parts)
    assert isinstance(words, Tokenizer)


def test_what_stands_before_a_text_is_of_its_document():
    texts = [("a", "1"), ("b", "1"), (" ", "1"), ("c", "1"), ("d", "2"), ("e", None), ("f", None), ("g", "2")]
    examples = [SourceTarget(text, document=document) for text, document in texts]
    found = list(with_context(iter(examples), 2))
    assert [each.before for each in found] == ["", "a", "a b", "a b", "", "", "", ""]
    assert {each.before for each in with_context(examples, 0)} == {""}
    assert list(with_context(found[1:], 2)) == found[1:]  # what is known stays, wherever one begins
    assert [each.text for each in found] == [text for text, _ in texts]
