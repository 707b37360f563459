"""From windows of words to scores, tags and probabilities of whole texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.data import plan_in_order
from attendo.nn import Allowed, Chain
from attendo.spans import LabelledSpan
from attendo.tasks.classify import PREDICT_TOKENS
from attendo.tasks.tagging.tag_set import TagSet
from attendo.tasks.words import WordBatch, WordInputs


class WordScorer(nn.Module):
    """A network that scores tokens, and a chain that knows which tags follow each other.

    Args:
        learned: whether the chain learns; otherwise its scores stay nothing, and each word is judged on its own.
    """

    def __init__(self, network: nn.Module, num_tags: int, *, learned: bool) -> None:
        super().__init__()
        self.network, self.chain = network, Chain(num_tags)
        for parameter in self.chain.parameters():
            parameter.requires_grad_(learned)

    def forward(self, batch: WordBatch) -> Tensor:
        """The scores of each judged word: (words, scores)."""
        return self.network(batch.texts)[batch.places].float()


class WordTagger(WordScorer):
    """A scorer whose scores are those of the tags."""

    def loss(self, batch: WordBatch, tags: Tensor) -> Tensor:
        """How unlikely the tags are, over all texts; where the chain does not learn, their cross-entropy."""
        return -self.chain.log_likelihood(self(batch), tags, batch.layout).sum()


@torch.inference_mode()
def score_words(tagger: nn.Module, inputs: WordInputs, num_texts: int) -> list[Tensor]:
    """Scores of the words of each text, (words, tags), on the CPU, whatever windows they were read in."""
    device = next(tagger.parameters()).device
    windows: list[Tensor] = [torch.zeros(0)] * len(inputs)
    for indices in plan_in_order(inputs.lengths, PREDICT_TOKENS):
        batch = inputs.batch(indices).to(device)
        for index, each in zip(indices, batch.layout.split(tagger(batch)), strict=True):
            windows[index] = each.cpu()
    texts: list[list[Tensor]] = [[] for _ in range(num_texts)]
    for owner, window in zip(inputs.owners.tolist(), windows, strict=True):
        texts[owner].append(window)
    return [torch.cat(each) for each in texts]


def best_tags(chain: Chain, scores: Sequence[Tensor], tags: TagSet, *, constrained: bool) -> list[NDArray[np.int64]]:
    """The best tags of each text, as numbers.

    Args:
        constrained: whether only tags may be chosen that the scheme allows one after the other.
    """
    allowed, device = rules(tags, constrained), chain.starts.device
    found: list[NDArray[np.int64]] = []
    for part in _parts(scores):
        layout = Layout(tuple(len(each) for each in part))
        best = chain.best(torch.cat(part).to(device), layout, allowed and allowed.to(device))
        found += [each.numpy() for each in layout.split(best.cpu())]
    return found


def sure_of(
    chain: Chain, scores: Sequence[Tensor], tags: TagSet, best: Sequence[NDArray[np.int64]], *, constrained: bool
) -> list[list[tuple[LabelledSpan, float]]]:
    """The spans that the best tags of each text mean, with the probability that exactly those words have those tags."""
    spans = [tags.spans(each) for each in best]
    device, allowed = chain.starts.device, rules(tags, constrained)
    found: list[list[tuple[LabelledSpan, float]]] = []
    for part in _parts(scores):
        mine = spans[len(found) : len(found) + len(part)]
        starts = np.cumsum([0, *map(len, part)])
        first = [start + span.start for start, each in zip(starts, mine, strict=False) for span in each]
        last = [start + span.end - 1 for start, each in zip(starts, mine, strict=False) for span in each]
        chosen = torch.from_numpy(np.concatenate(best[len(found) : len(found) + len(part)]))
        logs = chain.span_probability(
            torch.cat(part).to(device),
            Layout(tuple(map(len, part))),
            chosen.to(device),
            torch.tensor(first, dtype=torch.int64, device=device),
            torch.tensor(last, dtype=torch.int64, device=device),
            allowed and allowed.to(device),
        )
        chances = iter(logs.double().exp().clamp(max=1).tolist())
        found += [[(span, next(chances)) for span in each] for each in mine]
    return found


def rules(tags: TagSet, constrained: bool) -> Allowed | None:
    """Which tags the scheme allows one after the other, where that counts."""
    if not constrained or tags.is_plain:
        return None
    return Allowed(*(torch.from_numpy(mask) for mask in tags.allowed))


def _parts(scores: Sequence[Tensor], most: int = 8 * PREDICT_TOKENS) -> list[list[Tensor]]:
    """As many texts at a time as keep the chain busy."""
    parts: list[list[Tensor]] = []
    room = 0
    for each in scores:
        if room <= 0:
            parts.append([])
            room = most
        parts[-1].append(each)
        room -= len(each)
    return parts
