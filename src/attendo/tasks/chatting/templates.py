"""Turns of a dialogue as one text, by the Jinja template that comes with a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from attendo.data import Turn
from attendo.errors import DataError, ModelFolderError, UnsupportedError
from attendo.tasks.pieces import PieceEncoder
from attendo.text import CHAT_TEMPLATE

MARKS = ("[SYSTEM]", "[USER]", "[ASSISTANT]")
"""What stands before a turn in the template of models that are made here."""
OWN = (
    "[CLS]{% for message in messages %}{{ '[' + message['role'] | upper + ']' + message['content'] + '[SEP]' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '[ASSISTANT]' }}{% endif %}"
)
"""That template."""
_SETTINGS = "tokenizer_config.json"


@dataclass(frozen=True)
class ChatTemplate:
    """A template, and the special tokens that it may name.

    Attributes:
        source: in Jinja, as other libraries have it.
        names: special tokens by their roles, such as `bos_token`.
    """

    source: str
    names: Mapping[str, str]

    def render(self, turns: Sequence[Turn], *, answers: bool = False) -> str:
        """The turns as a text.

        Args:
            answers: whether the text is to go on with an answer.
        Raises:
            DataError: if the template refuses these turns.
            ModelFolderError: if it cannot be used at all.
        """
        import jinja2

        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        try:
            return self._compiled.render(
                messages=messages, add_generation_prompt=answers, tools=None, documents=None, **self.names
            )
        except _Refused as refusal:
            raise DataError(f"The model's chat template refuses the dialogue: {refusal}") from None
        except (jinja2.TemplateError, TypeError, ValueError, KeyError) as error:
            raise ModelFolderError(f"The model's chat template cannot be used: {error}.") from None

    @cached_property
    def _compiled(self) -> Any:
        """Compiled as the reference library does: without access to anything, blocks leaving no lines."""
        import jinja2
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = _as_json
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _today
        try:
            return environment.from_string(self.source)
        except jinja2.TemplateError as error:
            raise ModelFolderError(f"The model's chat template is not whole: {error}.") from None


def find_template(encoder: PieceEncoder) -> ChatTemplate | None:
    """The template among a tokenizer's files, if there is one.

    Raises:
        ModelFolderError: if the files are damaged.
        UnsupportedError: if there are several, and none is the usual one.
    """
    settings = json.loads(encoder.contents.get(_SETTINGS, b"{}"))
    source = settings.get("chat_template")
    if CHAT_TEMPLATE in encoder.contents:
        source = encoder.contents[CHAT_TEMPLATE].decode()
    if isinstance(source, list):
        named = {each["name"]: each["template"] for each in source}
        if "default" not in named:
            raise UnsupportedError(f"The model has several chat templates, but no `default`: {', '.join(named)}.")
        source = named["default"]
    return None if source is None else ChatTemplate(source, _special_names(settings))


def with_own_template(encoder: PieceEncoder) -> PieceEncoder:
    """The tokenizer with the template of models that are made here among its files."""
    settings = json.loads(encoder.contents.get(_SETTINGS, b"{}")) | {"chat_template": OWN}
    written = json.dumps(settings, ensure_ascii=False, indent=2).encode() + b"\n"
    contents = {**encoder.contents, _SETTINGS: written}
    return PieceEncoder(encoder.tokenizer, encoder.max_tokens, contents, encoder.paired)


def _special_names(settings: Mapping[str, Any]) -> dict[str, str]:
    """What tokenizer_config.json calls special tokens: names, or objects with one."""
    found = {}
    for key, value in settings.items():
        name = value.get("content") if isinstance(value, Mapping) else value
        if key.endswith("_token") and isinstance(name, str):
            found[key] = name
    return found


class _Refused(Exception):  # noqa: N818 - never leaves this file
    """What a template says of turns that it does not take."""


def _refuse(message: str) -> None:
    raise _Refused(message)


def _as_json(
    value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _today(form: str) -> str:
    from datetime import datetime

    return datetime.now().strftime(form)
