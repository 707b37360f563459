"""A tower of blocks over tokens, and what stands on it: the shape of every model that reads ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.models.naming import Key
from attendo.nn import (
    Cache,
    Dropout,
    LastToken,
    LearnedPositions,
    Memory,
    OneToken,
    Recurrence,
    Stack,
    TokenEmbedding,
    Written,
    activation_named,
    latest_vectors,
    short_way,
)


@dataclass(frozen=True, kw_only=True)
class TokenBatch:
    """Texts as ids, end to end.

    Attributes:
        segments: 0 for tokens of a first text, 1 for those of a second; all of a first by default.
    """

    layout: Layout
    ids: Int[Tensor, " N"]
    segments: Int[Tensor, " N"] | None = None

    def to(self, device: torch.device) -> TokenBatch:
        """The same on a device."""
        segments = None if self.segments is None else self.segments.to(device)
        return TokenBatch(layout=self.layout, ids=self.ids.to(device), segments=segments)


class Encoder(nn.Module):
    """Tokens to vectors, and blocks in which they look at each other; a decoder's look at more.

    Args:
        stack: the blocks, or layers that carry a state from token to token.
    """

    def __init__(self, embedding: TokenEmbedding, stack: Stack | Recurrence) -> None:
        super().__init__()
        self.embedding, self.stack = embedding, stack

    @property
    def width(self) -> int:
        """Width of its vectors: blocks leave it as it is."""
        return self.stack.width if isinstance(self.stack, Recurrence) else self.embedding.width

    @property
    def layers(self) -> list[nn.Module]:
        """Its blocks, from the lowest; a recurrence is a single one."""
        return [self.stack] if isinstance(self.stack, Recurrence) else list(self.stack.blocks)

    @property
    def max_length(self) -> int | None:
        """Tokens of the longest text that there are positions for; None if there is no limit."""
        positions = self.embedding.positions
        return positions.max_length if isinstance(positions, LearnedPositions) else None

    def forward(
        self, batch: TokenBatch, read: Layout | None = None, beyond: Memory | Written | None = None
    ) -> Float[Tensor, "N E"]:
        """The vectors of all tokens, or of those that are read (see `Stack`)."""
        x = self.embedding(batch.ids, batch.layout, batch.segments)
        return self.stack(x, batch.layout, read, beyond)

    def at(self, batch: TokenBatch, places: Int[Tensor, " M"]) -> Float[Tensor, "M E"]:
        """The vectors at some places of the row only, for losses that ask for no others (see `Stack.at`)."""
        x = self.embedding(batch.ids, batch.layout, batch.segments)
        return self.stack.at(x, batch.layout, places)

    def cache(self, rows: int, capacity: int, texts: int | None = None, memory: Memory | None = None) -> Written:
        """Room to write texts token by token; see `Stack.cache`."""
        cache = self.stack.cache(rows, capacity, texts, memory)
        if isinstance(cache, Cache):
            cache.way = short_way(self.embedding, self.stack)
        return cache

    def step(self, batch: TokenBatch, cache: Written) -> Float[Tensor, "B E"]:
        """Go on writing: take in new tokens of each text, and return the vectors of the last of them.

        A text without a new token gives zeros.

        Raises:
            ShapeError: if the cache holds other texts, or has no room for the tokens.
        """
        if isinstance(cache, Cache) and batch.segments is None and set(batch.layout.query_lengths) == {1}:
            found = latest_vectors(batch.ids, cache)
            if found is not None:
                return found
        layout = cache.grow(batch.layout.query_lengths)
        x = self.embedding(batch.ids, layout, batch.segments)
        return LastToken()(self.stack(x, layout, None, cache), Layout(layout.query_lengths))


class Hidden(nn.Module):
    """A layer between an encoder and its scores: one more projection, bent, and a norm where there is one."""

    def __init__(
        self,
        dense: nn.Linear,
        activation: str,
        *,
        norm: nn.Module | None = None,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        super().__init__()
        self.dense, self.activation, self.norm = dense, activation_named(activation), norm or nn.Identity()
        self.before, self.after = (Dropout(share) for share in dropout)

    def forward(self, x: Float[Tensor, "*B E"]) -> Float[Tensor, "*B F"]:
        return self.after(self.norm(self.activation(self.dense(self.before(x)))))


class Head(nn.Module):
    """Scores from vectors: of each text where there is a pooling, of each token otherwise."""

    def __init__(self, output: nn.Module, *, pool: nn.Module | None = None, hidden: nn.Module | None = None) -> None:
        super().__init__()
        self.pool, self.hidden, self.output = pool, hidden or nn.Identity(), output

    def forward(self, x: Float[Tensor, "*B T E"], layout: Layout | None = None) -> Float[Tensor, "*N C"]:
        return self.output(self.hidden(x if self.pool is None else self.pool(x, layout)))


class TokenModel(nn.Module):
    """An encoder, and a head; without one the vectors themselves come out.

    Args:
        tied: whether words are scored with the very vectors that they are read with (arXiv 1608.05859).
    """

    def __init__(self, encoder: Encoder, head: Head | None = None, *, tied: bool = False) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head
        if tied:
            assert head is not None
            head.output.weight = encoder.embedding.tokens.weight

    @property
    def max_length(self) -> int | None:
        """Tokens of the longest text that the model has positions for; None if it knows no limit."""
        return self.encoder.max_length

    def answer(self, batch: TokenBatch) -> Tensor:
        """The scores that count, under the name that all models have for them."""
        return self(batch)

    def forward(self, batch: TokenBatch) -> Tensor:
        """Vectors (N, E), scores of each token (N, C), or scores of each text (B, C)."""
        pool = None if self.head is None else self.head.pool
        read = pool.reads(batch.layout) if isinstance(pool, OneToken) else None
        x = self.encoder(batch, read)
        return x if self.head is None else self.head(x, Layout(read.query_lengths) if read else batch.layout)

    def cache(self, rows: int, capacity: int, texts: int | None = None) -> Written:
        """Room to write texts token by token; see `Stack.cache`."""
        return self.encoder.cache(rows, capacity, texts)

    def step(self, batch: TokenBatch, cache: Written) -> Float[Tensor, "B V"]:
        """Take in new tokens of each text, and score what may come next; for heads that look at one token alone."""
        x = self.encoder.step(batch, cache)
        return x if self.head is None else self.head(x)


@dataclass(frozen=True)
class HeadKind:
    """What may stand on an encoder: its name in config.json, how it is built, and what checkpoints call its weights."""

    architecture: str
    build: Callable[[Any], Head | None] = lambda shape: None
    keys: tuple[Key, ...] = ()
    prefix: str | None = None
    """What stands before the encoder's names under this head, where it is not what stands there under all others."""
