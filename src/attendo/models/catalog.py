"""The one table of model families."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from attendo.models.encoder import HeadKind
from attendo.models.families import (
    attendo,
    bart,
    bert,
    distilbert,
    electra,
    gpt2,
    llama,
    marian,
    mbart,
    modernbert,
    qwen2,
    qwen3,
    recurrent,
    roberta,
    t5,
)
from attendo.models.naming import SAME, KeyTable


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of model: the numbers it is made of, how it is built from them, and what checkpoints call its weights."""

    summary: str
    shape: type[Any]
    build: Callable[[Any, str], nn.Module]
    heads: Mapping[str, HeadKind]
    keys: Callable[[Any, str], KeyTable] = field(default=lambda shape, head: SAME)

    def head_of(self, architecture: str) -> str | None:
        """The head that config.json means by an architecture, if the family has it."""
        return next((name for name, kind in self.heads.items() if kind.architecture == architecture), None)


FAMILIES: dict[str, Family] = {
    "attendo": Family(
        summary="word and n-gram embeddings, a small Transformer, and a linear path; trained from scratch",
        shape=attendo.Shape,
        build=attendo.build,
        heads=attendo.HEADS,
    ),
    "attendo-recurrent": Family(
        summary="GRU or LSTM towers that read and write word by word, with the attention that came first, or with none",
        shape=recurrent.Shape,
        build=recurrent.build,
        heads=recurrent.HEADS,
        keys=recurrent.keys,
    ),
    "bert": Family(
        summary="the encoder that began it; Chinese BERT, MacBERT and RoBERTa-wwm are it too",
        shape=bert.Shape,
        build=bert.build,
        heads=bert.HEADS,
        keys=bert.keys,
    ),
    "roberta": Family(
        summary="BERT trained longer, on bytes",
        shape=roberta.Shape,
        build=roberta.build,
        heads=roberta.HEADS,
        keys=roberta.keys,
    ),
    "xlm-roberta": Family(
        summary="RoBERTa in a hundred languages",
        shape=roberta.Shape,
        build=roberta.build,
        heads=roberta.XLM_HEADS,
        keys=roberta.keys,
    ),
    "distilbert": Family(
        summary="half of BERT's blocks, taught by it",
        shape=distilbert.Shape,
        build=distilbert.build,
        heads=distilbert.HEADS,
        keys=distilbert.keys,
    ),
    "electra": Family(
        summary="an encoder that learned to tell replaced words, and its generator",
        shape=electra.Shape,
        build=electra.build,
        heads=electra.HEADS,
        keys=electra.keys,
    ),
    "modernbert": Family(
        summary="a newer encoder for long texts: rotary positions, gates, most layers local",
        shape=modernbert.Shape,
        build=modernbert.build,
        heads=modernbert.HEADS,
        keys=modernbert.keys,
    ),
    "gpt2": Family(
        summary="the decoder that began it",
        shape=gpt2.Shape,
        build=gpt2.build,
        heads=gpt2.HEADS,
        keys=gpt2.keys,
    ),
    "bart": Family(
        summary="an encoder and a decoder that learned to mend texts",
        shape=bart.Shape,
        build=bart.build,
        heads=bart.HEADS,
        keys=bart.keys,
    ),
    "mbart": Family(
        summary="BART in many languages",
        shape=mbart.Shape,
        build=mbart.build,
        heads=mbart.HEADS,
        keys=mbart.keys,
    ),
    "marian": Family(
        summary="small translators between hundreds of pairs of languages",
        shape=marian.Shape,
        build=marian.build,
        heads=marian.HEADS,
        keys=marian.keys,
    ),
    "t5": Family(
        summary="an encoder and a decoder for which every task is a text to write",
        shape=t5.Shape,
        build=t5.build,
        heads=t5.HEADS,
        keys=t5.keys,
    ),
    "mt5": Family(
        summary="T5 in a hundred languages",
        shape=t5.MT5Shape,
        build=t5.build,
        heads=t5.MT5_HEADS,
        keys=t5.keys,
    ),
    "llama": Family(
        summary="a decoder with rotary positions, gates and shared keys",
        shape=llama.Shape,
        build=llama.build,
        heads=llama.HEADS,
        keys=llama.keys,
    ),
    "qwen2": Family(
        summary="Llama with biases, strong in Chinese",
        shape=qwen2.Shape,
        build=qwen2.build,
        heads=qwen2.HEADS,
        keys=qwen2.keys,
    ),
    "qwen3": Family(
        summary="Qwen2 with normed queries and keys",
        shape=qwen3.Shape,
        build=qwen3.build,
        heads=qwen3.HEADS,
        keys=qwen3.keys,
    ),
}
"""By `model_type`, as config.json has it."""
