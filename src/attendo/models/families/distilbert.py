"""DistilBERT (arXiv 1910.01108): half of BERT's blocks, no segments, no pooler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from attendo.models.encoder import Encoder, Head, HeadKind, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count, Depth, Plain, Share
from attendo.models.usual_heads import crowned, each_token, each_word, first_token
from attendo.nn import (
    Block,
    FeedForward,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)

EPS = 1e-12


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    ALSO: ClassVar[Mapping[str, str]] = {
        "hidden_size": "dim",
        "num_hidden_layers": "n_layers",
        "num_attention_heads": "n_heads",
    }

    vocab_size: Count = 30522
    max_position_embeddings: Count = 512
    n_layers: Depth = 6
    n_heads: Count = 12
    dim: Count = 768
    hidden_dim: Count = 3072
    dropout: Share = 0.1
    attention_dropout: Share = 0.1
    activation: str = "gelu"
    qa_dropout: Share = 0.1
    seq_classif_dropout: Share = 0.2
    tie_word_embeddings: bool = True
    num_labels: Count = 2


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    embedding = TokenEmbedding(
        shape.vocab_size,
        shape.dim,
        positions=LearnedPositions(shape.max_position_embeddings, shape.dim),
        norm=nn.LayerNorm(shape.dim, eps=EPS),
        dropout=shape.dropout,
    )
    tower = Encoder(embedding, Stack(_block(shape) for _ in range(shape.n_layers)))
    return crowned(tower, shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    return KeyTable(base=BASE, head=HEADS[head].keys, prefix="distilbert.")


def _block(shape: Shape) -> Block:
    attention = MultiHeadAttention(shape.dim, shape.n_heads, dropout=shape.attention_dropout)
    return Block(
        Residual(attention, after=nn.LayerNorm(shape.dim, eps=EPS)),
        Residual(
            FeedForward(shape.dim, shape.hidden_dim, shape.activation),
            after=nn.LayerNorm(shape.dim, eps=EPS),
            dropout=shape.dropout,
        ),
    )


def _of_text(shape: Shape) -> Head:
    return first_token(shape.dim, shape.num_labels, "relu", (0.0, shape.seq_classif_dropout))


def _of_tokens(shape: Shape) -> Head:
    return each_token(shape.dim, shape.num_labels, dropout=shape.dropout)


def _of_ends(shape: Shape) -> Head:
    return each_token(shape.dim, 2, dropout=shape.qa_dropout)


def _of_words(shape: Shape) -> Head:
    return each_word(shape.dim, shape.vocab_size, shape.activation, nn.LayerNorm(shape.dim, eps=EPS))


LAYER = "transformer.layer.*"
BASE = (
    Key("encoder.embedding.tokens", "embeddings.word_embeddings"),
    Key("encoder.embedding.positions", "embeddings.position_embeddings"),
    Key("encoder.embedding.norm", "embeddings.LayerNorm"),
    Key(
        "encoder.stack.blocks.*.attention.part.qkv",
        (f"{LAYER}.attention.q_lin", f"{LAYER}.attention.k_lin", f"{LAYER}.attention.v_lin"),
    ),
    Key("encoder.stack.blocks.*.attention.part.output", f"{LAYER}.attention.out_lin"),
    Key("encoder.stack.blocks.*.attention.after", f"{LAYER}.sa_layer_norm"),
    Key("encoder.stack.blocks.*.feed_forward.part.up", f"{LAYER}.ffn.lin1"),
    Key("encoder.stack.blocks.*.feed_forward.part.down", f"{LAYER}.ffn.lin2"),
    Key("encoder.stack.blocks.*.feed_forward.after", f"{LAYER}.output_layer_norm"),
)
HEADS = {
    "bare": HeadKind("DistilBertModel"),
    "sequence": HeadKind(
        "DistilBertForSequenceClassification",
        _of_text,
        (Key("head.hidden.dense", "pre_classifier"), Key("head.output", "classifier")),
    ),
    "token": HeadKind("DistilBertForTokenClassification", _of_tokens, (Key("head.output", "classifier"),)),
    "span": HeadKind("DistilBertForQuestionAnswering", _of_ends, (Key("head.output", "qa_outputs"),)),
    "masked": HeadKind(
        "DistilBertForMaskedLM",
        _of_words,
        (
            Key("head.hidden.dense", "vocab_transform"),
            Key("head.hidden.norm", "vocab_layer_norm"),
            Key("head.output", "vocab_projector"),
        ),
    ),
}
