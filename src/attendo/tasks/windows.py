"""Windows over a document that is longer than what a model reads at once."""

from __future__ import annotations

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
