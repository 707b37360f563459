"""Which word of a source each word that is written from it looks at, by the attention between the two.

The weights of a word are those of the step that writes it. In a large model they may be those of the step that reads it
(arXiv 2004.14837, section 3.1); in ours only the first layer looks so late, and the mean over all layers links words
four times as well at the step before (docs/results.md).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from attendo.attention import Layout, Observe, Observed, listen
from attendo.data import plan_in_order
from attendo.errors import DataError
from attendo.models import Seq2SeqBatch, Seq2SeqModel, TokenBatch, one_later
from attendo.tasks.translating.pairs import PairEncoder
from attendo.text import Encoding, split_words

WHOLE = 1 << 30
"""Cells a side of a map that is not pooled."""
TOKENS = 4096
"""Tokens of both sides that are read at a time; of each attention whole matrices are held."""

Bounds = Sequence[tuple[int, int]]
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WordAlignment:
    """A source, what was written from it, and which of their words belong together.

    Attributes:
        source_words: first character of each word, and one past its last; `target_words` likewise.
        weights: how much each word of the target looks at each of the source, (words, words); each row sums to one,
            or is zero where a word is not read.
    """

    source: str
    target: str
    source_words: Bounds
    target_words: Bounds
    weights: NDArray[np.float64]

    @property
    def links(self) -> list[tuple[int, int]]:
        """For each word of the target the one of the source that it looks at most: numbers of both, source first."""
        if not self.weights.size:
            return []
        best = self.weights.argmax(1).tolist()
        return [(word, number) for number, word in enumerate(best) if self.weights[number, word] > 0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The linked words themselves."""
        own, other = ([text[a:b] for a, b in words] for text, words in self._sides)
        return [(own[source], other[target]) for source, target in self.links]

    @property
    def _sides(self) -> tuple[tuple[str, Bounds], tuple[str, Bounds]]:
        return (self.source, self.source_words), (self.target, self.target_words)


def align_words(
    network: Seq2SeqModel,
    encoder: PairEncoder,
    sources: Sequence[str],
    targets: Sequence[str],
    layers: Sequence[int] | None = None,
) -> list[WordAlignment]:
    """Link the words of texts to those of their sources.

    Args:
        layers: of the decoder, counted from 0; the mean over their heads counts. All by default.
    Raises:
        DataError: if there are not as many of each, or the model has no attention between the two.
    """
    if len(sources) != len(targets):
        raise DataError(f"There are {len(sources)} sources but {len(targets)} targets.")
    modules = network.cross_attentions
    chosen = modules if layers is None else [modules[layer] for layer in layers]
    if not chosen:
        raise DataError("This model has no attention from what it writes to what it reads, so nothing can be aligned.")
    read = encoder.encode(sources).encodings
    written = encoder.target.encode_batch(list(targets))
    ids = [encoder.framed(each)[: network.decoder.max_length] for each in written]
    opening = encoder.opening
    found: list[WordAlignment | None] = [None] * len(sources)
    for numbers in plan_in_order([len(a) + len(b) for a, b in zip(read, ids, strict=True)], TOKENS):
        pairs = [read[number].ids for number in numbers], [ids[number] for number in numbers]
        maps = _maps(network, chosen, encoder.marks.start, *pairs)
        for number, weights in zip(numbers, maps, strict=True):
            own, other = split_words(sources[number]), split_words(targets[number])
            rows = _touched(written[number], other, opening, len(weights))
            shares = _of_words(weights, rows, _touched(read[number], own), (len(other), len(own)))
            found[number] = WordAlignment(sources[number], targets[number], own, other, shares)
    return [each for each in found if each is not None]


def _maps(
    network: Seq2SeqModel, modules: Sequence[nn.Module], start: int | None, sources: list, targets: list
) -> list[NDArray[np.float64]]:
    """The weights of each token of the targets, as it is written, on each token of its source: (T, S) for each text."""
    source, target = _row(sources), _row(targets)
    device = next(network.parameters()).device
    moved = TokenBatch(layout=target.layout, ids=one_later(target.ids, target.layout, start))
    listener = _Maps(modules)
    with torch.inference_mode(), listen(listener):
        network.vectors(Seq2SeqBatch(source=source, target=moved).to(device))
    return listener.means(len(sources))


def _row(rows: list) -> TokenBatch:
    return TokenBatch(layout=Layout(tuple(map(len, rows))), ids=torch.from_numpy(np.concatenate(rows).astype(np.int64)))


class _Maps:
    """Hears whole weights of some modules."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self._modules, self._heard = {id(each) for each in modules}, []

    def request(self, module: nn.Module) -> Observe | None:
        return Observe(map=WHOLE) if id(module) in self._modules else None

    def report(self, module: nn.Module, observed: Observed) -> None:
        assert isinstance(observed.map, tuple), "packed texts are told apart"
        self._heard.append([each.mean(-3).double().cpu().numpy() for each in observed.map])

    def means(self, texts: int) -> list[NDArray[np.float64]]:
        """Of each text the mean over heads and modules."""
        return [np.mean([each[text] for each in self._heard], axis=0) for text in range(texts)]


Touched = tuple[Longs, Longs, Floats]
"""Tokens and words that share characters, and what part of its token each word is."""


def _touched(encoding: Encoding, words: Bounds, first: int = 0, most: int | None = None) -> Touched:
    """Which tokens the words of a text are made of; a token may be part of a word, or several words.

    Args:
        first: the token that is counted as 0, and `most` how many there are from there on.
    """
    starts, ends = encoding.starts[first:].tolist(), encoding.ends[first:].tolist()
    found = [
        (token, word)
        for token, (start, end) in enumerate(zip(starts[:most], ends[:most], strict=True))
        if end > start
        for word in _between(words, start, end)
    ]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    shares = 1 / np.bincount(pairs[:, 0])[pairs[:, 0]] if len(pairs) else np.zeros(0)
    return pairs[:, 0], pairs[:, 1], shares


def _between(words: Bounds, start: int, end: int) -> range:
    """The words that have a character of a stretch of text."""
    first = bisect_right(words, start, key=lambda word: word[1])
    return range(first, bisect_left(words, end, lo=first, key=lambda word: word[0]))


def _of_words(weights: Floats, rows: Touched, columns: Touched, shape: tuple[int, int]) -> Floats:
    """Sums over the tokens of words of both sides, as shares of the row; (words of the target, words of the source).

    A token of the source that is several words is divided among them; one of the target tells of all its words.
    """
    found = np.zeros(shape)
    (tokens, words, _), (others, sources, shares) = rows, columns
    np.add.at(found, (words[:, None], sources), weights[tokens][:, others] * shares)
    total = found.sum(1, keepdims=True)
    return np.divide(found, total, out=np.zeros_like(found), where=total > 0)
