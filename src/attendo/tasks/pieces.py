"""Texts as the pieces of a tokenizer, for models that read ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attendo.attention import Layout
from attendo.models import TokenBatch
from attendo.text import Encoding, Tokenizer


@dataclass(frozen=True, eq=False)
class PieceEncoder:
    """A tokenizer, and how many of its pieces a model reads at most."""

    tokenizer: Tokenizer
    max_tokens: int | None = None
    paired: bool | None = None

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return ["special_tokens_map.json", "tokenizer_config.json", "tokenizer.json"]

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedPieces:
        """Texts ready to be cut into batches."""
        return EncodedPieces(self.tokenizer.encode_batch(texts, pairs, max_tokens=self.max_tokens))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizer's files; there is nothing beside them."""
        self.tokenizer.save(folder)
        return {}


@dataclass(frozen=True, eq=False)
class EncodedPieces:
    """Texts as ids."""

    encodings: list[Encoding]

    def __len__(self) -> int:
        return len(self.encodings)

    @property
    def lengths(self) -> list[int]:
        """Pieces of each text."""
        return [len(encoding) for encoding in self.encodings]

    def batch(self, indices: Sequence[int]) -> TokenBatch:
        """Some of the texts as one packed row."""
        chosen = [self.encodings[i] for i in indices]
        ids, segments = (
            torch.from_numpy(np.concatenate([getattr(each, name) for each in chosen] or [np.zeros(0)]).astype(np.int64))
            for name in ("ids", "segments")
        )
        return TokenBatch(layout=Layout(tuple(len(each) for each in chosen)), ids=ids, segments=segments)
