"""RoBERTa (arXiv 1907.11692) and XLM-RoBERTa (arXiv 1911.02116): BERT with positions that begin later, own heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from attendo.errors import ConfigError
from attendo.models.encoder import Head, HeadKind, TokenModel
from attendo.models.families import bert
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count
from attendo.models.usual_heads import crowned, each_word, first_token


@dataclass(frozen=True, kw_only=True)
class Shape(bert.Shape):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 50265
    pad_token_id: Annotated[int, Ge(0)] = 1


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet; positions begin behind the padding's id."""
    first = shape.pad_token_id + 1
    if first >= shape.max_position_embeddings:
        raise ConfigError(
            f"`max_position_embeddings` must be above {first}, for positions begin behind `pad_token_id` "
            f"({shape.pad_token_id}), but is {shape.max_position_embeddings}."
        )
    return crowned(bert.tower(shape, first), shape, HEADS, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    return KeyTable(base=bert.BASE, head=HEADS[head].keys, prefix="roberta.", ignored=bert.IGNORED)


def of_text(shape: Shape) -> Head:
    """Scores of a text, from its first token, with one layer of their own."""
    return first_token(shape.hidden_size, shape.num_labels, "tanh", (shape.head_dropout, shape.head_dropout))


def of_words(shape: Shape) -> Head:
    """How well each word would stand at each place."""
    return each_word(shape.hidden_size, shape.vocab_size, "gelu", bert.norm(shape))


def heads(name: str) -> dict[str, HeadKind]:
    """The same heads under a family's own name."""
    return {
        "bare": HeadKind(f"{name}Model", bert.pooled),
        "sequence": HeadKind(
            f"{name}ForSequenceClassification",
            of_text,
            (Key("head.hidden.dense", "classifier.dense"), Key("head.output", "classifier.out_proj")),
        ),
        "token": HeadKind(f"{name}ForTokenClassification", bert.of_tokens, (Key("head.output", "classifier"),)),
        "span": HeadKind(f"{name}ForQuestionAnswering", bert.of_ends, (Key("head.output", "qa_outputs"),)),
        "masked": HeadKind(
            f"{name}ForMaskedLM",
            of_words,
            (
                Key("head.hidden.dense", "lm_head.dense"),
                Key("head.hidden.norm", "lm_head.layer_norm"),
                Key("head.output.weight", "lm_head.decoder.weight"),
                Key("head.output.bias", "lm_head.decoder.bias", also="lm_head.bias"),
            ),
        ),
    }


HEADS = heads("Roberta")
XLM_HEADS = heads("XLMRoberta")
