"""How models that answer in dialogues are made: from scratch, on a base, from a folder, and of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attendo.data import Dialogue
from attendo.errors import UnsupportedError
from attendo.models import FamilyModel
from attendo.tasks.bases import Base
from attendo.tasks.chatting.model import Chatter
from attendo.tasks.chatting.settings import ChatSettings
from attendo.tasks.chatting.templates import MARKS, OWN, ChatTemplate, find_template, with_own_template
from attendo.tasks.generating import (
    LanguageModel,
    build_language_model,
    build_language_model_on_base,
    load_language_model,
    trained_tokenizer,
)
from attendo.tasks.pieces import PieceEncoder
from attendo.text import with_marks

MUCH = 200_000
"""Characters from which on tokens are pieces of several: what was said before must fit into what is read at once."""
_NONE = (
    "{where} has no chat template, so nobody knows how dialogues are written for it. Take a model that was made for "
    "dialogues, train one with `attendo train chat`, or put a `chat_template.jinja` into its folder."
)


def build_chatter(dialogues: Sequence[Dialogue], settings: ChatSettings, size: str) -> tuple[Chatter, str]:
    """A model with first weights, and how its tokens were chosen, in a sentence."""
    texts = [turn.content for each in dialogues for turn in each.turns]
    tokenizer, why = trained_tokenizer(texts, settings, MUCH)
    tokenizer = with_marks(tokenizer, MARKS)
    model = build_language_model(Chatter, tokenizer, settings, size, template=ChatTemplate(OWN, {}), ends_texts=True)
    return replace(model, encoder=with_own_template(model.encoder)), why


def build_chatter_on_base(base: Base, settings: ChatSettings) -> tuple[Chatter, tuple[str, ...]]:
    """A model with the base's weights and chat template, and the names of the weights that are new.

    Raises:
        ModelFolderError: if the base is not whole.
        UnsupportedError: if it does not write, or has no chat template.
    """
    template = find_template(PieceEncoder.load(base.folder, None))
    if template is None:
        raise UnsupportedError(_NONE.format(where=f"The base {base.folder}"))
    model, new = build_language_model_on_base(Chatter, base, settings, template=template, ends_texts=True)
    return _with_ends(model), new


def load_chatter(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Chatter:
    """The model of a folder of attendo's own.

    Raises:
        ModelFolderError: if a file is missing or damaged.
        UnsupportedError: if it has no chat template.
    """
    template = find_template(PieceEncoder.load(folder, None))
    if template is None:
        raise UnsupportedError(_NONE.format(where=folder))
    return load_language_model(Chatter, model, folder, card, template=template)


def as_chatter(model: LanguageModel, where: Path | str) -> Chatter:
    """A language model that answers in dialogues, by the chat template that came with it.

    Args:
        where: what the message calls its place.
    Raises:
        UnsupportedError: if it has none.
    """
    if isinstance(model, Chatter):
        return model
    template = find_template(model.encoder)
    if template is None:
        raise UnsupportedError(_NONE.format(where=where))
    return _with_ends(
        Chatter(
            model=model.model,
            encoder=model.encoder,
            card=model.card,
            window=model.window,
            ends=model.ends,
            ends_texts=model.ends_texts,
            template=template,
        )
    )


def _with_ends(model: Chatter) -> Chatter:
    """The model, which stops where its template has an answer end, too."""
    end = model.reader.end
    return model if end is None or end in model.ends else replace(model, ends=(*model.ends, end))
