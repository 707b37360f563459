"""What a backend is: a name, what it can do, and a function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from attendo.attention.call import Call
from attendo.attention.observed import Observed


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One way to compute `attend`.

    Attributes:
        masks: what it can mask, in words; `biases`, `dropout`, `observe` and `memory` likewise.
        refuse: why it cannot run a call; None if it can.
        slow: why it would be slow at a call that it can run; None if it is not. `auto` passes it over then.
        run: computes the output (X, H, T, V), and what was observed.
    """

    name: str
    summary: str
    masks: str
    biases: str
    dropout: str
    observe: str
    memory: str
    refuse: Callable[[Call], str | None]
    slow: Callable[[Call], str | None]
    run: Callable[[Call], tuple[Tensor, Observed | None]]
