"""Texts as the numbers that a classifier reads: words as table rows, and n-grams weighted for the linear path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import torch
from annotated_types import Ge, Le
from numpy.typing import NDArray

from attendo.attention import Layout
from attendo.models import TextBatch
from attendo.nn import Bags
from attendo.tasks.comparing import PairFeatures
from attendo.tasks.reading import View
from attendo.tasks.row_files import NAME, save_arrays, saved_arrays
from attendo.tasks.spelling import spelled_rows
from attendo.text import LONGEST_NGRAM, NGramHasher, RowTokens, RowVocabulary, TfIdf, normal_form

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHUNK = 2048
"""Texts whose n-grams are counted at a time."""


@dataclass(frozen=True, kw_only=True)
class FeatureSettings:
    """What a text is described by."""

    max_words: Annotated[int, Ge(2)] = 384
    """A longer text keeps its start and its end for the deep path; the linear path reads all of it."""
    min_count: Annotated[int, Ge(1)] = 2
    """Times that a word or n-gram must occur to get a row."""
    ngrams: Annotated[int, Ge(1), Le(LONGEST_NGRAM)] = LONGEST_NGRAM
    """Longest sequence of words with a row of its own."""


@dataclass(frozen=True, eq=False)
class FeatureBlock:
    """One kind of n-grams: how they are counted and weighted, and which of them a training text had."""

    hasher: NGramHasher
    tfidf: TfIdf
    kept: NDArray[np.int64]

    @classmethod
    def train(cls, texts: Sequence[str], hasher: NGramHasher) -> FeatureBlock:
        counted = hasher([_plain(text) for text in texts])
        return cls(hasher, TfIdf.fit(counted), np.unique(counted.buckets).astype(np.int64))

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """The weighted n-grams of each text: (texts, kept)."""
        from scipy.sparse import csr_matrix, vstack

        pieces = []
        for start in range(0, max(len(texts), 1), CHUNK):
            some = [_plain(text) for text in texts[start : start + CHUNK]]
            found = self.tfidf.transform(self.hasher(some))
            place = np.searchsorted(self.kept, found.buckets).clip(max=max(len(self.kept) - 1, 0))
            known = self.kept[place] == found.buckets if len(self.kept) else np.zeros(len(found.buckets), bool)
            rows = np.repeat(np.arange(len(some)), np.diff(found.offsets))[known]
            shape = (len(some), len(self.kept))
            pieces.append(csr_matrix((found.counts[known], (rows, place[known])), shape=shape, dtype=np.float32))
        return csr_matrix(vstack(pieces, format="csr"))


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """How texts become numbers; learned from the training texts and saved with the model.

    Attributes:
        comparing: what the linear path sees of pairs; without it (as in older folders) it sees each text alone.
    """

    rows: RowVocabulary
    blocks: tuple[FeatureBlock, ...]
    paired: bool = False
    comparing: PairFeatures | None = None

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return [NAME]

    @property
    def num_features(self) -> int:
        """Features of the linear path."""
        compared = 0 if self.comparing is None else self.comparing.size
        return sum(len(block.kept) for block in self.blocks) * (2 if self.paired else 1) + compared

    @classmethod
    def train(
        cls, texts: Sequence[str], pairs: Sequence[str] | None = None, settings: FeatureSettings | None = None
    ) -> TextEncoder:
        """Learn from the training texts which words and n-grams there are."""
        settings = settings or FeatureSettings()
        everything = [*texts, *(pairs or ())]
        rows = RowVocabulary.train(
            everything, max_words=settings.max_words, min_count=settings.min_count, ngrams=settings.ngrams
        )
        hashers = _hashers(everything)
        blocks = tuple(FeatureBlock.train(everything, hasher) for hasher in hashers)
        if pairs is None:
            return cls(rows, blocks)
        both = [(block.matrix(texts), block.matrix(pairs)) for block in blocks]
        return cls(rows, blocks, True, PairFeatures.train(both, *_plain_texts(texts, pairs)))

    def features(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> csr_matrix:
        """The linear path's features: (texts, num_features)."""
        from scipy.sparse import csr_matrix, hstack

        columns = [block.matrix(texts) for block in self.blocks]
        if self.paired:
            pairs = pairs or [""] * len(texts)
            seconds = [block.matrix(pairs) for block in self.blocks]
            if self.comparing is not None:
                both = list(zip(columns, seconds, strict=True))
                return csr_matrix(self.comparing.matrix(both, *_plain_texts(texts, pairs)))
            columns += seconds
        return csr_matrix(hstack(columns, format="csr"))

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedTexts:
        """Texts ready to be cut into batches."""
        if self.paired and pairs is None:
            pairs = [""] * len(texts)
        return EncodedTexts(self.rows.encode(texts, pairs if self.paired else None), self.features(texts, pairs))

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """The texts as the deep path reads them, with how their words are written."""
        from scipy.sparse import csr_matrix

        if self.paired and pairs is None:
            pairs = [""] * len(texts)
        tokens = self.rows.encode(texts, pairs if self.paired else None)
        read = EncodedTexts(tokens, csr_matrix((len(texts), 0), dtype=np.float32))
        return View(texts=read, rows=range(len(texts)), spelled=spelled_rows(tokens, texts, pairs))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays, and return the settings that go beside them."""
        arrays = {"rows": self.rows.keys.view(np.int64)}
        for number, block in enumerate(self.blocks):
            arrays |= {f"kept.{number}": block.kept, f"idf.{number}": block.tfidf.idf[block.kept]}
        if self.comparing is not None:
            arrays |= {"pairs.steps": self.comparing.steps, "pairs.kept": self.comparing.kept}
        save_arrays(folder, arrays)
        hashers = [asdict(block.hasher) for block in self.blocks]
        settings = {"max_words": self.rows.max_words, "paired": self.paired, "ngrams": hashers}
        return settings | ({} if self.comparing is None else {"comparing": True})

    @classmethod
    def load(cls, folder: Path, settings: dict[str, Any]) -> TextEncoder:
        """Read what `save` wrote.

        Raises:
            ModelFolderError: if the file is missing or damaged.
        """
        with saved_arrays(folder) as arrays:
            rows = RowVocabulary(arrays["rows"].view(np.uint64), settings["max_words"])
            blocks = []
            for number, each in enumerate(settings["ngrams"]):
                hasher = NGramHasher(**{name: _tuple(value) for name, value in each.items()})
                idf, kept = np.zeros(hasher.buckets, np.float32), arrays[f"kept.{number}"]
                idf[kept] = arrays[f"idf.{number}"]
                blocks.append(FeatureBlock(hasher, TfIdf(idf=idf), kept))
            compares = bool(settings.get("comparing"))
            comparing = PairFeatures(arrays["pairs.steps"], arrays["pairs.kept"]) if compares else None
        return cls(rows, tuple(blocks), settings["paired"], comparing)


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Texts as numbers, kept compactly, from which batches are cut."""

    tokens: RowTokens
    features: csr_matrix

    @cached_property
    def _word_ends(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.tokens.lengths)])

    @cached_property
    def _row_ends(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.tokens.sizes)])

    def __len__(self) -> int:
        return len(self.tokens.lengths)

    @property
    def lengths(self) -> list[int]:
        """Words of each text."""
        return self.tokens.lengths.tolist()

    def batch(self, indices: Sequence[int], *, features: bool = True) -> TextBatch:
        """Some of the texts as one packed row; without features where only the deep path runs."""
        chosen = np.asarray(indices, dtype=np.int64)
        words = _ranges(self._word_ends, chosen)
        rows = _ranges(self._row_ends, words)
        sizes = self.tokens.sizes[words]
        tokens = Bags(
            torch.from_numpy(self.tokens.rows[rows]),
            torch.from_numpy(np.cumsum(sizes) - sizes),
            torch.from_numpy(self.tokens.weights[rows]),
        )
        some = self.features[chosen] if features else self.features[:0]
        return TextBatch(
            layout=Layout(tuple(self.tokens.lengths[chosen].tolist())),
            tokens=tokens,
            features=Bags(
                torch.from_numpy(some.indices.astype(np.int64)),
                torch.from_numpy(some.indptr[:-1].astype(np.int64)),
                torch.from_numpy(some.data.astype(np.float32)),
            ),
        )


def _ranges(ends: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """All places of the chosen ranges, one range after the other."""
    sizes = ends[chosen + 1] - ends[chosen]
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(ends[chosen], sizes) + within


def _hashers(texts: Sequence[str]) -> tuple[NGramHasher, ...]:
    """Characters for Chinese; words, and characters beside them, for text with spaces."""
    sample = "".join(texts[:2000])[:200_000]
    chinese = sum("\u3400" <= character <= "\u9fff" for character in sample)
    if chinese > 0.2 * len(sample):
        return (NGramHasher(characters=(1, 3), words=None),)
    return NGramHasher(characters=None, words=(1, 2)), NGramHasher(characters=(2, 5), words=None)


def _plain(text: str) -> str:
    """The text as n-grams see it: compatibility forms made plain, lower case, single blanks, one at each end."""
    return f" {' '.join(normal_form(text).split())} "


def _plain_texts(*sets: Sequence[str]) -> tuple[list[str], ...]:
    return tuple([_plain(text) for text in texts] for texts in sets)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
