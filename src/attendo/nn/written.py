"""Texts that are being written, whatever a model keeps of them."""

from __future__ import annotations

from collections.abc import Sequence

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn.contexts import Memory


class Written:
    """Texts that are being written: how long each is, and which text of a memory it is written from.

    What a model keeps of them besides is a matter of its kind: keys and values, or no more than a state.

    Args:
        rows: texts that there is room for.
        texts: how many there are to begin with.
        memory: what they are written from, if anything.
    Raises:
        ShapeError: if there are more texts than rows.
    """

    def __init__(self, rows: int, texts: int, memory: Memory | None = None) -> None:
        if texts > rows:
            raise ShapeError(f"The cache has room for {rows} texts, but is to begin with {texts}.")
        self.rows, self._memory = rows, memory
        self._lengths, self._sources = [0] * texts, list(range(texts))

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each text so far."""
        return tuple(self._lengths)

    def grow(self, lengths: Sequence[int]) -> Layout:
        """Take in new tokens of each text: how they lie, as queries over all of their text so far.

        Raises:
            ShapeError: if there are more or fewer texts than in the cache.
        """
        self._lengths = self._grown(lengths)
        return Layout(tuple(lengths), self.lengths)

    def keep(self, texts: Sequence[int]) -> None:
        """Go on with these texts, in this order: the others leave, and one named several times goes on several ways.

        Texts that are written from the same memory must stay neighbours.

        Raises:
            ShapeError: if there is no room for so many, or no such text.
        """
        if len(texts) > self.rows:
            raise ShapeError(f"The cache has room for {self.rows} texts, but is to go on with {len(texts)}.")
        if not all(0 <= text < len(self._lengths) for text in texts):
            raise ShapeError(f"The cache holds {len(self._lengths)} texts, but is to keep {tuple(texts)}.")
        self._rearrange(texts)
        self._lengths = [self._lengths[text] for text in texts]
        self._sources = [self._sources[text] for text in texts]

    def _grown(self, lengths: Sequence[int]) -> list[int]:
        """How long each text will be."""
        if len(lengths) != len(self._lengths):
            raise ShapeError(f"The cache holds {len(self._lengths)} texts, but was given tokens of {len(lengths)}.")
        return [before + new for before, new in zip(self._lengths, lengths, strict=True)]

    def _rearrange(self, texts: Sequence[int]) -> None:
        """Keep of these texts, in this order, what is kept besides."""
        raise NotImplementedError
