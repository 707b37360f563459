"""Search by meaning: the texts whose vectors point most nearly where a query's does. Every text is compared."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attendo.data import TextPair
from attendo.errors import DataError
from attendo.files import written_whole

BLOCK = 4096
"""Texts that are compared at a time."""

ABOUT = frozenset(("file", "model", "read", "size"))
"""What the header of an index says: of which texts, by which model, how they were read, and how long vectors are."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may be found: its number in its file, counted from 0, and its line."""

    number: int
    text: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A text that was found, and the cosine of its vector with the query's."""

    passage: Passage
    cosine: float


class _Best:
    """The nearest of all that was seen, for each query; of equals the first."""

    def __init__(self, queries: Vectors, most: int) -> None:
        self._queries, self._most = queries, most
        self.cosines = np.zeros((len(queries), 0), np.float32)
        self.numbers = np.zeros((len(queries), 0), np.int64)

    def see(self, vectors: Vectors, start: int) -> None:
        """Compare vectors, the first of which has the number `start`."""
        cosines = np.concatenate([self.cosines, self._queries @ vectors.T], axis=1)
        fresh = np.broadcast_to(np.arange(start, start + len(vectors)), (len(self._queries), len(vectors)))
        numbers = np.concatenate([self.numbers, fresh], axis=1)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, : self._most]
        self.cosines = np.take_along_axis(cosines, order, axis=1)
        self.numbers = np.take_along_axis(numbers, order, axis=1)


def best_passages(
    queries: Vectors, blocks: Iterable[tuple[int, Vectors]], passages: Iterable[TextPair], most: int
) -> list[list[Found]]:
    """The passages nearest to each query, the nearest first.

    Args:
        queries: unit vectors, one a row.
        blocks: unit vectors of all passages, so many at a time as fit, each block with the number of its first.
        passages: the texts again, from which those that were found are taken.
    """
    best = _Best(queries, most)
    for start, vectors in blocks:
        best.see(vectors, start)
    wanted = set(best.numbers.ravel().tolist())
    kept = {number: Passage(number, each.text, each.line) for number, each in enumerate(passages) if number in wanted}
    return [
        [Found(kept[number], float(cosine)) for number, cosine in zip(numbers, cosines, strict=True)]
        for numbers, cosines in zip(best.numbers.tolist(), best.cosines.tolist(), strict=True)
    ]


def vector_blocks(texts: Iterable[str], encode: Callable[[Sequence[str]], Vectors]) -> Iterator[tuple[int, Vectors]]:
    """Unit vectors of a stream of texts, block by block."""
    stream, start = iter(texts), 0
    while block := list(islice(stream, BLOCK)):
        yield start, encode(block)
        start += len(block)


@dataclass(frozen=True)
class SearchIndex:
    """Vectors of all texts of a file, in a file of their own; `about` says what they are of, by the keys in `ABOUT`."""

    path: Path

    def is_of(self, about: dict[str, str]) -> bool:
        """Whether it is there, whole, and made of the very same."""
        return self._about() == about

    def check_replaceable(self) -> None:
        """Refuse a place where something else lies, or an index so damaged that this cannot be told.

        Raises:
            DataError: if a file or folder is there that is no index.
        """
        if (self.path.exists() or self.path.is_symlink()) and set(self._about() or ()) != ABOUT:
            raise DataError(
                "it is no index of attendo, or a damaged one, and is not replaced; name another file, or remove it.",
                path=self.path,
            )

    def blocks(self) -> Iterator[tuple[int, Vectors]]:
        """Its vectors, block by block; no more of the file is in memory.

        Raises:
            DataError: if the file cannot be read.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, "numpy") as file:
                vectors: Any = file.get_slice("vectors")
                count = vectors.get_shape()[0]
                for start in range(0, count, BLOCK):
                    yield start, vectors[start : min(start + BLOCK, count)]
        except (SafetensorError, OSError) as error:
            raise DataError(f"it cannot be read ({error}). Remove it to make it again.", path=self.path) from None

    def write(self, blocks: Iterable[tuple[int, Vectors]], about: dict[str, str]) -> None:
        """Write vectors as they come, and put them into place when all are there.

        Raises:
            StorageError: if the disk refuses the file.
        """
        room = 4096
        with written_whole(self.path) as temporary, temporary.open("wb") as file:
            file.write(b"\0" * room)
            count, width = 0, 0
            for _, vectors in blocks:
                file.write(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
                count, width = count + len(vectors), vectors.shape[1]
            spans = {"dtype": "F32", "shape": [count, width], "data_offsets": [0, 4 * count * width]}
            header = json.dumps({"__metadata__": about, "vectors": spans}).encode()
            if len(header) > room - 8:
                raise DataError("its name and that of the model are too long for an index.", path=self.path)
            file.seek(0)
            file.write(struct.pack("<Q", room - 8) + header.ljust(room - 8))

    def _about(self) -> dict[str, str] | None:
        """What its header says of it; None where it is no safetensors file with vectors and nothing else."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, "numpy") as file:
                return file.metadata() if list(file.keys()) == ["vectors"] else None
        except (SafetensorError, OSError):
            return None
