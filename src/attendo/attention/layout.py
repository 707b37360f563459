"""Where each text lies in a row of tokens, and which position each token has in its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from attendo.errors import ShapeError


class Run(NamedTuple):
    """Neighbouring texts that are laid out alike, so that one batched operation serves them all.

    Their queries lie end to end, their keys `key_stride` apart: as many as they are, or more in the rows of a cache.
    """

    first: int
    count: int
    query_length: int
    key_length: int
    offset: int
    query_start: int
    key_start: int
    key_stride: int

    def takes(self, text: int, query_length: int, key_length: int, offset: int, key_start: int) -> int | None:
        """How far the keys of this run lie apart if a text joins it; None if it cannot."""
        alike = (self.query_length, self.key_length, self.offset) == (query_length, key_length, offset)
        stride = key_start - self.key_start - (self.count - 1) * self.key_stride
        if not alike or self.first + self.count != text or stride < key_length:
            return None
        return stride if self.count == 1 or stride == self.key_stride else None


@dataclass(frozen=True)
class Layout:
    """Texts end to end in one row: the one owner of padding and packing.

    Args:
        query_lengths: query tokens of each text.
        key_lengths: key tokens of each text; as the queries unless given (a cache, or another text to look at).
        offsets: position of each text's first query among its keys; by default the last query stands on the last key.
        key_starts: where each text's keys begin in the key row; by default end to end. Given for preallocated caches,
            whose unused places belong to no text.
    Raises:
        ShapeError: if the tuples do not have one entry a text, a length is negative, or texts share keys.
    """

    query_lengths: tuple[int, ...]
    key_lengths: tuple[int, ...] = ()
    offsets: tuple[int, ...] = ()
    key_starts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        fill = object.__setattr__
        fill(self, "query_lengths", integers(self.query_lengths))
        fill(self, "key_lengths", integers(self.key_lengths) or self.query_lengths)
        differences = (keys - queries for keys, queries in zip(self.key_lengths, self.query_lengths, strict=False))
        fill(self, "offsets", integers(self.offsets) or tuple(differences))
        fill(self, "key_starts", integers(self.key_starts) or _starts(self.key_lengths))
        for name in ("key_lengths", "offsets", "key_starts"):
            if len(getattr(self, name)) != len(self.query_lengths):
                raise ShapeError(
                    f"`{name}` must have one entry for each of the {len(self.query_lengths)} texts, "
                    f"but has {len(getattr(self, name))}."
                )
        for name in ("query_lengths", "key_lengths", "key_starts"):
            if min(getattr(self, name), default=0) < 0:
                raise ShapeError(f"`{name}` must not be negative, but holds {min(getattr(self, name))}.")
        taken = sorted(
            (start, start + keys) for start, keys in zip(self.key_starts, self.key_lengths, strict=True) if keys
        )
        for (_, end), (start, _) in pairwise(taken):
            if start < end:
                raise ShapeError(f"Two texts share key {start}: every key belongs to one text at most.")

    @property
    def num_texts(self) -> int:
        return len(self.query_lengths)

    @cached_property
    def num_queries(self) -> int:
        """Length of the query row."""
        return sum(self.query_lengths)

    @cached_property
    def num_keys(self) -> int:
        """Length that the key row must at least have."""
        return max((s + n for s, n in zip(self.key_starts, self.key_lengths, strict=True)), default=0)

    @cached_property
    def query_starts(self) -> tuple[int, ...]:
        return _starts(self.query_lengths)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The texts, neighbours of equal shape joined. Empty texts are left out: they have nothing to compute."""
        runs: list[Run] = []
        rows = zip(self.query_lengths, self.key_lengths, self.offsets, self.key_starts, self.query_starts, strict=True)
        for text, (queries, keys, offset, key_start, query_start) in enumerate(rows):
            if queries == 0:
                continue
            stride = runs[-1].takes(text, queries, keys, offset, key_start) if runs else None
            if stride is not None:
                runs[-1] = runs[-1]._replace(count=runs[-1].count + 1, key_stride=stride)
            else:
                runs.append(Run(text, 1, queries, keys, offset, query_start, key_start, keys))
        return tuple(runs)

    def query_texts(self, device: torch.device | str = "cpu") -> Int[Tensor, " N"]:
        """The text that each query token belongs to."""
        return _repeat(range(self.num_texts), self.query_lengths, device)

    def query_positions(self, device: torch.device | str = "cpu") -> Int[Tensor, " N"]:
        """The position of each query token in its text."""
        shifts = (offset - start for offset, start in zip(self.offsets, self.query_starts, strict=True))
        return torch.arange(self.num_queries, device=device) + _repeat(shifts, self.query_lengths, device)

    def query_keys(self, device: torch.device | str = "cpu") -> Int[Tensor, " N"]:
        """The place in the key row of the key that each query stands on."""
        return self.query_positions(device) + _repeat(self.key_starts, self.query_lengths, device)

    def key_texts(self, size: int | None = None, device: torch.device | str = "cpu") -> Int[Tensor, " S"]:
        """The text that each place of the key row belongs to, -1 for places of no text."""
        return self._scatter(_repeat(range(self.num_texts), self.key_lengths, device), size, fill=-1)

    def key_positions(self, size: int | None = None, device: torch.device | str = "cpu") -> Int[Tensor, " S"]:
        """The position of each key in its text, 0 for places of no text."""
        within = torch.arange(sum(self.key_lengths), device=device)
        return self._scatter(within - _repeat(_starts(self.key_lengths), self.key_lengths, device), size, fill=0)

    def split(self, row: Shaped[Tensor, "*rest"], dim: int = 0) -> tuple[Tensor, ...]:
        """Cut a row of query tokens into texts.

        Raises:
            ShapeError: if the row does not have one place for each query token.
        """
        self._check_row(row, dim)
        return row.split(list(self.query_lengths), dim)

    def pad(self, row: Shaped[Tensor, "N *rest"], fill: float = 0.0) -> Shaped[Tensor, "B T *rest"]:
        """Spread a packed row over a padded batch, one text a row.

        Raises:
            ShapeError: if the row does not have one place for each query token.
        """
        self._check_row(row, 0)
        longest = max(self.query_lengths, default=0)
        padded = row.new_full((self.num_texts, longest, *row.shape[1:]), fill)
        padded[self._filled(longest, row.device)] = row
        return padded

    def unpad(self, padded: Shaped[Tensor, "B T *rest"]) -> Shaped[Tensor, "N *rest"]:
        """Take a padded batch's real tokens, end to end: it undoes `pad`.

        Raises:
            ShapeError: if the batch has another number of texts, or is too short for the longest.
        """
        if len(padded) != self.num_texts or padded.shape[1] < max(self.query_lengths, default=0):
            raise ShapeError(
                f"The layout holds {self.num_texts} texts of up to {max(self.query_lengths, default=0)} tokens, "
                f"but the batch has {len(padded)} of {padded.shape[1]}."
            )
        return padded[self._filled(padded.shape[1], padded.device)]

    def _check_row(self, row: Tensor, dim: int) -> None:
        if row.shape[dim] != self.num_queries:
            raise ShapeError(
                f"The layout holds {self.num_queries} tokens, but axis {dim} of the tensor has {row.shape[dim]}."
            )

    def _filled(self, longest: int, device: torch.device) -> Tensor:
        lengths = torch.tensor(self.query_lengths, device=device)
        return torch.arange(longest, device=device)[None, :] < lengths[:, None]  # (B, T)

    def _scatter(self, values: Tensor, size: int | None, fill: int) -> Tensor:
        row = values.new_full((self.num_keys if size is None else size,), fill)
        within = torch.arange(len(values), device=values.device)
        shifts = (s - e for s, e in zip(self.key_starts, _starts(self.key_lengths), strict=True))
        row[within + _repeat(shifts, self.key_lengths, values.device)] = values
        return row


def _starts(lengths: Sequence[int]) -> tuple[int, ...]:
    return tuple(accumulate(lengths, initial=0))[:-1]


def integers(values: Iterable[int] | Tensor) -> tuple[int, ...]:
    return tuple(values.tolist()) if isinstance(values, Tensor) else tuple(int(value) for value in values)


def _repeat(values: Iterable[int], times: Sequence[int], device: torch.device | str) -> Tensor:
    pair = torch.tensor([tuple(values), tuple(times)], dtype=torch.long).reshape(2, -1)
    return torch.repeat_interleave(pair[0], pair[1]).to(device)
