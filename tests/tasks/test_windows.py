"""Windows cover a document."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import ConfigError
from attendo.tasks import windows_over


@st.composite
def cuts(draw):
    room = draw(st.integers(1, 23))
    return draw(st.integers(0, 101)), room, draw(st.integers(1, room))


@given(cuts())
def test_windows_cover_everything_in_order_and_are_full(cut):
    num_tokens, room, stride = cut
    found = windows_over(num_tokens, room, stride)
    assert {token for start, end in found for token in range(start, end)} == set(range(num_tokens))
    assert found == sorted(set(found))
    assert all(end - start == min(room, num_tokens) for start, end in found)
    steps = [after[0] - before[0] for before, after in itertools.pairwise(found)]
    assert steps[:-1] == [stride] * len(steps[:-1])
    assert all(0 < step <= stride for step in steps)


def test_cases():
    assert windows_over(7, 11, 5) == [(0, 7)]
    assert windows_over(0, 11, 5) == [(0, 0)]
    assert windows_over(13, 5, 3) == [(0, 5), (3, 8), (6, 11), (8, 13)]
    assert windows_over(10, 5, 5) == [(0, 5), (5, 10)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((7, 0, 1), "room"), ((7, 5, 6), "stride"), ((7, 5, 0), "stride"), ((-1, 5, 2), "num_tokens")],
)
def test_windows_that_cannot_be(arguments, words):
    with pytest.raises(ConfigError, match=words):
        windows_over(*arguments)
