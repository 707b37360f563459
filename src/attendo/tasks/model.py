"""The user's model: it predicts, it can be evaluated, and it lives in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attendo.data import DataSettings, Example
from attendo.errors import DataError
from attendo.metrics import ClassificationScores, MultilabelScores
from attendo.tasks.classify import answer_texts, decided, probabilities, score_chances
from attendo.tasks.labels import LabelSet
from attendo.tasks.reading import Encoded
from attendo.tasks.text_answers import TextAnswers


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one text.

    Attributes:
        labels: the most probable label, or every label with a probability of one half where a text may have several.
        probability: of the most probable label.
        probabilities: of all labels, in the model's order.
    """

    labels: tuple[str, ...]
    probability: float
    probabilities: dict[str, float]

    @property
    def label(self) -> str:
        """The label, or several joined by a comma."""
        return ", ".join(self.labels)


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier(TextAnswers[Prediction]):
    """A trained model for `classify`. Made by `attendo.train` or `attendo.load`."""

    task = "classify"

    labels: LabelSet

    def predict_examples(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """Label a stream of any length in bounded memory, in its order."""
        for window in self._windows(examples):
            for chances in self.probabilities(window):
                yield self._prediction(chances)

    def probabilities(self, examples: Sequence[Example]) -> np.ndarray:
        """The probability of each label for each text: (texts, labels)."""
        return self.chances(self._encoded([self._checked(example) for example in examples]))

    def chances(self, texts: Encoded) -> np.ndarray:
        """The same for texts that are numbers already.

        Raises:
            ModelFolderError: if a score is no number, naming the weights that are none.
        """
        scores = self.finite(answer_texts(self.network.eval(), texts, len(self.labels.names)))
        return probabilities(scores.double().numpy(), self.labels.several)

    def evaluate(
        self, data: Path | str | Sequence[Example], settings: DataSettings | None = None
    ) -> ClassificationScores | MultilabelScores:
        """Scores on labelled texts, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read, or hold labels that the model does not know.
        """
        examples = self._read(data, settings)
        if not examples:
            raise DataError("There are no texts to evaluate the model on.")
        gold = self.labels.encode([e.labels for e in examples], [e.place for e in examples])
        chances = np.concatenate([self.probabilities(window) for window in self._windows(examples)])
        return score_chances(gold, chances, self.labels)

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"labels": list(self.labels.names), "several": self.labels.several}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Labels texts as: {', '.join(self.labels.names)}."

    def _prediction(self, chances: np.ndarray) -> Prediction:
        names = self.labels.names
        best = int(chances.argmax())
        chosen = np.flatnonzero(decided(chances[None], True)[0]) if self.labels.several else [best]
        return Prediction(
            labels=tuple(names[i] for i in chosen),
            probability=float(chances[best]),
            probabilities={name: float(chance) for name, chance in zip(names, chances, strict=True)},
        )
