"""What one block of a decoder may look at beyond the tokens at hand: its texts so far, and another text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from attendo.attention import Layout
from attendo.errors import ShapeError


@dataclass(frozen=True, eq=False)
class KeyValues:
    """Keys and values as `attend` takes them."""

    keys: Float[Tensor, "*B G S D"]
    values: Float[Tensor, "*B G S D"]


@dataclass(frozen=True, eq=False)
class Past:
    """Room for the keys and values of one block's texts, and the places in it of the tokens at hand."""

    row: KeyValues
    places: Int[Tensor, " N"]

    def joined(self, new: KeyValues) -> KeyValues:
        """All keys and values so far, those of the tokens at hand among them; no gradient goes through the room."""
        for held, given in ((self.row.keys, new.keys), (self.row.values, new.values)):
            held.index_copy_(1, self.places, given.detach().to(held.dtype))
        return self.row


@dataclass(frozen=True, eq=False)
class Memory:
    """Texts as an encoder left them, for a decoder to look at: the first text of the one for the first of the other.

    Args:
        layout: the encoder's texts.
    """

    vectors: Float[Tensor, "S E"]
    layout: Layout

    def seen_by(self, queries: Sequence[int], texts: Sequence[int] | None = None) -> Layout:
        """Tokens of texts that look at their memory.

        Args:
            queries: tokens of each text that looks.
            texts: the text of the memory that each looks at, in order; the first at the first by default. Neighbours
                may share one: their queries are then those of one text.
        Raises:
            ShapeError: if there are more or fewer texts than there is memory for, or some share one over others.
        """
        lengths = self.layout.query_lengths
        if texts is None:
            texts = range(len(queries))
            if len(queries) != len(lengths):
                raise ShapeError(f"There are {len(queries)} texts to look at the memory of {len(lengths)}.")
        return looking(queries, texts, lengths, self.layout.query_starts)


def looking(queries: Sequence[int], texts: Sequence[int], lengths: Sequence[int], starts: Sequence[int]) -> Layout:
    """Tokens of texts that look at others.

    Args:
        queries: tokens of each text that looks.
        texts: the text that each looks at; neighbours may share one.
        lengths: tokens of each text that may be looked at, and `starts` where it begins.
    """
    joined: list[tuple[int, int]] = []
    for text, number in zip(texts, queries, strict=True):
        if joined and joined[-1][0] == text:
            number += joined.pop()[1]
        joined.append((text, number))
    return Layout(
        tuple(number for _, number in joined),
        tuple(lengths[text] for text, _ in joined),
        key_starts=tuple(starts[text] for text, _ in joined),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """What one block may look at beyond the tokens at hand.

    Attributes:
        past: its own texts so far.
        memory: another text, as vectors or as the keys and values that this very block makes of them.
        seen_by: which tokens look at which part of the memory.
    """

    past: Past | None = None
    memory: Tensor | KeyValues | None = None
    seen_by: Layout | None = None


NOTHING = Context()
"""The context of an encoder's blocks."""
