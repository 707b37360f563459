"""Which tokens may come next: beside all texts of a small vocabulary, and on trained ones of every kind."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.text import TOKENIZERS
from attendo.text.patterns import Steering, build_automaton, containing, read_pattern

END = 0
WHOLE = (b"", b"a", b"b", "电".encode(), b"ab", "电b".encode())
"""Tokens of whole characters."""
CUT = (b"", b"a", "影".encode(), "电".encode()[:1], "电".encode()[1:], "电".encode()[:2], "电".encode()[2:] + b"a")
"""Tokens that share characters."""
EVERY_BYTE = (b"", *(bytes([byte]) for byte in range(256)), "电".encode()[1:], b"ab", "é".encode()[1:] + b"a")
NEW = 4
PATTERNS = ["(a|b)*电", "ab{1,2}|b", "[^b]*", "a?电+b?", "(ab|电){2}", "影|a", "b", "(a|影|电)*"]


class Spelled:
    """A vocabulary whose first tokens of a text may be spelled otherwise."""

    def __init__(self, tokens, opening=None):
        self.later, self.first = list(tokens), list(opening or tokens)

    def piece(self, number, *, first):
        return (self.first if first else self.later)[number]


def texts_of(tokens, opening, pattern, new):
    """All sequences of so many tokens at most, an end included, that spell a text which matches."""
    found = set()
    for length in range(new):
        for ids in itertools.product(range(1, len(tokens)), repeat=length):
            pieces = [(opening if place == 0 and opening else tokens)[number] for place, number in enumerate(ids)]
            try:
                text = b"".join(pieces).decode()
            except UnicodeDecodeError:
                continue
            if all(pieces) and re.fullmatch(pattern, text):
                found.add((*ids, END))
    return found


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("tokens", "opening", "opens"),
    [(WHOLE, None, False), (WHOLE, (b"", b"", b"b", b"a", b"abb", b"a"), True)],
)
def test_a_token_may_come_if_a_text_can_still_end_in_time(pattern, tokens, opening, opens):
    steering = Steering(build_automaton([read_pattern(pattern)]), Spelled(tokens, opening), [END])
    for new in range(1, NEW + 1):
        texts = texts_of(tokens, opening, pattern, new)
        fewest = steering.fewest(opens=opens)
        assert (fewest is not None and fewest <= new) == bool(texts)
        for size in range(new):
            for ids in {text[:size] for text in texts if END not in text[:size]}:
                expected = {text[size] for text in texts if text[:size] == ids}
                assert set(steering.allowed(ids, new=new, opens=opens).tolist()) == expected


@pytest.mark.parametrize("pattern", PATTERNS)
def test_characters_that_cannot_be_ended_are_not_begun(pattern):
    steering = Steering(build_automaton([read_pattern(pattern)]), Spelled(CUT), [END])
    texts = texts_of(CUT, None, pattern, NEW)
    allowed = set(steering.allowed((), new=NEW, opens=False).tolist())
    assert allowed <= {text[0] for text in texts}
    assert {3, 5}.isdisjoint(allowed)  # with these tokens nobody knows whether "电" can be put together


@settings(max_examples=100)
@given(
    pattern=st.sampled_from([*PATTERNS, r"[电影é]x|\w{2}", "[😀-😂]+a"]), more=st.integers(0, 4), random=st.randoms()
)
def test_characters_are_put_together_byte_by_byte(pattern, more, random):
    steering = Steering(build_automaton([read_pattern(pattern)]), Spelled(EVERY_BYTE), [END])
    text = written(steering, steering.fewest(opens=False) + more, random, opens=False)
    assert re.fullmatch(pattern, b"".join(EVERY_BYTE[number] for number in text).decode())


def written(steering, new, random, *, opens):
    """A text of tokens drawn among those that are allowed."""
    ids = []
    while len(ids) < new:
        number = random.choice(sorted(steering.allowed(ids, new=new, opens=opens).tolist()))
        if number in steering.ends:
            return ids
        ids.append(number)
    raise AssertionError("the text did not end in time")


@settings(max_examples=150)
@given(
    pattern=st.sampled_from([r"[a-z ]{3,9}[酒店房间]*", r"\w+( \w+)?", "(hotel|酒店|quiet room)[!,。]?", "[^酒]{2}"]),
    kind=st.sampled_from(sorted(TOKENIZERS)), more=st.integers(0, 9), opens=st.booleans(), random=st.randoms(),
)  # fmt: skip
def test_texts_of_every_kind_of_tokenizer_match(tokenizers_by_kind, pattern, kind, more, opens, random):
    tokenizer = tokenizers_by_kind[kind]
    steering = Steering(build_automaton([read_pattern(pattern)]), tokenizer.spelling, [3])
    fewest = steering.fewest(opens=opens)
    if fewest is not None:
        ids = written(steering, fewest + more, random, opens=opens)
        text = tokenizer.spelling.joined(ids, opens=opens).decode()
        assert re.fullmatch(pattern, text)
        assert not opens or text == tokenizer.decode(ids)


def test_the_way_to_a_goal():
    steering = Steering(build_automaton([containing(["ab电"])]), Spelled(WHOLE), [END])
    assert steering.fewest(opens=False) == 3
    assert [steering.missing(ids, opens=False) for ids in ((), (2,), (4,), (1, 2), (1, 5), (4, 3), (4, 3, 2))] == [
        2, 2, 1, 1, 2, 0, 0,
    ]  # fmt: skip
    assert sorted(steering.nearing((), opens=False).tolist()) == [4]  # "a" alone leads no nearer than two tokens do
    assert sorted(steering.nearing((4,), opens=False).tolist()) == [3, 5]
    assert sorted(steering.nearing((4, 3), opens=False).tolist()) == []


def test_what_went_astray_has_nowhere_to_go():
    steering = Steering(build_automaton([read_pattern("a")]), Spelled(WHOLE), [END])
    assert steering.allowed((2,), new=9, opens=False).tolist() == []
    assert steering.nearing((2,), opens=False).tolist() == []
    assert steering.missing((2,), opens=False) > 10**9
    impossible = Steering(build_automaton([read_pattern("é")]), Spelled(WHOLE), [END])
    assert impossible.fewest(opens=False) is None
    nothing = Steering(build_automaton([read_pattern("a"), read_pattern("b")]), Spelled(WHOLE), [END])
    assert nothing.fewest(opens=True) is None


def test_without_an_end_a_text_may_go_on_to_its_limit():
    steering = Steering(build_automaton([containing(["b"])]), Spelled(WHOLE), [])
    assert steering.fewest(opens=False) == 1
    assert sorted(steering.allowed((1,), new=2, opens=False).tolist()) == [2, 4, 5]
