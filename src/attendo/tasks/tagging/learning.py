"""What the training loop works on when a model learns to tag words: from scratch, and on a base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.data import TaggedText
from attendo.metrics import score_spans
from attendo.spans import LabelledSpan
from attendo.tasks.problem import Loss
from attendo.tasks.tagging.scoring import WordTagger, best_tags, score_words
from attendo.tasks.tagging.tag_set import TagSet, gold_spans
from attendo.tasks.words import WordBatch, WordEncoder, WordInputs


@dataclass(frozen=True, kw_only=True, eq=False)
class TaggedInputs:
    """Texts as numbers: what a model reads, and the tags of all words of each text."""

    inputs: WordInputs
    tags: list[NDArray[np.int64]]
    gold: list[tuple[LabelledSpan, ...]]

    def of_window(self, index: int) -> NDArray[np.int64]:
        """The tags of the words that a window judges."""
        window = self.inputs.windows[index]
        return self.tags[int(self.inputs.owners[index])][window.first : window.last]


class TagBatch(NamedTuple):
    """Windows as a model takes them, and the tags of their judged words."""

    words: WordBatch
    tags: Tensor


def encode_tagged(encoder: WordEncoder, tags: TagSet, texts: Sequence[TaggedText]) -> TaggedInputs:
    """Texts as numbers.

    Raises:
        DataError: if a tag is not in the set.
    """
    return TaggedInputs(
        inputs=encoder.encode_words([text.text for text in texts], [text.words for text in texts]),
        tags=tags.encode(texts),
        gold=[gold_spans(text) for text in texts],
    )


class TagProblem:
    """All of the model learns, and the F1 of dev spans judges it."""

    main: str = "f1"

    def __init__(
        self, model: WordTagger, tags: TagSet, train: TaggedInputs, dev: TaggedInputs, *, constrained: bool
    ) -> None:
        self.model: nn.Module = model
        self.lengths: Sequence[int] = train.inputs.lengths
        self._tagger, self._tags, self._constrained = model, tags, constrained
        self._train, self._dev = train, dev

    def batch(self, indices: Sequence[int], device: torch.device) -> TagBatch:
        """Training windows as tensors."""
        words = self._train.inputs.batch(indices).to(device)
        tags = np.concatenate([self._train.of_window(index) for index in indices])
        return TagBatch(words, torch.from_numpy(tags).to(device))

    def loss(self, batch: TagBatch) -> Loss:
        """How unlikely the tags are, for each word."""
        return Loss(self._tagger.loss(batch.words, batch.tags), max(len(batch.tags), 1))

    def scores(self) -> dict[str, float]:
        """Scores of the dev texts' spans, and the share of words with the right tag."""
        dev = self._dev
        scores = score_words(self._tagger, dev.inputs, len(dev.gold))
        found = best_tags(self._tagger.chain, scores, self._tags, constrained=self._constrained)
        judged = score_spans(dev.gold, [self._tags.spans(each) for each in found], resamples=1)
        right = sum(int((each == gold).sum()) for each, gold in zip(found, dev.tags, strict=False))
        words = max(sum(map(len, dev.tags)), 1)
        return {
            "f1": judged.f1.value,
            "precision": judged.precision.value,
            "recall": judged.recall.value,
            "accuracy": right / words,
        }
