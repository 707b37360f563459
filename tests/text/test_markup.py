"""Special tokens that are meant, and names of them that are somebody's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.text import MarkedTexts, Normalisation, Tokenizer, train_tokenizer, with_marks

AS_IT_IS = Normalisation(form=None, lower=False, half_width=False, clean=False)
MARKS = ("<|a|>", "[USER]")
PARTS = ["[SEP]", "<|a|>", "[USER]", "[US", "ER]", " ", "你好", "\n", "word", "\U000f0000"]


@pytest.fixture(scope="module")
def marked() -> MarkedTexts:
    tokenizer = train_tokenizer(["some words, 你好\n<|a>"] * 2, kind="characters", normalisation=AS_IT_IS)
    return MarkedTexts(with_marks(tokenizer, MARKS))


def test_marks_are_further_tokens_that_are_saved(tmp_path):
    tokenizer = with_marks(train_tokenizer(["some words"] * 2, kind="bytes", normalisation=AS_IT_IS), MARKS)
    assert tokenizer.vocab_size == 261 + 2
    tokenizer.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    assert again.tokens() == tokenizer.tokens()
    assert again.specials == tokenizer.specials
    assert again.decode(again.encode("<|a|>").ids) == "<|a|>"  # which stays plain text where nothing is meant


def test_what_is_meant_is_a_token_and_what_is_said_is_not(marked):
    text = f"<|a|>some{marked.disarmed('<|a|>')}[SEP]"
    ids, places = marked.encode(text)
    names = {number: name for name, number in marked._marked.get_vocab().items()}
    assert [names[number] for number in ids.tolist()] == ["<|a|>", *"some<|a|>", "[SEP]"]
    assert places.tolist() == [0, 5, 6, 7, 8, *[9] * 5, 10]
    assert marked.specials.tolist() == [0, 1, 2, 3, 4, *sorted(ids[[0]].tolist()), ids[0] + 1]


@given(st.lists(st.sampled_from(PARTS), max_size=7).map("".join))
def test_own_words_never_become_special_tokens(marked, text):
    said = marked.disarmed(text)
    assert not any(name in said for name in (*MARKS, "[SEP]"))
    ids, places = marked.encode(said)
    assert not set(ids.tolist()) & set(marked.specials.tolist())
    assert len(places) == len(ids)
    assert places.tolist() == sorted(places.tolist())


@given(st.lists(st.sampled_from(PARTS[:-1]), max_size=7).map("".join))
def test_a_disarmed_text_is_restored(marked, text):
    assert marked.restored(marked.disarmed(text)) == text
