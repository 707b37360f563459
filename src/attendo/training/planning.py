"""Settle what the settings leave open, from the data and the machine, and say why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from attendo.tasks import Problem
from attendo.training.devices import choose_device, cpu_threads, free_memory, measure_precision, measure_threads
from attendo.training.layers import arrange_layers
from attendo.training.memory import memory_kept
from attendo.training.settings import Habits, Plan, TrainingSettings

FEW, MANY = 2_000, 20_000
"""Training texts from which on steps are larger; below FEW, they are smaller."""
EXAMPLES = 32_000
"""Examples to learn from at least: small data is seen more often."""
MOST_TOKENS, MANY_TOKENS = 3_000_000, 8_000_000
"""Tokens to learn from at most, once each text has been seen as often as EPOCHS says at least; of MANY texts more,
which are not soon known by heart."""
EPOCHS = (4, 8)
LONG = 120
"""Mean length from which on texts count as long: each says more, so a step takes fewer."""
ENDLESS = 1_000_000
"""Epochs that are never reached, where time decides."""
MEMORY_SHARE = 0.4
"""Share of the free memory that activations may take."""


def make_plan(problem: Problem, settings: TrainingSettings, bytes_per_token: int, habits: Habits | None = None) -> Plan:
    """Decide epochs, batch size, device, precision and threads.

    Args:
        bytes_per_token: memory that a training step needs for each token, about.
        habits: what to do where the settings are open; by default, what is good for training from scratch.
    """
    habits, device = habits or Habits(), choose_device(settings.device)
    arrange_layers(problem.model, settings)
    reasons = [f"Device {device}: {'as asked' if settings.device != 'auto' else 'the best at hand'}.", *habits.reasons]
    lengths = problem.lengths
    batch_tokens = settings.batch_tokens or _batch_tokens(lengths, habits.batch_texts, reasons)
    epochs = settings.epochs or _open_epochs(settings, habits, lengths)
    if settings.minutes is not None:
        most = "" if settings.epochs is None else f", {epochs} epochs at most"
        reasons.append(f"Training for {settings.minutes:g} minutes{most}.")
    elif settings.epochs is None:
        reasons.append(f"{epochs} epochs of about {max(1, round(sum(lengths) / batch_tokens)):,} steps.")
    room = int(MEMORY_SHARE * free_memory(device) / max(bytes_per_token, 1))
    micro_tokens = max(min(batch_tokens, room), max(lengths, default=1))
    if micro_tokens < batch_tokens:
        reasons.append(f"Steps are computed {micro_tokens:,} tokens at a time: more would not fit into memory.")
    threads, precision = _measured(problem, settings, micro_tokens, device, reasons)
    return Plan(
        settings=settings,
        epochs=epochs,
        patience=settings.patience or (epochs if settings.minutes else max(5, epochs // 2)),
        batch_tokens=batch_tokens,
        micro_tokens=micro_tokens,
        precision=precision,
        device=str(device),
        threads=threads,
        rates=habits.rates.under(settings),
        seconds=None if settings.minutes is None else 60 * settings.minutes,
        reasons=tuple(reasons),
    )


def _batch_tokens(lengths: Sequence[int], texts: int | None, reasons: list[str]) -> int:
    mean = max(1.0, sum(lengths) / max(len(lengths), 1))
    texts = texts or (32 if len(lengths) < FEW or mean > LONG else 64 if len(lengths) < MANY else 128)
    tokens = max(64, round(texts * mean))
    reasons.append(f"Batches of {tokens:,} tokens: about {texts} examples of {mean:.0f} tokens.")
    return tokens


def _measured(
    problem: Problem, settings: TrainingSettings, tokens: int, device: torch.device, reasons: list[str]
) -> tuple[int, str]:
    """Threads and precision: as asked, or whatever is faster here."""
    batch = _middling_batch(problem, device, tokens)
    threads, precision = settings.threads, settings.precision
    with memory_kept():
        if threads is None:
            threads, reason = measure_threads(problem, batch, device)
            reasons.append(reason)
        if precision == "auto":
            with cpu_threads(threads):
                precision, reason = measure_precision(problem, batch, device)
            reasons.append(reason)
    return threads, precision


def _open_epochs(settings: TrainingSettings, habits: Habits, lengths: Sequence[int]) -> int:
    """Passes where nobody says how many: more than any time allows, if that decides."""
    if settings.minutes is not None:
        return ENDLESS
    return habits.epochs or _epochs(len(lengths), sum(lengths))


def _epochs(texts: int, tokens: int) -> int:
    if texts >= MANY:
        wanted = round(MANY_TOKENS / max(tokens, 1))
    else:
        wanted = min(math.ceil(EXAMPLES / max(texts, 1)), round(MOST_TOKENS / max(tokens, 1)))
    return min(max(wanted, EPOCHS[0]), EPOCHS[1])


def _middling_batch(problem: Problem, device: torch.device, budget: int) -> Any:
    """A batch of texts of middling length, to measure with."""
    order = sorted(range(len(problem.lengths)), key=lambda i: problem.lengths[i])
    chosen, tokens = [], 0
    for index in order[len(order) // 3 :]:
        tokens += problem.lengths[index]
        if chosen and tokens > budget:
            break
        chosen.append(index)
    problem.model.to(device)
    return problem.batch(chosen, device)
