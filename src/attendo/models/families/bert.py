"""BERT (arXiv 1810.04805), and all that are BERT with other weights: Chinese BERT, MacBERT, RoBERTa-wwm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from attendo.models.encoder import Encoder, Head, HeadKind, Hidden, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count, Depth, Little, Plain, Share
from attendo.models.usual_heads import crowned, each_token, each_word, first_token
from attendo.nn import (
    Block,
    FeedForward,
    FirstToken,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 30522
    hidden_size: Count = 768
    num_hidden_layers: Depth = 12
    num_attention_heads: Count = 12
    intermediate_size: Count = 3072
    hidden_act: str = "gelu"
    max_position_embeddings: Count = 512
    type_vocab_size: Count = 2
    layer_norm_eps: Little = 1e-12
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    classifier_dropout: Share | None = None
    tie_word_embeddings: bool = True
    num_labels: Count = 2
    position_embedding_type: Literal["absolute"] = "absolute"
    is_decoder: Literal[False] = False
    add_cross_attention: Literal[False] = False

    @property
    def head_dropout(self) -> float:
        """What is hidden before the last layer."""
        return self.hidden_dropout_prob if self.classifier_dropout is None else self.classifier_dropout


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    return crowned(tower(shape), shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    return KeyTable(base=BASE, head=HEADS[head].keys, prefix="bert.", ignored=IGNORED)


def tower(shape: Shape, first_position: int = 0) -> Encoder:
    """Embeddings with a norm of their own, and post-norm blocks."""
    embedding = TokenEmbedding(
        shape.vocab_size,
        shape.hidden_size,
        positions=LearnedPositions(shape.max_position_embeddings, shape.hidden_size, first=first_position),
        num_segments=shape.type_vocab_size,
        norm=norm(shape),
        dropout=shape.hidden_dropout_prob,
    )
    return Encoder(embedding, Stack(block(shape) for _ in range(shape.num_hidden_layers)))


def block(shape: Shape) -> Block:
    """Attention, then feed-forward, each with its norm after the sum."""
    dropout = shape.attention_probs_dropout_prob
    attention = MultiHeadAttention(shape.hidden_size, shape.num_attention_heads, dropout=dropout)
    feed_forward = FeedForward(shape.hidden_size, shape.intermediate_size, shape.hidden_act)
    return Block(
        Residual(attention, after=norm(shape), dropout=shape.hidden_dropout_prob),
        Residual(feed_forward, after=norm(shape), dropout=shape.hidden_dropout_prob),
    )


def norm(shape: Shape) -> nn.LayerNorm:
    """The norm that is everywhere in the model."""
    return nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)


def pooled(shape: Shape) -> Head:
    """The first token's vector through one more layer, as it was trained to tell following sentences."""
    layer = Hidden(nn.Linear(shape.hidden_size, shape.hidden_size), "tanh")
    return Head(nn.Identity(), pool=FirstToken(), hidden=layer)


def of_text(shape: Shape) -> Head:
    """Scores of a text, from the pooled vector."""
    return first_token(shape.hidden_size, shape.num_labels, "tanh", (0.0, shape.head_dropout))


def of_tokens(shape: Shape) -> Head:
    """Scores of each token."""
    return each_token(shape.hidden_size, shape.num_labels, dropout=shape.head_dropout)


def of_ends(shape: Shape) -> Head:
    """How well each token would begin an answer, and how well it would end one."""
    return each_token(shape.hidden_size, 2)


def of_words(shape: Shape) -> Head:
    """How well each word would stand at each place."""
    return each_word(shape.hidden_size, shape.vocab_size, shape.hidden_act, norm(shape))


LAYER = "encoder.layer.*"
BASE = (
    Key("encoder.embedding.tokens", "embeddings.word_embeddings"),
    Key("encoder.embedding.positions", "embeddings.position_embeddings"),
    Key("encoder.embedding.segments", "embeddings.token_type_embeddings"),
    Key("encoder.embedding.norm", "embeddings.LayerNorm"),
    Key(
        "encoder.stack.blocks.*.attention.part.qkv",
        (f"{LAYER}.attention.self.query", f"{LAYER}.attention.self.key", f"{LAYER}.attention.self.value"),
    ),
    Key("encoder.stack.blocks.*.attention.part.output", f"{LAYER}.attention.output.dense"),
    Key("encoder.stack.blocks.*.attention.after", f"{LAYER}.attention.output.LayerNorm"),
    Key("encoder.stack.blocks.*.feed_forward.part.up", f"{LAYER}.intermediate.dense"),
    Key("encoder.stack.blocks.*.feed_forward.part.down", f"{LAYER}.output.dense"),
    Key("encoder.stack.blocks.*.feed_forward.after", f"{LAYER}.output.LayerNorm"),
    Key("head.hidden.dense", "pooler.dense"),
)
IGNORED = ("embeddings.position_ids", "embeddings.token_type_ids", "pooler.dense.*", "cls.seq_relationship.*")
"""What files hold beside the model: places, and what told following sentences in the first training."""
HEADS = {
    "bare": HeadKind("BertModel", pooled),
    "sequence": HeadKind("BertForSequenceClassification", of_text, (Key("head.output", "classifier"),)),
    "token": HeadKind("BertForTokenClassification", of_tokens, (Key("head.output", "classifier"),)),
    "span": HeadKind("BertForQuestionAnswering", of_ends, (Key("head.output", "qa_outputs"),)),
    "masked": HeadKind(
        "BertForMaskedLM",
        of_words,
        (
            Key("head.hidden.dense", "cls.predictions.transform.dense"),
            Key("head.hidden.norm", "cls.predictions.transform.LayerNorm"),
            Key("head.output.weight", "cls.predictions.decoder.weight"),
            Key("head.output.bias", "cls.predictions.decoder.bias", also="cls.predictions.bias"),
        ),
    ),
}
