"""BART (arXiv 1910.13461): an encoder like BERT's, and a decoder that looks back and at it; both post-norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from attendo.attention import Causal, Full
from attendo.models.encoder import Encoder, Head, HeadKind
from attendo.models.naming import Key, KeyTable
from attendo.models.seq2seq import Rereader, Seq2SeqModel
from attendo.models.shapes import Count, Depth, Plain, Share
from attendo.models.usual_heads import closing_token, each_token
from attendo.nn import (
    Block,
    FeedForward,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
    WordScores,
)

KEPT_POSITIONS = 2
"""Rows of the table of positions that no token has: they were the padding's."""


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 50265
    max_position_embeddings: Count = 1024
    d_model: Count = 1024
    encoder_layers: Depth = 12
    encoder_attention_heads: Count = 16
    encoder_ffn_dim: Count = 4096
    decoder_layers: Depth = 12
    decoder_attention_heads: Count = 16
    decoder_ffn_dim: Count = 4096
    activation_function: str = "gelu"
    dropout: Share = 0.1
    attention_dropout: Share = 0.0
    activation_dropout: Share = 0.0
    classifier_dropout: Share = 0.0
    scale_embedding: bool = False
    decoder_start_token_id: int | None = 2
    tie_word_embeddings: bool = True
    num_labels: Count = 3
    is_encoder_decoder: bool = True
    is_decoder: Literal[False] = False

    @property
    def target_vocab_size(self) -> int:
        """Words that can be written."""
        return self.vocab_size

    @property
    def shared(self) -> bool:
        """Whether both sides read words with the same vectors; where words are not tied, none are."""
        return self.tie_word_embeddings

    @property
    def start(self) -> int | None:
        """What the decoder reads first when it reads what the encoder has read; the last token if None."""
        return self.decoder_start_token_id

    def norm(self) -> nn.Module:
        """The norm that is everywhere in the model."""
        return nn.LayerNorm(self.d_model)

    def residual(self, part: nn.Module) -> Residual:
        """A part of a block, with its norm after the sum."""
        return Residual(part, after=self.norm(), dropout=self.dropout)

    def embedding(self, vocab_size: int) -> TokenEmbedding:
        """Words and where they stand, normed."""
        rows = self.max_position_embeddings + KEPT_POSITIONS
        return TokenEmbedding(
            vocab_size,
            self.d_model,
            positions=LearnedPositions(rows, self.d_model, first=KEPT_POSITIONS),
            norm=self.norm(),
            dropout=self.dropout,
            scale=self.d_model**0.5 if self.scale_embedding else 1.0,
        )

    def last_norm(self) -> nn.Module | None:
        """What stands behind the last block: nothing, as each part was normed."""
        return None


def build(shape: Shape, head: str) -> Seq2SeqModel:
    """A model without weights that mean anything yet."""
    encoder = Encoder(
        shape.embedding(shape.vocab_size),
        Stack([_encoder_block(shape) for _ in range(shape.encoder_layers)], norm=shape.last_norm()),
    )
    decoder = Encoder(
        shape.embedding(shape.target_vocab_size),
        Stack([_decoder_block(shape) for _ in range(shape.decoder_layers)], norm=shape.last_norm()),
    )
    built = HEADS[head].build(shape)
    if head in ("sequence", "span"):
        assert built is not None
        return Rereader(encoder, decoder, built, start=shape.start)
    tied = head == "seq2seq" and shape.tie_word_embeddings
    return Seq2SeqModel(encoder, decoder, built, shared=shape.shared, tied=tied)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    words = SHARED if shape.shared else APART
    return KeyTable(base=(*words, *TOWERS), head=HEADS[head].keys, prefix="model.", ignored=STALE)


def _encoder_block(shape: Shape) -> Block:
    attention = MultiHeadAttention(
        shape.d_model, shape.encoder_attention_heads, mask=Full(), dropout=shape.attention_dropout
    )
    return Block(shape.residual(attention), shape.residual(_feed_forward(shape, shape.encoder_ffn_dim)))


def _decoder_block(shape: Shape) -> Block:
    own, cross = (
        MultiHeadAttention(shape.d_model, shape.decoder_attention_heads, mask=mask, dropout=shape.attention_dropout)
        for mask in (Causal(), Full())
    )
    feed_forward = _feed_forward(shape, shape.decoder_ffn_dim)
    return Block(shape.residual(own), shape.residual(feed_forward), cross=shape.residual(cross))


def _feed_forward(shape: Shape, width: int) -> FeedForward:
    return FeedForward(shape.d_model, width, shape.activation_function, shape.activation_dropout)


def _of_next(shape: Shape) -> Head:
    return Head(WordScores(shape.d_model, shape.target_vocab_size))


def _of_text(shape: Shape) -> Head:
    share = shape.classifier_dropout
    return closing_token(shape.d_model, shape.num_labels, "tanh", (share, share))


def _of_ends(shape: Shape) -> Head:
    return each_token(shape.d_model, 2)


def tower_keys(side: str) -> tuple[Key, ...]:
    """The names of one side's weights, wherever its blocks have their norms."""
    blocks, layers = f"{side}.stack.blocks.*", f"{side}.layers.*"
    parts = (("attention", "self_attn"), ("cross", "encoder_attn"))
    attentions = [
        key
        for ours, theirs in parts
        for key in (
            Key(f"{blocks}.{ours}.part.qkv", tuple(f"{layers}.{theirs}.{each}_proj" for each in "qkv")),
            Key(f"{blocks}.{ours}.part.output", f"{layers}.{theirs}.out_proj"),
        )
    ]
    norms = [
        Key(f"{blocks}.{ours}.{where}", f"{layers}.{theirs}_layer_norm")
        for ours, theirs in (*parts, ("feed_forward", "final"))
        for where in ("before", "after")
    ]
    return (
        Key(f"{side}.embedding.positions", f"{side}.embed_positions"),
        Key(f"{side}.embedding.norm", f"{side}.layernorm_embedding"),
        *attentions,
        *norms,
        Key(f"{blocks}.feed_forward.part.up", f"{layers}.fc1"),
        Key(f"{blocks}.feed_forward.part.down", f"{layers}.fc2"),
        Key(f"{side}.stack.norm", f"{side}.layer_norm"),
    )


STALE = ("encoder.version", "decoder.version")
TOWERS = (*tower_keys("encoder"), *tower_keys("decoder"))
SIDES = ("encoder", "decoder")
SHARED = tuple(
    Key(f"{side}.embedding.tokens.weight", "shared.weight", older=f"{side}.embed_tokens.weight") for side in SIDES
)
APART = (
    Key("encoder.embedding.tokens.weight", "encoder.embed_tokens.weight", also="shared.weight"),
    Key("decoder.embedding.tokens.weight", "decoder.embed_tokens.weight", older="shared.weight"),
)


def heads(name: str) -> dict[str, HeadKind]:
    """The heads under a family's own name."""
    return {
        "bare": HeadKind(f"{name}Model"),
        "seq2seq": HeadKind(f"{name}ForConditionalGeneration", _of_next, SCORES),
        "sequence": HeadKind(
            f"{name}ForSequenceClassification",
            _of_text,
            (
                Key("head.hidden.dense", "classification_head.dense"),
                Key("head.output", "classification_head.out_proj"),
            ),
        ),
        "span": HeadKind(f"{name}ForQuestionAnswering", _of_ends, (Key("head.output", "qa_outputs"),)),
    }


SCORES = (Key("head.output.weight", "lm_head.weight"), Key("head.output.start", "final_logits_bias", otherwise=0.0))
HEADS = heads("Bart")
