"""Tokens that the settings beside a vocabulary add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.text.marian import MarianBackend
from attendo.text.readers import Settings, Sources

if TYPE_CHECKING:
    import tokenizers

AGAIN = "It may be cut short or changed: save or fetch it again."
"""The way out where what lies in a folder cannot be."""


def add_tokens(backend: tokenizers.Tokenizer, sources: Sources, complete: bool) -> None:
    """Add the tokens that the settings give a number, then the special tokens that are still missing.

    Args:
        complete: whether the vocabulary has all that its family needs, so that only tokens that the settings name are
            added.
    Raises:
        ModelFolderError: if a token cannot have the number that the settings give it.
    """
    from tokenizers import AddedToken

    settings, names = sources.settings, sources.names
    special = set(names.values())
    numbered = _numbered(sources)
    tokens = []
    for content, (_, value) in numbered.items():
        flags = {name: value[name] for name in ("single_word", "lstrip", "rstrip", "normalized") if name in value}
        is_special = value.get("special", False) or content in special
        tokens.append(AddedToken(content, special=is_special, **flags))
    named = [name for role, name in names.items() if role != "lang" and (not complete or f"{role}_token" in settings)]
    tokens += [AddedToken(name, special=True) for name in [*named, *_more(settings)] if name and name not in numbered]
    backend.add_tokens(tokens)
    for content, (number, _) in numbered.items():
        if (found := backend.token_to_id(content)) != number:
            raise ModelFolderError(
                f"The settings beside {sources.files[0]} give {content!r} the number {number}, but its vocabulary leads"
                f" to {found}. The files do not belong together: fetch the folder again."
            )


def _numbered(sources: Sources) -> dict[str, tuple[int, dict[str, Any]]]:
    """Added tokens with their numbers and what else is said of them, in the order of the numbers."""
    entries = sources.settings["added_tokens_decoder"]
    if not isinstance(entries, dict) or not all(map(_is_numbered, entries.items())):
        raise ModelFolderError(
            f"The tokens added beside {sources.files[0]} must each have a number and a text. {AGAIN}"
        )
    numbered: dict[str, tuple[int, dict[str, Any]]] = {}
    for key, value in sorted(entries.items(), key=lambda entry: int(entry[0])):
        if value["content"] in numbered:
            raise ModelFolderError(
                f"The settings beside {sources.files[0]} give {value['content']!r} two numbers, "
                f"{numbered[value['content']][0]} and {key}. {AGAIN}"
            )
        numbered[value["content"]] = int(key), value
    return numbered


def _more(settings: Settings) -> list[str | None]:
    more = settings.get("extra_special_tokens") or settings.get("additional_special_tokens") or []
    return [content_of(token) for token in (more.values() if isinstance(more, dict) else more)]


def check_added(backend: MarianBackend, sources: Sources) -> None:
    """Refuse tokens that would have to be cut out of texts before SentencePiece sees them."""
    special = set(sources.names.values()) | set(_more(sources.settings))
    for content, (number, _) in _numbered(sources).items():
        if backend.token_to_id(content) != number:
            raise ModelFolderError(
                f"The settings beside {sources.files[0]} give {content!r} the number {number}, but its vocabulary leads"
                f" to {backend.token_to_id(content)}. The files do not belong together: fetch the folder again."
            )
        if content not in special:
            raise UnsupportedError(
                f"The settings beside {sources.files[0]} add the token {content!r}, which this family cannot read from "
                "texts. Take it out of `added_tokens_decoder`."
            )


def _is_numbered(entry: tuple[Any, Any]) -> bool:
    number, token = entry
    return str(number).isdecimal() and isinstance(token, dict) and content_of(token) is not None


def content_of(token: Any) -> str | None:
    """The text of a token, as settings files write it; None if there is none."""
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) and content else None
