"""A folder's tokenizer in the form that every tool reads: tokenizer.json, and tokenizer_config.json beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attendo.files import write_json, write_text, written_whole
from attendo.text.loading import TOKENIZER_FILES, load_backend
from attendo.text.marian import MarianBackend
from attendo.text.readers import Names

GENERIC = ("PreTrainedTokenizerFast", "TokenizersBackend")
"""Classes of the reference library that do what tokenizer.json says, and nothing beside."""
MARIAN = "MarianTokenizer"

_WHOLE, _SETTINGS = "tokenizer.json", "tokenizer_config.json"
_REPLACED = (_WHOLE, _SETTINGS, "special_tokens_map.json", "added_tokens.json")
_KEPT = ("model_max_length", "padding_side", "truncation_side", "clean_up_tokenization_spaces", "chat_template")
"""Settings that tokenizer.json has no place for."""


def write_portable(source: Path, folder: Path, *, segments: bool, max_tokens: int | None) -> None:
    """Write a folder's tokenizer into another one, so that the reference library cuts texts as it is cut here.

    What is complete is carried over as it lies. Where tokenizer.json is missing it is written, and where nothing says
    what reads it, the class that adds nothing of its own is named; files that it was read from stay beside it.

    Args:
        segments: whether the model is told which of two texts a token is from.
        max_tokens: the longest text that the model reads, for settings that name none.
    Raises:
        ModelFolderError: if there is no tokenizer, or it is damaged.
        StorageError: if the disk refuses a file.
    """
    found = load_backend(source)
    settings = json.loads(_content(source / _SETTINGS) or b"{}")
    whole = (source / _WHOLE).is_file() and settings.get("tokenizer_class") is not None
    for name in TOKENIZER_FILES:
        content = _content(source / name)
        if content is not None and (whole or name not in _REPLACED):
            with written_whole(folder / name) as temporary:
                temporary.write_bytes(content)
    if whole and (settings["tokenizer_class"] not in GENERIC or "model_input_names" in settings):
        return
    if isinstance(found.backend, MarianBackend):  # which no tokenizer.json can say
        write_json(folder / _SETTINGS, {"tokenizer_class": MARIAN} | settings)
        return
    if not whole:
        found.backend.no_padding()
        found.backend.no_truncation()
        write_text(folder / _WHOLE, found.backend.to_str(pretty=True))
        settings = _portable(settings, found.names)
    if max_tokens is not None:
        settings.setdefault("model_max_length", max_tokens)
    inputs = ["input_ids", *(["token_type_ids"] if segments else []), "attention_mask"]
    write_json(folder / _SETTINGS, settings | {"model_input_names": inputs})


def _portable(settings: dict[str, Any], names: Names) -> dict[str, Any]:
    """What stands in tokenizer_config.json beside a tokenizer.json that says all else."""
    more = [token for key in ("extra_special_tokens", "additional_special_tokens") for token in settings.get(key) or ()]
    return {
        "tokenizer_class": GENERIC[0],
        "clean_up_tokenization_spaces": False,
        **{key: settings[key] for key in _KEPT if key in settings},
        **{f"{role}_token": name for role, name in names.items() if name and role != "lang"},
        **({"additional_special_tokens": more} if more else {}),
    }


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
