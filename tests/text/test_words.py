from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import UnsupportedError
from attendo.text import Span, split_words
from attendo.text.words import _jieba, word_bounds


def surfaces(text: str, **options: bool) -> list[str]:
    return [text[start:end] for start, end in split_words(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't panic, it’s 3.14 o'clock!", ["Don't", "panic", ",", "it’s", "3.14", "o'clock", "!"]),
        ("1,000.5 v2.0 1. 2", ["1,000.5", "v2.0", "1", ".", "2"]),
        ("'tis the dogs'", ["'", "tis", "the", "dogs", "'"]),
        ("snake_case _x_ well-known", ["snake_case", "_", "x", "_", "well", "-", "known"]),
        ("@user #tag 5%...", ["@", "user", "#", "tag", "5", "%", ".", ".", "."]),
        ("今天天气好。", ["今", "天", "天", "气", "好", "。"]),
        ("用iPhone15拍的", ["用", "iPhone15", "拍", "的"]),
        ("ＡＢ，ｃ", ["ＡＢ", "，", "ｃ"]),
        ("か\u3099テ々", ["か\u3099", "テ", "々"]),
        ("good👍🏽👨\u200d👩\u200d👧🇨🇳🇫🇷❤️!", ["good", "👍🏽", "👨\u200d👩\u200d👧", "🇨🇳", "🇫🇷", "❤️", "!"]),
        ("cafe\u0301 हिन्दी می\u200cخواهم", ["cafe\u0301", "हिन्दी", "می\u200cخواهم"]),
        ("Привет, 한국어는", ["Привет", ",", "한국어는"]),
        ("\ufeffco\u00adop\u200bx\x00", ["co\u00adop", "x\x00"]),
        ("", []),
        (" \t\n\u3000\u200b", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert surfaces(text) == expected


@given(st.text(max_size=37))
def test_words_lie_in_order_and_leave_out_only_what_cannot_be_seen(text: str) -> None:
    words = split_words(text)
    assert all(isinstance(word, Span) and word.start < word.end for word in words)
    assert all(one.end <= two.start for one, two in itertools.pairwise(words))
    covered = {place for start, end in words for place in range(start, end)}
    for place, character in enumerate(text):
        if character.isalnum():
            assert place in covered
        if character.isspace():
            assert place not in covered
    assert [list(word) for word in words] == word_bounds(text).tolist()


@pytest.mark.parametrize(
    "text", ["_" * 100_003, "a" + "_" * 100_003, "a'" * 50_021, "1." * 50_021, "👍\u200d" * 30_011]
)
def test_long_runs_take_no_more_than_linear_time(text: str) -> None:
    assert sum(end - start for start, end in split_words(text)) >= len(text) / 2


def test_chinese_words_from_a_dictionary() -> None:
    pytest.importorskip("jieba", reason="jieba is an optional dependency")
    text = "南京市长江大桥ok，不错don't"
    words = surfaces(text, dictionary=True)
    assert words == ["南京市", "长江大桥", "ok", "，", "不错", "don't"]
    assert [text[start:end] for start, end in split_words(text, dictionary=True)] == words


def test_a_missing_dictionary_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    _jieba.cache_clear()
    with pytest.raises(UnsupportedError, match="pip install jieba"):
        split_words("今天", dictionary=True)
    _jieba.cache_clear()
