"""The training loop. It knows a model, a loss and a score; not what they are about."""

from __future__ import annotations

import json
import math
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from attendo.data import plan_batches
from attendo.errors import DivergedError
from attendo.files import write_text
from attendo.tasks import Problem, Renewed
from attendo.training.checkpoint import load_checkpoint, random_state, save_checkpoint, set_random_state
from attendo.training.devices import autocast
from attendo.training.events import Listener, Note, Progress, Scored, silent
from attendo.training.layers import arrange_layers
from attendo.training.memory import memory_kept
from attendo.training.optimiser import Optimisers, RunningMean, learning_rate_share
from attendo.training.pace import Pace
from attendo.training.settings import Plan

PROGRESS_SECONDS = 0.5
SLOW, RARELY = 1.0, 20
"""Where a checkpoint takes longer than SLOW seconds, the next one waits RARELY times as long."""
HISTORY = "history.jsonl"
"""A line of JSON for each epoch, beside the checkpoint."""


@dataclass
class _State:
    """Where a run stands; all of it is in the checkpoint."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    stale: int = 0
    best: float = -math.inf
    best_epoch: int = -1
    finished: bool = False
    losses: float = 0.0
    weights: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run came to. The problem's model holds the best weights."""

    best: float
    best_epoch: int
    steps: int
    tokens: int
    seconds: float
    history: tuple[dict[str, Any], ...]


class Loop:
    """One run, from its first step or its last checkpoint to its best weights."""

    def __init__(self, problem: Problem, plan: Plan, folder: Path, tell: Listener = silent) -> None:
        self._problem, self._plan, self._folder, self._tell = problem, plan, folder, tell
        self._device = torch.device(plan.device)
        self._model = problem.model.to(self._device)
        arrange_layers(self._model, plan.settings)
        self._rates = plan.rates.under(plan.settings)
        self._optimisers = Optimisers(self._model, plan.settings, self._rates)
        learned = [p for p in self._model.parameters() if p.requires_grad]
        self._mean = RunningMean(learned, plan.settings.ema) if plan.settings.ema else None
        self._state = _State()
        self._saving = 0.0
        self._best: dict[str, torch.Tensor] = {}
        self._pace = Pace(plan, self._plan_epoch)

    def run(self) -> Outcome:
        """Train to the end.

        Raises:
            DivergedError: if the loss is no longer a number.
            StorageError: if a checkpoint cannot be written; the previous one stays.
        """
        torch.manual_seed(self._plan.settings.seed)
        self._resume()
        with memory_kept():
            while not self._state.finished:
                self._epoch()
                self._score()
                self._save()
        self._model.load_state_dict(self._best)
        self._model.eval()
        state = self._state
        return Outcome(
            best=state.best,
            best_epoch=state.best_epoch,
            steps=state.step,
            tokens=state.tokens,
            seconds=state.seconds,
            history=tuple(state.history),
        )

    def _epoch(self) -> None:
        state, settings = self._state, self._plan.settings
        self._model.train()
        if isinstance(self._problem, Renewed):
            self._problem.begin_epoch(state.epoch)
        batches = self._pace.batches(state.epoch)
        shown = saved = before = time.monotonic()
        for indices in batches[state.batch :]:
            loss, tokens = self._step(indices)
            state.batch, state.step, state.tokens = state.batch + 1, state.step + 1, state.tokens + tokens
            now = time.monotonic()
            state.seconds, before = state.seconds + now - before, now
            if now - shown > PROGRESS_SECONDS or state.batch == len(batches):
                shown = now
                self._tell(self._progress(loss))
            if self._pace.is_over(state.seconds):
                break
            if now - saved > max(settings.checkpoint_seconds, RARELY * self._saving):
                self._save()
                saved = before = time.monotonic()
        state.epoch, state.batch = state.epoch + 1, 0

    def _step(self, indices: Sequence[int]) -> tuple[float, int]:
        """One optimiser step; its loss, and how many tokens it read."""
        state = self._state
        total, weight = 0.0, 0.0
        for piece in self._pieces(indices):
            batch = self._problem.batch(piece, self._device)
            with autocast(self._device, self._plan.precision):
                loss = self._problem.loss(batch)
            total, before, weight = total + float(loss.total.detach()), weight, weight + loss.weight
            if before:  # the gradient is that of the mean over all examples, wherever the pieces are cut
                self._optimisers.scale_gradients(before / weight)
            (loss.total / weight).backward()
        if not math.isfinite(total):
            raise self._diverged(f"The loss is no longer a number (epoch {state.epoch + 1}, step {state.step + 1}).")
        schedule = self._plan.settings.schedule
        self._optimisers.step(
            learning_rate_share(*self._pace.place(state.step, state.seconds), schedule, self._rates.warmup)
        )
        if self._mean is not None:
            self._mean.update()
        state.losses, state.weights = state.losses + total, state.weights + weight
        return total / weight, sum(self._problem.lengths[i] for i in indices)

    def _score(self) -> None:
        """Score the dev examples after an epoch, remember the best weights, and decide whether to go on."""
        state = self._state
        started = time.monotonic()
        self._model.eval()
        if self._mean is not None:
            self._mean.swap()
        with torch.inference_mode():
            scores = self._problem.scores()
        value = scores[self._problem.main]
        if not math.isfinite(value):
            raise self._diverged(f"The dev {self._problem.main} is no longer a number (epoch {state.epoch}).")
        best = value > state.best
        if best:
            state.best, state.best_epoch, state.stale = value, state.epoch, 0
            self._best = {name: tensor.detach().clone() for name, tensor in self._model.state_dict().items()}
        else:
            state.stale += 1
        if self._mean is not None:
            self._mean.swap()
        state.seconds += time.monotonic() - started
        loss = state.losses / max(state.weights, 1e-9)
        state.losses = state.weights = 0.0
        line = {"epoch": state.epoch, "step": state.step, "tokens": state.tokens, "loss": loss, **scores}
        state.history.append(line | {"seconds": round(state.seconds, 3)})
        self._tell(Scored(epoch=state.epoch, scores=scores, main=self._problem.main, best=best))
        over = state.epoch >= self._plan.epochs or self._pace.is_over(state.seconds)
        state.finished = over or state.stale >= self._plan.patience
        if state.finished and not over:
            text = f"Stopped after epoch {state.epoch}: no better {self._problem.main} for {state.stale} epochs."
            self._tell(Note(text=text))

    def _diverged(self, what: str) -> DivergedError:
        return DivergedError(
            f"{what} Lower `training.learning_rate` (now {self._rates.learning_rate:g}), lengthen "
            "`training.warmup`, or set `training.precision` to float32; then start again in a new folder."
        )

    def _plan_epoch(self, epoch: int) -> list[array[int]]:
        """The batches of an epoch, in four bytes a text."""
        plan, lengths = self._plan, self._problem.lengths
        batches = plan_batches(lengths, plan.batch_tokens, seed=plan.settings.seed, epoch=epoch)
        return [array("i", indices) for indices in batches]

    def _pieces(self, indices: Sequence[int]) -> Iterator[list[int]]:
        """Cut a batch so that each piece fits into memory."""
        piece: list[int] = []
        tokens = 0
        for index in indices:
            length = self._problem.lengths[index]
            if piece and tokens + length > self._plan.micro_tokens:
                yield piece
                piece, tokens = [], 0
            piece.append(index)
            tokens += length
        yield piece

    def _progress(self, loss: float) -> Progress:
        state = self._state
        epochs, steps, left = self._pace.foretold(state.epoch, state.step, state.seconds)
        return Progress(
            epoch=min(state.epoch + 1, epochs),
            epochs=epochs,
            step=state.step,
            steps=steps,
            loss=state.losses / max(state.weights, 1e-9) if state.weights else loss,
            tokens_per_second=state.tokens / max(state.seconds, 1e-9),
            seconds_left=left,
        )

    def _save(self) -> None:
        state, started = dict(self._state.__dict__), time.monotonic()
        write_text(self._folder / HISTORY, "".join(json.dumps(line) + "\n" for line in state["history"]))
        save_checkpoint(
            self._folder,
            {
                "state": state | {"history": json.dumps(state["history"])},
                "model": self._model.state_dict(),
                "best": self._best,
                "optimisers": self._optimisers.state_dict(),
                "mean": None if self._mean is None else self._mean.state_dict(),
                "random": random_state(self._device),
            },
        )
        took = time.monotonic() - started
        self._saving = took if took > SLOW else 0.0

    def _resume(self) -> None:
        saved = load_checkpoint(self._folder)
        if saved is None:
            return
        saved["state"]["history"] = json.loads(saved["state"]["history"])
        self._state = _State(**saved["state"])
        self._model.load_state_dict(saved["model"])
        self._best = {name: tensor.to(self._device) for name, tensor in saved["best"].items()}
        self._optimisers.load_state_dict(saved["optimisers"])
        if self._mean is not None:
            self._mean.load_state_dict(saved["mean"])
        set_random_state(saved["random"], self._device)
        state = self._state
        where = "training is done" if state.finished else f"epoch {state.epoch + 1}"
        _, steps, _ = self._pace.foretold(state.epoch, state.step, state.seconds)
        self._tell(Note(text=f"Going on from a checkpoint: {where}, step {state.step} of {steps}."))
