"""What training works on when a model learns from text alone.

Losses are computed at the places that count: vectors are gathered before they are projected to the vocabulary, which
for each of them costs as much as a block or more.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.data import plan_in_order
from attendo.models import Seq2SeqModel, TokenBatch, TokenModel
from attendo.nn import word_loss
from attendo.tasks.pretraining.pieces import Pieces
from attendo.tasks.pretraining.reading import AnyBatch, Asking, Batch
from attendo.tasks.problem import Loss
from attendo.tasks.seq2seq import RewriteBatch, asked_words

DEV_TOKENS = 4096
"""Held-out tokens computed at a time."""
DEV_EPOCH = 2**32 - 1
"""The epoch whose masks the held-out text keeps."""


class _TextProblem(Generic[AnyBatch]):
    """Pieces of text, as they are asked about in each epoch."""

    main: str = "score"

    def __init__(self, model: nn.Module, train: Pieces, dev: Pieces, asking: Asking[AnyBatch]) -> None:
        self.model = model
        self.lengths: Sequence[int] = train.lengths
        self._train, self._dev, self._asking, self._epoch = train, dev, asking, 0

    def begin_epoch(self, epoch: int) -> None:
        """Ask what this epoch asks, from now on."""
        self._epoch = epoch

    def batch(self, indices: Sequence[int], device: torch.device) -> AnyBatch:
        """Training pieces, and what this epoch asks about them."""
        return self._asking(self._train, indices, self._epoch).to(device)

    def _held_out(self) -> Iterator[AnyBatch]:
        """The held-out pieces, and what is asked about them after each epoch."""
        device = next(self.model.parameters()).device
        for indices in plan_in_order(self._dev.lengths, DEV_TOKENS):
            yield self._asking(self._dev, indices, DEV_EPOCH).to(device)


class _WordProblem(_TextProblem[AnyBatch]):
    """One token is right at each place that is asked about."""

    @abstractmethod
    def _scored(self, batch: AnyBatch) -> tuple[Tensor, Tensor]:
        """Scores of all tokens at these places, and the token that is right."""

    def scores(self) -> dict[str, float]:
        """Loss, perplexity and accuracy on the held-out text, of which the same is asked after each epoch."""
        loss, right, count = 0.0, 0, 0
        for batch in self._held_out():
            scores, targets = self._scored(batch)
            loss += float(F.cross_entropy(scores, targets, reduction="sum"))
            right += int((scores.argmax(-1) == targets).sum())
            count += len(targets)
        mean = loss / max(count, 1)
        return {
            "score": -mean,
            "loss_dev": mean,
            "perplexity": math.exp(min(mean, 700)),
            "accuracy": right / max(count, 1),
        }


class TokenProblem(_WordProblem[Batch]):
    """Say which token stands at a place, or follows it."""

    def __init__(self, model: TokenModel, train: Pieces, dev: Pieces, asking: Asking[Batch]) -> None:
        super().__init__(model, train, dev, asking)
        self._network = model

    def loss(self, batch: Batch) -> Loss:
        """Cross-entropy of what is right."""
        return Loss(places_loss(self._network, batch.texts, batch.places, batch.targets), len(batch.targets))

    def _scored(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return score_places(self._network, batch.texts, batch.places), batch.targets


class DenoisingProblem(_WordProblem[RewriteBatch]):
    """Say of each token of what is to be written which one it is, by what is left of the text."""

    def __init__(self, model: Seq2SeqModel, train: Pieces, dev: Pieces, asking: Asking[RewriteBatch]) -> None:
        super().__init__(model, train, dev, asking)
        self._network = model

    def loss(self, batch: RewriteBatch) -> Loss:
        """Cross-entropy of what is right."""
        return Loss(word_loss(*asked_words(self._network, batch)).smoothed, int((batch.right >= 0).sum()))

    def _scored(self, batch: RewriteBatch) -> tuple[Tensor, Tensor]:
        vectors, words, right = asked_words(self._network, batch)
        return words(vectors[right >= 0]).float(), right[right >= 0]


class Pair(nn.Module):
    """A generator that fills masked places, and a discriminator that tells which tokens are not its text's own.

    Both read with the same embeddings, and the generator scores words with them too (arXiv 2003.10555, section 3.2).
    """

    def __init__(self, generator: TokenModel, discriminator: TokenModel) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        ours, theirs = generator.encoder.embedding, discriminator.encoder.embedding
        tied = generator.head is not None and generator.head.output.weight is ours.tokens.weight
        ours.tokens, ours.segments, ours.positions = theirs.tokens, theirs.segments, theirs.positions
        if tied and generator.head is not None:
            generator.head.output.weight = theirs.tokens.weight


class ReplacedProblem(_TextProblem[Batch]):
    """Tell which tokens a generator has put in place of others, while it learns to do so (arXiv 2003.10555, eq. 3)."""

    def __init__(self, model: Pair, train: Pieces, dev: Pieces, asking: Asking[Batch], weight: float) -> None:
        super().__init__(model, train, dev, asking)
        self._pair, self._weight = model, weight

    def loss(self, batch: Batch) -> Loss:
        """The generator's mean loss at the masked places, and the discriminator's at all, which counts more."""
        filled, told, _ = self._both(batch)
        return Loss(
            filled + self._weight * told * (len(batch.targets) / batch.texts.layout.num_queries), len(batch.targets)
        )

    def scores(self) -> dict[str, float]:
        """Both losses on the held-out text, and how many of the tokens, and of the replaced ones, are told rightly.

        No loss can say which weights are best: while the generator is poor, its tokens are easily told. So the score
        is the number of the epoch, and the last weights are kept.
        """
        filled, told, places, tokens = 0.0, 0.0, 0, 0
        right = torch.zeros(3)
        for batch in self._held_out():
            losses = self._both(batch)
            filled, told = filled + float(losses[0]), told + float(losses[1])
            places, tokens = places + len(batch.targets), tokens + batch.texts.layout.num_queries
            right += losses[2].cpu()
        filled, told = filled / max(places, 1), told / max(tokens, 1)
        loss = filled + self._weight * told
        found = {
            "accuracy": float(right[0]) / max(tokens, 1),
            "replaced_found": float(right[1] / right[2].clamp(min=1)),
        }
        return {"score": self._epoch + 1.0, "loss_dev": loss, "loss_generator": filled, "loss_replaced": told, **found}

    def _both(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """The summed losses; and how many tokens are told rightly, how many replaced ones, and of how many."""
        guesses = score_places(self._pair.generator, batch.texts, batch.places)
        ids = batch.texts.ids.clone()
        ids[batch.places] = drawn_tokens(guesses, batch.draws)
        replaced = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)
        replaced[batch.places] = ids[batch.places] != batch.targets
        scores = self._pair.discriminator(TokenBatch(layout=batch.texts.layout, ids=ids)).float().squeeze(-1)
        told = F.binary_cross_entropy_with_logits(scores, replaced.float(), reduction="sum")
        right = (scores.detach() > 0) == replaced
        counts = torch.stack([right.sum(), (right & replaced).sum(), replaced.sum()]).float()
        return F.cross_entropy(guesses, batch.targets, reduction="sum"), told, counts


def score_places(model: TokenModel, texts: TokenBatch, places: Tensor) -> Tensor:
    """Scores of all tokens at some places only."""
    assert model.head is not None
    return model.head(model.encoder.at(texts, places)).float()


def places_loss(model: TokenModel, texts: TokenBatch, places: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of what is right at some places, summed; never of more scores at a time than it takes."""
    head = model.head
    assert head is not None
    words = head.output
    if isinstance(words, nn.Linear) and words.bias is None:
        return word_loss(head.hidden(model.encoder.at(texts, places)), words, targets).smoothed
    return F.cross_entropy(score_places(model, texts, places), targets, reduction="sum")


@torch.no_grad()
def drawn_tokens(scores: Tensor, draws: Tensor) -> Tensor:
    """A token for each row of scores, by its softmax: the first whose share, with those before it, exceeds the draw."""
    shares = scores.softmax(-1).cumsum(-1)
    found = torch.searchsorted(shares, (draws * shares[:, -1])[:, None], right=True)[:, 0]
    return found.clamp(max=scores.shape[-1] - 1)
