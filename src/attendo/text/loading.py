"""Tokenizers from what other tools leave in a folder: which files, which settings, which tokens added to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.errors import InputError, ModelFolderError, UnsupportedError
from attendo.text.families import (
    FAMILIES,
    Names,
    Settings,
    family_called,
    frame,
    read_bert,
    read_byte_pairs,
    read_json,
    read_xlm_roberta,
)

if TYPE_CHECKING:
    import tokenizers

_AGAIN = "It may be cut short or changed: save or fetch it again."
_ROLES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")  # missing ones are added in this order


def load_backend(path: Path) -> tuple[tokenizers.Tokenizer, dict[str, str | None]]:
    """The tokenizer in a folder or a tokenizer.json, and its special tokens by role ("bos", ..., "mask") where named.

    Raises:
        ModelFolderError: if files are missing or damaged.
        UnsupportedError: if the files are there, but are of a family that cannot be read from them.
    """
    kind, files = _find_files(path)
    settings = _read_settings(files[0].parent)
    family = _family_of(settings, kind, files)
    names = _names(settings, family)
    try:
        backend = kind.read(files, family, settings, names)
        _add_tokens(backend, settings, names, files[0])
        if backend.post_processor is None and family:
            backend.post_processor = frame(backend, family, settings if kind.families else {}, names)
    except InputError:
        raise
    except Exception as error:  # the library raises nothing more precise
        raise ModelFolderError(f"{files[0]} is not a tokenizer ({error}). {_AGAIN}") from None
    _check_ids(backend.get_vocab(), files[0])
    return backend, names


@dataclass(frozen=True, kw_only=True)
class _FileKind:
    """One way to write a tokenizer down."""

    files: tuple[str, ...]
    read: Callable[[list[Path], str, Settings, Names], tokenizers.Tokenizer]
    families: tuple[str, ...] = ()
    """Who can be read from these files; all, if none is given."""
    otherwise: str = ""
    """The family if the settings name none."""


def _find_files(path: Path) -> tuple[_FileKind, list[Path]]:
    if path.is_file():
        return _FILE_KINDS[0], [path]
    for kind in _FILE_KINDS:
        files = [path / name for name in kind.files]
        if files[0].is_file():
            missing = [file.name for file in files if not file.is_file()]
            if missing:
                raise ModelFolderError(f"{path} has {files[0].name}, but no {missing[0]}, which belongs to it.")
            return kind, files
    if others := sorted(file.name for pattern in ("*.model", "*.spm") for file in path.glob(pattern)):
        raise UnsupportedError(
            f"{path} has its tokenizer only as {others[0]}, which cannot be read. Save it as tokenizer.json."
        )
    wanted = ", ".join(" with ".join(kind.files) for kind in _FILE_KINDS)
    raise ModelFolderError(
        f"There is no tokenizer in {path}: none of {wanted}. Give a model folder or its tokenizer.json."
    )


def _read_settings(folder: Path) -> dict[str, Any]:
    """What tokenizer_config.json and the older files beside it say; `tokenizer_class` from config.json if need be."""
    config, specials, more = (folder / name for name in _SETTINGS_FILES)
    settings = _read_object(config)
    if "added_tokens_decoder" not in settings:
        settings |= _read_object(specials)
        added = _read_object(more)
        settings["added_tokens_decoder"] = {number: {"content": token} for token, number in added.items()}
    model = _read_object(folder / "config.json")
    settings["tokenizer_class"] = (
        settings.get("tokenizer_class") or model.get("tokenizer_class") or model.get("model_type")
    )
    return settings


def _read_object(file: Path) -> dict[str, Any]:
    """A JSON object; empty if there is no such file."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{file} cannot be read ({error}). {_AGAIN}") from None
    if not isinstance(value, dict):
        raise ModelFolderError(f"{file} must hold names with values in braces, but holds {type(value).__name__}.")
    return value


def _family_of(settings: Settings, kind: _FileKind, files: list[Path]) -> str:
    """The name of the family; "" for one that tokenizer.json describes in full."""
    said = settings["tokenizer_class"]
    family = kind.otherwise if said is None else family_called(str(said))
    if kind.families and family not in kind.families:
        raise UnsupportedError(
            f"{' with '.join(map(str, files))} can be read for {', '.join(kind.families)}, but the settings beside "
            f"name {said or 'no `tokenizer_class`'}. Save the tokenizer as tokenizer.json with the tool it came from."
        )
    return family


def _names(settings: Settings, family: str) -> dict[str, str | None]:
    """The special tokens by role, as the settings name them, else as the family does; None where they say so."""
    names: dict[str, str | None] = dict(FAMILIES[family].specials) if family else {}
    for role in _ROLES:
        if f"{role}_token" in settings:
            names[role] = _content(settings[f"{role}_token"])
    return {role: names[role] for role in _ROLES if role in names}


def _content(token: Any) -> str | None:
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) and content else None


def _add_tokens(backend: tokenizers.Tokenizer, settings: Settings, names: Names, file: Path) -> None:
    """Add the tokens that the settings give a number, then the special tokens that are still missing."""
    from tokenizers import AddedToken

    entries = settings["added_tokens_decoder"]
    if not isinstance(entries, dict) or not all(map(_is_numbered, entries.items())):
        raise ModelFolderError(f"The tokens added beside {file} must each have a number and a text. {_AGAIN}")
    special = set(names.values())
    numbered: dict[str, int] = {}
    tokens = []
    for key, value in sorted(entries.items(), key=lambda entry: int(entry[0])):
        flags = {name: value[name] for name in ("single_word", "lstrip", "rstrip", "normalized") if name in value}
        numbered[value["content"]] = int(key)
        is_special = value.get("special", False) or value["content"] in special
        tokens.append(AddedToken(value["content"], special=is_special, **flags))
    more = settings.get("extra_special_tokens") or settings.get("additional_special_tokens") or []
    more = [_content(token) for token in (more.values() if isinstance(more, dict) else more)]
    tokens += [AddedToken(name, special=True) for name in [*names.values(), *more] if name and name not in numbered]
    backend.add_tokens(tokens)
    for content, number in numbered.items():
        if (found := backend.token_to_id(content)) != number:
            raise ModelFolderError(
                f"The settings beside {file} give {content!r} the number {number}, but its vocabulary leads to {found}."
                " The files do not belong together: fetch the folder again."
            )


def _is_numbered(entry: tuple[Any, Any]) -> bool:
    number, token = entry
    return str(number).isdecimal() and isinstance(token, dict) and _content(token) is not None


def _check_ids(numbers: Mapping[str, Any], file: Path) -> None:
    """Refuse a vocabulary whose numbers are not 0, 1, 2 and so on, each once."""
    found = sorted(numbers.values())
    for wanted, number in enumerate(found):
        if number != wanted:
            wrong = f"no token has the number {wanted}" if number > wanted else f"two tokens have the number {number}"
            raise ModelFolderError(f"The vocabulary in {file} has a hole: {wrong}. {_AGAIN}")


_FILE_KINDS = (
    _FileKind(files=("tokenizer.json",), read=read_json),
    _FileKind(files=("vocab.txt",), read=read_bert, families=("bert",), otherwise="bert"),
    _FileKind(files=("vocab.json", "merges.txt"), read=read_byte_pairs, families=("roberta", "gpt2", "qwen2")),
    _FileKind(
        files=("sentencepiece.bpe.model",), read=read_xlm_roberta, families=("xlm-roberta",), otherwise="xlm-roberta"
    ),
)

_SETTINGS_FILES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
TOKENIZER_FILES = (*_SETTINGS_FILES, *(name for kind in _FILE_KINDS for name in kind.files))
"""All files of a folder that a tokenizer may be read from."""
