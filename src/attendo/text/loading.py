"""Tokenizers from what other tools leave in a folder: which files, which settings, which tokens added to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.text.added import AGAIN, add_tokens, check_added, content_of
from attendo.text.families import FAMILIES, family_called, frame, language_of
from attendo.text.marian import CLEANED, MarianBackend, read_marian
from attendo.text.panics import damage_told
from attendo.text.readers import (
    Names,
    Settings,
    Side,
    Sources,
    flag,
    read_bert,
    read_byte_pairs,
    read_fairseq,
    read_json,
    read_llama,
    read_t5,
)

if TYPE_CHECKING:
    import tokenizers

_ROLES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")  # missing ones are added in this order


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A tokenizer as it was found."""

    backend: tokenizers.Tokenizer | MarianBackend
    names: Names
    """Special tokens by role ("bos", ..., "mask"), as far as they are named."""
    keeps_end: bool = False
    """Whether the end of a text is what stays when it is cut to a length."""


def load_backend(path: Path, *, side: Side = "source", language: str | None = None) -> Loaded:
    """The tokenizer in a folder or a tokenizer.json.

    Raises:
        ModelFolderError: if files are missing or damaged.
        UnsupportedError: if the files are there, but are of a family that cannot be read from them.
    """
    kind, files = _find_files(path)
    settings = _read_settings(files[0].parent)
    family = _family_of(settings, kind, files)
    _check_settings(settings, family)
    names = _names(settings, family)
    if family and (lang := language_of(family, settings, side, language)):
        names["lang"] = lang
    elif language is not None:
        raise UnsupportedError(f"The tokenizer in {path} knows no languages, but `language` is {language!r}.")
    sources = Sources(files=files, family=family, settings=settings, names=names, side=side)
    with damage_told(f"{files[0]} is not a tokenizer", everything=True):
        backend = _build(kind, sources)
    _check_ids(backend.get_vocab(), files[0])
    return Loaded(backend=backend, names=names, keeps_end=settings.get("truncation_side") == "left")


def _build(kind: _FileKind, sources: Sources) -> tokenizers.Tokenizer | MarianBackend:
    backend = kind.read(sources)
    if isinstance(backend, MarianBackend):
        check_added(backend, sources)
        return backend
    add_tokens(backend, sources, complete=not kind.families)
    if sources.names.get("lang"):
        backend.post_processor = frame(backend, sources)
    elif backend.post_processor is None and sources.family:
        settings = sources.settings if kind.families else {"add_bos_token": False}
        backend.post_processor = frame(backend, replace(sources, settings=settings))
    if flag(sources.settings, "clean_up_tokenization_spaces", False):
        _clean_blanks(backend)
    backend.encode(_PROBE)  # damaged tables show themselves only when they are used
    return backend


_PROBE = "The caf\u00e9\u3000ＡＢ 酒店, 3\u00bd \u0301\U0001f44d\t.\n"


@dataclass(frozen=True, kw_only=True)
class _FileKind:
    """One way to write a tokenizer down."""

    files: tuple[str, ...]
    read: Callable[[Sources], tokenizers.Tokenizer | MarianBackend]
    families: tuple[str, ...] = ()
    """Who can be read from these files; all, if none is given."""
    otherwise: str = ""
    """The family if the settings name none."""
    more: tuple[str, ...] = ()
    """Files that may belong to it, too."""


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
        raise ModelFolderError(f"{file} cannot be read ({error}). {AGAIN}") from None
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
            names[role] = content_of(settings[f"{role}_token"])
    return {role: names[role] for role in _ROLES if role in names}


def _clean_blanks(backend: tokenizers.Tokenizer) -> None:
    """Take blanks before signs out of decoded texts; the reference library does so too, but for pairs of bytes."""
    from tokenizers import decoders

    if type(backend.model).__name__ == "BPE" or backend.decoder is None:
        return
    steps = [decoders.Replace(spelled, meant) for spelled, meant in CLEANED.items()]
    backend.decoder = decoders.Sequence([backend.decoder, decoders.Fuse(), *steps])


def _check_settings(settings: Settings, family: str) -> None:
    """Refuse settings that would change what is read, and are not understood."""
    for name, only in FAMILIES[family].fixed if family else ():
        if settings.get(name, only) not in (only, None):
            raise UnsupportedError(
                f"`{name}` in tokenizer_config.json is {settings[name]!r}, but for this family only {only!r} is known."
            )
    if settings.get("truncation_side") not in (None, "left", "right"):
        raise ModelFolderError(
            '`truncation_side` in tokenizer_config.json must be "left" or "right", '
            f"but is {settings['truncation_side']!r}."
        )


def _check_ids(numbers: Mapping[str, Any], file: Path) -> None:
    """Refuse a vocabulary whose numbers are not 0, 1, 2 and so on, each once."""
    found = sorted(numbers.values())
    for wanted, number in enumerate(found):
        if number != wanted:
            wrong = f"no token has the number {wanted}" if number > wanted else f"two tokens have the number {number}"
            raise ModelFolderError(f"The vocabulary in {file} has a hole: {wrong}. {AGAIN}")


_FILE_KINDS = (
    _FileKind(files=("tokenizer.json",), read=read_json),
    _FileKind(files=("vocab.txt",), read=read_bert, families=("bert",), otherwise="bert"),
    _FileKind(
        files=("source.spm", "vocab.json"),
        more=("target.spm", "target_vocab.json"),
        read=read_marian,
        families=("marian",),
        otherwise="marian",
    ),
    _FileKind(files=("vocab.json", "merges.txt"), read=read_byte_pairs, families=("roberta", "gpt2", "qwen2")),
    _FileKind(
        files=("sentencepiece.bpe.model",),
        read=read_fairseq,
        families=("xlm-roberta", "mbart", "mbart50"),
        otherwise="xlm-roberta",
    ),
    _FileKind(files=("spiece.model",), read=read_t5, families=("t5",)),
    _FileKind(files=("tokenizer.model",), read=read_llama, families=("llama",)),
)

_SETTINGS_FILES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
CHAT_TEMPLATE = "chat_template.jinja"
"""How turns of a dialogue become one text, where tokenizer_config.json does not say it."""
TOKENIZER_FILES = tuple(
    dict.fromkeys(
        (*_SETTINGS_FILES, CHAT_TEMPLATE, *(name for kind in _FILE_KINDS for name in (*kind.files, *kind.more)))
    )
)
"""All files of a folder that a tokenizer may be read from."""
