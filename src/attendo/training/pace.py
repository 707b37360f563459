"""How far a run is, and when it is over: by its steps, or by the time that it was given."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import TypeAlias

from attendo.training.settings import Plan

Batches: TypeAlias = "list[array[int]]"
PARTS = 1_000_000
"""Of the time, as fine as the schedule of the learning rate sees it."""


class Pace:
    """The epochs of a plan.

    Args:
        plan_epoch: the batches of an epoch.
    """

    def __init__(self, plan: Plan, plan_epoch: Callable[[int], Batches]) -> None:
        self._plan, self._plan_epoch = plan, plan_epoch
        self._known: dict[int, Batches] = {}
        self._steps = 0
        if plan.seconds is None:
            self._known = {epoch: plan_epoch(epoch) for epoch in range(plan.epochs)}
            self._steps = sum(map(len, self._known.values()))

    def batches(self, epoch: int) -> Batches:
        """The batches of an epoch; where time decides, they are made when it begins, and not kept."""
        if epoch in self._known:
            return self._known[epoch]
        return self._plan_epoch(epoch)

    def is_over(self, seconds: float) -> bool:
        """Whether the time is up."""
        return self._plan.seconds is not None and seconds >= self._plan.seconds

    def place(self, step: int, seconds: float) -> tuple[int, int]:
        """Where the run stands, and where it ends: in steps, or in parts of its time."""
        if self._plan.seconds is None:
            return step, self._steps
        return min(int(PARTS * seconds / self._plan.seconds), PARTS - 1), PARTS

    def foretold(self, epoch: int, step: int, seconds: float) -> tuple[int, int, float]:
        """Epochs and steps of the whole run, and the seconds that are left, by how fast it has been so far."""
        limit = self._plan.seconds
        if limit is None:
            return self._plan.epochs, self._steps, (self._steps - step) * seconds / max(step, 1)
        left = max(limit - seconds, 0.0)
        whole = limit / max(seconds, 1e-9)
        epochs = min(self._plan.epochs, max(epoch + 1, math.ceil((epoch + 0.5) * whole)))
        return epochs, max(step, round(step * whole)), left
