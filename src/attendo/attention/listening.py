"""Hear what the attention inside a model looks at, without any module passing a request along.

A module that attends asks `request(self)` before it calls `attend`, and hands what was observed to `report(self, ...)`.
Where nobody listens both cost one look-up. Listening is local to the context (thread or task) that opened it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, runtime_checkable

from torch import nn

from attendo.attention.observed import Observe, Observed


@runtime_checkable
class Listener(Protocol):
    """Somebody who wants to know what modules look at."""

    def request(self, module: nn.Module) -> Observe | None:
        """What to observe in this module's next call; None for nothing."""
        ...

    def report(self, module: nn.Module, observed: Observed) -> None:
        """Take what was observed."""
        ...


_listener: ContextVar[Listener | None] = ContextVar("attendo_listener", default=None)


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Let `listener` hear every attention call inside the `with` block; of nested listeners the innermost hears."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def is_heard() -> bool:
    """Whether anybody listens at all."""
    return _listener.get() is not None


def request(module: nn.Module) -> Observe | None:
    """What the current listener wants to know of `module`."""
    listener = _listener.get()
    return None if listener is None else listener.request(module)


def report(module: nn.Module, observed: Observed) -> None:
    """Hand what was observed to the current listener."""
    listener = _listener.get()
    if listener is not None:
        listener.report(module, observed)
