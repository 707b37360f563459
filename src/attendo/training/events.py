"""What a run tells while it goes on: whoever wants to know passes a function that takes these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that was chosen, found or done, in a sentence."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Something that takes a while, nobody knows how long; it is over when the next event comes."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Warned:
    """Something that the user should look at."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands. Seconds are wall-clock; `loss` is a running mean."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The dev scores after an epoch."""

    epoch: int
    scores: dict[str, float]
    main: str
    best: bool


Event: TypeAlias = Note | Waiting | Warned | Progress | Scored
Listener: TypeAlias = Callable[[Event], None]


def silent(event: Event) -> None:
    """Hear nothing."""
