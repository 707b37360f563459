"""The models that self-pretraining begins with: their numbers by family and size, as config.json will hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from attendo.tasks.pretraining.settings import SIZES, PretrainSettings
from attendo.text import Tokenizer

Numbers = dict[str, Any]


def first_config(settings: PretrainSettings, tokenizer: Tokenizer) -> Numbers:
    """The config.json of a new model for an objective; the head's name in it follows when it is saved."""
    family = settings.family or settings.aim.families[0]
    numbers = SIZES[settings.size]
    return made_config(family, tokenizer, **numbers, dropout=settings.dropout, length=settings.max_length)


def made_config(
    family: str, tokenizer: Tokenizer, *, width: int, layers: int, heads: int, dropout: float, length: int
) -> Numbers:
    """The config.json of a new model of a family.

    Args:
        length: tokens that it reads at once.
    """
    return {
        "model_type": family,
        "vocab_size": tokenizer.vocab_size,
        "max_position_embeddings": length,
        **_NUMBERS[family](width, layers, heads, dropout),
        **_ids(tokenizer),
        **({"decoder_start_token_id": tokenizer.specials.need(_STARTS[family])} if family in _STARTS else {}),
    }


def _ids(tokenizer: Tokenizer) -> Numbers:
    """The special tokens by role; a text begins with `cls` and is closed by `sep`, for those that write, too."""
    specials = tokenizer.specials
    names = {"pad": specials.pad, "cls": specials.cls, "sep": specials.sep, "bos": specials.cls, "eos": specials.sep}
    return {f"{role}_token_id": number for role, number in names.items()}


def _bert(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    return {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 4 * width,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": 0.0,
        "type_vocab_size": 2,
    }


def _electra(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    return _bert(width, layers, heads, dropout) | {"embedding_size": min(width, 128)}


def _modernbert(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    return {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": _gated(width),
        "embedding_dropout": dropout,
        "mlp_dropout": dropout,
        "attention_dropout": 0.0,
    }


def _gpt2(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    shares = {"resid_pdrop": dropout, "embd_pdrop": dropout, "attn_pdrop": 0.0}
    return {"n_embd": width, "n_layer": layers, "n_head": heads, "activation_function": "gelu_new", **shares}


def _llama(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    """Llama knows no dropout but on attention weights, where it costs more than it brings."""
    return {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "intermediate_size": _gated(width),
        "tie_word_embeddings": True,
    }


def _bart(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    sides = {"layers": layers, "attention_heads": heads, "ffn_dim": 4 * width}
    return {
        "d_model": width,
        **{f"{side}_{name}": number for side in ("encoder", "decoder") for name, number in sides.items()},
        "activation_function": "gelu",
        "dropout": dropout,
        "attention_dropout": 0.0,
        "forced_eos_token_id": None,
    }


def _t5(width: int, layers: int, heads: int, dropout: float) -> Numbers:
    """As from version 1.1 on, but that words are scored as they are read: there is less text here."""
    return {
        "d_model": width,
        "d_kv": width // heads,
        "d_ff": _gated(width),
        "num_layers": layers,
        "num_heads": heads,
        "feed_forward_proj": "gated-gelu",
        "dropout_rate": dropout,
        "tie_word_embeddings": True,
    }


def _gated(width: int) -> int:
    """As many weights as a plain feed-forward part of four times the width has, in multiples of 32."""
    return round(8 * width / 3 / 32) * 32


def generator_config(config: Mapping[str, Any], share: float) -> Numbers:
    """The config.json of a generator for a model of ELECTRA's family: narrower blocks over the same embeddings."""
    heads = max(1, round(config["num_attention_heads"] * share))
    width = max(heads, round(config["hidden_size"] * share / heads) * heads)
    return dict(config) | {
        "hidden_size": width,
        "num_attention_heads": heads,
        "intermediate_size": max(1, round(config["intermediate_size"] * share)),
    }


_STARTS: dict[str, Literal["pad", "sep"]] = {"bart": "sep", "mbart": "sep", "t5": "pad", "mt5": "pad"}
"""What decoders read first: mBART's read the last token of their text, which is no other."""
_NUMBERS: dict[str, Callable[[int, int, int, float], Numbers]] = {
    "modernbert": _modernbert,
    "bert": _bert,
    "electra": _electra,
    "gpt2": _gpt2,
    "llama": _llama,
    "bart": _bart,
    "mbart": _bart,
    "t5": _t5,
    "mt5": _t5,
}
