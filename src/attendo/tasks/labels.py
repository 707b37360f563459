"""Labels as numbers: one for each text, or several."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attendo.errors import DataError, ModelFolderError
from attendo.models import CONFIG


@dataclass(frozen=True)
class LabelSet:
    """The labels of a task in a fixed order, and whether a text may have several."""

    names: tuple[str, ...]
    several: bool = False

    @classmethod
    def of(cls, labels: Iterable[Sequence[str]]) -> LabelSet:
        """All labels that occur, numbers in numeric order and then words; several if any text has not exactly one."""
        rows = list(labels)
        names = sorted({name for row in rows for name in row}, key=_numbers_first)
        return cls(tuple(names), any(len(row) != 1 for row in rows))

    def encode(self, labels: Sequence[Sequence[str]], places: Sequence[str] | None = None) -> NDArray[np.int64]:
        """Ids (texts,), or a multi-hot matrix (texts, labels) where a text may have several.

        Raises:
            DataError: naming the labels that are not in the set, and where they stand.
        """
        numbers = {name: number for number, name in enumerate(self.names)}
        unknown = [(i, name) for i, row in enumerate(labels) for name in row if name not in numbers]
        if unknown:
            where = f" ({places[unknown[0][0]]})" if places else ""
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(name for _, name in unknown[:50]))
            raise DataError(f"The model does not know these labels: {names}{where}. It knows: {self.shown()}.")
        if not self.several:
            wrong = next((i for i, row in enumerate(labels) if len(row) != 1), None)
            if wrong is not None:
                where = f" ({places[wrong]})" if places else ""
                raise DataError(f"Each text must have one label, but one has {len(labels[wrong])}{where}.")
            return np.array([numbers[row[0]] for row in labels], dtype=np.int64)
        hot = np.zeros((len(labels), len(self.names)), dtype=np.int64)
        for i, row in enumerate(labels):
            hot[i, [numbers[name] for name in row]] = 1
        return hot

    def shown(self, most: int = 20) -> str:
        """The names for a message."""
        rest = len(self.names) - most
        return ", ".join(self.names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _numbers_first(name: str) -> tuple[int, float, str]:
    with contextlib.suppress(ValueError):
        number = float(name)
        if math.isfinite(number):  # nan and inf are words here
            return 0, number, name
    return 1, 0.0, name


def read_labels(config: dict[str, Any], folder: Path) -> LabelSet:
    """The labels by their numbers; without names where config.json gives none.

    Raises:
        ModelFolderError: if the numbers have gaps, or two labels one name.
    """
    found = config.get("id2label")
    try:
        found = {number: f"LABEL_{number}" for number in range(config.get("num_labels", 2))} if found is None else found
        names = {int(number): str(name) for number, name in found.items()}
        ordered = tuple(names[number] for number in range(len(names)))
    except (AttributeError, TypeError, ValueError, KeyError):
        raise ModelFolderError(f"{folder / CONFIG}: `id2label` must give each label its number from 0 on.") from None
    twice = sorted({name for name in ordered if ordered.count(name) > 1})
    if twice:
        raise ModelFolderError(
            f"{folder / CONFIG}: `id2label` must give each label a name of its own, not {twice} twice."
        )
    return LabelSet(ordered, config.get("problem_type") == "multi_label_classification")
