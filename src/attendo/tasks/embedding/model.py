"""The user's model that gives each text a vector, so that texts of like meaning have vectors of like direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.data import PairDataSettings, TextPair, read_pairs
from attendo.errors import DataError
from attendo.metrics import SimilarityScores
from attendo.tasks.embedding.foreign import SentenceSettings, write_sentence_files
from attendo.tasks.embedding.inputs import PieceTexts, TextReader, checked_size, in_unit_length, vectors_of
from attendo.tasks.embedding.network import TextVectors
from attendo.tasks.embedding.retrieval import judge_vectors, score_judged
from attendo.tasks.task_model import TaskModel, in_windows, texts_and_pairs


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are: the cosine of their vectors, 1 at most."""

    text: str
    pair: str
    cosine: float


@dataclass(frozen=True, slots=True, eq=False)
class TextVector:
    """The vector of a text, of length one."""

    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Embedder(TaskModel):
    """A trained model for `embed`. Made by `attendo.train` or `attendo.load`."""

    task = "embed"

    encoder: TextReader
    vectors: TextVectors
    pooling: str = "mean"
    sentence: SentenceSettings = field(default_factory=SentenceSettings)
    """What sentence-transformers keeps beside a model."""

    @property
    def network(self) -> TextVectors:
        """What computes, from tokens to vectors of texts."""
        return self.vectors

    @property
    def width(self) -> int:
        """Numbers of a whole vector."""
        return self.vectors.width

    def encode(
        self, texts: str | Iterable[str], size: int | None = None, *, normalise: bool = True, prompt: str | None = None
    ) -> NDArray[np.float32]:
        """The vectors of texts, (texts, size).

        A text that is longer than the model reads is cut into windows, which overlap; its vector is their mean, each
        window counting by the number of words that it speaks for.

        Args:
            size: to how many numbers vectors are cut; whole by default. Best is a size that was trained for.
            normalise: whether vectors get length one, so that their products are cosines.
            prompt: the name of a prompt that the model knows, such as "query"; by default the one that it always takes.
        Raises:
            DataError: if a text is not a string.
            InputError: if there is no such prompt, or vectors are not so long.
        """
        size = checked_size(size, self.width)
        before = self.sentence.prompt(prompt)
        found = [np.zeros((0, size), np.float32)]
        for window in in_windows(map(_checked, [texts] if isinstance(texts, str) else texts), len):
            found.append(self._vectors([before + each for each in window])[:, :size])
        whole = np.concatenate(found)
        return in_unit_length(whole) if normalise else whole

    def similarity(
        self, one: str | Iterable[str], other: str | Iterable[str], size: int | None = None
    ) -> NDArray[np.float32]:
        """The cosine of each text of one list with each of another: (texts of one, texts of the other)."""
        return self.encode(one, size) @ self.encode(other, size).T

    def predict(self, texts: str | Iterable[str], pairs: str | Iterable[str]) -> list[Likeness]:
        """How alike each text and its partner are.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
        """
        firsts, seconds = texts_and_pairs(texts, pairs)
        asked = (TextPair(one, other) for one, other in zip(firsts, seconds or (), strict=True))
        return [each for each in self.predict_examples(asked) if isinstance(each, Likeness)]

    def predict_examples(self, examples: Iterable[TextPair]) -> Iterator[Likeness | TextVector]:
        """The cosine of each pair, and the vector of each single text, of a stream in bounded memory, in its order."""
        for window in in_windows(examples, lambda each: len(_checked(each.text)) + len(each.pair or "")):
            texts = list(dict.fromkeys(text for each in window for text in (each.text, each.pair) if text is not None))
            vectors = dict(zip(texts, self.encode(texts), strict=True))
            for each in window:
                if each.pair is None:
                    yield TextVector(each.text, vectors[each.text])
                else:
                    cosine = float(np.clip(vectors[each.text] @ vectors[each.pair], -1, 1))
                    yield Likeness(each.text, each.pair, cosine)

    def evaluate(
        self, data: Path | str | Sequence[TextPair], settings: PairDataSettings | None = None
    ) -> SimilarityScores:
        """Scores on pairs: correlations with their numbers, or how well texts find their partners.

        Of texts by themselves the words at odd places are to find those at even places.

        Raises:
            DataError: if the data cannot be read, or nothing can be judged.
        """
        if isinstance(data, Path | str):
            data = read_pairs(data, settings).sound()
        judged = judge_vectors(data, self.encode) if data else None
        if judged is None or not judged.pairs:
            raise DataError("There are no texts to evaluate the model on.")
        return score_judged(judged)

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"pooling": self.pooling, "width": self.width}

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Gives each text a vector of {self.width} numbers; texts of like meaning point in like directions."

    def save_parts(self, folder: Path) -> list[str]:
        """Write what sentence-transformers reads beside the network, where it can read the network."""
        if not isinstance(self.encoder, PieceTexts):
            return []
        return write_sentence_files(folder, self.vectors, self.encoder, self.sentence)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = vectors_of(self.vectors.eval(), self.encoder.windows(texts))
        self.finite(torch.from_numpy(found))
        return found


def _checked(text: Any) -> str:
    if not isinstance(text, str):
        raise DataError(f"Every text must be a string, but one is {type(text).__name__}.")
    return text
