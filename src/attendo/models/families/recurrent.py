"""Recurrent encoder-decoders: with additive attention (arXiv 1409.0473), with multiplicative attention and input
feeding (arXiv 1508.04025), and with none (arXiv 1409.3215). No other library has this family's folders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attendo.errors import ConfigError
from attendo.models.encoder import Encoder, Head, HeadKind
from attendo.models.families import bart
from attendo.models.naming import Key, KeyTable
from attendo.models.seq2seq import Seq2SeqModel
from attendo.models.shapes import Count, Depth, Plain, Share
from attendo.nn import (
    AdditiveDecoder,
    CellName,
    MultiplicativeDecoder,
    PlainDecoder,
    RecurrentEncoder,
    TokenEmbedding,
    WordScores,
)

DECODERS = {"additive": AdditiveDecoder, "multiplicative": MultiplicativeDecoder, "none": PlainDecoder}
"""By the kind of attention."""


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers that make this family's models differ."""

    vocab_size: Count
    """Words that can be read."""
    decoder_vocab_size: Count | None = None
    """Words that can be written; as many as can be read by default."""
    d_model: Count = 256
    """Width of a word's vector."""
    hidden_size: Count = 256
    """Width of a state; the encoder has one in each direction."""
    encoder_layers: Depth = 1
    """Layers that read."""
    decoder_layers: Depth = 1
    """Layers that write."""
    cell: CellName = "gru"
    """What a layer is made of."""
    attention: Literal["additive", "multiplicative", "none"] = "additive"
    """How the decoder looks at what was read; with none it knows no more than how reading ended."""
    dropout: Share = 0.2
    """Dropout on vectors of words, between layers, and on what says the next word."""
    scale_embedding: bool = True
    """Whether vectors of words are read times the root of their width, so that scores and input may share them."""
    share_encoder_decoder_embeddings: bool = True
    """Whether both sides read words with the same vectors."""
    tie_word_embeddings: bool = True
    """Whether words are scored with the vectors that the decoder reads them with."""
    pad_token_id: int | None = None
    """Not read: texts are never padded."""
    bos_token_id: int | None = None
    """What begins a text."""
    eos_token_id: int | None = None
    """What ends a text."""
    decoder_start_token_id: int | None = None
    """What the decoder reads first."""
    is_encoder_decoder: bool = True
    """Always so."""

    @property
    def target_vocab_size(self) -> int:
        """Words that can be written."""
        return self.decoder_vocab_size or self.vocab_size


def build(shape: Shape, head: str) -> Seq2SeqModel:
    """A model without weights that mean anything yet.

    Raises:
        ConfigError: if both sides are to share vectors of words, but not the words.
    """
    if shape.share_encoder_decoder_embeddings and shape.target_vocab_size != shape.vocab_size:
        raise ConfigError(
            f"`decoder_vocab_size` must be `vocab_size` ({shape.vocab_size}) where both sides share vectors of words, "
            f"but is {shape.decoder_vocab_size}. Set `share_encoder_decoder_embeddings` to false."
        )
    reads = RecurrentEncoder(
        shape.d_model, shape.hidden_size, shape.encoder_layers, cell=shape.cell, dropout=shape.dropout
    )
    writes = DECODERS[shape.attention](
        shape.d_model, shape.hidden_size, shape.decoder_layers, reads.width, cell=shape.cell, dropout=shape.dropout
    )
    return Seq2SeqModel(
        Encoder(_embedding(shape, shape.vocab_size), reads),
        Encoder(_embedding(shape, shape.target_vocab_size), writes),
        HEADS[head].build(shape),
        shared=shape.share_encoder_decoder_embeddings,
        tied=head == "seq2seq" and shape.tie_word_embeddings,
    )


def keys(shape: Shape, head: str) -> KeyTable:
    """What a folder calls the weights."""
    words = SHARED if shape.share_encoder_decoder_embeddings else APART
    return KeyTable(base=(*words, *TOWERS), head=HEADS[head].keys)


def _embedding(shape: Shape, vocab_size: int) -> TokenEmbedding:
    scale = shape.d_model**0.5 if shape.scale_embedding else 1.0
    return TokenEmbedding(vocab_size, shape.d_model, dropout=shape.dropout, scale=scale)


def _of_next(shape: Shape) -> Head:
    return Head(WordScores(shape.d_model, shape.target_vocab_size))


SIDES = ("encoder", "decoder")
TOWERS = tuple(Key(f"{side}.stack", side) for side in SIDES)
SHARED = tuple(Key(f"{side}.embedding.tokens", "shared") for side in SIDES)
APART = tuple(Key(f"{side}.embedding.tokens", f"{side}.embed_tokens") for side in SIDES)
HEADS = {
    "bare": HeadKind("AttendoRecurrentModel"),
    "seq2seq": HeadKind("AttendoRecurrentForConditionalGeneration", _of_next, bart.SCORES),
}
