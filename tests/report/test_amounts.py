"""How numbers are written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.metrics import Interval
from attendo.report.amounts import duration, memory, percent, points, power_of_ten, signed_points
from attendo.report.measures import Measure
from attendo.report.words import Words

ENGLISH = Words("en")


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (0.04, "0.0 s", "0.0 秒"),
        (59.94, "59.9 s", "59.9 秒"),
        (59.96, "1 min 0 s", "1 分 0 秒"),
        (251.4, "4 min 11 s", "4 分 11 秒"),
        (3599.4, "59 min 59 s", "59 分 59 秒"),
        (3599.6, "1 h 0 min", "1 小时 0 分"),
        (10_000_000, "2,777 h 47 min", "2,777 小时 47 分"),
    ],
)
def test_duration(seconds: float, english: str, chinese: str) -> None:
    assert duration(seconds, ENGLISH) == english
    assert duration(seconds, Words("zh")) == chinese


@given(st.floats(0, 1e7))
def test_a_duration_is_right_to_its_last_unit(seconds: float) -> None:
    shown = duration(seconds, ENGLISH).replace(",", "")
    units = {"s": 1.0, "min": 60.0, "h": 3600.0}
    parts = re.findall(r"([\d.]+) (s|min|h)", shown)
    exact = 0.0501 if seconds < 59.95 else 0.501 * units[parts[-1][1]]
    assert abs(sum(float(number) * units[unit] for number, unit in parts) - seconds) <= exact
    assert all(float(number) < 60 for number, unit in parts if unit != "h")


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_234_567_890, "1.23 GB"), (5e18, "5e+06 TB")],
)
def test_memory(size: float, written: str) -> None:
    assert memory(size) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (1409, "1,409"), (999_999, "999,999"), (1e6, "1.0 × 10⁶"), (3.17e13, "3.2 × 10¹³")]
)
def test_power_of_ten(value: float, written: str) -> None:
    assert power_of_ten(value) == written


def test_shares_and_their_differences() -> None:
    assert percent(0.91449) == "91.4%"
    assert percent(float("nan")) == "–"
    assert [signed_points(value) for value in (0.0123, -0.006, 0.0, -0.0001)] == ["+1.2", "-0.6", "0.0", "0.0"]
    assert [points(value) for value in (0.0123, -0.0001)] == ["1.2", "0.0"]


def test_measures_know_what_is_a_share() -> None:
    found = Interval(value=0.8714, low=0.81, high=0.9)
    assert Measure(key="accuracy", interval=found).within(ENGLISH) == "87.1% (81.0 to 90.0)"
    assert Measure(key="matthews_correlation", interval=found).within(Words("zh")) == "0.871（0.810 至 0.900）"


def test_an_unknown_range_is_not_made_up() -> None:
    unknown = float("nan")
    lone = Measure(key="accuracy", interval=Interval(value=0.5, low=unknown, high=unknown))
    assert lone.within(ENGLISH) == "50.0%"
    assert lone.between(ENGLISH.range) == ""
    nothing = Measure(key="accuracy", interval=Interval(value=unknown, low=unknown, high=unknown))
    assert nothing.within(ENGLISH) == "–"
