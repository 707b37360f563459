"""What each attention layer of a model looks at, over a set of texts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attendo.attention import Layout, Observe, Observed, listen
from attendo.data import plan_in_order
from attendo.models import DeepPath, Reader, Seq2SeqModel, TextClassifier
from attendo.nn import MultiHeadAttention
from attendo.tasks.classify import PREDICT_TOKENS
from attendo.tasks.reading import View


@dataclass(frozen=True, kw_only=True)
class WordReceived:
    """A word and the attention that it receives, as a multiple of what an even spread would give it."""

    word: str
    times: int
    received: float


@dataclass(frozen=True, kw_only=True)
class LayerLook:
    """What one layer looks at, each number a mean over texts and words; one entry for each head.

    Attributes:
        entropy: of the weights, as a share of the largest possible (the logarithm of the text's length).
        distance: how many words away a head looks.
        even_distance: how many words away it would look if it looked everywhere alike.
        received: the words that draw most attention, over all heads.
    """

    layer: int
    entropy: tuple[float, ...]
    distance: tuple[float, ...]
    even_distance: float
    received: tuple[WordReceived, ...]


def look(network: nn.Module, view: View, most_words: int = 20) -> tuple[LayerLook, ...]:
    """Run a model over texts and sum up what its attention layers look at: words, or pieces of a tokenizer."""
    run = _tower(network)
    device = next(network.parameters()).device
    listener = _Sums([m for m in network.modules() if isinstance(m, MultiHeadAttention)])
    with torch.inference_mode(), listen(listener):
        for indices in plan_in_order(view.lengths, PREDICT_TOKENS):
            batch: Any = view.batch(indices).to(device)
            listener.begin(batch.layout, [token for index in indices for token in view.spelled[index]])
            run(batch)
    return listener.looks(most_words)


def _tower(network: nn.Module) -> Callable[[Any], Any]:
    """The part of a model that turns tokens into vectors."""
    if isinstance(network, TextClassifier):
        network = network.deep
    if isinstance(network, DeepPath):
        return network.encode
    assert isinstance(network, Reader | Seq2SeqModel)
    return network.encoder


class _Sums:
    """A listener that keeps sums, never the weights themselves."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self._number = {id(layer): number for number, layer in enumerate(layers)}
        self._entropy: dict[int, Tensor] = {}
        self._distance: dict[int, Tensor] = {}
        self._received: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        self._tokens, self._even = 0, 0.0

    def begin(self, layout: Layout, words: list[str]) -> None:
        """Say which texts come next."""
        self._words = words
        lengths = torch.tensor(layout.query_lengths, dtype=torch.float64)
        self._spread = torch.repeat_interleave(lengths.log().clamp(min=1e-9), lengths.long())
        self._alone = torch.repeat_interleave(lengths == 1, lengths.long())
        self._tokens += layout.num_queries
        self._even += float(((lengths**2 - 1) / 3).clamp(min=0).sum())  # sum over a text of the mean |i - j|

    def request(self, module: nn.Module) -> Observe | None:
        return Observe(entropy=True, distance=True, received=True) if id(module) in self._number else None

    def report(self, module: nn.Module, observed: Observed) -> None:
        layer = self._number[id(module)]
        assert observed.entropy is not None
        assert observed.distance is not None
        assert observed.received is not None
        entropy = (observed.entropy.double().cpu() / self._spread).masked_fill(self._alone, 0.0).sum(-1)
        self._entropy[layer] = self._entropy.get(layer, torch.zeros_like(entropy)) + entropy
        distance = observed.distance.double().cpu().sum(-1)
        self._distance[layer] = self._distance.get(layer, torch.zeros_like(distance)) + distance
        for word, value in zip(self._words, observed.received.mean(0).tolist(), strict=True):
            entry = self._received[layer][word]
            entry[0] += 1
            entry[1] += value

    def looks(self, most_words: int) -> tuple[LayerLook, ...]:
        count = max(self._tokens, 1)
        least = max(3, math.isqrt(count) // 20)
        return tuple(
            LayerLook(
                layer=layer,
                entropy=tuple((self._entropy[layer] / count).tolist()),
                distance=tuple((self._distance[layer] / count).tolist()),
                even_distance=self._even / count,
                received=_most(self._received[layer], least, most_words),
            )
            for layer in sorted(self._entropy)
        )


def _most(received: dict[str, list[float]], least: int, count: int) -> tuple[WordReceived, ...]:
    found = [
        WordReceived(word=word, times=int(times), received=total / times)
        for word, (times, total) in received.items()
        if times >= least
    ]
    return tuple(sorted(found, key=lambda each: -each.received)[:count])
