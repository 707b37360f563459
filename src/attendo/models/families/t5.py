"""T5 and mT5 (arXiv 1910.10683, 2010.11934): pre-norm towers of root-mean-square norms, biases by distance alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from attendo.attention import Causal, Full
from attendo.models.encoder import Encoder, Head, HeadKind, TokenModel
from attendo.models.naming import Key, KeyTable
from attendo.models.seq2seq import Rereader, Seq2SeqModel
from attendo.models.shapes import Count, Depth, Little, Plain, Share
from attendo.models.usual_heads import closing_token, each_token
from attendo.nn import (
    Block,
    Dropout,
    FeedForward,
    GatedFeedForward,
    Heads,
    MultiHeadAttention,
    RelativeBias,
    Residual,
    Scale,
    Stack,
    TokenEmbedding,
)


@dataclass(frozen=True, kw_only=True)
class Shape(Plain):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 32128
    d_model: Count = 512
    d_kv: Count = 64
    d_ff: Count = 2048
    num_layers: Depth = 6
    num_decoder_layers: Depth | None = None
    num_heads: Count = 8
    relative_attention_num_buckets: Count = 32
    relative_attention_max_distance: Count = 128
    dropout_rate: Share = 0.1
    classifier_dropout: Share = 0.0
    layer_norm_epsilon: Little = 1e-6
    feed_forward_proj: str = "relu"
    decoder_start_token_id: int | None = 0
    tie_word_embeddings: bool = True
    scale_decoder_outputs: bool | None = None
    num_labels: Count = 2
    is_encoder_decoder: bool = True
    is_decoder: Literal[False] = False

    @property
    def gated(self) -> bool:
        """Whether the feed-forward is gated, as from version 1.1 on."""
        return self.feed_forward_proj.startswith("gated-")

    @property
    def activation(self) -> str:
        """What bends in the feed-forward; a gate's "gelu" is the approximate one."""
        name = self.feed_forward_proj.removeprefix("gated-")
        return "gelu_new" if self.gated and name == "gelu" else name

    @property
    def output_scale(self) -> float:
        """What vectors are multiplied by before words are scored: in the first T5, where these are tied."""
        scaled = self.tie_word_embeddings if self.scale_decoder_outputs is None else self.scale_decoder_outputs
        return self.d_model**-0.5 if scaled else 1.0


@dataclass(frozen=True, kw_only=True)
class MT5Shape(Shape):
    """The numbers in mT5's config.json."""

    vocab_size: Count = 250112
    d_ff: Count = 1024
    num_layers: Depth = 8
    num_heads: Count = 6
    feed_forward_proj: str = "gated-gelu"

    @property
    def output_scale(self) -> float:
        """Never anything but one."""
        return 1.0


def build(shape: Shape, head: str) -> nn.Module:
    """A model without weights that mean anything yet."""
    encoder, built = _encoder(shape), HEADS[head].build(shape)
    if head in ("encoder", "token"):
        return TokenModel(encoder, built)
    decoder = _decoder(shape)
    if head in ("sequence", "span"):
        assert built is not None
        return Rereader(encoder, decoder, built, start=shape.decoder_start_token_id)
    return Seq2SeqModel(encoder, decoder, built, tied=head == "seq2seq" and shape.tie_word_embeddings)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    up = ("wi_0", "wi_1") if shape.gated else ("wi",)
    widened = [
        Key(
            f"{side}.stack.blocks.*.feed_forward.part.up",
            tuple(f"{side}.block.*.layer.{last}.DenseReluDense.{each}" for each in up),
        )
        for side, last in LAST_PART.items()
    ]
    prefix = HEADS[head].prefix or ""
    return KeyTable(base=(*BASE, *widened), head=HEADS[head].keys, prefix=prefix, ignored=STALE)


def _encoder(shape: Shape) -> Encoder:
    bias = _bias(shape, bidirectional=True)
    blocks = [
        Block(_residual(shape, _attention(shape, bias)), _residual(shape, _feed_forward(shape)))
        for _ in range(shape.num_layers)
    ]
    return _tower(shape, blocks)


def _decoder(shape: Shape) -> Encoder:
    bias = _bias(shape, bidirectional=False)
    blocks = [
        Block(
            _residual(shape, _attention(shape, bias, causal=True)),
            _residual(shape, _feed_forward(shape)),
            cross=_residual(shape, _attention(shape, None)),
        )
        for _ in range(shape.num_decoder_layers or shape.num_layers)
    ]
    return _tower(shape, blocks)


def _tower(shape: Shape, blocks: list[Block]) -> Encoder:
    embedding = TokenEmbedding(shape.vocab_size, shape.d_model, dropout=shape.dropout_rate)
    return Encoder(embedding, Stack(blocks, norm=nn.Sequential(_norm(shape), Dropout(shape.dropout_rate))))


def _bias(shape: Shape, *, bidirectional: bool) -> RelativeBias:
    """One for all blocks of a tower."""
    buckets, furthest = shape.relative_attention_num_buckets, shape.relative_attention_max_distance
    return RelativeBias(shape.num_heads, buckets, furthest, bidirectional)


def _attention(shape: Shape, bias: RelativeBias | None, *, causal: bool = False) -> MultiHeadAttention:
    heads = Heads(num_heads=shape.num_heads, d_head=shape.d_kv, scale=1.0, biases=(False, False))
    mask = Causal() if causal else Full()
    return MultiHeadAttention(shape.d_model, heads, bias=bias, mask=mask, dropout=shape.dropout_rate)


def _feed_forward(shape: Shape) -> FeedForward | GatedFeedForward:
    if shape.gated:
        return GatedFeedForward(shape.d_model, shape.d_ff, shape.activation, shape.dropout_rate)
    return FeedForward(shape.d_model, shape.d_ff, shape.activation, shape.dropout_rate, bias=False)


def _residual(shape: Shape, part: nn.Module) -> Residual:
    return Residual(part, before=_norm(shape), dropout=shape.dropout_rate)


def _norm(shape: Shape) -> nn.RMSNorm:
    return nn.RMSNorm(shape.d_model, eps=shape.layer_norm_epsilon)


def _of_next(shape: Shape) -> Head:
    return Head(nn.Linear(shape.d_model, shape.vocab_size, bias=False), hidden=Scale(shape.output_scale))


def _of_text(shape: Shape) -> Head:
    share = shape.classifier_dropout
    return closing_token(shape.d_model, shape.num_labels, "tanh", (share, share))


def _of_tokens(shape: Shape) -> Head:
    return each_token(shape.d_model, shape.num_labels, dropout=shape.classifier_dropout)


def _of_ends(shape: Shape) -> Head:
    return each_token(shape.d_model, 2)


def _tower_keys(side: str) -> tuple[Key, ...]:
    """The names of one side's weights, but for what widens; the parts of a block are numbered."""
    ours, theirs = f"{side}.stack.blocks.*", f"{side}.block.*.layer"
    attentions = [
        key
        for part, number, name in (("attention", 0, "SelfAttention"), ("cross", 1, "EncDecAttention"))
        for key in (
            Key(f"{ours}.{part}.before", f"{theirs}.{number}.layer_norm"),
            Key(f"{ours}.{part}.part.qkv", tuple(f"{theirs}.{number}.{name}.{each}" for each in "qkv")),
            Key(f"{ours}.{part}.part.output", f"{theirs}.{number}.{name}.o"),
        )
    ]
    return (
        *attentions,
        Key(f"{ours}.attention.part.bias", f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias"),
        Key(f"{ours}.feed_forward.before", f"{theirs}.{LAST_PART[side]}.layer_norm"),
        Key(f"{ours}.feed_forward.part.down", f"{_wide(side)}.wo"),
        Key(f"{side}.stack.norm.0", f"{side}.final_layer_norm"),
    )


def _wide(side: str) -> str:
    return f"{side}.block.*.layer.{LAST_PART[side]}.DenseReluDense"


STALE = ("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",)
LAST_PART = {"encoder": 1, "decoder": 2}
"""The number of the feed-forward, the last part of a block, on each side."""
BASE = (
    Key("encoder.embedding.tokens.weight", "shared.weight", older="encoder.embed_tokens.weight"),
    Key("decoder.embedding.tokens.weight", "shared.weight", older="decoder.embed_tokens.weight"),
    *(key for side in LAST_PART for key in _tower_keys(side)),
)


def heads(name: str) -> dict[str, HeadKind]:
    """The heads under a family's own name."""
    return {
        "bare": HeadKind(f"{name}Model"),
        "encoder": HeadKind(f"{name}EncoderModel"),
        "seq2seq": HeadKind(f"{name}ForConditionalGeneration", _of_next, (Key("head.output", "lm_head"),)),
        "sequence": HeadKind(
            f"{name}ForSequenceClassification",
            _of_text,
            (
                Key("head.hidden.dense", "classification_head.dense"),
                Key("head.output", "classification_head.out_proj"),
            ),
            "transformer.",
        ),
        "token": HeadKind(
            f"{name}ForTokenClassification", _of_tokens, (Key("head.output", "classifier"),), "transformer."
        ),
        "span": HeadKind(f"{name}ForQuestionAnswering", _of_ends, (Key("head.output", "qa_outputs"),)),
    }


HEADS, MT5_HEADS = heads("T5"), heads("MT5")
