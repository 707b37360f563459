"""What a model of two towers learns from: rows of ids to read, and for each the one that is to be written from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.errors import UnsupportedError
from attendo.models import Seq2SeqBatch, Seq2SeqModel, TokenBatch, one_later
from attendo.nn import WordScores

ROUND = 128
"""Tokens are filled up to a multiple of this: an operation is prepared anew for each size that it meets."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The ids that frame what is written.

    Attributes:
        start: what a decoder reads first; the last token of its text where None.
        forced: what every text begins with after it.
        ends: what a text may end with; the first of them ends those that are learned from.
        never: what is not written at all, such as what fills up rows.
    """

    start: int | None
    forced: tuple[int, ...] = ()
    ends: tuple[int, ...]
    never: tuple[int, ...] = ()

    @classmethod
    def of(cls, said: Mapping[str, Any], folder: Path | str = "The model") -> Marks:
        """The marks that config.json names, or what stands beside it.

        Args:
            folder: what messages call it.
        Raises:
            UnsupportedError: if it names no token that ends a text.
        """
        ends = _numbers(said.get("eos_token_id"))
        if not ends:
            raise UnsupportedError(
                f"{folder} names no token that ends a text. Add `eos_token_id` to its config.json or "
                "generation_config.json."
            )
        banned = [_numbers(each) for each in said.get("bad_words_ids") or ()]
        return cls(
            start=said.get("decoder_start_token_id"),
            forced=_numbers(said.get("forced_bos_token_id")),
            ends=ends,
            never=tuple(dict.fromkeys(each[0] for each in banned if len(each) == 1)),
        )


class RewriteBatch:
    """Sources and targets as a model reads them, and what is right at each place of the targets."""

    def __init__(self, texts: Seq2SeqBatch, right: Tensor) -> None:
        self.texts, self.right = texts, right

    @classmethod
    def of(cls, sources: Sequence[Ids], targets: Sequence[Ids], marks: Marks) -> RewriteBatch:
        """Packed rows, filled up with more pairs that nothing is asked about."""
        source, target = (_row(side) for side in _filled((sources, targets), marks.ends[0]))
        right = target.ids.clone()
        right[sum(map(len, targets)) :] = -100
        moved = replace(target, ids=one_later(target.ids, target.layout, marks.start))
        return cls(Seq2SeqBatch(source=source, target=moved), right)

    def to(self, device: torch.device) -> RewriteBatch:
        """The same on a device."""
        return RewriteBatch(self.texts.to(device), self.right.to(device))


def asked_words(network: Seq2SeqModel, batch: RewriteBatch) -> tuple[Tensor, WordScores | nn.Linear, Tensor]:
    """Vectors, the words that are scored with them, and which of these is right."""
    head = network.head
    assert head is not None
    assert isinstance(head.output, WordScores | nn.Linear), "words are scored by one matrix"
    return head.hidden(network.vectors(batch.texts)), head.output, batch.right


def _filled(sides: Sequence[Sequence[Ids]], filler: int) -> list[list[Ids]]:
    """Both sides with as many more rows, none longer than those that are there: a model may have no places for more."""
    missing = [-sum(map(len, rows)) % ROUND or ROUND for rows in sides]
    longest = [max(map(len, rows)) for rows in sides]
    while min(missing) < (count := max(-(-each // most) for each, most in zip(missing, longest, strict=True))):
        missing[missing.index(min(missing))] += ROUND
    return [
        [*rows, *(np.full(len(part), filler) for part in np.array_split(np.zeros(each), count))]
        for rows, each in zip(sides, missing, strict=True)
    ]


def _row(rows: Sequence[Ids]) -> TokenBatch:
    return TokenBatch(layout=Layout(tuple(map(len, rows))), ids=torch.from_numpy(np.concatenate(rows)))


def _numbers(value: Any) -> tuple[int, ...]:
    """One id, several, or none."""
    given = value if isinstance(value, list) else [value]
    return tuple(number for number in given if isinstance(number, int))
