"""Texts as the windows that a model reads, however long they are, and how much each window counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from attendo.data import plan_in_order
from attendo.errors import InputError
from attendo.tasks.classify import PREDICT_TOKENS
from attendo.tasks.embedding.network import TextVectors
from attendo.tasks.encoding import EncodedTexts
from attendo.tasks.piece_words import PieceWords
from attendo.tasks.pieces import EncodedPieces, OnPieces
from attendo.tasks.reading import Encoded, View
from attendo.tasks.row_words import RowWords
from attendo.text import split_words


@dataclass(frozen=True, kw_only=True, eq=False)
class TextInputs:
    """Texts as windows, in the order of the texts.

    Attributes:
        owners: the number of the text that each window is of.
        weights: how many words each window is to speak for; of a text with one window any number.
    """

    texts: Encoded
    owners: NDArray[np.int64]
    weights: NDArray[np.float32]

    @property
    def firsts(self) -> NDArray[np.int64]:
        """The first window of each text."""
        return np.flatnonzero(np.diff(self.owners, prepend=-1))

    @property
    def cut(self) -> int:
        """Texts of several windows."""
        return int((np.bincount(self.owners) > 1).sum()) if len(self.owners) else 0


@dataclass(frozen=True, eq=False)
class RowTexts:
    """Texts as words with table rows, for models that are trained from scratch."""

    words: RowWords
    paired: bool | None = False

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return self.words.files

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Encoded:
        """Texts, cut to what the model reads."""
        none = csr_matrix((len(texts), 0), dtype=np.float32)
        return EncodedTexts(self.words.rows.encode(texts), none)

    def windows(self, texts: Sequence[str]) -> TextInputs:
        """All of each text."""
        found = self.words.encode_words(texts, _bounds(texts))
        weights = np.array([len(places) for places in found.places], dtype=np.float32)
        return TextInputs(texts=found.texts, owners=found.owners, weights=np.maximum(weights, 1))

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """The texts with how their words are written; those of no word or of more than one window are left out."""
        return self.words.view(texts, _bounds(texts))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the rows, and return the settings that go beside them."""
        return self.words.save(folder)


@dataclass(frozen=True, eq=False)
class PieceTexts(OnPieces):
    """Texts as the pieces of a tokenizer; those that are too long in windows of words.

    Attributes:
        lower: whether texts are put into small letters first, as some folders ask for.
    """

    lower: bool = False

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedPieces:
        """Texts, cut to what the model reads."""
        return self.pieces.encode(self._lowered(texts))

    def windows(self, texts: Sequence[str]) -> TextInputs:
        """All of each text."""
        texts, most = self._lowered(texts), self.pieces.max_tokens
        whole = replace(self.pieces, max_tokens=None).encode(texts).encodings
        encodings, owners, weights = [], [], []
        for number, each in enumerate(whole):
            if most is None or len(each) <= most:
                encodings.append(each)
                owners.append(number)
                weights.append(1)
                continue
            found = PieceWords(self.pieces).encode_words([texts[number]], _bounds([texts[number]]))
            assert isinstance(found.texts, EncodedPieces)
            encodings += found.texts.encodings
            owners += [number] * len(found)
            weights += [max(len(places), 1) for places in found.places]
        return TextInputs(
            texts=EncodedPieces(encodings),
            owners=np.array(owners, dtype=np.int64),
            weights=np.array(weights, dtype=np.float32),
        )

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """The texts with how their pieces are written; those of no word or of more than one window are left out."""
        texts = self._lowered(texts)
        return PieceWords(self.pieces).view(texts, _bounds(texts))

    def _lowered(self, texts: Sequence[str]) -> list[str]:
        return [text.lower() for text in texts] if self.lower else list(texts)


TextReader = RowTexts | PieceTexts


@torch.inference_mode()
def vectors_of(network: TextVectors, inputs: TextInputs) -> NDArray[np.float32]:
    """The vector of each text, (texts, width): the mean over its windows, each counting by the words it speaks for."""
    device = next(network.parameters()).device
    count = int(inputs.owners[-1]) + 1 if len(inputs.owners) else 0
    found = np.zeros((count, network.width), np.float32)
    shares = inputs.weights / np.bincount(inputs.owners, inputs.weights, minlength=count)[inputs.owners]
    for indices in plan_in_order(inputs.texts.lengths, PREDICT_TOKENS):
        batch: Any = inputs.texts.batch(indices)
        vectors = network(batch.to(device)).float().cpu().numpy()
        chosen = np.asarray(indices)
        np.add.at(found, inputs.owners[chosen], vectors * shares[chosen, None].astype(np.float32))
    return found


def in_unit_length(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """The same directions, each vector of length one; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def checked_size(size: int | None, width: int) -> int:
    """To how many numbers vectors are cut.

    Raises:
        InputError: if there are not so many.
    """
    if size is None:
        return width
    if not 1 <= size <= width:
        raise InputError(f"`size` must lie between 1 and {width}, the width of the model's vectors, but is {size}.")
    return size


def _bounds(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    return [[(start, end) for start, end in split_words(text)] for text in texts]
