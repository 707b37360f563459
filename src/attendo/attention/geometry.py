"""How one call splits into dense rectangles of the score matrix, and what stands at each of their cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import torch
from torch import Tensor

from attendo.attention.layout import Layout

Span = tuple[int, int]
"""First key and one past the last."""


def joined(spans: list[Span]) -> list[Span]:
    """The union of ranges, sorted and without overlap."""
    union: list[Span] = []
    for first, end in sorted(spans):
        if end <= first:
            continue
        if union and first <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((first, end))
    return union


def crossed(left: list[Span], right: list[Span]) -> list[Span]:
    """What lies in both of two sorted lists of ranges."""
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return [(first, end) for first, end in pairs if first < end]


def spread(row: Tensor, start: int, count: int, length: int, stride: int) -> Tensor:
    """Texts of equal length, `stride` apart in `(copies, H, row, ...)`, as a view (copies, H, count, T, ...)."""
    if count <= 1 or stride == length:
        return row.narrow(2, start, count * length).unflatten(2, (count, length))
    return row.narrow(2, start, (count - 1) * stride + length).unfold(2, length, stride).movedim(-1, 3)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Texts that are computed together: a batch of `copies * count` score matrices of T queries by S keys.

    `copies` are the call's leading axes, flattened; `count` are the neighbouring texts of a packed row that are laid
    out alike (1 where the tensors are not packed). `row` is set when one matrix spans a whole packed row, whose tokens
    then differ in text and position.
    """

    copies: int
    query_length: int
    key_length: int
    lead: tuple[int, ...]
    device: torch.device
    count: int = 1
    query_start: int = 0
    key_start: int = 0
    key_stride: int = 0
    first_text: int = 0
    offsets: tuple[int, ...] = (0,)
    texts: Tensor | None = None
    row: Layout | None = None

    @property
    def batch(self) -> int:
        return self.copies * self.count

    def take(self, tensor: Tensor, *, keys: bool = False) -> Tensor:
        """This part's slice of `(copies, H, row, D)`, as (B, H, T, D)."""
        view = self.view(tensor, keys=keys)
        return view.reshape(self.batch, *view.shape[2:])

    def view(self, tensor: Tensor, *, keys: bool = False) -> Tensor:
        """This part's places in `(copies, H, row, ...)`, as a view (copies, count, H, T, ...) to write into."""
        if keys:
            texts = spread(tensor, self.key_start, self.count, self.key_length, self.key_stride)
        else:
            texts = spread(tensor, self.query_start, self.count, self.query_length, self.query_length)
        return texts.transpose(1, 2)

    def put(self, tensor: Tensor, values: Tensor, *, keys: bool = False) -> None:
        """Write (B, H, T, ...) to this part's places in `(copies, H, row, ...)`."""
        view = self.view(tensor, keys=keys)
        view.copy_(values.reshape(view.shape))

    def position_range(self, rows: range) -> Span:
        """The first and the last position of these query rows, over all texts of the part."""
        return min(self.offsets) + rows.start, max(self.offsets) + rows.stop - 1

    def patch(self, rows: range, spans: list[Span], batch: slice = slice(None)) -> Patch:
        """The rectangle of these query rows and key ranges, for some of the part's matrices."""
        return Patch(self, rows, spans, batch)


class Patch:
    """A rectangle of a part's score matrices: what masks and biases are asked about.

    Tensors are made when they are first asked for: most masks need only two of them.
    """

    def __init__(self, part: Part, rows: range, spans: list[Span], batch: slice) -> None:
        self._part, self._rows, self._spans, self._batch = part, rows, spans, batch

    @cached_property
    def query_positions(self) -> Tensor:
        """Position of each query in its text: (1 or B, t)."""
        if self._part.row is not None:
            return self._part.row.query_positions(self._part.device)[self._rows.start : self._rows.stop][None]
        offsets = torch.tensor(self._part.offsets, device=self._part.device)
        return (offsets if len(offsets) == 1 else offsets[self._batch])[:, None] + self._queries

    @cached_property
    def key_positions(self) -> Tensor:
        """Position of each key in its text: (1 or B, s)."""
        if self._part.row is not None:
            return self._part.row.key_positions(self._part.key_length, self._part.device)[self._keys[0]][None]
        return self._keys

    @cached_property
    def distances(self) -> Tensor:
        """How far each key is from each query in their text, in float32: (1 or B, t, s)."""
        # Not subtracted as integers, which are twice as long: float32 is exact up to 16 million tokens.
        return (self.query_positions[:, :, None].float() - self.key_positions[:, None, :].float()).abs_()

    @cached_property
    def query_rows(self) -> Tensor:
        """Place of each query in the tensors that were passed: (1 or B, t)."""
        return self._shifted(self._queries, self._part.query_start, self._part.query_length)

    @cached_property
    def key_rows(self) -> Tensor:
        """Place of each key in the tensors that were passed: (1 or B, s)."""
        return self._shifted(self._keys, self._part.key_start, self._part.key_stride)

    @cached_property
    def query_texts(self) -> Tensor | None:
        """Text of each query, (1 or B, 1 or t); None where the call knows no texts."""
        if self._part.row is not None:
            return self._part.row.query_texts(self._part.device)[self._rows.start : self._rows.stop][None]
        return None if self._part.texts is None else self._part.texts[self._batch, None]

    @cached_property
    def key_texts(self) -> Tensor | None:
        """Text of each key, (1 or B, 1 or s), -1 for places of no text; None where the call knows no texts."""
        if self._part.row is not None:
            return self._part.row.key_texts(self._part.key_length, self._part.device)[self._keys[0]][None]
        return self.query_texts

    def cut(self, matrix: Tensor) -> Tensor:
        """The patch's cells of a matrix that broadcasts to `(*lead, H, T, S)`, as (1 or B, 1 or H, t, s)."""
        matrix = matrix.reshape((1,) * (3 - matrix.ndim) + tuple(matrix.shape))
        rows = self.query_rows.new_zeros(1, 1) if matrix.shape[-2] == 1 else self.query_rows
        keys = self.key_rows.new_zeros(1, 1) if matrix.shape[-1] == 1 else self.key_rows
        if self._part.count == 1:
            tile = matrix.index_select(-2, rows[0]).index_select(-1, keys[0])
            if prod(tile.shape[:-3]) == 1:
                return tile.reshape(1, *tile.shape[-3:])
            return self._each_copy(tile)[self._batch]
        copies = torch.arange(self._part.copies, device=matrix.device).repeat_interleave(self._part.count)[self._batch]
        cells = copies[:, None, None], slice(None), rows[:, :, None], keys[:, None, :]
        return self._each_copy(matrix)[cells].movedim(-1, 1)

    def _each_copy(self, matrix: Tensor) -> Tensor:
        return matrix.expand(*self._part.lead, *matrix.shape[-3:]).reshape(self._part.copies, *matrix.shape[-3:])

    @cached_property
    def _queries(self) -> Tensor:
        return torch.arange(self._rows.start, self._rows.stop, device=self._part.device)[None]

    @cached_property
    def _keys(self) -> Tensor:
        ranges = [torch.arange(first, end, device=self._part.device) for first, end in self._spans]
        return torch.cat(ranges)[None] if len(ranges) > 1 else ranges[0][None]

    def _shifted(self, places: Tensor, start: int, stride: int) -> Tensor:
        """Places in a text as places in the tensors: the part begins at `start`, its texts are `stride` apart."""
        if self._part.count == 1:
            return places + start if start else places
        texts = torch.arange(self._part.count, device=self._part.device).repeat(self._part.copies)
        return places + (start + texts * stride)[self._batch, None]
