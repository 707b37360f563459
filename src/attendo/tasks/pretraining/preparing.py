"""From documents and settings to a model, a tokenizer, and the problem that training works on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from attendo.data import Documents
from attendo.errors import DataError, UnsupportedError
from attendo.models import FAMILIES, FamilyModel, TokenModel, load_base, new_model, read_config
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.pretraining.making import first_config, generator_config
from attendo.tasks.pretraining.masking import MaskRule
from attendo.tasks.pretraining.pieces import Pieces, cut_texts, plain_tokens, standing_alone
from attendo.tasks.pretraining.problems import Pair, ReplacedProblem, TokenProblem
from attendo.tasks.pretraining.reading import Masks, NextTokens
from attendo.tasks.pretraining.settings import OBJECTIVES, PretrainSettings
from attendo.text import Tokenizer, choose_tokenizer, train_tokenizer

GENERATOR = "generator"
"""The folder, in that of a model that tells replaced tokens, of the model that replaced them."""
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
    problem: TokenProblem | ReplacedProblem
    notes: tuple[str, ...]

    @property
    def network(self) -> TokenModel:
        """What computes."""
        assert isinstance(self.model.network, TokenModel)
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
        model = new_model(first_config(settings, tokenizer), OBJECTIVES[settings.objective].head)
        longest = settings.max_length
    else:
        model, reader = _taken_on(Path(settings.base), settings)
        tokenizer = reader.tokenizer
        longest = min(settings.max_length, reader.max_tokens or settings.max_length)
    network = model.network
    assert isinstance(network, TokenModel)
    end = end_of(model.config, tokenizer) if settings.objective == "causal" else None
    train, dev = (cut_texts(tokenizer, each, longest, end=end) for each in (texts, held_out))
    if not len(train) or not len(dev):
        which = "the texts to learn from" if not len(train) else "the held-out texts"
        raise DataError(f"The tokenizer knows nothing in {which}. Give more text, or another base.")
    generator = _generator(model, settings) if settings.objective == "replaced" else None
    problem = _PROBLEMS[settings.objective](_Material(network, generator, tokenizer, train, dev, seed), settings)
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
    """A tokenizer of the texts' own, as the settings say or the texts ask for."""
    choice = choose_tokenizer(texts)
    kind, size = settings.tokenizer or choice.kind, settings.vocab_size or choice.vocab_size
    chosen = settings.tokenizer is None and settings.vocab_size is None
    notes.append(f"Tokenizer: {kind}. {choice.why}" if chosen else f"Tokenizer: {kind}, {size:,} entries at most.")
    return train_tokenizer(texts, kind=kind, vocab_size=size)


def _taken_on(base: Path, settings: PretrainSettings) -> tuple[FamilyModel, PieceEncoder]:
    """The base with the head that the objective needs, and what it reads with."""
    model, _ = load_base(base, {}, head=OBJECTIVES[settings.objective].head, keeps_output=True)
    for name in _OF_LABELS:
        model.config.pop(name, None)
    assert isinstance(model.network, TokenModel)
    return model, PieceEncoder.of(base, model.network)


def check_base(settings: PretrainSettings) -> None:
    """Make sure, by its config.json alone, that the base can have the head that the objective needs.

    Raises:
        UnsupportedError: if it cannot; the message says what it can be trained with.
        ModelFolderError: if the base is no model of a known family.
    """
    if settings.base is None:
        return
    kind = str(read_config(Path(settings.base)).get("model_type"))
    heads = FAMILIES[kind].heads if kind in FAMILIES else {}
    if kind in FAMILIES and OBJECTIVES[settings.objective].head not in heads:
        can = [name for name, each in OBJECTIVES.items() if each.head in heads]
        way = f"It can be trained with: {', '.join(can)}." if can else "Take another base."
        raise UnsupportedError(
            f"{settings.base} is of type `{kind}`, which has no head for `{settings.objective}`. {way}"
        )


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


@dataclass(frozen=True, eq=False)
class _Material:
    network: TokenModel
    generator: FamilyModel | None
    tokenizer: Tokenizer
    train: Pieces
    dev: Pieces
    seed: int

    def masks(self, settings: PretrainSettings) -> Masks:
        """What is hidden, as the settings say."""
        as_mask, as_random = settings.shown
        rule = MaskRule(
            share=settings.share,
            as_mask=as_mask,
            as_random=as_random,
            mask=self.tokenizer.specials.need("mask"),
            plain=plain_tokens(self.tokenizer),
            alone=standing_alone(self.tokenizer) if settings.whole_words else None,
        )
        return Masks(rule, self.seed)


def _masked(given: _Material, settings: PretrainSettings) -> TokenProblem:
    return TokenProblem(given.network, given.train, given.dev, given.masks(settings))


def _causal(given: _Material, settings: PretrainSettings) -> TokenProblem:
    return TokenProblem(given.network, given.train, given.dev, NextTokens())


def _replaced(given: _Material, settings: PretrainSettings) -> ReplacedProblem:
    assert given.generator is not None
    assert isinstance(given.generator.network, TokenModel)
    pair = Pair(given.generator.network, given.network)
    return ReplacedProblem(pair, given.train, given.dev, given.masks(settings), settings.replaced_weight)


_PROBLEMS: dict[str, Callable[[_Material, PretrainSettings], TokenProblem | ReplacedProblem]] = {
    "masked": _masked,
    "replaced": _replaced,
    "causal": _causal,
}
