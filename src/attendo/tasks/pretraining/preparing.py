"""From documents and settings to a model, a tokenizer, and the problem that training works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from attendo.data import Documents
from attendo.errors import DataError, UnsupportedError
from attendo.models import FAMILIES, FamilyModel, Seq2SeqModel, TokenModel, load_base, new_model, read_config
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.pretraining.making import first_config, generator_config
from attendo.tasks.pretraining.noising import sentinel_names
from attendo.tasks.pretraining.pieces import Pieces, cut_texts
from attendo.tasks.pretraining.posing import AnyProblem, Material, pose_problem
from attendo.tasks.pretraining.settings import OBJECTIVES, PretrainSettings
from attendo.text import CJK_SHARE, Normalisation, Tokenizer, chinese_share, choose_tokenizer, train_tokenizer

GENERATOR = "generator"
"""The folder, in that of a model that tells replaced tokens, of the model that replaced them."""
AS_WRITTEN = Normalisation(form="NFC", lower=False, half_width=False, clean=False)
"""A text that is to be written keeps its capitals and blanks."""
_PARTS = ("the texts to learn from", "the held-out texts")
_OF_LABELS = ("id2label", "label2id", "problem_type", "num_labels")


@dataclass(frozen=True, kw_only=True, eq=False)
class PretrainParts:
    """What a run works with.

    Attributes:
        model: what is learned and kept.
        generator: what replaces tokens, where the objective is to tell them.
        reader: the base's tokenizer with its files; None where it was trained here.
    """

    model: FamilyModel
    generator: FamilyModel | None
    tokenizer: Tokenizer
    reader: PieceEncoder | None
    train: Pieces
    dev: Pieces
    problem: AnyProblem
    notes: tuple[str, ...]

    @property
    def network(self) -> TokenModel | Seq2SeqModel:
        """What computes."""
        assert isinstance(self.model.network, TokenModel | Seq2SeqModel)
        return self.model.network

    @property
    def width(self) -> int:
        """Width of the model's vectors."""
        return self.network.encoder.width


def prepare_pretraining(documents: Documents, settings: PretrainSettings, seed: int) -> PretrainParts:
    """Make or load the model, cut the documents into pieces, and put the objective's question.

    Raises:
        DataError: if nothing in the texts is known to the tokenizer.
        UnsupportedError: if the base has no head for the objective, or its tokenizer lacks a token that is needed.
        ModelFolderError: if the base is no model.
    """
    texts, held_out = ([example.text for example in each] for each in (documents.train, documents.dev))
    torch.manual_seed(seed)
    notes: list[str] = []
    if settings.base is None:
        tokenizer, reader = _trained_tokenizer(texts, settings, notes), None
        model = new_model(first_config(settings, tokenizer), settings.aim.head)
        longest = settings.max_length
    else:
        model, reader = _taken_on(Path(settings.base), settings)
        tokenizer = reader.tokenizer
        longest = min(settings.max_length, reader.max_tokens or settings.max_length)
    end = end_of(model.config, tokenizer) if settings.learned == "causal" else None
    train, dev = _checked([cut_texts(tokenizer, each, longest, end=end) for each in (texts, held_out)], settings)
    generator = _generator(model, settings) if settings.learned == "replaced" else None
    problem = pose_problem(Material(model, generator, tokenizer, train, dev, seed), settings)
    return PretrainParts(
        model=model,
        generator=generator,
        tokenizer=tokenizer,
        reader=reader,
        train=train,
        dev=dev,
        problem=problem,
        notes=tuple(notes),
    )


def _trained_tokenizer(texts: Sequence[str], settings: PretrainSettings, notes: list[str]) -> Tokenizer:
    """A tokenizer of the texts' own, as the settings say or the texts ask for.

    Whatever writes texts loses nothing of them.
    """
    aim, choice = settings.aim, choose_tokenizer(texts)
    kind, size = settings.tokenizer or choice.kind, settings.vocab_size or choice.vocab_size
    chosen = settings.tokenizer is None and settings.vocab_size is None
    if aim.writes:
        kind = settings.tokenizer or ("characters" if chinese_share(texts) >= CJK_SHARE else "bpe")
        chosen = False
    notes.append(f"Tokenizer: {kind}. {choice.why}" if chosen else f"Tokenizer: {kind}, {size:,} entries at most.")
    normalisation, marks = AS_WRITTEN if aim.writes else None, sentinel_names(aim.sentinels)
    return train_tokenizer(
        texts, kind=kind, vocab_size=size, normalisation=normalisation, single=aim.single, marks=marks
    )


def _taken_on(base: Path, settings: PretrainSettings) -> tuple[FamilyModel, PieceEncoder]:
    """The base with the head that the objective needs, and what it reads with."""
    model, _ = load_base(base, {}, head=settings.aim.head, keeps_output=True)
    for name in _OF_LABELS:
        model.config.pop(name, None)
    assert isinstance(model.network, TokenModel | Seq2SeqModel)
    return model, PieceEncoder.of(base, model.network)


def settle_objective(settings: PretrainSettings) -> PretrainSettings:
    """Make sure, by its config.json alone, that the base can have the head that the objective needs.

    Where no objective is named it is the base's own: that of its head, and among several that of its family.

    Raises:
        UnsupportedError: if it cannot; the message says what it can be trained with.
        ModelFolderError: if the base is no model of a known family.
    """
    if settings.base is None:
        return settings
    config = read_config(Path(settings.base))
    kind = str(config.get("model_type"))
    if kind not in FAMILIES:
        return settings  # loading says what is wrong
    family = FAMILIES[kind]
    own = family.head_of(str((config.get("architectures") or [""])[0]))
    can = [name for name, each in OBJECTIVES.items() if each.head in family.heads]
    fitting = sorted(can, key=lambda name: (OBJECTIVES[name].head != own, kind not in OBJECTIVES[name].families))
    named = settings.objective or next(iter(fitting), settings.learned)
    if named not in can:
        way = f"It can be trained with: {', '.join(can)}." if can else "Take another base."
        raise UnsupportedError(f"{settings.base} is of type `{kind}`, which has no head for `{named}`. {way}")
    return replace(settings, objective=named)


def _checked(parts: list[Pieces], settings: PretrainSettings) -> list[Pieces]:
    """The pieces to learn from, and those held out, as far as there is something to learn from them."""
    for which, pieces in zip(_PARTS, parts, strict=True):
        if not len(pieces):
            raise DataError(f"The tokenizer knows nothing in {which}. Give more text, or another base.")
    if not settings.aim.writes:
        return parts
    parts = [each.of_words(2, whole=settings.whole_words) for each in parts]
    for which, pieces in zip(_PARTS, parts, strict=True):
        if not len(pieces):
            raise DataError(f"No piece of {which} has two words, so that nothing can be taken out. Give longer texts.")
    return parts


def _generator(model: FamilyModel, settings: PretrainSettings) -> FamilyModel:
    """The base's own generator, or a new one."""
    folder = None if settings.base is None else Path(settings.base) / GENERATOR
    if folder is not None and folder.is_dir():
        return load_base(folder, {}, head="masked", keeps_output=True)[0]
    return new_model(generator_config(model.config, settings.generator_width), "masked")


def end_of(config: dict[str, Any], tokenizer: Tokenizer) -> int | None:
    """The token that a text ends with."""
    named = config.get("eos_token_id")
    return named if isinstance(named, int) else tokenizer.specials.sep
