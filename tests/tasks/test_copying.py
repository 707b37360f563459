"""What is copied to the letter: found, hidden, put back, and reported where it is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.tasks.translating.copying import MARKS, hide, hide_both, put_back


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Hello {name}, %s of %(x)d, 100% sure, 50% done", ("{name}", "%s", "%(x)d")),
        ("<b>bold</b> x < y <br/>", ("<b>", "</b>", "<br/>")),
        ("see https://a.b/c?d=e, or http://x.org/. (www.a.de)", ("https://a.b/c?d=e", "http://x.org/", "www.a.de")),
        ("mail a.b@c.de. 12345 or 1,234 or 2014, X-1234", ("a.b@c.de", "12345", "X-1234")),
        ("价格12345元，型号X-1234。看https://a.b/c。给我{name}", ("12345", "X-1234", "https://a.b/c", "{name}")),
        ("The man-2 is A-level in 3D; 100,000 of 12345.67", ("3D",)),
        ("${x} {{y}} {0:.2f} %5.2f %1$s 5 % of", ("${x}", "{{y}}", "{0:.2f}", "%5.2f", "%1$s")),
        ("a man, 一个人", ()),
        ("", ()),
    ],
)
def test_what_is_copied(text, spans):
    hidden = hide(text)
    assert hidden.spans == spans
    assert not any(span in hidden.text for span in spans)
    assert put_back(*hidden) == (text, ())


@given(st.text(st.sampled_from("aX1-{}<>%s中 。@." + MARKS[:2]), max_size=40))
def test_hidden_and_put_back_a_text_is_the_same(text):
    assert put_back(*hide(text)) == (text, ())


@pytest.mark.parametrize("piece", ["a", "{", "1", "1.", "a@", "<a", "X/", "a-", "%(", "www.", "A1-", "{a", "1,", "a."])
def test_long_texts_of_one_kind_take_no_long_time(piece):
    text = piece * 50_000
    assert put_back(*hide(text + "!")) == (text + "!", ())


def test_equal_parts_have_one_mark_and_the_last_ones_stay():
    hidden = hide("{a} {b} {a}")
    assert hidden.text == f"{MARKS[0]} {MARKS[1]} {MARKS[0]}"
    many = " ".join(f"{{x{number}}}" for number in range(len(MARKS) + 3))
    assert len(hide(many).spans) == len(MARKS)
    assert hide(many).text.endswith(f"{{x{len(MARKS) + 2}}}")


def test_of_pairs_only_what_both_have_is_hidden():
    source, target = hide_both("{a} and <b> and {c}", "{c} und {d} und {a} und {c}")
    assert source == f"{MARKS[0]} and <b> and {MARKS[1]}"
    assert target == f"{MARKS[1]} und {{d}} und {MARKS[0]} und {MARKS[1]}"
    assert hide_both("{a}", "b") == ("{a}", "b")
    assert hide_both("a", "{b}") == ("a", "{b}")


def test_what_is_missing_is_told_and_marks_of_nothing_vanish():
    text, missing = put_back(f"{MARKS[1]} x {MARKS[7]}", ("{a}", "{b}"))
    assert (text, missing) == ("{b} x ", ("{a}",))
