"""How taggers are made: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from attendo.data import TaggedText
from attendo.models import DeepPath, FamilyModel, Reader
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.chain_file import load_chain
from attendo.tasks.classify import labels_in_config
from attendo.tasks.labels import LabelSet, read_labels
from attendo.tasks.own import give_first_vectors, own_model
from attendo.tasks.piece_words import PieceWords
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.row_words import RowWords
from attendo.tasks.tagging.model import Tagger
from attendo.tasks.tagging.scoring import WordTagger
from attendo.tasks.tagging.settings import TagSettings
from attendo.tasks.tagging.tag_set import TagSet, scheme_of
from attendo.text import RowVocabulary


def build_tagger(train: Sequence[TaggedText], tags: TagSet, settings: TagSettings) -> Tagger:
    """attendo's own network for the words of the training texts, and first vectors for them."""
    texts, bounds = [text.text for text in train], [text.words for text in train]
    features = settings.features
    rows = RowVocabulary.train(
        texts, bounds=bounds, max_words=features.max_words, min_count=features.min_count, around=True
    )
    numbers = {
        "num_rows": rows.num_rows,
        "num_features": 0,
        "num_labels": len(tags.names),
        "max_length": rows.max_words,
    }
    model = own_model("token", numbers | settings.model.numbers(len(train)), names_in_config(tags))
    network = model.network
    assert isinstance(network, DeepPath)
    if settings.first_vectors:
        give_first_vectors(network.embedding.weight, rows.encode_words(texts, bounds))
    return _tagger(model, RowWords(rows), tags, settings.decoding or "crf")


def build_tagger_on_base(base: Base, tags: TagSet, settings: TagSettings) -> tuple[Tagger, tuple[str, ...]]:
    """A tagger with the base's weights, and the names of those that are new.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for a tagger.
    """
    changes = names_in_config(tags) | {"num_labels": len(tags.names), "dtype": "float32"}
    model, encoder, new = build_on_base(base, "token", changes, paired=False)
    return _tagger(model, PieceWords(encoder), tags, settings.decoding or "constrained"), new


def load_tagger(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Tagger:
    """The tagger of a folder, attendo's own or one of the reference library.

    Raises:
        ModelFolderError: if a file is missing or damaged.
    """
    names = read_labels(model.config, folder).names
    tags = TagSet(tuple(card["tags"]), card["scheme"]) if "tags" in card else TagSet(names, scheme_of(names))
    encoder: RowWords | PieceWords
    if isinstance(model.network, Reader):
        pieces = PieceEncoder.of(folder, model.network, False)
        encoder = PieceWords(pieces)
    else:
        encoder = RowWords.load(folder, card["encoder"])
    tagger = _tagger(model, encoder, tags, card.get("decoding", "constrained"), card)
    load_chain(folder, tagger.tagger.chain)
    return tagger


def names_in_config(tags: TagSet) -> dict[str, Any]:
    """How config.json names the tags."""
    config = labels_in_config(LabelSet(tags.names))
    del config["problem_type"]
    return config


def _tagger(
    model: FamilyModel, encoder: RowWords | PieceWords, tags: TagSet, decoding: str, card: dict[str, Any] | None = None
) -> Tagger:
    network: nn.Module = WordTagger(model.network, len(tags.names), learned=decoding == "crf")
    assert isinstance(network, WordTagger)
    return Tagger(model=model, encoder=encoder, tagger=network, tags=tags, decoding=decoding, card=card or {})
