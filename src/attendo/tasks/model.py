"""The user's model: it predicts, it can be evaluated, and it lives in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from attendo.data import DataSettings, Example, familiar_settings, read_examples
from attendo.errors import DataError, ModelFolderError
from attendo.files import write_text
from attendo.metrics import ClassificationScores, MultilabelScores
from attendo.models import CONFIG, WEIGHTS, FamilyModel, check_place
from attendo.tasks.classify import answer_texts, decided, probabilities, score_chances, texts_of
from attendo.tasks.folder import write_card
from attendo.tasks.labels import LabelSet
from attendo.tasks.reading import Encoded, Encoder

WINDOW, WINDOW_CHARACTERS = 2048, 1 << 20
"""Texts predicted at a time: as many as it takes to find neighbours of like length, fewer where they are long."""


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
class Classifier:
    """A trained model for `classify`. Made by `attendo.train` or `attendo.load`."""

    task = "classify"

    model: FamilyModel
    encoder: Encoder
    labels: LabelSet
    card: dict[str, Any] = field(default_factory=dict)

    @property
    def network(self) -> nn.Module:
        """What computes."""
        return self.model.network

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns of the training file by what they held: `text`, `pair`, `label`; empty where nobody knows."""
        return self.card.get("columns", {})

    def predict(self, texts: str | Iterable[str], pairs: str | Iterable[str] | None = None) -> list[Prediction]:
        """Label texts, or pairs of texts, in their order.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        pairs = [pairs] if isinstance(pairs, str) else None if pairs is None else list(pairs)
        if pairs is not None and len(pairs) != len(texts):
            raise DataError(f"There are {len(texts)} texts but {len(pairs)} second texts.")
        both = zip(texts, pairs or [None] * len(texts), strict=True)
        return list(self.predict_examples(Example(text, pair) for text, pair in both))

    def predict_examples(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """Label a stream of any length in bounded memory, in its order."""
        for window in self._windows(examples):
            for chances in self.probabilities(window):
                yield self._prediction(chances)

    def probabilities(self, examples: Sequence[Example]) -> np.ndarray:
        """The probability of each label for each text: (texts, labels)."""
        for example in examples:
            self._check(example)
        return self.chances(self.encoder.encode(*texts_of(examples)))

    def chances(self, texts: Encoded) -> np.ndarray:
        """The same for texts that are numbers already.

        Raises:
            ModelFolderError: if a score is no number, naming the weights that are none.
        """
        scores = answer_texts(self.network.eval(), texts, len(self.labels.names))
        if not scores.isfinite().all():
            spoilt = self.model.spoilt()
            held = f"holds NaN or infinite values in {', '.join(spoilt[:5])}" if spoilt else "overflows"
            raise ModelFolderError(f"The model's scores are no numbers: it {held}. Copy or train it again.")
        return probabilities(scores.double().numpy(), self.labels.several)

    def evaluate(
        self, data: Path | str | Sequence[Example], settings: DataSettings | None = None
    ) -> ClassificationScores | MultilabelScores:
        """Scores on labelled texts, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read, or hold labels that the model does not know.
        """
        examples = self._read(Path(data), settings) if isinstance(data, Path | str) else list(data)
        if not examples:
            raise DataError("There are no texts to evaluate the model on.")
        gold = self.labels.encode([e.labels for e in examples], [e.place for e in examples])
        chances = np.concatenate([self.probabilities(window) for window in self._windows(examples)])
        return score_chances(gold, chances, self.labels)

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
        encoder = self.encoder.save(folder)
        card = self.card | {"task": self.task, "labels": list(self.labels.names), "several": self.labels.several}
        write_text(folder / "README.md", model_card(card))
        write_card(folder, card | {"encoder": encoder}, [CONFIG, WEIGHTS, *self.encoder.files])

    def _read(self, path: Path, settings: DataSettings | None) -> list[Example]:
        return read_examples(path, familiar_settings(settings or DataSettings(), path, self.columns))

    def _prediction(self, chances: np.ndarray) -> Prediction:
        names = self.labels.names
        best = int(chances.argmax())
        chosen = np.flatnonzero(decided(chances[None], True)[0]) if self.labels.several else [best]
        return Prediction(
            labels=tuple(names[i] for i in chosen),
            probability=float(chances[best]),
            probabilities={name: float(chance) for name, chance in zip(names, chances, strict=True)},
        )

    def _windows(self, examples: Iterable[Example]) -> Iterator[list[Example]]:
        """The examples in their order, so many at a time as are predicted together; a window ends when it is full."""
        window, room = [], WINDOW_CHARACTERS
        for example in examples:
            self._check(example)
            window.append(example)
            room -= len(example.text) + len(example.pair or "")
            if len(window) == WINDOW or room <= 0:
                yield window
                window, room = [], WINDOW_CHARACTERS
        if window:
            yield window

    def _check(self, example: Example) -> None:
        if not isinstance(example.text, str):
            raise DataError(f"Every text must be a string, but one is {type(example.text).__name__}.")
        if self.encoder.paired is True and example.pair is None:
            raise DataError("This model labels pairs of texts: give each text its second text.")
        if self.encoder.paired is False and example.pair is not None:
            raise DataError("This model labels single texts, but a second text was given.")


def model_card(card: dict[str, Any]) -> str:
    """The README.md of a model folder."""
    scores = card.get("scores", {})
    lines = [
        "---",
        "library_name: attendo",
        "tags: [text-classification]",
        "---",
        "",
        f"# {card.get('title', 'A model')}",
        "",
    ]
    lines += [f"Labels texts as: {', '.join(card['labels'])}.", ""]
    if scores:
        lines += ["| set | system | accuracy | macro F1 |", "|---|---|---|---|"]
        lines += [
            f"| {r['set']} | {r['system']} | {_shown(r, 'accuracy', 'exact_match')} | {_shown(r, 'macro_f1')} |"
            for r in scores
        ]
        lines.append("")
    lines += [
        "```python",
        "import attendo",
        "",
        'model = attendo.load("this folder")',
        'model.predict("a text")',
        "```",
        "",
    ]
    lines += [card["verdict"]] if card.get("verdict") else []
    return "\n".join(lines).rstrip() + "\n"


def _shown(scores: dict[str, Any], *names: str) -> str:
    """The first of these scores that there is, with its interval."""
    found = next(scores[name] for name in names if name in scores)
    return f"{found['value']:.4f} ({found['low']:.4f} to {found['high']:.4f})"
