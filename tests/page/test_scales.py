import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attendo.errors import InputError
from attendo.page import Axis, format_number
from attendo.page.scales import fit_scale
from attendo.page.typography import common_digits, fitted, text_width

numbers = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=7)


@settings(max_examples=150, deadline=None)
@example([0.0, 5e-324], False, False, True)
@example([-1e308, 1e308], False, False, True)
@given(numbers, st.booleans(), st.booleans(), st.booleans())
def test_every_set_of_numbers_has_a_scale(values, log, percent, round_ends):
    scale = fit_scale(Axis(log=log, percent=percent), values, 11, 307, round_ends=round_ends)
    assert scale.low < scale.high
    assert 1 <= len(scale.ticks) <= 13
    assert len(set(scale.labels)) == len(scale.labels)
    places = scale.at(scale.ticks)
    assert np.isfinite(places).all()
    assert (np.diff(places) > 0).all()
    ordinary = [v for v in values if math.isfinite(v) and abs(v) < 1e300 and (v > 0 or not log)]
    inside = scale.at(ordinary)
    assert ((inside > 11 - 1e-3) & (inside < 307 + 1e-3)).all()


@pytest.mark.parametrize(
    ("axis", "values", "labels"),
    [
        (Axis(), [0, 0.93], ["0.0", "0.2", "0.4", "0.6", "0.8"]),
        (Axis(percent=True), [0, 1], ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (Axis(), [1, 2, 3], ["1", "2", "3"]),
        (Axis(), [-40_000, 60_000], ["−40k", "−20k", "0", "20k", "40k", "60k"]),
        (Axis(), [0, 5e-4], ["0", "1e−4", "2e−4", "3e−4", "4e−4", "5e−4"]),
        (Axis(), [0, 2.4e6], ["0", "0.5M", "1.0M", "1.5M", "2.0M"]),
        (Axis(log=True), [0.4, 30], ["0.5", "1", "2", "5", "10", "20"]),
        (Axis(log=True), [1e-5, 1], ["1e−5", "1e−4", "0.001", "0.01", "0.1", "1"]),
        (Axis(log=True), [3.1, 3.9], ["3.2", "3.4", "3.6", "3.8"]),
        (Axis(low=0, high=1), [0.4], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Axis(low=7), [3], ["7", "8"]),
    ],
)
def test_ticks_are_round_numbers(axis, values, labels):
    assert list(fit_scale(axis, values, 0, 100).labels) == labels


def test_a_point_lies_where_it_should():
    assert fit_scale(Axis(), [0, 10], 100, 0).at([0, 2.5, 10, np.nan]).tolist()[:3] == [100, 75, 0]
    log = fit_scale(Axis(log=True), [1, 100], 0, 100).at([1, 10, 100, 0, -1])
    assert log[:3].tolist() == pytest.approx([0, 50, 100])
    assert np.isnan(log[3:]).all()


def test_axes_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="low end"):
        Axis(low=2, high=1)
    with pytest.raises(InputError, match="above 0"):
        Axis(low=0, log=True)


@pytest.mark.parametrize(
    ("value", "options", "written"),
    [
        (0.123456, {}, "0.1235"),
        (12345.6, {}, "12,346"),
        (25013, {}, "25,013"),
        (0.5, {"percent": True}, "50.0%"),
        (0.5, {"digits": 3}, "0.500"),
        (3e-9, {}, "3e-9"),
        (-2.5e12, {}, "-2,500,000,000,000"),
        (2.55e16, {}, "2.55e16"),
        (float("nan"), {}, "–"),
        (None, {}, "–"),
        (float("-inf"), {}, "-∞"),
        (0.0, {}, "0"),
    ],
)
def test_numbers_are_written_as_people_write_them(value, options, written):
    assert format_number(value, **options) == written


def test_numbers_of_one_kind_share_their_decimals():
    assert common_digits([0.5, 0.1234, float("nan")]) == 3
    assert common_digits([12.5, 0.1]) == 1
    assert common_digits([3, 700]) is None
    assert common_digits([]) is None


@pytest.mark.parametrize(
    ("text", "width"),
    [("<br/>", 3.06), ("R&D", 2.24), ("a<b && c>=d", 7.14), ("#好~评", 3.68), ("\N{MINUS SIGN}1.5", 2.43)],
)
def test_signs_have_the_room_that_they_take_in_a_wide_font(text, width):
    """Measured in DejaVu Sans, where signs are the widest."""
    assert 0.98 * width <= text_width(text, 1) <= 1.1 * width


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=31), st.floats(13, 200))
def test_fitted_text_fits(text, width):
    shown = fitted(text, width)
    assert text_width(shown) <= width
    line = " ".join(text.split())
    assert shown == line or (shown.endswith("…") and line.startswith(shown[:-1]))
