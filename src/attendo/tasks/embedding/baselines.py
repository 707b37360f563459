"""The simplest vectors of texts: weighted n-grams, and weighted averages of word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from attendo.tasks.embedding.inputs import in_unit_length
from attendo.tasks.encoding import FeatureSettings, TextEncoder
from attendo.tasks.vectors import company_vectors
from attendo.text import FIRST_FREE, RowTokens, RowVocabulary

WIDTH = 300
"""Numbers of a word's vector."""
RARE = 1e-3
"""A word counts by RARE / (RARE + its share of all words) (Arora and others, ICLR 2017)."""


@dataclass(frozen=True, eq=False)
class TfIdfVectors:
    """Words and n-grams, weighted by how few texts have them; nothing is learned but these counts."""

    encoder: TextEncoder

    @classmethod
    def of(cls, texts: Sequence[str]) -> TfIdfVectors:
        """Count the n-grams of training texts."""
        return cls(TextEncoder.train(texts, None, FeatureSettings(ngrams=1)))

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Unit vectors of texts, in which most numbers are zero."""
        features = self.encoder.features(texts)
        lengths = np.sqrt(np.asarray(features.multiply(features).sum(1)).ravel())
        return csr_matrix(diags(1 / np.where(lengths > 0, lengths, 1)) @ features)


@dataclass(frozen=True, eq=False)
class AveragedVectors:
    """The average of a text's word vectors, rare words counting more, without the direction that all texts share."""

    rows: RowVocabulary
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    common: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str], seed: int = 0) -> AveragedVectors:
        """Word vectors from the company that words keep in training texts."""
        rows = RowVocabulary.train(texts, ngrams=1)
        tokens = rows.encode(texts)
        found, vectors = company_vectors(tokens, WIDTH, seed)
        table = np.zeros((rows.num_rows, vectors.shape[1] or 1), np.float32)
        table[found] = vectors if len(found) else 0
        often = np.bincount(_own(tokens), minlength=rows.num_rows) / max(int(tokens.lengths.sum()), 1)
        weights = (RARE / (RARE + often)).astype(np.float32)
        weights[:FIRST_FREE] = 0
        plain = cls(rows, table, weights, np.zeros(table.shape[1], np.float32))
        _, _, directions = np.linalg.svd(_some(plain(texts)), full_matrices=False)
        return cls(rows, table, weights, directions[0].astype(np.float32))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of texts; a text of unknown words has zeros."""
        tokens = self.rows.encode(texts)
        own = _own(tokens)
        owners = np.repeat(np.arange(len(texts)), tokens.lengths)
        sums = np.zeros((len(texts), self.vectors.shape[1]), np.float32)
        np.add.at(sums, owners, self.vectors[own] * self.weights[own, None])
        unit = in_unit_length(sums)
        return in_unit_length(unit - np.outer(unit @ self.common, self.common))


def _own(tokens: RowTokens) -> NDArray[np.int64]:
    """The row of each word itself."""
    return tokens.rows[np.cumsum(tokens.sizes) - tokens.sizes]


def _some(vectors: NDArray[np.float32], most: int = 5000) -> NDArray[np.float32]:
    """So many of the vectors, evenly taken."""
    return vectors[:: max(1, len(vectors) // most)]
