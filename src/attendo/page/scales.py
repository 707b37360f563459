"""From values to places on a drawing, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What an axis shows. `percent` writes 0.5 as 50%; `low` and `high` fix its ends where the data should not."""

    label: str = ""
    log: bool = False
    percent: bool = False
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise InputError(
                f"The low end of an axis must be below its high end, but they are {self.low}, {self.high}."
            )
        if self.log and any(end is not None and end <= 0 for end in (self.low, self.high)):
            raise InputError("The ends of a logarithmic axis must be above 0.")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A line of the drawing from `start` to `end` that stands for values from `low` to `high`."""

    low: float
    high: float
    start: float
    end: float
    log: bool
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def at(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Places of values; NaN where a value cannot be shown."""
        numbers = np.asarray(values, dtype=np.float64)
        low, high = self.low, self.high
        if self.log:
            numbers = np.log(np.where(numbers > 0, numbers, np.nan))
            low, high = math.log(low), math.log(high)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        return self.start + (numbers - low) / (high - low) * (self.end - self.start)


def fit_scale(
    axis: Axis, values: npt.ArrayLike, start: float, end: float, *, ticks: int = 5, round_ends: bool = False
) -> Scale:
    """A scale that holds all values; with `round_ends` it begins and ends at a tick where the axis leaves that open."""
    numbers = np.asarray(values, dtype=np.float64).ravel()
    numbers = numbers[np.isfinite(numbers) & ((numbers > 0) | (not axis.log))]
    whole = len(numbers) > 0 and not axis.log and not axis.percent and bool((numbers == np.round(numbers)).all())
    low, high = _extent(axis, numbers, whole)
    if axis.log:
        found = _log_ticks(low, high, ticks)
    else:
        step = _step((high - low) / ticks, whole)
        if round_ends:
            low = low if axis.low is not None else math.floor(low / step + 1e-9) * step
            high = high if axis.high is not None else math.ceil(high / step - 1e-9) * step
        found = [index * step for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    return Scale(
        low=low,
        high=high,
        start=start,
        end=end,
        log=axis.log,
        ticks=tuple(found),
        labels=tuple(_tick_labels(found, axis)),
    )


def _extent(axis: Axis, numbers: npt.NDArray[np.float64], whole: bool) -> tuple[float, float]:
    low, high = (
        (float(numbers.min()), float(numbers.max())) if len(numbers) else ((0.1, 1.0) if axis.log else (0.0, 1.0))
    )
    low, high = (0.0 if abs(end) < 1e-300 and not axis.log else min(max(end, -1e300), 1e300) for end in (low, high))
    low = low if axis.low is None else axis.low
    high = high if axis.high is None else axis.high
    if axis.log:
        return (low, high) if high / low > 1 + 1e-9 else _unless_fixed(axis, low / 2, high * 2)
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    if low == high == 0:
        return _unless_fixed(axis, 0.0, 1.0)
    room = 0.5 if whole and abs(low) < 1e9 else 0.1 * abs(low)
    return _unless_fixed(axis, low - room, high + room)


def _unless_fixed(axis: Axis, low: float, high: float) -> tuple[float, float]:
    low = low if axis.low is None else axis.low
    high = high if axis.high is None else axis.high
    if low < high:
        return low, high
    if axis.high is None:
        return low, (10 * low if axis.log else low + 1)
    return (high / 10 if axis.log else high - 1), high


def _step(rough: float, whole: bool) -> float:
    """The round number nearest above `rough`: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough * (1 - 1e-9))
    return max(1.0, step) if whole else step


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    choices = [(1, (1, 2, 5)), (1, (1,)), (math.ceil((last - first) / count), (1,))]
    for stride, factors in choices:
        found = [factor * 10.0**power for power in range(first, last + 1, stride) for factor in factors]
        inside = [tick for tick in found if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if 2 <= len(inside) <= count + 3:
            return inside
    step = _step((high - low) / count, False)
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1) if index > 0]


def _tick_labels(ticks: Sequence[float], axis: Axis) -> list[str]:
    """Labels as short as tells the ticks apart; those of a logarithmic axis each for itself."""
    if axis.log:
        return [label for tick in ticks for label in _tick_labels([tick], replace(axis, log=False))]
    values = [100 * tick if axis.percent else tick for tick in ticks]
    largest = max(map(abs, values), default=0.0)
    nearest = min((abs(right - left) for left, right in pairwise(values)), default=largest)
    for form, size, unit in _forms(largest):
        written = [form.format(value / size) for value in values]
        if all(abs(float(text) * size - value) <= 1e-3 * nearest for text, value in zip(written, values, strict=True)):
            return [_tidied(text, unit) + "%" * axis.percent for text in written]
    return [f"{value:.6g}" for value in values]


def _forms(largest: float) -> Iterator[tuple[str, float, str]]:
    """Ways to write numbers up to `largest`, the shortest first: a format, what it counts in, and the name of that."""
    if largest and not 1e-3 <= largest < 1e15:
        yield from ((f"{{:.{digits}e}}", 1, "") for digits in range(9))
    for least, size, unit in ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if largest >= least:
            yield from ((f"{{:.{digits}f}}", size, unit) for digits in range(3))
    yield from ((f"{{:.{digits}f}}", 1, "") for digits in range(16))


def _tidied(text: str, unit: str) -> str:
    if float(text) == 0:
        return text.lstrip("-") if "e" not in text and not unit else "0"
    digits, _, power = text.partition("e")
    return (f"{digits}e{int(power)}" if power else digits + unit).replace("-", "−")
