"""The user's model that gives numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attendo.data import DataSettings, Example
from attendo.errors import DataError
from attendo.metrics import RegressionScores, score_regression
from attendo.tasks.classify import answer_texts
from attendo.tasks.rating.numbers import Floats, numbers_of
from attendo.tasks.reading import Encoded
from attendo.tasks.text_answers import TextAnswers


@dataclass(frozen=True, slots=True)
class Rating:
    """The number that a model gives a text."""

    value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Rater(TextAnswers[Rating]):
    """A trained model for `classify` where labels are numbers. Made by `attendo.train` or `attendo.load`."""

    task = "classify"

    def predict_examples(self, examples: Iterable[Example]) -> Iterator[Rating]:
        """Rate a stream of any length in bounded memory, in its order."""
        for window in self._windows(examples):
            for value in self.values(self._encoded(window)).tolist():
                yield Rating(value)

    def values(self, texts: Encoded) -> Floats:
        """The number of each text that is numbers already.

        Raises:
            ModelFolderError: if one is none, naming the weights that are none.
        """
        return self.finite(answer_texts(self.network.eval(), texts, 1))[:, 0].double().numpy()

    def evaluate(self, data: Path | str | Sequence[Example], settings: DataSettings | None = None) -> RegressionScores:
        """Scores on texts whose numbers are known, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read, or hold labels that are no numbers.
        """
        examples = self._read(data, settings)
        gold = numbers_of(examples)
        if not len(gold):
            raise DataError("There are no texts to evaluate the model on.")
        found = np.array([rating.value for rating in self.predict_examples(examples)])
        return score_regression(gold, found)

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"numbers": True}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Gives each {'pair of texts' if self.encoder.paired else 'text'} a number."
