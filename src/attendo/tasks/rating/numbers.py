"""The numbers that texts have, and the scale on which they are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from attendo.data import Example, as_number
from attendo.errors import DataError
from attendo.tasks.classify import texts_of
from attendo.tasks.reading import Encoded, Encoder

Floats = NDArray[np.float64]
Texts = TypeVar("Texts", bound=Encoded)

CONFIG_OF_NUMBERS: dict[str, Any] = {
    "problem_type": "regression",
    "id2label": {0: "LABEL_0"},
    "label2id": {"LABEL_0": 0},
}
"""What config.json says of a head that gives one number, in the words of the reference library."""


@dataclass(frozen=True, kw_only=True)
class NumberScale:
    """Where the training numbers lie; models learn how many `scale`s a number is above `mean`."""

    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, values: Floats, *, centred: bool = True) -> NumberScale:
        """The mean of the numbers and how far they spread; from zero, where nothing can be added in the end."""
        mean = float(values.mean()) if centred else 0.0
        return cls(mean=mean, scale=float(np.sqrt(np.mean((values - mean) ** 2))) or 1.0)

    def standardised(self, values: Floats) -> Floats:
        """The numbers on the scale on which they are learned."""
        return (values - self.mean) / self.scale


@dataclass(frozen=True, kw_only=True, eq=False)
class RatedTexts(Generic[Texts]):
    """Examples as a model reads them, and the number of each."""

    texts: Texts
    values: Floats


def numbers_of(examples: Sequence[Example]) -> Floats:
    """The number of each example.

    Raises:
        DataError: naming the first label that is no number.
    """
    values = [as_number(each.labels[0]) if len(each.labels) == 1 else None for each in examples]
    wrong = next((index for index, value in enumerate(values) if value is None), None)
    if wrong is not None:
        shown = ", ".join(examples[wrong].labels)
        raise DataError(f"The model predicts numbers, but the label `{shown}` ({examples[wrong].place}) is none.")
    return np.array(values, dtype=np.float64)


def encode_rated(encoder: Encoder, examples: Sequence[Example]) -> RatedTexts[Any]:
    """Examples as numbers.

    Raises:
        DataError: if a label is no number.
    """
    return RatedTexts(texts=encoder.encode(*texts_of(examples)), values=numbers_of(examples))
