"""What the training loop works on when a model learns which texts mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.data import PairKind, TextPair, kind_of
from attendo.errors import ConfigError
from attendo.tasks.embedding.inputs import TextReader, in_unit_length, vectors_of
from attendo.tasks.embedding.losses import contrast, meet_values, order_cosines, over_sizes
from attendo.tasks.embedding.network import TextVectors
from attendo.tasks.embedding.retrieval import judge_vectors, score_judged
from attendo.tasks.embedding.settings import EmbedSettings
from attendo.tasks.problem import Loss


@dataclass(frozen=True)
class EmbedBatch:
    """Texts and then their partners in one row, which texts they are, and the numbers of the pairs."""

    texts: Any
    firsts: Tensor
    seconds: Tensor
    values: Tensor


def learned_kind(pairs: Sequence[TextPair], settings: EmbedSettings) -> PairKind:
    """What is learned from, as asked or as the data have it.

    Raises:
        ConfigError: if the data do not have what is asked for.
    """
    found = kind_of(pairs)
    order = ("texts", "pairs", "numbers")
    if settings.learn is not None and order.index(settings.learn) > order.index(found):
        raise ConfigError(f"`task.learn` is {settings.learn}, but the training data hold only {found}.")
    return settings.learn or found


class EmbedProblem:
    """All of the model learns; dev texts judge it by the order of cosines, or by how partners are found."""

    def __init__(
        self,
        model: TextVectors,
        reader: TextReader,
        train: Sequence[TextPair],
        dev: Sequence[TextPair],
        settings: EmbedSettings,
    ) -> None:
        self.model: nn.Module = model
        self._network, self._reader, self._dev, self._settings = model, reader, dev, settings
        self.kind = learned_kind(train, settings)
        chosen, self._values = _chosen(train, self.kind)
        numbers: dict[str, int] = {}
        self._firsts, self._seconds = (
            np.array([numbers.setdefault(each, len(numbers)) for each in column], dtype=np.int64)
            for column in ([one for one, _ in chosen], [other for _, other in chosen])
        )
        self.inputs = reader.windows(list(numbers))
        self._windows = self.inputs.firsts
        sizes = np.asarray(self.inputs.texts.lengths)[self._windows]
        self.lengths: Sequence[int] = (sizes[self._firsts] + sizes[self._seconds]).tolist()
        self.sizes = _sizes(settings, model.width)
        self.main: str = "spearman" if kind_of(dev) == "numbers" else "mean_reciprocal_rank"

    def batch(self, indices: Sequence[int], device: torch.device) -> EmbedBatch:
        """Training pairs as tensors."""
        firsts, seconds = self._firsts[list(indices)], self._seconds[list(indices)]
        texts: Any = self.inputs.texts.batch(self._windows[np.concatenate([firsts, seconds])].tolist())
        values = torch.from_numpy(self._values[list(indices)].astype(np.float32))
        one, other = (torch.from_numpy(each).to(device) for each in (firsts, seconds))
        return EmbedBatch(texts.to(device), one, other, values.to(device))

    def loss(self, batch: EmbedBatch) -> Loss:
        """The loss over the pairs of a batch, which are each other's rivals."""
        one, other = self._network(batch.texts).chunk(2)
        heat = self._settings.temperature
        if self.kind != "numbers":
            same = (batch.seconds[None] == batch.seconds[:, None]) | (batch.seconds[None] == batch.firsts[:, None])
            same = same | (batch.firsts[None] == batch.firsts[:, None])
            loss = over_sizes(lambda a, b: contrast(a, b, heat, same), one, other, self.sizes)
        elif self._settings.loss == "order":
            loss = over_sizes(lambda a, b: order_cosines(a, b, heat, batch.values), one, other, self.sizes)
        else:
            loss = over_sizes(partial(meet_values, values=batch.values), one, other, self.sizes)
        return Loss(loss * len(one), len(one))

    def scores(self) -> dict[str, float]:
        """Scores of the dev texts."""
        judged = judge_vectors(self._dev, self._vectorise)
        scores = score_judged(judged, resamples=1)
        names = ("spearman", "pearson", "mean_reciprocal_rank", "recall_at_1")
        found = {name: getattr(scores, name) for name in names}
        values = {name: each.value for name, each in found.items() if each is not None}
        return {name: 0.0 if np.isnan(value) else value for name, value in values.items()}

    def _vectorise(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return in_unit_length(vectors_of(self._network, self._reader.windows(texts)))


def _chosen(train: Sequence[TextPair], kind: PairKind) -> tuple[list[tuple[str, str]], NDArray[np.float64]]:
    """The pairs of texts that are learned from, and their numbers between 0 and 1."""
    if kind == "texts":
        texts = dict.fromkeys(text for each in train for text in (each.text, each.pair) if text is not None)
        return [(text, text) for text in texts], np.ones(len(texts))
    pairs = [each for each in train if each.pair is not None]
    known = [each.value for each in pairs if each.value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    width = (high - low) or 1.0
    values = np.array([1.0 if each.value is None else (each.value - low) / width for each in pairs])
    if kind == "pairs":  # of numbered pairs those that are more alike than not
        pairs, values = [each for each, value in zip(pairs, values, strict=True) if value > 0.5], values[values > 0.5]
    return [(each.text, each.pair or "") for each in pairs], values


def _sizes(settings: EmbedSettings, width: int) -> tuple[int, ...]:
    """To which sizes vectors may be cut.

    Raises:
        ConfigError: if one is larger than the vectors.
    """
    if settings.sizes is None:
        return tuple(size for size in (width, width // 2, width // 4) if size >= 8) or (width,)
    wide = [size for size in settings.sizes if size > width]
    if wide or not settings.sizes:
        raise ConfigError(
            f"`task.sizes` must hold numbers up to {width}, the width of the vectors, but is {list(settings.sizes)}."
        )
    return tuple(sorted({*settings.sizes, width}, reverse=True))
