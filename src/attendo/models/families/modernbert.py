"""ModernBERT (arXiv 2412.13663): pre-norm, rotary positions, gated feed-forward, most layers looking near by only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from attendo.attention import Full, Window
from attendo.models.encoder import Encoder, Head, HeadKind, Hidden, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import FAR, NEAR, Count, Depth, Little, Plain, Positive, Share, layer_kinds, rotary
from attendo.models.usual_heads import crowned
from attendo.nn import (
    Block,
    FirstToken,
    GatedFeedForward,
    Heads,
    MeanPool,
    MultiHeadAttention,
    Residual,
    Rotary,
    Stack,
    TokenEmbedding,
)


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 50368
    hidden_size: Count = 768
    intermediate_size: Count = 1152
    num_hidden_layers: Depth = 22
    num_attention_heads: Count = 12
    hidden_activation: str = "gelu"
    norm_eps: Little = 1e-5
    norm_bias: bool = False
    attention_bias: bool = False
    attention_dropout: Share = 0.0
    layer_types: tuple[Literal["full_attention", "sliding_attention"], ...] | None = None
    global_attn_every_n_layers: Count = 3
    rope_parameters: dict[str, dict[str, Any] | None] | None = None
    rope_scaling: dict[str, Any] | None = None
    global_rope_theta: Positive = 160_000.0
    local_rope_theta: Positive = 10_000.0
    local_attention: Count = 128
    embedding_dropout: Share = 0.0
    mlp_bias: bool = False
    mlp_dropout: Share = 0.0
    decoder_bias: bool = True
    classifier_pooling: Literal["cls", "mean"] = "cls"
    classifier_dropout: Share = 0.0
    classifier_bias: bool = False
    classifier_activation: str = "gelu"
    tie_word_embeddings: bool = True
    num_labels: Count = 2

    def layers(self) -> tuple[str, ...]:
        """Which layers look far, and which near by."""
        every = self.global_attn_every_n_layers
        usual = (NEAR if i % every else FAR for i in range(self.num_hidden_layers))
        return layer_kinds(self.layer_types, usual, self.num_hidden_layers)

    def rotary(self, kind: str) -> Rotary:
        """The rotary positions in such a layer."""
        width = Heads(num_heads=self.num_attention_heads).counted(self.hidden_size)[2]
        base = self.global_rope_theta if kind == FAR else self.local_rope_theta
        asked = (self.rope_parameters or {}).get(kind) or self.rope_scaling
        return rotary(width, base, asked, f"rope_parameters.{kind}.")


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    embedding = TokenEmbedding(shape.vocab_size, shape.hidden_size, norm=_norm(shape), dropout=shape.embedding_dropout)
    blocks = [_block(shape, kind, nn.Identity() if i == 0 else _norm(shape)) for i, kind in enumerate(shape.layers())]
    tower = Encoder(embedding, Stack(blocks, norm=_norm(shape)))
    return crowned(tower, shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    return KeyTable(base=BASE, head=HEADS[head].keys, prefix="model.")


def _block(shape: Shape, kind: str, first_norm: nn.Module) -> Block:
    half = shape.local_attention // 2
    attention = MultiHeadAttention(
        shape.hidden_size,
        Heads(num_heads=shape.num_attention_heads, biases=(shape.attention_bias, shape.attention_bias)),
        rotary=shape.rotary(kind),
        mask=Window(half, half) if kind == NEAR else Full(),
        dropout=shape.attention_dropout,
    )
    feed_forward = GatedFeedForward(
        shape.hidden_size, shape.intermediate_size, shape.hidden_activation, shape.mlp_dropout, bias=shape.mlp_bias
    )
    return Block(
        Residual(attention, before=first_norm, dropout=shape.attention_dropout),
        Residual(feed_forward, before=_norm(shape)),
    )


def _norm(shape: Shape) -> nn.LayerNorm:
    return nn.LayerNorm(shape.hidden_size, eps=shape.norm_eps, bias=shape.norm_bias)


def _hidden(shape: Shape, dropout: float = 0.0) -> Hidden:
    dense = nn.Linear(shape.hidden_size, shape.hidden_size, bias=shape.classifier_bias)
    return Hidden(dense, shape.classifier_activation, norm=_norm(shape), dropout=(0.0, dropout))


def _of_text(shape: Shape) -> Head:
    pool = MeanPool() if shape.classifier_pooling == "mean" else FirstToken()
    layer = _hidden(shape, shape.classifier_dropout)
    return Head(nn.Linear(shape.hidden_size, shape.num_labels), pool=pool, hidden=layer)


def _of_tokens(shape: Shape) -> Head:
    return Head(nn.Linear(shape.hidden_size, shape.num_labels), hidden=_hidden(shape, shape.classifier_dropout))


def _of_words(shape: Shape) -> Head:
    return Head(nn.Linear(shape.hidden_size, shape.vocab_size, bias=shape.decoder_bias), hidden=_hidden(shape))


LAYER = "layers.*"
BASE = (
    Key("encoder.embedding.tokens", "embeddings.tok_embeddings"),
    Key("encoder.embedding.norm", "embeddings.norm"),
    Key("encoder.stack.blocks.*.attention.before", f"{LAYER}.attn_norm"),
    Key("encoder.stack.blocks.*.attention.part.qkv", f"{LAYER}.attn.Wqkv"),
    Key("encoder.stack.blocks.*.attention.part.output", f"{LAYER}.attn.Wo"),
    Key("encoder.stack.blocks.*.feed_forward.before", f"{LAYER}.mlp_norm"),
    Key("encoder.stack.blocks.*.feed_forward.part.up", f"{LAYER}.mlp.Wi"),
    Key("encoder.stack.blocks.*.feed_forward.part.down", f"{LAYER}.mlp.Wo"),
    Key("encoder.stack.norm", "final_norm"),
)
HIDDEN = (Key("head.hidden.dense", "head.dense"), Key("head.hidden.norm", "head.norm"))
HEADS = {
    "bare": HeadKind("ModernBertModel"),
    "sequence": HeadKind("ModernBertForSequenceClassification", _of_text, (*HIDDEN, Key("head.output", "classifier"))),
    "token": HeadKind("ModernBertForTokenClassification", _of_tokens, (*HIDDEN, Key("head.output", "classifier"))),
    "span": HeadKind("ModernBertForQuestionAnswering", _of_tokens, (*HIDDEN, Key("head.output", "classifier"))),
    "masked": HeadKind("ModernBertForMaskedLM", _of_words, (*HIDDEN, Key("head.output", "decoder"))),
}
