"""How models of roles are made: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attendo.data import FramedSentence
from attendo.files import read_json
from attendo.models import DeepPath, FamilyModel, Reader, TokenModel, reads_segments
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.chain_file import load_chain
from attendo.tasks.classify import labels_in_config
from attendo.tasks.framing.cutting import WordCutter
from attendo.tasks.framing.model import SENSES, WORDS, RoleLabeller
from attendo.tasks.framing.piece_frames import FramePieces
from attendo.tasks.framing.questions import FrameEncoder
from attendo.tasks.framing.role_set import PREDICATE, Senses
from attendo.tasks.framing.row_frames import FrameRows, RowSentences
from attendo.tasks.framing.scoring import FrameFinder, RoleScorer
from attendo.tasks.framing.settings import RoleSettings
from attendo.tasks.labels import LabelSet
from attendo.tasks.own import give_first_vectors, own_model
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.tagging.tag_set import TagSet
from attendo.text import MarkedRows, RowTokens


def build_labeller(train: Sequence[FramedSentence], tags: TagSet, settings: RoleSettings) -> RoleLabeller:
    """attendo's own network for the words of the training sentences, and first vectors for them."""
    texts, bounds = [each.text for each in train], [each.words for each in train]
    asked = [(number, frame.predicate) for number, each in enumerate(train) for frame in each.frames]
    features = settings.features
    rows = MarkedRows.train(texts, bounds, asked, min_count=features.min_count, min_marked=features.min_marked)
    encoder = FrameRows(rows, features.max_words)
    numbers = {
        "num_rows": rows.num_rows,
        "num_features": 0,
        "num_labels": len(tags.names) + 1,
        "max_length": features.max_words,
    }
    model = own_model("token", numbers | settings.model.numbers(len(asked)), _names_in_config(tags))
    network = model.network
    assert isinstance(network, DeepPath)
    if settings.first_vectors:
        give_first_vectors(network.embedding.weight, _own_rows(encoder.read(texts, bounds)))
    return _labeller(model, encoder, tags, settings.decoding or "crf", (Senses.of(train), WordCutter.of(train)))


def build_labeller_on_base(
    base: Base, train: Sequence[FramedSentence], tags: TagSet, settings: RoleSettings
) -> tuple[RoleLabeller, tuple[str, ...]]:
    """A model of roles with the base's weights, and the names of those that are new.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for a model that scores words.
    """
    changes = _names_in_config(tags) | {"num_labels": len(tags.names) + 1, "dtype": "float32"}
    model, pieces, new = build_on_base(base, "token", changes, paired=False)
    encoder, known = FramePieces(pieces, _has_segments(model)), (Senses.of(train), WordCutter.of(train))
    return _labeller(model, encoder, tags, settings.decoding or "constrained", known), new


def load_labeller(model: FamilyModel, folder: Path, card: dict[str, Any]) -> RoleLabeller:
    """The model of a folder.

    Raises:
        ModelFolderError: if a file is missing or damaged.
    """
    tags = TagSet(tuple(card["tags"]), card["scheme"])
    encoder: FrameEncoder
    if isinstance(model.network, Reader):
        pieces = PieceEncoder.of(folder, model.network, False)
        encoder = FramePieces(pieces, _has_segments(model))
    else:
        encoder = FrameRows.load(folder, card["encoder"])
    senses, words = (
        read_json(folder / name, f"{folder} holds no {name}: the model is not whole.") for name in (SENSES, WORDS)
    )
    known = (Senses(senses), WordCutter.from_counts(words))
    labeller = _labeller(model, encoder, tags, card["decoding"], known, card)
    load_chain(folder, labeller.finder.scorer.chain)
    return labeller


def _labeller(
    model: FamilyModel,
    encoder: FrameEncoder,
    tags: TagSet,
    decoding: str,
    known: tuple[Senses, WordCutter],
    card: dict[str, Any] | None = None,
) -> RoleLabeller:
    scorer = RoleScorer(model.network, len(tags.names), learned=decoding == "crf")
    finder = FrameFinder(scorer, tags, decoding)
    return RoleLabeller(model=model, encoder=encoder, finder=finder, senses=known[0], cutter=known[1], card=card or {})


def _own_rows(read: RowSentences) -> RowTokens:
    """The words of sentences, each by its own rows alone."""
    rows, sizes, weights = read.sentences.own
    count = len(sizes)
    return RowTokens(
        np.diff(read.sentences.starts),
        rows,
        sizes,
        weights,
        np.zeros((count, 2), np.int32),
        np.zeros(count, np.bool_),
    )


def _names_in_config(tags: TagSet) -> dict[str, Any]:
    """How config.json names the scores."""
    config = labels_in_config(LabelSet((*tags.names, PREDICATE)))
    del config["problem_type"]
    return config


def _has_segments(model: FamilyModel) -> bool:
    network = model.network
    return isinstance(network, TokenModel) and reads_segments(network.encoder.embedding)
