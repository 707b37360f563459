"""What the records of all tasks have in common: enough to cut sets, to find repeats, and to say where one stands."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Protocol, TypeVar, runtime_checkable

_WHERE = ("path", "line")


@runtime_checkable
class Record(Protocol):
    """Something to learn from, or to be asked about."""

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two records the same text, or the same pair of texts."""
        ...

    @property
    def group(self) -> tuple[str | None, ...]:
        """What stays together where a set is cut in two; most often its key."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes that occur in it, each once; empty where there are none."""
        ...

    @property
    def place(self) -> str:
        """Where it comes from, for messages."""
        ...


AnyRecord = TypeVar("AnyRecord", bound=Record)


def content(record: Any) -> tuple[Any, ...]:
    """All that a record says, without the place where it stands."""
    return tuple(getattr(record, field.name) for field in fields(record) if field.name not in _WHERE)
