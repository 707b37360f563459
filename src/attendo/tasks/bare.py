"""A model as it lies in a folder, for no task yet: texts in, the vectors or scores of their own tokens out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from attendo.data import plan_in_order
from attendo.errors import ModelFolderError
from attendo.models import FamilyModel, TokenModel, check_place
from attendo.tasks.classify import PREDICT_TOKENS
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.tasks.task_model import texts_and_pairs
from attendo.text import Encoding


class Token(NamedTuple):
    """A token of a text, and where in that text it stands."""

    piece: str
    """As the vocabulary spells it."""
    start: int
    """First character in its own text; 0 for special tokens."""
    end: int
    """One past the last character; 0 for special tokens."""
    segment: int
    """0 in a first text, 1 in its pair."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TextModel:
    """A model without a task. Made by `attendo.load` from a folder whose head labels no texts."""

    model: FamilyModel
    encoder: PieceEncoder
    labels: tuple[str, ...] = ()
    """Names of the columns of its scores, where the head has any: labels of tokens, or start and end of an answer."""

    @property
    def network(self) -> nn.Module:
        """What computes."""
        return self.model.network

    @property
    def head(self) -> str:
        """What comes out: `bare` vectors, or scores of a `token`, a `span`, `masked`, `causal` or `replaced` words."""
        return self.model.head

    def outputs(self, texts: str | Iterable[str], pairs: str | Iterable[str] | None = None) -> list[np.ndarray]:
        """What the model says of each token of each text, special tokens included: (tokens, columns), in float32.

        Without a head these are the vectors themselves. Texts that are too long for the model are cut, as in `tokens`.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
            ModelFolderError: if what comes out is no number, naming the weights that are none.
        """
        encodings = self.encode(texts, pairs)
        found: list[np.ndarray] = [np.zeros(0)] * len(encodings)
        for indices, rows in self._rows(EncodedPieces(encodings)):
            for index, row in zip(indices, rows, strict=True):
                found[index] = row.float().cpu().numpy()
        if not all(np.isfinite(each).all() for each in found):
            held = ", ".join(self.model.spoilt()[:5]) or "none of its weights, but it overflows"
            raise ModelFolderError(f"What the model says is no number. NaN or infinite: {held}. Copy the model again.")
        return found

    def tokens(self, texts: str | Iterable[str], pairs: str | Iterable[str] | None = None) -> list[list[Token]]:
        """The tokens of each text, one for each row of `outputs`, with their places in the text as it was given.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
        """
        pieces = self.encoder.tokenizer.tokens()
        return [
            [
                Token(pieces[number], *place)
                for number, *place in zip(*(each.tolist() for each in _columns(encoding)), strict=True)
            ]
            for encoding in self.encode(texts, pairs)
        ]

    def encode(self, texts: str | Iterable[str], pairs: str | Iterable[str] | None = None) -> list[Encoding]:
        """Texts as the model's ids, cut to what it reads.

        Raises:
            DataError: if a text is not a string, or pairs are missing or too many.
        """
        return self.encoder.encode(*texts_and_pairs(texts, pairs)).encodings

    def save(self, folder: Path | str, *, overwrite: bool = False) -> None:
        """Write config.json, weights and tokenizer, as the reference library lays them out.

        Args:
            overwrite: whether a model that is there already may be replaced.
        Raises:
            InputError: if the folder holds a model already, or anything else.
            StorageError: if the disk refuses a file.
        """
        check_place(folder, overwrite=overwrite)
        self.model.save(folder)
        self.encoder.save(Path(folder))

    @torch.inference_mode()
    def _rows(self, texts: EncodedPieces) -> Iterator[tuple[Sequence[int], tuple[Tensor, ...]]]:
        """Batch by batch, the numbers of the texts and what comes out for each."""
        network = cast(TokenModel, self.network.eval())
        device = next(network.parameters()).device
        compute: Any = network.encoder if self.head == "bare" else network  # a pooled vector is none of the tokens'
        for indices in plan_in_order(texts.lengths, PREDICT_TOKENS):
            batch = texts.batch(indices).to(device)
            yield indices, batch.layout.split(compute(batch))


def _columns(encoding: Encoding) -> tuple[np.ndarray, ...]:
    return encoding.ids, encoding.starts, encoding.ends, encoding.segments
