"""GPT-2 (Radford et al. 2019): pre-norm blocks that look back only, words scored as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import nn

from attendo.attention import Causal
from attendo.models.encoder import Encoder, Head, HeadKind, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count, Depth, Little, Plain, Share
from attendo.models.usual_heads import crowned, each_token, last_token
from attendo.nn import (
    Block,
    FeedForward,
    Heads,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    ALSO: ClassVar[Mapping[str, str]] = {
        "hidden_size": "n_embd",
        "max_position_embeddings": "n_positions",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }

    vocab_size: Count = 50257
    n_positions: Count = 1024
    n_embd: Count = 768
    n_layer: Depth = 12
    n_head: Count = 12
    n_inner: Count | None = None
    activation_function: str = "gelu_new"
    resid_pdrop: Share = 0.1
    embd_pdrop: Share = 0.1
    attn_pdrop: Share = 0.1
    scale_attn_weights: bool = True
    scale_attn_by_inverse_layer_idx: bool = False
    layer_norm_epsilon: Little = 1e-5
    classifier_dropout: Share | None = None
    tie_word_embeddings: bool = True
    num_labels: Count = 2
    add_cross_attention: Literal[False] = False

    @property
    def head_dropout(self) -> float:
        """What is hidden before the scores of tokens."""
        return 0.1 if self.classifier_dropout is None else self.classifier_dropout


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    embedding = TokenEmbedding(
        shape.vocab_size,
        shape.n_embd,
        positions=LearnedPositions(shape.n_positions, shape.n_embd),
        dropout=shape.embd_pdrop,
    )
    tower = Encoder(embedding, Stack([_block(shape, i) for i in range(shape.n_layer)], norm=_norm(shape)))
    return crowned(tower, shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights; its matrices lie the other way round."""
    return KeyTable(base=BASE, head=HEADS[head].keys, prefix="transformer.", ignored=STALE)


def _block(shape: Shape, layer: int) -> Block:
    width = Heads(num_heads=shape.n_head).counted(shape.n_embd)[2]
    scale = width**-0.5 if shape.scale_attn_weights else 1.0
    scale = scale / (layer + 1) if shape.scale_attn_by_inverse_layer_idx else scale
    heads = Heads(num_heads=shape.n_head, scale=scale)
    attention = MultiHeadAttention(shape.n_embd, heads, mask=Causal(), dropout=shape.attn_pdrop)
    feed_forward = FeedForward(shape.n_embd, shape.n_inner or 4 * shape.n_embd, shape.activation_function)
    return Block(
        Residual(attention, before=_norm(shape), dropout=shape.resid_pdrop),
        Residual(feed_forward, before=_norm(shape), dropout=shape.resid_pdrop),
    )


def _norm(shape: Shape) -> nn.LayerNorm:
    return nn.LayerNorm(shape.n_embd, eps=shape.layer_norm_epsilon)


def _of_text(shape: Shape) -> Head:
    return last_token(shape.n_embd, shape.num_labels)


def _of_tokens(shape: Shape) -> Head:
    return each_token(shape.n_embd, shape.num_labels, dropout=shape.head_dropout)


def _of_ends(shape: Shape) -> Head:
    return each_token(shape.n_embd, 2)


def _of_next(shape: Shape) -> Head:
    return each_token(shape.n_embd, shape.vocab_size, bias=False)


STALE = ("h.*.attn.bias", "h.*.attn.masked_bias")
BASE = (
    Key("encoder.embedding.tokens", "wte"),
    Key("encoder.embedding.positions", "wpe"),
    Key("encoder.stack.blocks.*.attention.before", "h.*.ln_1"),
    Key("encoder.stack.blocks.*.attention.part.qkv", "h.*.attn.c_attn", turned=True),
    Key("encoder.stack.blocks.*.attention.part.output", "h.*.attn.c_proj", turned=True),
    Key("encoder.stack.blocks.*.feed_forward.before", "h.*.ln_2"),
    Key("encoder.stack.blocks.*.feed_forward.part.up", "h.*.mlp.c_fc", turned=True),
    Key("encoder.stack.blocks.*.feed_forward.part.down", "h.*.mlp.c_proj", turned=True),
    Key("encoder.stack.norm", "ln_f"),
)
HEADS = {
    "bare": HeadKind("GPT2Model"),
    "sequence": HeadKind("GPT2ForSequenceClassification", _of_text, (Key("head.output", "score"),)),
    "token": HeadKind("GPT2ForTokenClassification", _of_tokens, (Key("head.output", "classifier"),)),
    "span": HeadKind("GPT2ForQuestionAnswering", _of_ends, (Key("head.output", "qa_outputs"),)),
    "causal": HeadKind("GPT2LMHeadModel", _of_next, (Key("head.output", "lm_head"),)),
}
