"""Records that are written from something: a text with its translation, a document with its summary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attendo.data.records import TextRecord


@dataclass(frozen=True, slots=True)
class SourceTarget(TextRecord):
    """A text and what is to be written from it; without a target it is one to be written for."""

    text: str
    target: str = ""
    document: str | None = None
    """What it is part of, where its neighbours of the same document belong to it."""
    path: Path | None = None
    line: int | None = None
    before: str = ""
    """What stands before it in its document, for models that read that with it."""

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two pairs the same: both of their texts."""
        return self.text.strip(), self.target.strip()

    @property
    def group(self) -> tuple[str | None, ...]:
        """What stays together where a set is cut: a document, or else equal sources."""
        return (self.text.strip(),) if self.document is None else ("", self.document)

    @property
    def labels(self) -> tuple[str, ...]:
        """There are no classes."""
        return ()

    @property
    def noun(self) -> str:
        """What one of them is called, to count them."""
        return "pair"


class Summarised(SourceTarget):
    """A document and its summary."""

    __slots__ = ()

    @property
    def noun(self) -> str:
        """What one of them is called, to count them."""
        return "document"
