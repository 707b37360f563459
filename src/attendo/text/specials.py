"""The tokens that stand for no text."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from attendo.errors import ModelFolderError

if TYPE_CHECKING:
    import tokenizers

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""The first entries of every vocabulary trained here, in the order of the fields of `Specials`."""

_COMMON_NAMES = {
    "pad": ("[PAD]", "<pad>"),
    "unk": ("[UNK]", "<unk>"),
    "cls": ("[CLS]", "<s>"),
    "sep": ("[SEP]", "</s>"),
    "mask": ("[MASK]", "<mask>"),
}


@dataclass(frozen=True, kw_only=True)
class Specials:
    """Ids of the tokens that stand for no text."""

    pad: int = 0
    """Fills up rows where a tool needs rows of one length."""
    unk: int = 1
    """Stands for what is not in the vocabulary."""
    cls: int = 2
    """Opens every text; its state speaks for the whole."""
    sep: int = 3
    """Stands between the texts of a pair and closes the second."""
    mask: int = 4
    """Hides a token that a model in pretraining has to guess."""


def find_specials(backend: tokenizers.Tokenizer, file: Path) -> Specials:
    """The special tokens of the tokenizer in `file`, as the files beside it name them, else by their common names.

    Raises:
        ModelFolderError: if one is missing, or a file beside it is damaged.
    """
    named = {
        **_names_in(file.with_name("special_tokens_map.json")),
        **_names_in(file.with_name("tokenizer_config.json")),
    }
    found: dict[str, int] = {}
    for role in (field.name for field in fields(Specials)):
        names = [named[role]] if role in named else _COMMON_NAMES[role]
        ids = [number for number in map(backend.token_to_id, names) if number is not None]
        if ids:
            found[role] = ids[0]
    missing = [f"{role} (such as {' or '.join(names)})" for role, names in _COMMON_NAMES.items() if role not in found]
    if missing:
        raise ModelFolderError(f"{file} has no special token for {', '.join(missing)}; a model here needs all five.")
    return Specials(**found)


def _names_in(file: Path) -> dict[str, str]:
    """The special tokens that a Hugging Face settings file names, by role; none if there is no such file."""
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{file} cannot be read ({error}). Save or fetch the folder again.") from None
    names = {}
    for role in _COMMON_NAMES:
        token = settings.get(f"{role}_token") if isinstance(settings, dict) else None
        content = token.get("content") if isinstance(token, dict) else token
        if isinstance(content, str):
            names[role] = content
    return names
