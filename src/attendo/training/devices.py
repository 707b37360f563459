"""Where to compute, how many texts at a time, and in which number format: measured rather than guessed."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch

from attendo.errors import UnsupportedError
from attendo.tasks import Problem

ENOUGH = 4.0
"""Seconds of measuring after which no further round begins: where a step is that slow, one tells enough."""
SET_THREADS = "OMP_NUM_THREADS"
"""The environment variable that says how many threads a program may have."""


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes a GPU if there is one.

    Raises:
        UnsupportedError: if the machine has no such device.
    """
    at_hand = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if at_hand[device]))
    if name not in at_hand or not at_hand[name]:
        there = ", ".join(device for device, present in at_hand.items() if present)
        raise UnsupportedError(f"This machine has no device `{name}`. It has: {there}.")
    return torch.device(name)


def physical_cores() -> int:
    """CPU cores that this process may use; two hardware threads of a core count once."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    siblings = set()
    for cpu in allowed:
        with (
            contextlib.suppress(OSError),
            open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") as file,
        ):
            siblings.add(file.read().strip())
    return len(siblings) or len(allowed)


def most_threads() -> int:
    """CPU threads that are worth a try: one for each core, but no more than the environment allows."""
    said = os.environ.get(SET_THREADS, "").split(",")[0].strip()
    return min(physical_cores(), int(said)) if said.isdecimal() and int(said) else physical_cores()


def free_memory(device: torch.device) -> int:
    """Bytes that can still be taken on the device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        with open("/proc/meminfo") as file:
            available = next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    with contextlib.suppress(OSError, ValueError):
        limit, used = (int(Path("/sys/fs/cgroup", name).read_text()) for name in ("memory.max", "memory.current"))
        available = min(available, limit - used)
    return available


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Matrix products in the chosen number format."""
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


@contextlib.contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Use this many CPU threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def measure_threads(problem: Problem, batch: Any, device: torch.device) -> tuple[int, str]:
    """The faster of one CPU thread and as many as are worth a try, and a sentence that says why.

    On a busy machine, and for small models anywhere, threads that wait for each other can cost more than they bring.
    """
    cores = most_threads()
    if cores == 1 or device.type != "cpu":
        why = "one for each core" if cores == physical_cores() else f"as {SET_THREADS} says"
        return cores, f"Threads: {cores}, {why}."
    seconds = _medians(problem, batch, device, [(1, "float32"), (cores, "float32")])
    one, all_cores = seconds
    threads = cores if all_cores < 0.95 * one else 1
    return threads, f"Threads: {threads}; a step took {_ms(one)} with one and {_ms(all_cores)} with {cores} here."


def measure_precision(problem: Problem, batch: Any, device: torch.device) -> tuple[str, str]:
    """The faster of float32 and bfloat16 for a training step on this machine, and a sentence that says why.

    bfloat16 must be a tenth faster to be taken: float32 is the more exact of two equals.
    """
    threads = torch.get_num_threads()
    exact, short = _medians(problem, batch, device, [(threads, "float32"), (threads, "bfloat16")])
    precision = "bfloat16" if short < 0.9 * exact else "float32"
    return precision, f"Precision: {precision}; a step took {_ms(exact)} in float32 and {_ms(short)} in bfloat16 here."


def _medians(
    problem: Problem, batch: Any, device: torch.device, ways: list[tuple[int, str]], rounds: int = 5
) -> list[float]:
    """Median seconds of a training step in each way, taken in turn; fewer rounds where a step takes long.

    Nothing is trained: the gradients are thrown away, and the random state and the model's mode are put back.
    """
    training, started = problem.model.training, time.monotonic()
    seconds: list[list[float]] = [[] for _ in ways]
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        problem.model.train()
        for turn in range(rounds + 1):
            if turn > 1 and time.monotonic() - started > ENOUGH:
                break
            for times, (threads, precision) in zip(seconds, ways, strict=True):
                with cpu_threads(threads):
                    spent = _timed(lambda precision=precision: _step(problem, batch, device, precision), device)
                if turn:  # the first one warms up
                    times.append(spent)
    problem.model.train(training)
    return [statistics.median(times) for times in seconds]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _step(problem: Problem, batch: Any, device: torch.device, precision: str) -> None:
    with autocast(device, precision):
        loss = problem.loss(batch)
    loss.total.backward()
    problem.model.zero_grad(set_to_none=True)


def _timed(work: Callable[[], None], device: torch.device) -> float:
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
