"""Collect what is observed, block by block, while the weights of each block are at hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from attendo.attention.call import Call
from attendo.attention.geometry import Part
from attendo.attention.kernels.block import Block
from attendo.attention.observed import PER_KEY, PICTURES, Largest, Observed, cells, places

CHUNK = 8
"""Weights of which only the largest is looked at first, when the k largest of a row are sought."""


class Tally:
    """The answers to a call's request: `open` a part, `add` its blocks, `close` it, and `finish` at the end."""

    def __init__(self, call: Call) -> None:
        assert call.observe is not None
        self._call, self._ask = call, call.observe
        self._precision = torch.float64 if call.query.dtype == torch.float64 else torch.float32
        copies, queries, keys = call.query.shape[0], call.query.shape[2], call.key.shape[2]
        self._totals = self._buffers(copies, queries, keys)
        self._pictures: dict[int, dict[str, Tensor]] = {}

    def open(self, part: Part) -> None:
        """Begin a part."""
        self._part = part
        self._found = self._buffers(part.batch, part.query_length, part.key_length)
        self._found |= self._picture_buffers(part)
        self._left = self._row_sums(part)
        self._cells = _shares(part.key_length, self._ask.map, self._left.dtype, part.device).mT  # (S, b_S)
        self._row_cells = cells(part.query_length, self._ask.map)

    def add(self, block: Block, scores: Tensor, weights: Tensor) -> None:
        """Read a block's weights, (b * g, h / g * t, s). Its scores are used up: their memory serves as scratch."""
        scores, weights = block.matrix(scores), block.matrix(weights)  # (b, h, t, s)
        ask = self._ask
        if ask.entropy:
            self._write("entropy", block, entropy_of_scores(scores, weights))
        if ask.distance:
            moved = torch.mul(weights, block.patch.distances[:, None], out=scores)
            self._write("distance", block, moved.sum(-1))
        if ask.peak or ask.top:
            largest, keys = k_largest(weights, max(ask.top, 1))
            keys = block.patch.key_positions[:, None, None, :].expand(*weights.shape[:3], -1).gather(-1, keys)
            keys = keys.masked_fill_(largest == 0, -1)
            self._write("peak", block, largest[..., :1])
            self._write("peak_keys", block, keys[..., :1])
            self._write("top", block, largest[..., : ask.top])
            self._write("top_keys", block, keys[..., : ask.top])
        self._add_sums(block, weights)
        self._add_chosen(block, weights)

    def close(self) -> None:
        """End the part: put its answers where they belong."""
        part, found = self._part, self._found
        for name, total in self._totals.items():
            part.put(total, found[name], keys=name in PER_KEY)
        pictures = {name: found[name] for name in PICTURES if name in found}
        for text in range(part.count):
            self._pictures[part.first_text + text] = {
                name: value[text :: part.count] for name, value in pictures.items()
            }

    def finish(self) -> Observed:
        """All answers, with the call's own leading axes."""
        lead, totals = self._call.lead, self._totals
        found = {name: value.reshape(*lead, *value.shape[1:]) for name, value in totals.items()}
        peak = [found.pop(name)[..., 0] for name in ("peak", "peak_keys") if name in found]
        top = [found.pop(name) for name in ("top", "top_keys") if name in found]
        pictures: dict[str, Any] = {name: self._picture(name) for name in PICTURES if name in self._ask.fields}
        return Observed(
            **found,
            peak=Largest(*peak) if peak else None,
            top=Largest(*top) if top else None,
            **pictures,
        )

    def _buffers(self, batch: int, queries: int, keys: int) -> dict[str, Tensor]:
        """Zeros for the answers that lie along the queries or the keys."""
        ask, heads = self._ask, self._call.query.shape[1]
        rows, columns = (batch, heads, queries), (batch, heads, keys)
        shapes = {"entropy": rows, "distance": rows, "received": columns, "carry": columns}
        shapes |= {"peak": (*rows, 1), "top": (*rows, ask.top)}
        new = {name: self._zeros(shape) for name, shape in shapes.items() if name in ask.fields}
        ranked = [name for name in ("peak", "top") if name in new]
        return new | {name + "_keys": torch.full_like(new[name], -1, dtype=torch.long) for name in ranked}

    def _picture_buffers(self, part: Part) -> dict[str, Tensor]:
        ask, rows, keys = self._ask, part.query_length, part.key_length
        shapes = {"map": (min(rows, ask.map), min(keys, ask.map))}
        shapes |= {"rows": (len(places(ask.rows, rows, "rows")), keys)}
        shapes |= {"columns": (rows, len(places(ask.columns, keys, "columns")))}
        lead = (part.batch, self._call.query.shape[1])
        return {name: self._zeros((*lead, *shape)) for name, shape in shapes.items() if name in ask.fields}

    def _zeros(self, shape: tuple[int, ...]) -> Tensor:
        return torch.zeros(shape, dtype=self._precision, device=self._call.query.device)

    def _row_sums(self, part: Part) -> Tensor:
        """The sums over queries that were asked for, as rows of a matrix to multiply weights with: (1 or B, m, T)."""
        ask, shares = self._ask, _shares(part.query_length, self._ask.map, self._precision, part.device)
        received = shares.new_ones(int(ask.received), part.query_length)
        if ask.carry is None:
            return torch.cat([received, shares])[None]
        copies, queries = self._call.query.shape[0], self._call.query.shape[2]
        carry = ask.carry.to(shares).expand(*self._call.lead, queries).reshape(copies, 1, queries)
        carry = part.take(carry)  # (B, 1, T)
        return torch.cat([received.expand(len(carry), -1, -1), carry, shares.expand(len(carry), -1, -1)], 1)

    def _add_sums(self, block: Block, weights: Tensor) -> None:
        """Sums over queries, all in one product: received, carry, and the cells of the map that the block touches."""
        names = [name for name in PER_KEY if name in self._found]
        touched = self._touched(block.rows)
        num_sums = len(names) + len(touched)
        if not num_sums:
            return
        left = self._left[block.batch if len(self._left) > 1 else slice(None), :, block.rows.start : block.rows.stop]
        shares = left[:, len(names) + touched.start : len(names) + touched.stop]
        rows = torch.cat([left[:, : len(names)], shares], 1)[:, None]  # (1 or b, 1, m, t)
        rows = F.pad(rows, (0, 0, 0, 1)) if num_sums == 1 else rows  # two rows are a product, one is a slower loop
        sums = rows @ weights  # (b, h, m, s)
        start = 0
        for first, end in block.spans:
            piece = sums[..., start : start + end - first]
            start += end - first
            for row, name in enumerate(names):
                self._found[name][block.batch, block.heads, first:end] += piece[:, :, row]
            if touched:
                pooled = piece[:, :, len(names) : num_sums] @ self._cells[first:end]
                self._found["map"][block.batch, block.heads, touched.start : touched.stop] += pooled

    def _touched(self, rows: range) -> range:
        """The cells of the map that these rows fall into."""
        touched = [i for i, (first, end) in enumerate(self._row_cells) if first < rows.stop and end > rows.start]
        return range(touched[0], touched[-1] + 1) if touched else range(0)

    def _add_chosen(self, block: Block, weights: Tensor) -> None:
        """Rows and columns in full."""
        start = 0
        rows = [(i, row - block.rows.start) for i, row in self._chosen("rows") if row in block.rows]
        for first, end in block.spans:
            piece = weights[..., start : start + end - first]
            start += end - first
            for i, row in rows:
                self._found["rows"][block.batch, block.heads, i, first:end] = piece[:, :, row]
            for i, key in self._chosen("columns"):
                if first <= key < end:
                    here = self._found["columns"][block.batch, block.heads, block.rows.start : block.rows.stop]
                    here[..., i] = piece[..., key - first]

    def _chosen(self, name: str) -> list[tuple[int, int]]:
        length = self._part.query_length if name == "rows" else self._part.key_length
        return list(enumerate(places(getattr(self._ask, name), length, name)))

    def _write(self, name: str, block: Block, values: Tensor) -> None:
        if name in self._found:
            here = self._found[name][block.batch, block.heads, block.rows.start : block.rows.stop]
            (here[..., : values.shape[-1]] if values.ndim == 4 else here).copy_(values)

    def _picture(self, name: str) -> Tensor | tuple[Tensor, ...]:
        lead = self._call.lead
        if self._call.layout is None:
            value = self._pictures[0][name]
            return value.reshape(*lead, *value.shape[1:])
        texts = []
        for text in range(self._call.layout.num_texts):
            if text not in self._pictures:  # a text without queries has no part
                self.open(self._call.empty_part(text))
                self.close()
            value = self._pictures[text][name]
            texts.append(value.reshape(*lead, *value.shape[1:]))
        return tuple(texts)


def entropy_of_scores(scores: Tensor, weights: Tensor) -> Tensor:
    """Entropy of each row of weights in nats, without a logarithm of each: it is lse - sum_j A_j s_j. Uses up `scores`.

    Scores are taken relative to the row's largest, whose weight tells their lse: large scores would cancel.
    """
    largest = weights.amax(-1)
    highest = scores.amax(-1, keepdim=True).clamp_(min=torch.finfo(scores.dtype).min)
    products = scores.sub_(highest).mul_(weights)  # of a key that must not be looked at: -inf * 0, which counts as 0
    return -largest.masked_fill_(largest == 0, 1.0).log_() - products.nansum(-1)


def k_largest(weights: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest values of the last axis and their places, largest first; fewer where there are fewer.

    The k largest values lie in the k chunks with the largest maxima: only those are compared value by value. The values
    of a chunk lie far apart, so that neighbouring chunks are compared in one vector operation.
    """
    size = weights.shape[-1]
    chunks = size // CHUNK
    if chunks < 2 * count:
        return weights.topk(min(count, size), -1)
    whole = chunks * CHUNK
    maxima = weights[..., :whole].unflatten(-1, (CHUNK, chunks)).amax(-2)
    best = maxima.topk(count, -1).indices  # (..., k)
    starts = torch.arange(0, whole, chunks, device=weights.device)
    keys = (best[..., None] + starts).flatten(-2)  # (..., k * CHUNK)
    if whole < size:
        rest = torch.arange(whole, size, device=weights.device).expand(*keys.shape[:-1], -1)
        keys = torch.cat([keys, rest], -1)
    largest, where = weights.gather(-1, keys).topk(count, -1)
    return largest, keys.gather(-1, where)


def _shares(length: int, most: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """For each cell of a map, what each place contributes to its mean: (cells, length)."""
    shares = torch.zeros(min(length, most), length, dtype=dtype, device=device)
    for cell, (first, end) in enumerate(cells(length, most)):
        shares[cell, first:end] = 1 / (end - first)
    return shares
