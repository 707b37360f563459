"""What the training loop works on when a model learns to write a text from another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from attendo.data import SourceTarget, plan_in_order
from attendo.metrics import score_translation
from attendo.models import Seq2SeqModel
from attendo.nn import word_loss
from attendo.tasks.problem import Loss
from attendo.tasks.seq2seq import RewriteBatch, asked_words
from attendo.tasks.translating.model import Rewriter
from attendo.tasks.translating.pairs import EncodedPairs, encode_pairs
from attendo.tasks.writing import WriteSettings

DEV_TOKENS = 8192
"""Tokens of held-out pairs that are judged at a time."""
WRITTEN = 500
"""Held-out texts that are written after each epoch, spread over all of them."""


class RewriteProblem:
    """Say of each token of a target which one it is, by the source and by the tokens before it.

    Args:
        smoothing: share of the target that is spread over all words.
        max_length: tokens that are read, or written, at most.
    """

    main: str = "chrf"

    def __init__(
        self,
        model: Rewriter,
        train: Sequence[SourceTarget],
        dev: Sequence[SourceTarget],
        *,
        smoothing: float,
        max_length: int,
    ) -> None:
        self.model: nn.Module = model.writes
        self._network = model.writes
        self._rewriter, self._smoothing = model, smoothing
        self.pairs = encode_pairs(model.encoder, train, max_length)
        self._dev = encode_pairs(model.encoder, dev, max_length)
        self.lengths: Sequence[int] = self.pairs.lengths
        self._asked = dev[:: math.ceil(len(dev) / WRITTEN)]
        longest = max(map(len, self._dev.targets), default=1)
        self._writing = WriteSettings(method="greedy", max_new=min(2 * longest, model.usual.max_new or max_length))

    def batch(self, indices: Sequence[int], device: torch.device) -> RewriteBatch:
        """Pairs as tensors."""
        return self.pairs.batch(indices).to(device)

    def loss(self, batch: RewriteBatch) -> Loss:
        """Smoothed cross-entropy of what is right."""
        found = word_loss(*asked_words(self._network, batch), self._smoothing)
        return Loss(found.smoothed, int((batch.right >= 0).sum()))

    def scores(self) -> dict[str, float]:
        """Loss and perplexity of the held-out targets, and how near what is written for some of them comes to them."""
        loss = held_out_loss(self._network, self._dev)
        written = self._rewriter.predict_examples(self._asked, self._writing)
        outputs, targets = [each.text for each in written], [each.target for each in self._asked]
        found = score_translation(outputs, targets, language=self._rewriter.sides.target_language, resamples=1)
        scores = {"chrf": found.chrf.value, "bleu": found.bleu.value}
        return scores | {"loss_dev": loss, "perplexity": math.exp(min(loss, 700))}


@torch.inference_mode()
def held_out_loss(network: Seq2SeqModel, pairs: EncodedPairs) -> float:
    """The mean negative log-probability of a token of the targets."""
    device, total, count = next(network.parameters()).device, 0.0, 0
    for indices in plan_in_order(pairs.lengths, DEV_TOKENS):
        batch = pairs.batch(indices).to(device)
        total += float(word_loss(*asked_words(network, batch)).plain)
        count += int((batch.right >= 0).sum())
    return total / max(count, 1)
