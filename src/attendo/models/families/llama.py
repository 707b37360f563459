"""Llama (arXiv 2302.13971): rotary positions, root-mean-square norms, gates, fewer keys than queries, no biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from attendo.attention import Causal, Mask
from attendo.models.encoder import Encoder, Head, HeadKind, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count, Depth, Little, Plain, Positive, Share, Undivided, rotary
from attendo.models.usual_heads import crowned, each_token, last_token
from attendo.nn import (
    Block,
    GatedFeedForward,
    Heads,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 32000
    hidden_size: Count = 4096
    intermediate_size: Count = 11008
    num_hidden_layers: Depth = 32
    num_attention_heads: Count = 32
    num_key_value_heads: Count | None = None
    head_dim: Count | None = None
    hidden_act: str = "silu"
    rms_norm_eps: Little = 1e-6
    rope_theta: Positive = 10_000.0
    rope_parameters: dict[str, Any] | None = None
    rope_scaling: dict[str, Any] | None = None
    attention_bias: bool = False
    attention_dropout: Share = 0.0
    mlp_bias: bool = False
    classifier_dropout: Share | None = None
    tie_word_embeddings: bool = False
    num_labels: Count = 2
    pretraining_tp: Literal[1] = 1
    partial_rotary_factor: Undivided | None = None

    @property
    def head_dropout(self) -> float:
        """What is hidden before the scores of tokens."""
        return 0.1 if self.classifier_dropout is None else self.classifier_dropout

    def heads(self) -> Heads:
        """The heads of every layer."""
        return Heads(
            num_heads=self.num_attention_heads,
            num_kv_heads=self.num_key_value_heads,
            d_head=self.head_dim,
            biases=(self.attention_bias, self.attention_bias),
        )

    def norms(self) -> tuple[nn.Module, nn.Module] | None:
        """The norms of queries and keys, where there are any."""
        return None

    def mask(self, layer: int) -> Mask:
        """What a layer may look at."""
        return Causal()


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    embedding = TokenEmbedding(shape.vocab_size, shape.hidden_size)
    blocks = [_block(shape, layer) for layer in range(shape.num_hidden_layers)]
    tower = Encoder(embedding, Stack(blocks, norm=_norm(shape)))
    return crowned(tower, shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    queries, others, _ = shape.heads().counted(shape.hidden_size)
    projected = tuple(f"layers.*.self_attn.{each}_proj" for each in "qkv")
    base = (*BASE, Key("encoder.stack.blocks.*.attention.part.qkv", projected, parts=(queries, others, others)))
    return KeyTable(base=base, head=HEADS[head].keys, prefix=HEADS[head].prefix or "model.", ignored=STALE)


def _block(shape: Shape, layer: int) -> Block:
    width = shape.heads().counted(shape.hidden_size)[2]
    attention = MultiHeadAttention(
        shape.hidden_size,
        shape.heads(),
        rotary=rotary(width, shape.rope_theta, shape.rope_parameters or shape.rope_scaling),
        norms=shape.norms(),
        mask=shape.mask(layer),
        dropout=shape.attention_dropout,
    )
    feed_forward = GatedFeedForward(shape.hidden_size, shape.intermediate_size, shape.hidden_act, bias=shape.mlp_bias)
    return Block(Residual(attention, before=_norm(shape)), Residual(feed_forward, before=_norm(shape)))


def _norm(shape: Shape) -> nn.RMSNorm:
    return nn.RMSNorm(shape.hidden_size, eps=shape.rms_norm_eps)


def _of_text(shape: Shape) -> Head:
    return last_token(shape.hidden_size, shape.num_labels)


def _of_tokens(shape: Shape) -> Head:
    return each_token(shape.hidden_size, shape.num_labels, dropout=shape.head_dropout)


def _of_ends(shape: Shape) -> Head:
    return each_token(shape.hidden_size, 2)


def _of_next(shape: Shape) -> Head:
    return each_token(shape.hidden_size, shape.vocab_size, bias=False)


STALE = ("layers.*.rotary_emb.inv_freq",)
BLOCK = "encoder.stack.blocks.*"
BASE = (
    Key("encoder.embedding.tokens", "embed_tokens"),
    Key(f"{BLOCK}.attention.before", "layers.*.input_layernorm"),
    Key(f"{BLOCK}.attention.part.output", "layers.*.self_attn.o_proj"),
    Key(f"{BLOCK}.attention.part.query_norm", "layers.*.self_attn.q_norm"),
    Key(f"{BLOCK}.attention.part.key_norm", "layers.*.self_attn.k_norm"),
    Key(f"{BLOCK}.feed_forward.before", "layers.*.post_attention_layernorm"),
    Key(f"{BLOCK}.feed_forward.part.up", ("layers.*.mlp.gate_proj", "layers.*.mlp.up_proj")),
    Key(f"{BLOCK}.feed_forward.part.down", "layers.*.mlp.down_proj"),
    Key("encoder.stack.norm", "norm"),
)


def heads(name: str) -> dict[str, HeadKind]:
    """The heads under a family's own name."""
    return {
        "bare": HeadKind(f"{name}Model"),
        "sequence": HeadKind(f"{name}ForSequenceClassification", _of_text, (Key("head.output", "score"),)),
        "token": HeadKind(f"{name}ForTokenClassification", _of_tokens, (Key("head.output", "score"),)),
        "span": HeadKind(f"{name}ForQuestionAnswering", _of_ends, (Key("head.output", "qa_outputs"),), "transformer."),
        "causal": HeadKind(f"{name}ForCausalLM", _of_next, (Key("head.output", "lm_head"),)),
    }


HEADS = heads("Llama")
