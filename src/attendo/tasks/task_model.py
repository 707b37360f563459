"""What the models of all tasks have in common: they answer records, are scored, and live in a folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from torch import Tensor, nn

from attendo.errors import DataError, ModelFolderError
from attendo.files import write_text
from attendo.models import CONFIG, WEIGHTS, FamilyModel, check_place
from attendo.tasks.cards import model_card
from attendo.tasks.folder import write_card
from attendo.tasks.reading import Encoder

WINDOW, WINDOW_CHARACTERS = 2048, 1 << 20
"""Records answered at a time: as many as it takes to find neighbours of like length, fewer where they are long."""

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TaskModel(ABC):
    """A trained model for a task. Made by `attendo.train` or `attendo.load`."""

    task: ClassVar[str]

    model: FamilyModel
    encoder: Encoder
    card: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary()}>"

    @property
    def network(self) -> nn.Module:
        """What computes."""
        return self.model.network

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns of the training file by what they held; empty where nobody knows, or there were none."""
        return self.card.get("columns", {})

    @abstractmethod
    def predict_examples(self, examples: Iterable[Any]) -> Iterator[Any]:
        """Answer a stream of any length in bounded memory, in its order."""

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""

    @abstractmethod
    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""

    def save_parts(self, folder: Path) -> list[str]:
        """Write what belongs neither to the network nor to the encoder, and return the names of the files."""
        return []

    def finite(self, scores: Tensor) -> Tensor:
        """The scores, if all of them are numbers.

        Raises:
            ModelFolderError: if one is none, naming the weights that are none.
        """
        if not scores.isfinite().all():
            spoilt = self.model.spoilt()
            held = f"holds NaN or infinite values in {', '.join(spoilt[:5])}" if spoilt else "overflows"
            raise ModelFolderError(f"The model's scores are no numbers: it {held}. Copy or train it again.")
        return scores

    def save(self, folder: Path | str, *, overwrite: bool = False) -> None:
        """Write the model folder; `attendo.json` comes last, so that half a folder is never taken for a model.

        Args:
            overwrite: whether a model that is there already may be replaced.
        Raises:
            InputError: if the folder holds a model already, or anything else.
            StorageError: if the disk refuses a file.
        """
        folder = Path(folder)
        check_place(folder, overwrite=overwrite)
        self.model.save(folder)
        encoder, parts = self.encoder.save(folder), self.save_parts(folder)
        card = self.card | {"task": self.task} | self.described()
        write_text(folder / "README.md", model_card(card, self.summary()))
        write_card(folder, card | {"encoder": encoder}, [CONFIG, WEIGHTS, *self.encoder.files, *parts])


def in_windows(items: Iterable[Item], characters: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in their order, so many at a time as are answered together; a window ends when it is full."""
    window: list[Item] = []
    room = WINDOW_CHARACTERS
    for item in items:
        window.append(item)
        room -= characters(item)
        if len(window) == WINDOW or room <= 0:
            yield window
            window, room = [], WINDOW_CHARACTERS
    if window:
        yield window


def texts_and_pairs(
    texts: str | Iterable[str], pairs: str | Iterable[str] | None
) -> tuple[list[str], list[str] | None]:
    """One text or many as lists, with as many second texts where there are any.

    Raises:
        DataError: if there are no texts, or pairs are missing or too many.
    """
    for name, given in (("texts", texts), ("pairs", [] if pairs is None else pairs)):
        if not isinstance(given, Iterable):
            raise DataError(f"`{name}` must be a text or several, but is {type(given).__name__}.")
    firsts = [texts] if isinstance(texts, str) else list(texts)
    seconds = [pairs] if isinstance(pairs, str) else None if pairs is None else list(pairs)
    if seconds is not None and len(seconds) != len(firsts):
        raise DataError(f"There are {len(firsts)} texts but {len(seconds)} second texts.")
    return firsts, seconds
