"""What is shown of pieces of text, and what is asked about them: the objectives' own part of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.models import TokenBatch
from attendo.tasks.pretraining.masking import MaskRule, hide, keys_of
from attendo.tasks.pretraining.pieces import Pieces


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


class Asking(Protocol):
    """Makes a batch of pieces."""

    def __call__(self, pieces: Pieces, indices: Sequence[int], epoch: int) -> Batch: ...


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


def _longs(numbers: np.ndarray) -> Tensor:
    return torch.from_numpy(numbers.astype(np.int64))
