"""What each attention layer of a model looks at, over a set of texts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from attendo.attention import Layout, Observe, Observed, listen
from attendo.data import Example, TaggedText, plan_in_order
from attendo.models import DeepPath, Reader, TextClassifier
from attendo.nn import MultiHeadAttention
from attendo.tasks.classify import PREDICT_TOKENS, texts_of
from attendo.tasks.encoding import EncodedTexts
from attendo.tasks.piece_words import PieceWords
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.tasks.reading import Encoder
from attendo.tasks.words import WordEncoder


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


def look(
    network: nn.Module, encoder: Encoder, examples: Sequence[Example], most_words: int = 20
) -> tuple[LayerLook, ...]:
    """Run a model over the texts and sum up what its attention layers look at: words, or pieces of a tokenizer."""
    tokens = isinstance(network, Reader)
    view = _pieces_seen(network, encoder, examples) if tokens else _words_seen(network, encoder, examples)
    return _looked(network, view, most_words)


def look_at_words(
    network: nn.Module, encoder: WordEncoder, texts: Sequence[TaggedText], most_words: int = 20
) -> tuple[LayerLook, ...]:
    """The same for a model that reads texts with known words; texts of more than one window are left out."""
    whole = encoder.encode_words([text.text for text in texts], [text.words for text in texts])
    windows = Counter(whole.owners.tolist())
    texts = [text for number, text in enumerate(texts) if windows[number] == 1 and text.words]
    read = encoder.encode_words([text.text for text in texts], [text.words for text in texts]).texts
    examples = [Example(text.text) for text in texts]
    if isinstance(read, EncodedTexts):
        assert isinstance(network, DeepPath)
        tokens = read.tokens
        spelled = _words(examples, read.lengths, tokens.bounds.tolist(), tokens.seconds.tolist())
        view = _View(lengths=read.lengths, spelled=spelled, batch=read.batch, run=network.encode)
    else:
        assert isinstance(read, EncodedPieces)
        assert isinstance(encoder, PieceWords)
        assert isinstance(network, Reader)
        spelled = _pieces(encoder.pieces, read, examples)
        view = _View(lengths=read.lengths, spelled=spelled, batch=read.batch, run=network.encoder)
    return _looked(network, view, most_words)


def _looked(network: nn.Module, view: _View, most_words: int) -> tuple[LayerLook, ...]:
    """What the attention layers look at while the network runs over a view."""
    starts = [0]
    for length in view.lengths:
        starts.append(starts[-1] + length)
    device = next(network.parameters()).device
    listener = _Sums([m for m in network.modules() if isinstance(m, MultiHeadAttention)])
    with torch.inference_mode(), listen(listener):
        for indices in plan_in_order(view.lengths, PREDICT_TOKENS):
            batch = view.batch(indices).to(device)
            listener.begin(batch.layout, [word for i in indices for word in view.spelled[starts[i] : starts[i + 1]]])
            view.run(batch)
    return listener.looks(most_words)


@dataclass(frozen=True, kw_only=True)
class _View:
    """Texts as a model reads them: how their tokens are spelled, and what runs a batch of them."""

    lengths: list[int]
    spelled: list[str]
    batch: Callable[[Sequence[int]], Any]
    run: Callable[[Any], Any]


def _words_seen(network: nn.Module, encoder: Encoder, examples: Sequence[Example]) -> _View:
    assert isinstance(network, TextClassifier)
    texts = encoder.encode(*texts_of(examples))
    assert isinstance(texts, EncodedTexts)
    tokens, lengths = texts.tokens, texts.lengths
    return _View(
        lengths=lengths,
        spelled=_words(examples, lengths, tokens.bounds.tolist(), tokens.seconds.tolist()),
        batch=partial(texts.batch, features=False),
        run=network.deep.encode,
    )


def _pieces_seen(network: Reader, encoder: Encoder, examples: Sequence[Example]) -> _View:
    assert isinstance(encoder, PieceEncoder)
    texts = encoder.encode(*texts_of(examples))
    return _View(
        lengths=texts.lengths, spelled=_pieces(encoder, texts, examples), batch=texts.batch, run=network.encoder
    )


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


def _words(examples: Sequence[Example], lengths: list[int], bounds: list[list[int]], seconds: list[bool]) -> list[str]:
    """The words of all texts as they are written, in lower case."""
    words = []
    place = 0
    for example, length in zip(examples, lengths, strict=True):
        for (start, end), second in zip(bounds[place : place + length], seconds[place : place + length], strict=True):
            words.append(((example.pair or "") if second else example.text)[start:end].lower())
        place += length
    return words


def _pieces(encoder: PieceEncoder, texts: EncodedPieces, examples: Sequence[Example]) -> list[str]:
    """The pieces of all texts as they are written, in lower case; special tokens by their names."""
    names, pieces = encoder.tokenizer.tokens(), []
    for example, found in zip(examples, texts.encodings, strict=True):
        own, last, special = example.text, 0, False
        for number, start, end in zip(found.ids.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True):
            if start < end and example.pair is not None and (start < last or (special and last)):
                own = example.pair  # not all tokenizers say where a second text begins
            pieces.append(own[start:end].lower() or names[number])
            special = start == end
            last = max(end, last) if special or own is example.text else 0
    return pieces
