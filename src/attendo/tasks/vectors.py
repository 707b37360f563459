"""First vectors for words from the texts themselves: words that keep the same company begin alike.

Positive pointwise mutual information of neighbouring words, factored (Levy and Goldberg, NeurIPS 2014): seconds of
work, no labels, no outside data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attendo.text import FIRST_FREE, RowTokens

WINDOW = 4


def company_vectors(tokens: RowTokens, width: int, seed: int = 0) -> tuple[NDArray, NDArray]:
    """The rows of the words that were seen, and a vector of about unit variance for each of them."""
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.utils.extmath import randomized_svd

    own = tokens.rows[np.cumsum(tokens.sizes) - tokens.sizes]
    text = np.repeat(np.arange(len(tokens.lengths)), tokens.lengths)
    rows, words = np.unique(own, return_inverse=True)
    known = own >= FIRST_FREE
    if len(rows) <= 2:
        return np.zeros(0, np.int64), np.zeros((0, width), np.float32)
    left, right, weight = [], [], []
    for step in range(1, WINDOW + 1):
        near = (text[:-step] == text[step:]) & known[:-step] & known[step:]
        left += [words[:-step][near], words[step:][near]]
        right += [words[step:][near], words[:-step][near]]
        weight.append(np.full(2 * int(near.sum()), 1 / step))
    shape = (len(rows), len(rows))
    together = csr_matrix((np.concatenate(weight), (np.concatenate(left), np.concatenate(right))), shape=shape)
    often = np.asarray(together.sum(1)).ravel() + 1e-9
    company = often**0.75
    pairs = coo_matrix(together)
    information = np.log(pairs.data * company.sum() / (often[pairs.row] * company[pairs.col]))
    positive = csr_matrix((np.maximum(information, 0), (pairs.row, pairs.col)), shape=shape)
    rank = min(width, len(rows) - 2)
    factors: Any = randomized_svd
    vectors, values, _ = factors(positive, rank, n_iter=2, random_state=seed)
    vectors = vectors * np.sqrt(values)
    vectors /= max(float(vectors.std()), 1e-9)
    vectors = np.pad(vectors, ((0, 0), (0, width - rank)))
    seen = rows >= FIRST_FREE
    return rows[seen], vectors[seen].astype(np.float32)
