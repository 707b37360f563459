"""How models are made that write a text from another: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch

from attendo.data import Sides, SourceTarget
from attendo.errors import ModelFolderError, UnsupportedError
from attendo.models import FamilyModel, Seq2SeqModel, load_model, new_model
from attendo.tasks.bases import Base
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.seq2seq import Marks
from attendo.tasks.translating.model import Rewriter
from attendo.tasks.translating.pairs import PairEncoder
from attendo.tasks.translating.settings import RewriteSettings, VocabularySettings, WriterModelSettings
from attendo.text import CJK_SHARE, Normalisation, Tokenizer, chinese_share, train_tokenizer

PAIRS_PER_ENTRY, ENTRIES = 5, (1000, 16_000)
"""Pairs for each entry of a vocabulary of both sides, and its bounds; of one side half as many."""
LONGEST = 1024
"""Tokens that are read, or written, at most of a base that has no limit."""

ONE_VOCABULARY = ("bart", "mbart")
"""Families whose sides cannot have a vocabulary each."""

AnyRewriter = TypeVar("AnyRewriter", bound=Rewriter)


def build_rewriter(
    kind: type[AnyRewriter], pairs: Sequence[SourceTarget], sides: Sides, settings: RewriteSettings
) -> tuple[AnyRewriter, tuple[str, ...]]:
    """A model with first weights and vocabularies of the pairs' own, and what it is, in sentences."""
    source, target, note = _trained_tokenizers(pairs, settings.vocabulary)
    model = new_model(_config(settings, source, target), "seq2seq")
    assert isinstance(model.network, Seq2SeqModel)
    _begin(model.network)
    encoder = PairEncoder(
        source=PieceEncoder.made(source, settings.max_length),
        marks=Marks.of(model.config),
        written=None if target is source else target,
    )
    count = sum(each.numel() for each in model.network.parameters())
    layers, width = model.config["encoder_layers"], model.config["d_model"]
    many = "s" * (layers != 1)
    what = f"Model: {settings.model.family}, {layers} layer{many} a side, words {width} wide, {count:,} parameters."
    return kind(model=model, encoder=encoder, max_length=settings.max_length, sides=sides), (note, what)


def build_rewriter_on_base(kind: type[AnyRewriter], base: Base, sides: Sides, settings: RewriteSettings) -> AnyRewriter:
    """A model with the base's weights.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it does not write a text from another.
    """
    model = load_model(base.folder, dtype=torch.float32)
    for weight in (*model.network.parameters(), *model.network.buffers()):
        weight.data = weight.data.clone()  # a mapped file may be written over
    spoilt = model.spoilt()
    if spoilt:
        raise ModelFolderError(
            f"The base {base.folder} holds NaN or infinite values in {', '.join(spoilt[:5])}. Copy it again."
        )
    model.config["dtype"] = "float32"
    model.config.pop("torch_dtype", None)  # its older name
    return _wrapped(kind, model, base.folder, {}, sides, settings.max_length)


def load_rewriter(kind: type[AnyRewriter], model: FamilyModel, folder: Path, card: dict[str, Any]) -> AnyRewriter:
    """The model of a folder, attendo's own or that of another library.

    Raises:
        ModelFolderError: if its tokenizer is missing or damaged.
        UnsupportedError: if it does not write a text from another.
    """
    sides = card.get("sides")
    known = Sides(**sides | {"notes": ()}) if sides else Sides(source="source", target="target")
    return _wrapped(kind, model, folder, card, known, card.get("max_length", LONGEST))


def _wrapped(
    kind: type[AnyRewriter], model: FamilyModel, folder: Path, card: dict[str, Any], sides: Sides, longest: int
) -> AnyRewriter:
    """The user's model on a network, with the tokenizers of its folder."""
    network = model.network
    if not isinstance(network, Seq2SeqModel) or network.head is None:
        raise UnsupportedError(
            f"{folder} holds no model that writes a text from another. Give one such as Marian, BART, mBART or T5."
        )
    places = [each for each in (network.encoder.max_length, network.decoder.max_length) if each is not None]
    reader = PieceEncoder.load(folder, min([longest, *places]))
    reader.tokenizer.check_fits(network.encoder.embedding.tokens.num_embeddings, folder)
    other = card.get("encoder", {}).get("target")
    written = Tokenizer.load(folder / other) if other else Tokenizer.load(folder, side="target")
    written.check_fits(network.decoder.embedding.tokens.num_embeddings, folder)
    encoder = PairEncoder(source=reader, marks=Marks.of(model.config), written=written)
    return kind(model=model, encoder=encoder, max_length=min([longest, *places]), sides=sides, card=card)


def _trained_tokenizers(
    pairs: Sequence[SourceTarget], settings: VocabularySettings
) -> tuple[Tokenizer, Tokenizer, str]:
    """A tokenizer for both sides, or one for each, and a sentence about them."""
    sources, targets = [pair.text for pair in pairs], [pair.target for pair in pairs]
    alike = (chinese_share(sources) >= CJK_SHARE) == (chinese_share(targets) >= CJK_SHARE)
    shared = alike if settings.shared is None else settings.shared
    least, most = ENTRIES
    size = settings.size or min(max(len(pairs) // PAIRS_PER_ENTRY, least), most)
    normalisation = Normalisation(form="NFC", lower=settings.lower, half_width=False, clean=False)
    asked: dict[str, Any] = {"kind": settings.kind, "normalisation": normalisation}
    if shared:
        both = train_tokenizer(sources + targets, vocab_size=size, **asked)
        return both, both, f"Vocabulary: {settings.kind}, {both.vocab_size:,} entries for both sides."
    size = settings.size or max(size // 2, least)
    one, other = (train_tokenizer(texts, vocab_size=size, **asked) for texts in (sources, targets))
    return one, other, f"Vocabularies: {settings.kind}, {one.vocab_size:,} and {other.vocab_size:,} entries."


def _config(settings: RewriteSettings, source: Tokenizer, target: Tokenizer) -> dict[str, Any]:
    """The config.json of a new model."""
    asked, marks = settings.model, target.specials
    shared = source is target
    if not shared and asked.family in ONE_VOCABULARY:
        raise UnsupportedError(
            f"A model of the family {asked.family} has one vocabulary for both sides. Set `task.vocabulary.shared` to "
            "true, or take `task.model.family` marian."
        )
    apart = {} if shared else {"decoder_vocab_size": target.vocab_size, "share_encoder_decoder_embeddings": False}
    numbers = _recurrent if asked.family == "attendo-recurrent" else _transformer
    return {
        "model_type": asked.family,
        "vocab_size": source.vocab_size,
        "dropout": asked.dropout,
        "scale_embedding": True,
        "tie_word_embeddings": True,
        **numbers(asked, settings.max_length),
        **apart,
        "pad_token_id": marks.need("pad"),
        "bos_token_id": marks.need("cls"),
        "eos_token_id": marks.need("sep"),
        "decoder_start_token_id": marks.need("cls"),
    }


def _transformer(asked: WriterModelSettings, length: int) -> dict[str, Any]:
    numbers = asked.numbers()
    sides = {
        f"{side}_{name}": numbers[number]
        for side in ("encoder", "decoder")
        for name, number in (("layers", "num_layers"), ("attention_heads", "num_heads"), ("ffn_dim", "d_ff"))
    }
    return {
        "d_model": numbers["d_model"],
        **sides,
        "max_position_embeddings": length,
        "attention_dropout": asked.attention_dropout,
        "activation_function": "relu",
        "forced_eos_token_id": None,
    }


def _recurrent(asked: WriterModelSettings, length: int) -> dict[str, Any]:
    """States as wide as a Transformer of this size feeds forward; a single layer, unless more are asked for."""
    numbers, layers = asked.numbers(), asked.num_layers or 1
    return {
        "d_model": numbers["d_model"],
        "hidden_size": numbers["d_ff"],
        "encoder_layers": layers,
        "decoder_layers": layers,
        "cell": asked.cell,
        "attention": asked.attention,
    }


def _begin(network: Seq2SeqModel) -> None:
    """Words begin as vectors of length one, as they are scored with; read, they are scaled up."""
    for side in (network.encoder, network.decoder):
        table = side.embedding.tokens.weight
        torch.nn.init.normal_(table, std=table.shape[1] ** -0.5)
