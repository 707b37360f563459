"""Texts as the pieces of a tokenizer, for models that read ids."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attendo.attention import Layout
from attendo.files import written_whole
from attendo.models import Reader, Seq2SeqModel, TokenBatch
from attendo.tasks.reading import View
from attendo.tasks.spelling import spelled_pieces
from attendo.text import TOKENIZER_FILES, Encoding, Tokenizer

UNLIMITED = 10**9
"""From here on a length means that there is none; the reference library writes 10**30."""


@dataclass(frozen=True, eq=False)
class PieceEncoder:
    """A tokenizer, how many of its pieces a model reads at most, and the files that it was read from.

    Attributes:
        paired: whether the model was trained on pairs of texts; None where nobody knows.
    """

    tokenizer: Tokenizer
    max_tokens: int | None
    contents: Mapping[str, bytes]
    paired: bool | None = None

    @classmethod
    def load(cls, folder: Path, max_tokens: int | None, paired: bool | None = None) -> PieceEncoder:
        """The tokenizer of a model folder; a text is cut to what the model has positions for, or to less if it says so.

        Raises:
            ModelFolderError: if there is none, or it is damaged.
        """
        tokenizer = Tokenizer.load(folder)
        contents = {name: (folder / name).read_bytes() for name in TOKENIZER_FILES if (folder / name).is_file()}
        settings = json.loads(contents.get("tokenizer_config.json", b"{}"))
        limits = [each for each in (max_tokens, settings.get("model_max_length")) if isinstance(each, int)]
        return cls(tokenizer, min((each for each in limits if each < UNLIMITED), default=None), contents, paired)

    @classmethod
    def of(cls, folder: Path, network: Reader | Seq2SeqModel, paired: bool | None = None) -> PieceEncoder:
        """The tokenizer of a model folder, for the network with its weights.

        Raises:
            ModelFolderError: if there is none, or it is damaged, or gives numbers that the weights have no vectors for.
        """
        encoder = cls.load(folder, network.max_length, paired)
        encoder.tokenizer.check_fits(network.encoder.embedding.tokens.num_embeddings, folder)
        return encoder

    @classmethod
    def made(cls, tokenizer: Tokenizer, max_tokens: int | None) -> PieceEncoder:
        """A tokenizer that was made here, with the files that it is saved as."""
        with tempfile.TemporaryDirectory() as folder:
            tokenizer.save(folder)
            return cls.load(Path(folder), max_tokens)

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return list(self.contents)

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedPieces:
        """Texts ready to be cut into batches."""
        return EncodedPieces(self.tokenizer.encode_batch(texts, pairs, max_tokens=self.max_tokens))

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """The texts with how their pieces are written."""
        found = self.encode(texts, pairs)
        spelled = spelled_pieces(self.tokenizer.tokens(), found.encodings, texts, pairs)
        return View(texts=found, rows=range(len(texts)), spelled=spelled)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizer's files as they were read, and leave none of another that was there before."""
        for name, content in self.contents.items():
            with written_whole(folder / name) as temporary:
                temporary.write_bytes(content)
        for name in TOKENIZER_FILES:
            if name not in self.contents:
                (folder / name).unlink(missing_ok=True)
        return {} if self.paired is None else {"paired": self.paired}


@dataclass(frozen=True, eq=False)
class OnPieces:
    """What asks a tokenizer in a way of its own; with the model the tokenizer is saved."""

    pieces: PieceEncoder

    @property
    def paired(self) -> bool | None:
        """Whether pairs of texts are read, and nothing else."""
        return False

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return self.pieces.files

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizer's files as they were read, and return the settings that go beside them."""
        return self.pieces.save(folder)


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
