"""What models have in common that say one thing of each text, or of each pair of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from attendo.data import DataSettings, Example, familiar_settings, read_examples
from attendo.errors import DataError
from attendo.tasks.classify import texts_of
from attendo.tasks.reading import Encoded
from attendo.tasks.task_model import TaskModel, in_windows, texts_and_pairs

Said = TypeVar("Said")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TextAnswers(TaskModel, Generic[Said]):
    """A model that says one thing of each text."""

    def predict(self, texts: str | Iterable[str], pairs: str | Iterable[str] | None = None) -> list[Said]:
        """Judge texts, or pairs of texts, in their order.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
        """
        firsts, seconds = texts_and_pairs(texts, pairs)
        both = zip(firsts, seconds or [None] * len(firsts), strict=True)
        return list(self.predict_examples(Example(text, pair) for text, pair in both))

    def _encoded(self, examples: Sequence[Example]) -> Encoded:
        return self.encoder.encode(*texts_of(examples))

    def _read(self, data: Path | str | Sequence[Example], settings: DataSettings | None) -> list[Example]:
        if not isinstance(data, Path | str):
            return list(data)
        path = Path(data)
        return read_examples(path, familiar_settings(settings or DataSettings(), path, self.columns))

    def _windows(self, examples: Iterable[Example]) -> Iterator[list[Example]]:
        """The examples in their order, so many at a time as are predicted together; a window ends when it is full."""
        return in_windows(map(self._checked, examples), lambda each: len(each.text) + len(each.pair or ""))

    def _checked(self, example: Example) -> Example:
        if not isinstance(example.text, str):
            raise DataError(f"Every text must be a string, but one is {type(example.text).__name__}.")
        if example.pair is not None and not isinstance(example.pair, str):
            raise DataError(f"Every second text must be a string, but one is {type(example.pair).__name__}.")
        if self.encoder.paired is True and example.pair is None:
            raise DataError("This model labels pairs of texts: give each text its second text.")
        if self.encoder.paired is False and example.pair is not None:
            raise DataError("This model labels single texts, but a second text was given.")
        return example
