"""Runs that end with their time: their schedule is laid out to it, and they go on where they were."""

from __future__ import annotations

import dataclasses
import time

import pytest

from attendo.errors import ConfigError
from attendo.training import Habits, Loop, Progress, TrainingSettings, make_plan
from attendo.training.pace import PARTS, Pace


@pytest.fixture
def clock(monkeypatch):
    """Time that passes by a second whenever it is asked for."""
    now = [0.0]

    def tick():
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(time, "monotonic", tick)
    return now


def timed(plan, seconds, **options):
    return dataclasses.replace(plan(epochs=1_000_000, patience=1_000_000, **options), seconds=seconds)


def test_a_run_ends_when_its_time_is_up(toy, plan, tmp_path, clock):
    told = []
    outcome = Loop(toy(), timed(plan, 40.0, checkpoint_seconds=1e9), tmp_path, told.append).run()
    assert 40 <= outcome.seconds < 60
    assert outcome.history[-1]["epoch"] == len(outcome.history) > 1
    progress = [each for each in told if isinstance(each, Progress)]
    assert all(each.seconds_left >= 0 for each in progress)
    assert progress[-1].steps >= progress[-1].step
    assert progress[-1].epochs < 100
    assert not [each for each in told if "no better" in getattr(each, "text", "")]


def test_an_epoch_may_end_in_its_middle(toy, plan, tmp_path, clock):
    outcome = Loop(toy(), timed(plan, 4.0, batch_tokens=3, checkpoint_seconds=1e9), tmp_path).run()
    assert len(outcome.history) == 1
    assert outcome.tokens < sum(toy().lengths)


def test_the_learning_rate_falls_with_the_time(plan):
    pace = Pace(timed(plan, 100.0), lambda epoch: [])
    assert pace.place(5, 50.0) == (PARTS // 2, PARTS)
    assert pace.place(99, 1000.0) == (PARTS - 1, PARTS)
    assert [pace.is_over(seconds) for seconds in (99.9, 100.0)] == [False, True]
    counted = Pace(plan(epochs=3), lambda epoch: [epoch] * 5)
    assert counted.place(7, 1e9) == (7, 15)
    assert not counted.is_over(1e9)
    assert counted.foretold(1, 5, 10.0) == (3, 15, 20.0)


def test_a_run_goes_on_with_the_time_that_is_left(toy, plan, tmp_path, clock):
    settled = timed(plan, 30.0, checkpoint_seconds=1e-9)
    loop, taken = Loop(toy(), settled, tmp_path), []
    step = loop._step

    def breaking(indices):
        taken.append(None)
        if len(taken) == 4:
            raise KeyboardInterrupt
        return step(indices)

    loop._step = breaking
    with pytest.raises(KeyboardInterrupt):
        loop.run()
    outcome = Loop(toy(), settled, tmp_path).run()
    assert outcome.steps > 3
    assert 30 <= outcome.seconds < 60


def test_a_plan_says_how_long_it_trains(toy):
    settings = TrainingSettings(minutes=0.5, threads=1, precision="float32", device="cpu")
    plan = make_plan(toy(), settings, bytes_per_token=100, habits=Habits(epochs=2))
    assert plan.seconds == 30
    assert plan.epochs == plan.patience > 1000
    assert "Training for 0.5 minutes." in plan.reasons
    both = make_plan(toy(), dataclasses.replace(settings, epochs=3), bytes_per_token=100)
    assert (both.epochs, both.seconds) == (3, 30)
    assert "Training for 0.5 minutes, 3 epochs at most." in both.reasons
    with pytest.raises(ConfigError, match="`minutes` must be a finite number"):
        TrainingSettings(minutes=float("inf"))
