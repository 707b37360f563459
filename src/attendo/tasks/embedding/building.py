"""How models that give vectors are made: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attendo.data import TextPair
from attendo.errors import UnsupportedError
from attendo.models import FAMILIES, DeepPath, FamilyModel, TokenModel, load_model, read_config
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.embedding.foreign import MODULES, load_sentence_folder
from attendo.tasks.embedding.inputs import PieceTexts, RowTexts
from attendo.tasks.embedding.model import Embedder
from attendo.tasks.embedding.network import POOLS, TextVectors
from attendo.tasks.embedding.settings import EmbedSettings
from attendo.tasks.own import give_first_vectors, own_model
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.row_words import RowWords
from attendo.text import RowVocabulary


def texts_in(pairs: Sequence[TextPair]) -> list[str]:
    """All texts, each once."""
    return list(dict.fromkeys(text for each in pairs for text in (each.text, each.pair) if text is not None))


def build_embedder(train: Sequence[TextPair], settings: EmbedSettings) -> Embedder:
    """attendo's own network for the words of the training texts, and first vectors for them."""
    texts, features = texts_in(train), settings.features
    rows = RowVocabulary.train(
        texts, max_words=features.max_words, min_count=features.min_count, ngrams=features.ngrams
    )
    numbers = {"num_rows": rows.num_rows, "num_features": 0, "num_labels": 1, "max_length": rows.max_words}
    model = own_model("bare", numbers | settings.model.numbers(len(texts)))
    network = model.network
    assert isinstance(network, DeepPath)
    if settings.first_vectors:
        give_first_vectors(network.embedding.weight, rows.encode(texts))
    pooled = TextVectors(network, POOLS[settings.pooling]())
    return Embedder(model=model, encoder=RowTexts(RowWords(rows)), vectors=pooled, pooling=settings.pooling)


def build_embedder_on_base(base: Base, settings: EmbedSettings) -> tuple[Embedder, tuple[str, ...]]:
    """A model with the base's weights, and the names of those that are new.

    A base of sentence-transformers keeps its own pooling and further layers.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for vectors of texts.
    """
    model, pieces, new = _encoder_of(base)
    if (base.folder / MODULES).exists():
        return _with_modules(model, pieces, base.folder, {}), new
    vectors = TextVectors(_reader(model, base.folder), POOLS[settings.pooling]())
    return Embedder(model=model, encoder=PieceTexts(pieces), vectors=vectors, pooling=settings.pooling), new


def load_embedder(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Embedder:
    """The model of a folder of attendo's own.

    Raises:
        ModelFolderError: if a file is missing or damaged.
    """
    if isinstance(model.network, TokenModel):
        pieces = PieceEncoder.of(folder, model.network, False)
        return _with_modules(model, pieces, folder, card)
    assert isinstance(model.network, DeepPath)
    vectors = TextVectors(model.network, POOLS[card["pooling"]]())
    reader = RowTexts(RowWords.load(folder, card["encoder"]))
    return Embedder(model=model, encoder=reader, vectors=vectors, pooling=card["pooling"], card=card)


def load_foreign_embedder(folder: Path) -> Embedder:
    """The model of a folder of sentence-transformers.

    Raises:
        ModelFolderError: if a file is missing or damaged, or the weights do not fit.
        UnsupportedError: if it is of a kind that is not known.
    """
    inner = load_sentence_folder(folder).model
    config = read_config(inner)
    head, family = _head(config), FAMILIES.get(str(config.get("model_type")))
    named = str((config.get("architectures") or [""])[0])
    if family is not None and family.head_of(named) not in (head, None):  # it has learned something else before
        model, pieces, _ = _encoder_of(Base.read(inner))
        return _with_modules(model, pieces, folder, {})
    model = load_model(inner, config=config, head=head)
    pieces = PieceEncoder.of(inner, _reader(model, inner), False)
    return _with_modules(model, pieces, folder, {})


def _encoder_of(base: Base) -> tuple[FamilyModel, PieceEncoder, tuple[str, ...]]:
    model, pieces, new = build_on_base(base, _head(base.config), {"dtype": "float32"}, paired=False)
    _reader(model, base.folder)
    return model, pieces, new


def _head(config: dict[str, Any]) -> str:
    """What gives vectors of tokens."""
    family = FAMILIES.get(str(config.get("model_type")))
    return "encoder" if family is not None and "encoder" in family.heads else "bare"


def _reader(model: FamilyModel, folder: Path) -> TokenModel:
    if isinstance(model.network, TokenModel):
        return model.network
    raise UnsupportedError(
        f"{folder} holds a model of the type `{model.config['model_type']}`, which reads and writes, and gives no "
        "vectors of texts here. Give a folder with a model such as BERT, ModernBERT or Llama."
    )


def _with_modules(model: FamilyModel, pieces: PieceEncoder, folder: Path, card: dict[str, Any]) -> Embedder:
    """A model under the pooling and the layers that its folder lists."""
    held = load_sentence_folder(folder)
    limits = [each for each in (pieces.max_tokens, held.settings.max_tokens) if each is not None]
    pieces = replace(pieces, max_tokens=min(limits, default=None))
    names = {pool: name for name, pool in POOLS.items()}
    return Embedder(
        model=model,
        encoder=PieceTexts(pieces, lower=held.settings.lower),
        vectors=TextVectors(_reader(model, folder), held.pool, held.further).eval(),
        pooling=names.get(type(held.pool), "several"),
        sentence=held.settings,
        card=card,
    )
