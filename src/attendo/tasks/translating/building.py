"""How models are made that write a text from another: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from attendo.data import Sides, SourceTarget
from attendo.errors import ModelFolderError, UnsupportedError
from attendo.models import FamilyModel, Seq2SeqModel, load_model, new_model
from attendo.tasks.bases import Base
from attendo.tasks.folder import CARD, read_card
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.seq2seq import Marks
from attendo.tasks.translating.copying import MARKS, hide_both, shared
from attendo.tasks.translating.marks import BEAMS, read_generation, usual_writing
from attendo.tasks.translating.model import Rewriter
from attendo.tasks.translating.pairs import PairEncoder
from attendo.tasks.translating.reach import Reach
from attendo.tasks.translating.settings import RewriteSettings, VocabularySettings, WriterModelSettings
from attendo.tasks.writing import WriteSettings
from attendo.text import CJK_SHARE, Normalisation, Tokenizer, chinese_share, train_tokenizer

PAIRS_PER_ENTRY, ENTRIES = 5, (1000, 16_000)
"""Pairs for each entry of a vocabulary of both sides, and its bounds; of one side half as many."""
COPIED = 200
"""Pairs that have to show what is copied for a model to learn how."""
LONGEST = 1024
"""Tokens that are read, or written, at most of a base that has no limit."""

ONE_VOCABULARY = ("bart", "mbart")
"""Families whose sides cannot have a vocabulary each."""

AnyRewriter = TypeVar("AnyRewriter", bound=Rewriter)


def build_rewriter(
    kind: type[AnyRewriter], pairs: Sequence[SourceTarget], sides: Sides, settings: RewriteSettings
) -> tuple[AnyRewriter, tuple[str, ...]]:
    """A model with first weights and vocabularies of the pairs' own, and what it is, in sentences."""
    copies, about_copies = _copies(pairs, settings.copy)
    texts = [hide_both(pair.text, pair.target) if copies else (pair.text, pair.target) for pair in pairs]
    source, target, note = _trained_tokenizers(texts, settings.vocabulary)
    model = new_model(_config(settings, source, target), "seq2seq")
    assert isinstance(model.network, Seq2SeqModel)
    _begin(model.network)
    encoder = PairEncoder(
        source=PieceEncoder.made(source, settings.max_length),
        marks=Marks.of(model.config, "The new model"),
        written=None if target is source else target,
        apart=target is not source,
        copies=copies,
        context=settings.context,
    )
    count = sum(each.numel() for each in model.network.parameters())
    layers, width = model.config["encoder_layers"], model.config["d_model"]
    many = "s" * (layers != 1)
    what = f"Model: {settings.model.family}, {layers} layer{many} a side, words {width} wide, {count:,} parameters."
    usual = _within(BEAMS, encoder, model.network, settings.max_length)
    made = kind(model=model, encoder=encoder, max_length=settings.max_length, sides=sides, usual=usual)
    return made, (note, what, *about_copies)


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
    said = read_generation(model.config, base.folder)
    for name in ("decoder_start_token_id", "eos_token_id", "pad_token_id"):
        if name in said:
            model.config.setdefault(name, said[name])
    card = read_card(base.folder) if (base.folder / CARD).exists() else {}
    made = _wrapped(kind, model, base.folder, card, sides, settings.max_length)
    copies = made.encoder.copies if settings.copy is None else settings.copy
    encoder = replace(made.encoder, copies=copies, context=settings.context)
    _check_marks(encoder, base.folder)
    return replace(made, encoder=encoder, card={})


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
    longest = min([longest, *_places(model, network)])
    reader = PieceEncoder.load(folder, longest)
    reader.tokenizer.check_fits(network.encoder.embedding.tokens.num_embeddings, folder)
    own = card.get("encoder", {})
    there = (folder / PairEncoder.TARGET / "tokenizer.json").is_file()
    other = own.get("target") if card else PairEncoder.TARGET if there else None
    written = Tokenizer.load(folder / other) if other else Tokenizer.load(folder, side="target")
    written.check_fits(network.decoder.embedding.tokens.num_embeddings, folder)
    said = read_generation(model.config, folder)
    encoder = PairEncoder(
        source=reader,
        marks=Marks.of(said, folder),
        written=written,
        apart=bool(other),
        copies=own.get("copies", False),
        context=own.get("context", 0),
    )
    usual = _within(usual_writing(said, len(encoder.prompt)), encoder, network, longest)
    reach = Reach(**card["reach"]) if card.get("reach") else None
    return kind(model=model, encoder=encoder, max_length=longest, sides=sides, usual=usual, reach=reach, card=card)


def _places(model: FamilyModel, network: Seq2SeqModel) -> list[int]:
    """How long texts may be by the network, and by what it was trained on where that could read longer ones."""
    named = [model.config.get(name) for name in ("max_position_embeddings", "n_positions")]
    return [each for each in (network.encoder.max_length, network.decoder.max_length, *named) if isinstance(each, int)]


def _within(usual: WriteSettings, encoder: PairEncoder, network: Seq2SeqModel, longest: int) -> WriteSettings:
    """The same for texts that the model has positions for."""
    places, before = network.decoder.max_length, len(encoder.prompt)
    most = longest if places is None else min(longest, places - before)
    most = most if usual.max_new is None else min(most, usual.max_new)
    return replace(usual, max_new=most, min_new=min(usual.min_new, most))


def _check_marks(encoder: PairEncoder, folder: Path) -> None:
    """Refuse what a base's tokenizers have no signs for.

    Raises:
        UnsupportedError: if they cannot spell marks, or nothing would tell a text from what stands before it.
    """
    tokenizer = encoder.source.tokenizer
    if encoder.copies and any(MARKS not in each.decode(each.encode(MARKS).ids) for each in (tokenizer, encoder.target)):
        raise UnsupportedError(
            f"The tokenizer of {folder} cannot spell the marks for what is copied, so `task.copy` must be false."
        )
    both = tokenizer.encode("a", "a")
    inside = np.flatnonzero(both.starts < both.ends)
    if encoder.context and len(inside) == inside[-1] - inside[0] + 1:
        raise UnsupportedError(
            f"The tokenizer of {folder} puts no mark between two texts, so `task.context` must be 0, but is "
            f"{encoder.context}."
        )


def _copies(pairs: Sequence[SourceTarget], asked: bool | None) -> tuple[bool, tuple[str, ...]]:
    """Whether what is to be copied is hidden behind marks, and that in a sentence."""
    if asked is False:
        return False, ()
    shown = sum(bool(shared(pair.text, pair.target)) for pair in pairs)
    if not (shown >= COPIED if asked is None else asked):
        return False, ()
    return True, (f"Copied to the letter: tags, placeholders, addresses and codes, as {shown:,} training pairs show.",)


def _trained_tokenizers(
    pairs: Sequence[tuple[str, str]], settings: VocabularySettings
) -> tuple[Tokenizer, Tokenizer, str]:
    """A tokenizer for both sides, or one for each, and a sentence about them."""
    sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
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
        "bad_words_ids": [[marks.need(role)] for role in ("pad", "unk", "cls", "mask")],
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
