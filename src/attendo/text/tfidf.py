"""Weights that make rare n-grams count more than frequent ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.errors import DataError, ShapeError
from attendo.text.ngrams import Bags


@dataclass(frozen=True, kw_only=True, eq=False)
class TfIdf:
    """Inverse document frequencies, learned from bags of texts and applied to any others."""

    idf: NDArray[np.float32]
    """Factor of each bucket: ln((1 + texts) / (1 + texts that have it)) + 1, and 0 for what no text had."""

    @classmethod
    def fit(cls, bags: Bags) -> TfIdf:
        """Learn how rare each bucket is."""
        if not len(bags):
            raise DataError("There is no text to learn tf-idf weights from.")
        having = np.bincount(bags.buckets, minlength=bags.width)
        seen = np.flatnonzero(having)  # most buckets are empty, and logarithms take time
        idf = np.zeros(bags.width, np.float32)
        idf[seen] = np.log((1 + len(bags)) / (1 + having[seen])) + 1
        return cls(idf=idf)

    def transform(self, bags: Bags) -> Bags:
        """The bags with weights for counts: count times factor, each row of length 1, or of length 0 if all is new."""
        if bags.width != len(self.idf):
            raise ShapeError(f"The bags have {bags.width} buckets, but these weights are for {len(self.idf)}.")
        weights = bags.counts.astype(np.float64) * self.idf[bags.buckets]
        rows = np.repeat(np.arange(len(bags)), np.diff(bags.offsets))
        norms = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(bags)))
        norms[norms == 0] = 1
        scaled = (weights / norms[rows]).astype(np.float32)
        return Bags(offsets=bags.offsets, buckets=bags.buckets, counts=scaled, width=bags.width)
