"""What is shown of pieces of text, and what is asked about them: the objectives' own part of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.models import TokenBatch
from attendo.tasks.pretraining.masking import MaskRule, hide, keys_of
from attendo.tasks.pretraining.noising import Noise
from attendo.tasks.pretraining.pieces import FRAME, Pieces
from attendo.tasks.seq2seq import Ids, Marks, RewriteBatch


class Batch(NamedTuple):
    """Tokens as they are shown, the places that are asked about, what is right there, and a number for each place.

    The numbers lie between 0 and 1; whoever fills the places at random does so by them.
    """

    texts: TokenBatch
    places: Tensor
    targets: Tensor
    draws: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        rest = (each.to(device) for each in (self.places, self.targets, self.draws))
        return Batch(self.texts.to(device), *rest)


AnyBatch = TypeVar("AnyBatch", Batch, RewriteBatch)

Asking: TypeAlias = Callable[[Pieces, Sequence[int], int], AnyBatch]
"""Makes a batch of some pieces, by their numbers, for an epoch."""


@dataclass(frozen=True, eq=False)
class Masks:
    """Some words are hidden, others in each epoch, and asked about (arXiv 1810.04805, section 3.1)."""

    rule: MaskRule
    seed: int

    def __call__(self, pieces: Pieces, indices: Sequence[int], epoch: int) -> Batch:
        ids, words, lengths = pieces.take(indices)
        masked = hide(self.rule, ids, words, lengths, keys_of(self.seed, epoch, np.asarray(indices)))
        texts = TokenBatch(layout=Layout(tuple(lengths.tolist())), ids=_longs(masked.shown))
        draws = torch.from_numpy(masked.draws.astype(np.float32))
        return Batch(texts, torch.from_numpy(masked.places), _longs(ids[masked.places]), draws)


@dataclass(frozen=True)
class NextTokens:
    """Every token but the last of a piece is asked what follows it; nothing is hidden."""

    def __call__(self, pieces: Pieces, indices: Sequence[int], epoch: int) -> Batch:
        ids, _, lengths = pieces.take(indices)
        follows = np.ones(len(ids), dtype=bool)
        follows[np.cumsum(lengths) - 1] = False
        places = np.flatnonzero(follows)
        texts = TokenBatch(layout=Layout(tuple(lengths.tolist())), ids=_longs(ids))
        return Batch(texts, torch.from_numpy(places), _longs(ids[places + 1]), torch.zeros(len(places)))


@dataclass(frozen=True, eq=False)
class Denoising:
    """Parts of each piece are taken out, others in each epoch; what is written of it follows from the noise.

    A tokenizer that closes no text does not open those that are written, either.
    """

    noise: Noise
    marks: Marks
    seed: int

    def __call__(self, pieces: Pieces, indices: Sequence[int], epoch: int) -> RewriteBatch:
        keys = keys_of(self.seed, epoch, np.asarray(indices))
        sources, targets = zip(*map(self._sides, *pieces.each(indices), keys), strict=True)
        return RewriteBatch.of(sources, targets, self.marks)

    def _sides(self, ids: np.ndarray, words: np.ndarray, key: np.uint64) -> tuple[Ids, Ids]:
        inside = np.flatnonzero(words != FRAME)
        before, behind = ids[: inside[0]], ids[inside[-1] + 1 :]
        source, target = self.noise(ids[inside], words[inside], key)
        written = [before, target, behind] if len(behind) else [target, self.marks.ends[:1]]
        read, written = np.concatenate([before, source, behind]), np.concatenate(written)
        return read.astype(np.int64), written.astype(np.int64)


def _longs(numbers: np.ndarray) -> Tensor:
    return torch.from_numpy(numbers.astype(np.int64))
