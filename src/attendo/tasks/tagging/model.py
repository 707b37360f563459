"""The user's model that finds spans in texts: names, or whatever else words were tagged with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.data import TagDataSettings, TaggedText, read_tagged
from attendo.errors import DataError
from attendo.metrics import TaggingScores, score_tags
from attendo.spans import LabelledSpan, write_tags
from attendo.tasks.chain_file import save_chain
from attendo.tasks.tagging.scoring import WordTagger, best_tags, score_words, sure_of
from attendo.tasks.tagging.tag_set import TagSet
from attendo.tasks.task_model import TaskModel, in_windows
from attendo.tasks.words import WordEncoder
from attendo.text import split_words


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A part of a text that has a label: `text[start:end]` of the text as it was given.

    Attributes:
        probability: that exactly these words have exactly this label.
    """

    start: int
    end: int
    label: str
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a model found in one text.

    Attributes:
        spans: in the order of the text; each word by itself where words have labels of their own.
    """

    text: str
    spans: tuple[FoundSpan, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tagger(TaskModel):
    """A trained model for `tag`. Made by `attendo.train` or `attendo.load`."""

    task = "tag"

    encoder: WordEncoder
    tagger: WordTagger
    tags: TagSet
    decoding: str

    def predict(self, texts: str | Iterable[str]) -> list[Tagging]:
        """Find the spans of each text, with their places in it.

        Raises:
            DataError: if a text is not a string.
        """
        texts = [texts] if isinstance(texts, str) else texts
        return list(self.predict_examples(map(untagged, texts)))

    def predict_examples(self, examples: Iterable[TaggedText]) -> Iterator[Tagging]:
        """Find the spans of a stream of texts with known words in bounded memory, in its order."""
        for window in in_windows(examples, lambda each: len(each.text)):
            best, scores = self._decoded(window)
            ruled = self.decoding != "plain"
            sure = sure_of(self.tagger.chain, scores, self.tags, best, constrained=ruled)
            yield from map(_tagging, window, sure)

    def evaluate(
        self, data: Path | str | Sequence[TaggedText], settings: TagDataSettings | None = None
    ) -> TaggingScores:
        """Scores on tagged texts, each with a bootstrap interval.

        Raises:
            DataError: if the data cannot be read.
        """
        if isinstance(data, Path | str):
            data = read_tagged(data, settings).sound()
        if not data:
            raise DataError("There are no texts to evaluate the model on.")
        return score_found(data, self.found(data), self.tags.labels)

    def found(self, texts: Iterable[TaggedText]) -> list[tuple[LabelledSpan, ...]]:
        """The spans of each text, in words."""
        found: list[tuple[LabelledSpan, ...]] = []
        for window in in_windows(texts, lambda each: len(each.text)):
            found += [self.tags.spans(each) for each in self._decoded(window)[0]]
        return found

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"tags": list(self.tags.names), "scheme": self.tags.scheme, "decoding": self.decoding}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        what = "Gives each word a label" if self.tags.is_plain else "Finds spans in texts"
        return f"{what}: {', '.join(self.tags.labels)}."

    def save_parts(self, folder: Path) -> list[str]:
        """Write what the chain learned, and return the names of the files."""
        return save_chain(folder, self.tagger.chain, learned=self.decoding == "crf")

    def _decoded(self, texts: Sequence[TaggedText]) -> tuple[list[NDArray[np.int64]], list[torch.Tensor]]:
        """The tags of each text, and the scores that they were chosen by."""
        self.tagger.eval()
        inputs = self.encoder.encode_words([text.text for text in texts], [text.words for text in texts])
        scores = score_words(self.tagger, inputs, len(texts))
        self.finite(torch.cat([*scores, torch.zeros(0, len(self.tags.names))]))
        return best_tags(self.tagger.chain, scores, self.tags, constrained=self.decoding != "plain"), scores


def score_found(
    texts: Sequence[TaggedText], found: Sequence[Sequence[LabelledSpan]], labels: Sequence[str]
) -> TaggingScores:
    """Scores of spans that were found in tagged texts, and of the tags that they stand for."""
    scheme = texts[0].scheme
    tags = [write_tags(spans, len(text.tags), scheme) for text, spans in zip(texts, found, strict=True)]
    return score_tags([text.tags for text in texts], tags, labels, scheme=scheme)


def _tagging(text: TaggedText, sure: Sequence[tuple[LabelledSpan, float]]) -> Tagging:
    """Spans of words as spans of characters."""
    spans = []
    for (first, last, label), probability in sure:
        start, end = text.words[first][0], text.words[last - 1][1]
        spans.append(FoundSpan(start, end, label, text.text[start:end], probability))
    return Tagging(text.text, tuple(spans))


def untagged(text: str) -> TaggedText:
    """A text with its words, which are to be tagged.

    Raises:
        DataError: if it is not a string.
    """
    if not isinstance(text, str):
        raise DataError(f"Every text must be a string, but one is {type(text).__name__}.")
    return TaggedText(text, tuple((start, end) for start, end in split_words(text)))
