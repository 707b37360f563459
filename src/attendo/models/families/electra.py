"""ELECTRA (arXiv 2003.10555): BERT's blocks over narrower embeddings; a generator, and a discriminator of its words."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from attendo.models.encoder import Encoder, Head, HeadKind, Hidden, TokenModel
from attendo.models.families import bert
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count
from attendo.models.usual_heads import crowned, each_word, first_token
from attendo.nn import LearnedPositions, Stack, TokenEmbedding


@dataclass(frozen=True, kw_only=True)
class Shape(bert.Shape):
    """The numbers in config.json, by their names there."""

    embedding_size: Count = 128
    hidden_size: Count = 256
    num_attention_heads: Count = 4
    intermediate_size: Count = 1024


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    narrow = shape.embedding_size
    embedding = TokenEmbedding(
        shape.vocab_size,
        narrow,
        positions=LearnedPositions(shape.max_position_embeddings, narrow),
        num_segments=shape.type_vocab_size,
        norm=nn.LayerNorm(narrow, eps=shape.layer_norm_eps),
        dropout=shape.hidden_dropout_prob,
        widen=nn.Linear(narrow, shape.hidden_size) if narrow != shape.hidden_size else None,
    )
    tower = Encoder(embedding, Stack(bert.block(shape) for _ in range(shape.num_hidden_layers)))
    return crowned(tower, shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    base = (*bert.BASE, Key("encoder.embedding.widen", "embeddings_project"))
    return KeyTable(base=base, head=HEADS[head].keys, prefix="electra.", ignored=bert.IGNORED)


def _of_text(shape: Shape) -> Head:
    return first_token(shape.hidden_size, shape.num_labels, "gelu", (shape.head_dropout, shape.head_dropout))


def _of_words(shape: Shape) -> Head:
    norm = nn.LayerNorm(shape.embedding_size, eps=shape.layer_norm_eps)
    return each_word(shape.hidden_size, shape.vocab_size, "gelu", norm)


def _of_replaced(shape: Shape) -> Head:
    layer = Hidden(nn.Linear(shape.hidden_size, shape.hidden_size), shape.hidden_act)
    return Head(nn.Linear(shape.hidden_size, 1), hidden=layer)


HEADS = {
    "bare": HeadKind("ElectraModel"),
    "sequence": HeadKind(
        "ElectraForSequenceClassification",
        _of_text,
        (Key("head.hidden.dense", "classifier.dense"), Key("head.output", "classifier.out_proj")),
    ),
    "token": HeadKind("ElectraForTokenClassification", bert.of_tokens, (Key("head.output", "classifier"),)),
    "span": HeadKind("ElectraForQuestionAnswering", bert.of_ends, (Key("head.output", "qa_outputs"),)),
    "masked": HeadKind(
        "ElectraForMaskedLM",
        _of_words,
        (
            Key("head.hidden.dense", "generator_predictions.dense"),
            Key("head.hidden.norm", "generator_predictions.LayerNorm"),
            Key("head.output", "generator_lm_head"),
        ),
    ),
    "replaced": HeadKind(
        "ElectraForPreTraining",
        _of_replaced,
        (
            Key("head.hidden.dense", "discriminator_predictions.dense"),
            Key("head.output", "discriminator_predictions.dense_prediction"),
        ),
    ),
}
