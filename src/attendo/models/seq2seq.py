"""An encoder that reads a text, a decoder that writes another while it looks at the first, and what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.models.encoder import Encoder, Head, TokenBatch, TokenModel
from attendo.nn import Memory, Written


@dataclass(frozen=True, kw_only=True)
class Seq2SeqBatch:
    """Texts, and for each the one that is written from it: the first of the one for the first of the other."""

    source: TokenBatch
    target: TokenBatch

    def to(self, device: torch.device) -> Seq2SeqBatch:
        """The same on a device."""
        return Seq2SeqBatch(source=self.source.to(device), target=self.target.to(device))


class Seq2SeqModel(nn.Module):
    """Encoder, decoder, and a head over the decoder's vectors; without one the vectors themselves come out.

    Args:
        shared: whether both read words with the same vectors.
        tied: whether words are scored with the very vectors that the decoder reads them with.
    """

    def __init__(
        self, encoder: Encoder, decoder: Encoder, head: Head | None = None, *, shared: bool = True, tied: bool = False
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.head = encoder, decoder, head
        if shared:
            decoder.embedding.tokens = encoder.embedding.tokens
        if tied:
            assert head is not None
            head.output.weight = decoder.embedding.tokens.weight

    @property
    def max_length(self) -> int | None:
        """Tokens of the longest text that can be read; None if there is no limit."""
        return self.encoder.max_length

    @property
    def cross_attentions(self) -> list[nn.Module]:
        """What looks from what is written to what is read, from the first layer to the last."""
        return self.decoder.stack.cross_attentions

    def forward(self, batch: Seq2SeqBatch) -> Tensor:
        """Vectors (N, E) of all target tokens, scores of each (N, C), or scores of each text (B, C)."""
        x = self.vectors(batch)
        return x if self.head is None else self.head(x, batch.target.layout)

    def vectors(self, batch: Seq2SeqBatch) -> Float[Tensor, "N E"]:
        """The vectors of all target tokens, from which the head makes scores, or a loss its own for a few at a time."""
        return self.decoder(batch.target, beyond=self.encode(batch.source))

    def encode(self, source: TokenBatch) -> Memory:
        """Read texts once, however many are then written from them."""
        return Memory(self.encoder(source), source.layout)

    def cache(self, memory: Memory, rows: int, capacity: int) -> Written:
        """Room to write a text from each that was read, and more where `rows` are more; see `Stack.cache`."""
        return self.decoder.cache(rows, capacity, memory.layout.num_texts, memory)

    def step(self, target: TokenBatch, cache: Written) -> Float[Tensor, "B V"]:
        """Take in new tokens of each text, and score what may come next."""
        x = self.decoder.step(target, cache)
        return x if self.head is None else self.head(x)


class Rereader(Seq2SeqModel):
    """A model of two towers that answers about one text: it is read by the encoder, and again, one place later, by the
    decoder, whose last token has then seen all there is (arXiv 1910.13461, section 3.1).

    Args:
        start: what the decoder reads first; the text's own last token if None (arXiv 2001.08210).
    """

    def __init__(self, encoder: Encoder, decoder: Encoder, head: Head, *, start: int | None) -> None:
        super().__init__(encoder, decoder, head)
        self.start = start

    def answer(self, batch: TokenBatch) -> Tensor:
        """The scores that count, under the name that all models have for them."""
        return self(batch)

    def forward(self, batch: TokenBatch) -> Tensor:
        """Scores of each token (N, C), or of each text (B, C)."""
        ids = one_later(batch.ids, batch.layout, self.start)
        return super().forward(Seq2SeqBatch(source=batch, target=replace(batch, ids=ids, segments=None)))


Reader: TypeAlias = TokenModel | Rereader
"""Whatever takes texts as ids, and says something of each text or token."""


def one_later(ids: Int[Tensor, " N"], layout: Layout, start: int | None) -> Int[Tensor, " N"]:
    """Each text moved by one place: what a decoder reads while it writes the text.

    Args:
        start: what comes first; the text's last token if None.
    """
    before = torch.arange(-1, len(ids) - 1, device=ids.device)
    firsts, lasts = _ends(layout)
    before[firsts] = torch.tensor(lasts, device=ids.device)
    moved = ids[before]
    if start is not None:
        moved[firsts] = start
    return moved


def _ends(layout: Layout) -> tuple[Sequence[int], Sequence[int]]:
    """The places of the first and the last token of each text that has any."""
    ends = [(start, start + n - 1) for start, n in zip(layout.query_starts, layout.query_lengths, strict=True) if n]
    return [first for first, _ in ends], [last for _, last in ends]
