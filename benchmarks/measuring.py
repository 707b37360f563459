"""Fair timing of several ways to do the same thing: in turn, many times, medians with their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """Seconds of each round."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def ratio(self, other: Timing) -> tuple[float, float, float]:
        """How many times faster this is than the other: median over rounds, and the smallest and the largest."""
        ratios = sorted(theirs / ours for ours, theirs in zip(self.seconds, other.seconds, strict=True))
        return statistics.median(ratios), ratios[0], ratios[-1]


def in_turn(ways: dict[str, Callable[[], object]], rounds: int = 7, warm_up: int = 1) -> dict[str, Timing]:
    """Run each way once in every round, in an order that turns, so that a drifting machine treats all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(rounds + warm_up):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            started = time.perf_counter()
            ways[name]()
            if turn >= warm_up:
                seconds[name].append(time.perf_counter() - started)
    return {name: Timing(name, tuple(times)) for name, times in seconds.items()}


def show(timings: dict[str, Timing], first: str, unit: Callable[[float], str]) -> None:
    """A line for each way, and how many times faster the first is."""
    ours = timings[first]
    for timing in timings.values():
        line = f"  {timing.name:42s} {unit(timing.median):>16s}"
        if timing is not ours:
            median, low, high = ours.ratio(timing)
            line += f"   {first} is {median:.2f} times as fast ({low:.2f} to {high:.2f})"
        print(line)


def memory_taken(work: Callable[[], object]) -> float:
    """MiB that this process takes at its peak while it works, beyond what it had before; on Linux."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
    before = _kibibytes("VmRSS")
    work()
    return (_kibibytes("VmHWM") - before) / 1024


def _kibibytes(name: str) -> int:
    """A number of this process's memory, as Linux tells it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
