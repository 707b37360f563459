"""Windows over a document that is longer than what a model reads at once, and which of them judges a token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attendo.errors import ConfigError


def windows_over(num_tokens: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Cover `num_tokens` tokens by windows `(start, end)` of `room` tokens, the `end` not included.

    A window begins `stride` tokens after the one before it. The last one is moved back so that it is full too; only a
    document that is shorter than a window has one that is not. A document without tokens has one window, empty.

    Raises:
        ConfigError: if there is no room, or `stride` would leave tokens out or stand still.
    """
    problems = []
    if num_tokens < 0:
        problems.append(f"`num_tokens` must be 0 or more, but is {num_tokens}.")
    if room < 1:
        problems.append(f"`room` must be at least 1, but is {room}: nothing of the document fits. Allow longer inputs.")
    elif not 1 <= stride <= room:
        problems.append(f"`stride` must lie between 1 and `room` ({room}), but is {stride}.")
    if problems:
        raise ConfigError(problems)
    last = max(0, num_tokens - room)
    starts = [*range(0, last, stride), last]
    return [(start, min(start + room, num_tokens)) for start in starts]


def judging_windows(parts: Sequence[tuple[int, int]], num_tokens: int) -> npt.NDArray[np.int64]:
    """For each token the number of the window that knows most about it, -1 where none has it.

    That is the window where it has most context on its poorer side; of several the one where the other side is
    richer, and then the first. The start and the end of the document count as no context, as they are in any window.
    """
    best = np.full((num_tokens, 2), -1, dtype=np.int64)
    chosen = np.full(num_tokens, -1, dtype=np.int64)
    for number, (start, end) in enumerate(parts):
        tokens = np.arange(start, end)
        left, right = tokens - start, end - 1 - tokens
        context = np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1)
        held = best[start:end]
        better = (context[:, 0] > held[:, 0]) | ((context[:, 0] == held[:, 0]) & (context[:, 1] > held[:, 1]))
        held[better] = context[better]
        chosen[start:end][better] = number
    return chosen
