"""How models that answer questions are made: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attendo.data import Question
from attendo.models import FAMILIES, DeepPath, FamilyModel, Reader
from attendo.tasks.answering.model import Answerer
from attendo.tasks.answering.piece_questions import PieceQuestions
from attendo.tasks.answering.row_questions import RowQuestions
from attendo.tasks.answering.scoring import AnswerRule
from attendo.tasks.answering.settings import AnswerSettings
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.own import give_first_vectors, own_model
from attendo.tasks.pieces import PieceEncoder
from attendo.text import split_words

USUAL_LONGEST = 30
"""Tokens of the longest answer of a model that does not say."""


def build_answerer(train: Sequence[Question], settings: AnswerSettings) -> Answerer:
    """attendo's own network for the words of the training questions and passages, and first vectors for them."""
    encoder = RowQuestions.train(train, settings)
    numbers = {"num_rows": encoder.num_rows, "num_features": 0, "num_labels": 2, "max_length": settings.window}
    model = own_model("span", numbers | settings.model.numbers(len(train)))
    network = model.network
    assert isinstance(network, DeepPath)
    if settings.first_vectors:
        texts = list(dict.fromkeys(text for each in train for text in (each.context, each.question)))
        give_first_vectors(
            network.embedding.weight, encoder.rows.encode_words(texts, [split_words(text) for text in texts])
        )
    return Answerer(model=model, encoder=encoder, rule=_rule(train, settings))


def build_answerer_on_base(
    base: Base, train: Sequence[Question], settings: AnswerSettings
) -> tuple[Answerer, tuple[str, ...]]:
    """A model with the base's weights, and the names of those that are new; none if it answers questions already.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for a model that answers questions.
    """
    family = FAMILIES.get(str(base.config.get("model_type")))
    keeps = family is not None and family.head_of(str((base.config.get("architectures") or [""])[0])) == "span"
    changes = {"num_labels": 2, "dtype": "float32"}
    model, pieces, new = build_on_base(base, "span", changes, keeps_output=keeps, paired=True)
    encoder = PieceQuestions(pieces, settings.window, settings.stride)
    return Answerer(model=model, encoder=encoder, rule=_rule(train, settings)), new


def load_answerer(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Answerer:
    """The model of a folder, attendo's own or one of the reference library.

    Raises:
        ModelFolderError: if a file is missing or damaged.
    """
    rule = AnswerRule(**card["answers"]) if "answers" in card else AnswerRule(max_tokens=USUAL_LONGEST)
    saved = card.get("encoder", {})
    if not isinstance(model.network, Reader):
        return Answerer(model=model, encoder=RowQuestions.load(folder, saved), rule=rule, card=card)
    pieces = PieceEncoder.of(folder, model.network, True)
    usual = AnswerSettings()
    encoder = PieceQuestions(pieces, saved.get("window", usual.window), saved.get("stride", usual.stride))
    return Answerer(model=model, encoder=encoder, rule=rule, card=card)


def _rule(train: Sequence[Question], settings: AnswerSettings) -> AnswerRule:
    longest = settings.max_answer or USUAL_LONGEST
    return AnswerRule(max_tokens=longest, no_answer=any(question.impossible for question in train))
