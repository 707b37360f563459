"""What the records of all tasks have in common: enough to cut sets, to find repeats, and to say where one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
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
    def noun(self) -> str:
        """What it is called where there are many of its kind: "text", "pair", "sentence" or "question"."""
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


class TextRecord:
    """What records have in common that are a text, or where they have a `pair` two texts."""

    __slots__ = ()

    text: str
    pair: str | None = None
    path: Path | None
    line: int | None

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two records the same texts."""
        return self.text.strip(), self.pair and self.pair.strip()

    @property
    def noun(self) -> str:
        """What one of them is called, to count them."""
        return "text" if self.pair is None else "pair"

    @property
    def group(self) -> tuple[str | None, ...]:
        """Equal texts stay together where a set is cut."""
        return self.key

    @property
    def place(self) -> str:
        """Where it comes from, for messages."""
        return "no file" if self.path is None else f"{self.path.name} line {self.line}"


def noun_of(records: Iterable[Record]) -> str:
    """What all of these are called; of several kinds together, texts."""
    nouns = {record.noun for record in records}
    return nouns.pop() if len(nouns) == 1 else "text"


def content(record: Any) -> tuple[Any, ...]:
    """All that a record says, without the place where it stands."""
    return tuple(getattr(record, field.name) for field in fields(record) if field.name not in _WHERE)
