"""Regular expressions beside Python's `re`: the same texts match, and what is not known is refused in a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError
from attendo.text.patterns import Node, Steering, automata, beginning_with, build_automaton, containing, read_pattern
from attendo.text.patterns.sets import EVERYTHING, NOTHING, Alphabet, CharacterSet, escaped_set

ATOMS = [
    "a", "b", "电", "é", "😀", ".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", "[ab]", "[^a电]", "[a-f-]", r"[\d电]",
    r"[^\s\w]", r"\.", r"\n", r"\x61", r"\u7535", "[]a]", "[^]a]", r"[\]a-]", "-", "]", "}", ",",
]  # fmt: skip
TIMES = ["", "?", "*", "+", "{2}", "{1,3}", "{,2}", "{1,}", "{0}"]
PATTERNS = st.recursive(
    st.sampled_from([*ATOMS, ""]),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})")
        | st.tuples(inner, st.sampled_from(TIMES)).map(lambda two: f"(?:{two[0]}){two[1]}")
    ),
    max_leaves=6,
)
TEXTS = st.text("ab电é😀f.3٣ \n]-_}", max_size=7)


def automaton(pattern):
    return build_automaton([read_pattern(pattern)])


@settings(max_examples=250)
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=5))
@example("a|b电*|", ["", "b电电", "ab"])
def test_a_text_matches_where_it_matches_in_python(pattern, texts):
    machine = automaton(pattern)
    for text in texts:
        assert machine.accepts(text) == bool(re.fullmatch(pattern, text))


@settings(max_examples=200)
@given(pattern=PATTERNS, random=st.randoms(use_true_random=False))
def test_what_a_machine_makes_matches_in_python(walked, pattern, random):
    text = walked(automaton(pattern), random, 12)
    assert text is None or re.fullmatch(pattern, text)


TOKENS = [b"", *(bytes([byte]) for byte in range(256)), *(each.encode() for each in ("ab", "电é", "ab.", "3 "))]
TOKENS += [piece for each in ("😀", "电b") for piece in (each.encode()[:2], each.encode()[2:])]


class Vocabulary:
    """Every byte, and some longer tokens, of which some end or begin within a character."""

    later = first = TOKENS

    def piece(self, number, *, first):
        return TOKENS[number]


@settings(max_examples=200)
@given(PATTERNS, st.integers(0, 6), st.randoms(use_true_random=False))
def test_what_is_written_token_by_token_matches_in_python(pattern, more, random):
    steering = Steering(automaton(pattern), Vocabulary(), [0])
    fewest = steering.fewest(opens=False)
    assert (fewest is None) == automaton(pattern).is_empty
    ids, number = [], None
    while fewest is not None and number != 0:
        number = random.choice(sorted(steering.allowed(ids, new=fewest + more, opens=False).tolist()))
        ids.append(number)
    assert fewest is None or len(ids) <= fewest + more
    assert fewest is None or re.fullmatch(pattern, b"".join(TOKENS[number] for number in ids).decode())


@settings(max_examples=100)
@given(PATTERNS, PATTERNS, PATTERNS, TEXTS)
def test_several_at_once(one, other, never, text):
    machine = build_automaton([read_pattern(one), read_pattern(other)], [read_pattern(never)])
    expected = re.fullmatch(one, text) and re.fullmatch(other, text) and not re.fullmatch(never, text)
    assert machine.accepts(text) == bool(expected)


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=3), TEXTS.filter(bool), TEXTS)
def test_strings_that_occur_and_begin(wanted, start, text):
    assert build_automaton([containing(wanted)]).accepts(text) == any(each in text for each in wanted)
    assert build_automaton([beginning_with(start)]).accepts(text) == text.startswith(start)
    assert build_automaton([], [containing(wanted)]).accepts(text) == (not any(each in text for each in wanted))


def test_every_state_of_a_machine_leads_to_an_end():
    machine = build_automaton([read_pattern("a(b|c)d|ae")], [read_pattern("acd")])
    assert not machine.accepts("acd")
    assert machine.accepts("abd")
    assert len(machine.table) == 4  # behind a, behind ab, at the end, and before them
    assert build_automaton([read_pattern("a"), read_pattern("b")]).is_empty
    assert not build_automaton([read_pattern("a"), read_pattern("b")]).accepts("a")


@pytest.mark.parametrize("letter", "dwsDWS")
def test_sets_are_those_of_python(letter):
    found = escaped_set(letter)
    for code in [*range(0x3000), 0x4E00, 0xFF11, 0x1D7CE, 0x1F600, 0x10FFFF]:
        if not 0xD800 <= code <= 0xDFFF:
            inside = any(first <= code <= last for first, last in found.ranges)
            assert inside == bool(re.fullmatch(rf"\{letter}", chr(code))), hex(code)


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 7)), max_size=5)
SETS = RANGES.map(lambda pairs: CharacterSet.of((first, first + more) for first, more in pairs))


@given(SETS, SETS)
def test_sets_are_sets(one, other):
    assert set((one | other).characters()) == set(one.characters()) | set(other.characters())
    assert set((one & other).characters()) == set(one.characters()) & set(other.characters())
    assert ~~one == one
    assert (one & ~one) == NOTHING
    assert (one | ~one) == EVERYTHING
    assert bool(one) == bool(one.characters())


@given(st.lists(SETS, max_size=4, unique=True))
def test_classes_tell_sets_apart_and_no_more(sets):
    alphabet = Alphabet(sets)
    codes = np.arange(60)
    classes = alphabet.classes_of(codes).tolist()
    kinds = [tuple(chr(code) in each.characters() for each in sets) for code in codes.tolist()]
    assert len({*zip(classes, kinds, strict=True)}) == len(set(classes)) == len(set(kinds))
    for number, members in enumerate(alphabet.members):
        assert {kind[number] for each, kind in zip(classes, kinds, strict=True) if each in members} <= {True}
    assert alphabet.classes_between(3, 17) == sorted(set(classes[3:18]))
    assert [classes.index(each) for each in set(classes)] == [alphabet.smallest[each] for each in set(classes)]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("ab(?=c)", r"character 3: groups that begin with `\(\?=` are not known. Known are"),
        ("(a", r"character 1: nothing closes this `\(`. Close it"),
        ("a)b", r"character 2: `\)` closes a group that nothing opened"),
        ("a[bc", r"character 2: nothing closes this `\[`"),
        ("*a", r"character 1: `\*` repeats nothing"),
        ("a|{2}", "character 3: `{` repeats nothing"),
        ("a**", r"character 3: `\*` stands behind a repetition"),
        ("a+?", r"character 3: `\?` stands behind a repetition"),
        ("a{2,1}", "character 2: a repetition from 2 to 1 is none. Turn the numbers round"),
        ("a{x}", "character 2: `{` begins no repetition such as"),
        ("a{10001}", "character 8: at most 10,000 repetitions|character 2: at most 10,000 repetitions"),
        ("^a", r"character 1: `\^` is not needed, for the whole text has to match"),
        ("电影$", r"character 3: `\$` is not needed"),
        (r"\bgood", r"character 1: `\\b` is not known"),
        (r"(a)\1", r"character 4: `\\1` is not known"),
        ("a\\", r"character 2: a lone `\\` stands at the end"),
        (r"\x4", "character 1: a code of 2 hexadecimal digits must follow"),
        ("[z-a]", "character 2: `z-a` is no range"),
        (r"[a-\d]", r"character 2: `a-\\d` is no range"),
        (r"\ud800", "half a surrogate pair is no character"),
    ],
)
def test_what_is_not_known_is_refused_with_its_place(pattern, says):
    with pytest.raises(ConfigError, match=says):
        read_pattern(pattern)


def test_machines_that_are_too_large_are_refused(monkeypatch):
    monkeypatch.setattr(automata, "MOST_STATES", 300)
    for pattern in ("(a|b)*a(a|b){20}", "((abc){100}){1000}"):
        with pytest.raises(ConfigError, match=r"more than 300 states to keep track of\. Repeat less"):
            automaton(pattern)


def test_a_pattern_is_a_tree():
    assert isinstance(read_pattern("(a|[bc])*"), Node)
