"""How texts are read: what turns them into numbers, and the numbers from which batches are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch


class Movable(Protocol):
    """A batch, which goes to the device where the model is."""

    def to(self, device: torch.device) -> Movable:
        """The same on a device."""
        ...


class Encoded(Protocol):
    """Texts as numbers."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> list[int]:
        """Tokens of each text."""
        ...

    def batch(self, indices: Sequence[int]) -> Movable:
        """Some of the texts, as the model takes them."""
        ...


@dataclass(frozen=True, kw_only=True)
class View:
    """Texts as a model reads them, with how their tokens are written: what `look` looks at.

    Attributes:
        texts: what batches are cut from.
        rows: which of the texts are looked at.
        spelled: the tokens of each of these.
    """

    texts: Encoded
    rows: Sequence[int]
    spelled: Sequence[Sequence[str]]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each text that is looked at."""
        return [len(tokens) for tokens in self.spelled]

    def batch(self, indices: Sequence[int]) -> Movable:
        """Some of the texts that are looked at, as the model takes them."""
        return self.texts.batch([self.rows[index] for index in indices])


class Encoder(Protocol):
    """What turns texts into numbers; it is saved with the model."""

    @property
    def paired(self) -> bool | None:
        """Whether it reads pairs of texts; None if it reads both single texts and pairs."""
        ...

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        ...

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Encoded:
        """Texts ready to be cut into batches."""
        ...

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """The same with how their tokens are written."""
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write files, and return the settings that go beside them."""
        ...
