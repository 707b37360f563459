"""Batches by token budget: texts of like length together, in an order that depends on the seed alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def plan_batches(
    lengths: Sequence[int], budget: int, *, seed: int, epoch: int = 0, window: int = 64
) -> list[list[int]]:
    """Cut texts into batches of at most `budget` tokens (a longer text is a batch of its own).

    The texts are shuffled, sorted by length within windows of about `window` batches, cut, and the batches shuffled.
    Within a batch they lie from short to long, so that equal lengths are neighbours. The same arguments give the same
    batches on any machine: the random numbers are the raw output of a counter-based generator.
    """
    order = _shuffled(len(lengths), seed, epoch, 0)
    sizes = np.asarray(lengths, dtype=np.int64)
    batches: list[list[int]] = []
    mean = max(float(sizes.mean()) if len(sizes) else 1.0, 1.0)
    step = max(1, int(window * budget / mean))
    for start in range(0, len(order), step):
        part = order[start : start + step]
        batches += _cut(part[np.argsort(sizes[part], kind="stable")], sizes, budget)
    return [batches[i] for i in _shuffled(len(batches), seed, epoch, 1)]


def plan_in_order(lengths: Sequence[int], budget: int, *, window: int = 4096) -> list[list[int]]:
    """Cut texts into batches for prediction: like lengths together within windows of the given order."""
    sizes = np.asarray(lengths, dtype=np.int64)
    batches: list[list[int]] = []
    for start in range(0, len(sizes), window):
        part = np.arange(start, min(start + window, len(sizes)))
        batches += _cut(part[np.argsort(sizes[part], kind="stable")], sizes, budget)
    return batches


def _cut(order: np.ndarray, sizes: np.ndarray, budget: int) -> list[list[int]]:
    batches: list[list[int]] = []
    tokens = 0
    for index in order.tolist():
        size = int(sizes[index])
        if not batches or tokens + size > budget:
            batches.append([])
            tokens = 0
        batches[-1].append(index)
        tokens += size
    return batches


def _shuffled(count: int, seed: int, epoch: int, purpose: int) -> np.ndarray:
    generator = np.random.Philox(key=seed % 2**64, counter=[0, epoch, purpose, 0])
    return np.argsort(generator.random_raw(count), kind="stable")
