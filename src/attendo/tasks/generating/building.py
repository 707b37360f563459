"""How language models are made: from scratch, on a base, and again from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from attendo.errors import UnsupportedError
from attendo.files import read_json
from attendo.models import FamilyModel, TokenModel, new_model
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.generating.language_model import LanguageModel
from attendo.tasks.generating.settings import LanguageSettings
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.pretraining import end_of, made_config
from attendo.text import CJK_SHARE, Normalisation, Tokenizer, chinese_share, choose_tokenizer, train_tokenizer

AS_IT_IS = Normalisation(form=None, lower=False, half_width=False, clean=False)
"""A text that is to be written is learned letter by letter: line ends, blanks and capitals say something."""
MUCH = 4_000_000
"""Characters from which on tokens of several characters are worth while."""
LITTLE = 500_000
"""Characters up to which a tiny model knows all that there is to know."""
SHORT = 6.0
"""Minutes up to which a tiny model comes further than a small one."""
LONGEST = 4096
"""Tokens that a model of another library looks back on at most, where it has positions for more."""
_LARGEST = 32_000
_WRITING = "generation_config.json"

AnyModel = TypeVar("AnyModel", bound=LanguageModel)


def trained_tokenizer(texts: Sequence[str], settings: LanguageSettings, much: int = MUCH) -> tuple[Tokenizer, str]:
    """A tokenizer of the texts' own, as the settings say or the texts ask for, and why it is so.

    Args:
        much: characters from which on tokens are pieces of several.
    Raises:
        DataError: if there is no text.
    """
    kind, why = settings.tokenizer, "as asked"
    if kind is None:
        size, chinese = sum(map(len, texts)), chinese_share(texts)
        kind = "bpe" if size >= much and chinese < CJK_SHARE else "characters"
        why = f"{size:,} characters to learn from"
        why += f", {chinese:.0%} of the letters Chinese or Japanese" if chinese >= CJK_SHARE else ""
    whole = _LARGEST if kind in ("characters", "bytes") else choose_tokenizer(texts).vocab_size
    tokenizer = train_tokenizer(texts, kind=kind, vocab_size=settings.vocab_size or whole, normalisation=AS_IT_IS)
    return tokenizer, f"Tokens: {kind}, {tokenizer.vocab_size:,} in the vocabulary ({why})."


def chosen_size(settings: LanguageSettings, characters: int, minutes: float | None) -> str:
    """The named size of a new model: as asked, or by how much text and time there is."""
    if settings.model.size is not None:
        return settings.model.size
    return "tiny" if characters <= LITTLE or (minutes is not None and minutes <= SHORT) else "small"


def build_language_model(
    kind: type[AnyModel], tokenizer: Tokenizer, settings: LanguageSettings, size: str, **parts: Any
) -> AnyModel:
    """A model with first weights.

    Args:
        kind: the user's model.
        size: a named size.
        parts: what this kind of model has besides.
    """
    asked = settings.model
    config = made_config(
        asked.family, tokenizer, **asked.numbers(size), dropout=asked.dropout, length=settings.max_length
    )
    model = new_model(config, "causal")
    return kind(
        model=model,
        encoder=PieceEncoder.made(tokenizer, settings.max_length),
        window=settings.max_length,
        ends=_ends(model.config, tokenizer),
        **parts,
    )


def build_language_model_on_base(
    kind: type[AnyModel], base: Base, settings: LanguageSettings, **parts: Any
) -> tuple[AnyModel, tuple[str, ...]]:
    """A model with the base's weights, and the names of those that are new.

    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it does not write.
    """
    model, encoder, new = build_on_base(base, "causal", {"dtype": "float32"}, keeps_output=True)
    if not isinstance(model.network, TokenModel):
        raise UnsupportedError(f"{base.folder} holds no model that writes on. Give one such as GPT-2, Llama or Qwen.")
    window = min(settings.max_length, _window(model, encoder))
    ends = _ends(model.config, encoder.tokenizer, base.folder)
    return kind(model=model, encoder=encoder, window=window, ends=ends, **parts), new


def load_language_model(
    kind: type[AnyModel], model: FamilyModel, folder: Path, card: dict[str, Any], **parts: Any
) -> AnyModel:
    """The model of a folder, attendo's own or that of another library.

    Raises:
        ModelFolderError: if its tokenizer is missing or damaged.
        UnsupportedError: if it does not write on.
    """
    if model.head != "causal" or not isinstance(model.network, TokenModel):
        raise UnsupportedError(f"{folder} holds no model that writes on. Give one such as GPT-2, Llama or Qwen.")
    encoder = PieceEncoder.of(folder, model.network)
    window = card.get("window") or _window(model, encoder)
    ends = tuple(card.get("ends") or _ends(model.config, encoder.tokenizer, folder))
    learned = {"ends_texts": bool(card.get("ends_texts", False))} | parts
    return kind(model=model, encoder=encoder, window=window, ends=ends, card=card, **learned)


def _window(model: FamilyModel, encoder: PieceEncoder) -> int:
    """Tokens that a model of another library looks back on."""
    named = model.config.get("max_position_embeddings") or model.config.get("n_positions")
    limits = [each for each in (encoder.max_tokens, named, LONGEST) if isinstance(each, int)]
    return min(limits)


def _ends(config: dict[str, Any], tokenizer: Tokenizer, folder: Path | None = None) -> tuple[int, ...]:
    """The tokens that a text ends with: one, several, or none where nobody says.

    Args:
        folder: where other libraries may say it in a file of its own.
    """
    path = None if folder is None else folder / _WRITING
    said = read_json(path, f"{path} cannot be read.") if path is not None and path.is_file() else {}
    named = said.get("eos_token_id", config.get("eos_token_id"))
    if isinstance(named, list):
        return tuple(number for number in named if isinstance(number, int))
    end = named if isinstance(named, int) else end_of(config, tokenizer)
    return () if end is None else (end,)
