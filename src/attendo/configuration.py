"""Settings: frozen dataclasses that are read from files and options, with every mistake named at once.

A settings class is a frozen, keyword-only dataclass; the text under each field (a string literal) is its documentation.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import json
import textwrap
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from attendo.errors import ConfigError

Settings = TypeVar("Settings")


def read_settings(
    cls: type[Settings], *, file: Path | str | None = None, overrides: Iterable[str] = (), values: Mapping | None = None
) -> Settings:
    """Settings from a YAML or JSON file, then `key=value` overrides (dots for nested keys), then given values.

    Raises:
        ConfigError: naming every unknown key, wrong type and impossible value at once, with its path.
    """
    tree: dict[str, Any] = {} if file is None else _load(Path(file))
    for override in overrides:
        _insert(tree, *_split(override))
    for key, value in (values or {}).items():
        if value is not None:
            _insert(tree, key, value)
    return from_mapping(cls, tree, source=None if file is None else str(file))


def from_mapping(cls: type[Settings], tree: Mapping[str, Any], source: str | None = None) -> Settings:
    """Settings from nested mappings.

    Raises:
        ConfigError: naming every mistake at once.
    """
    from pydantic import TypeAdapter, ValidationError

    problems: list[str] = []
    settings = None
    try:
        settings = TypeAdapter(cls).validate_python(_known(cls, tree, "", problems))
    except ValidationError as error:
        problems += [sentence for each in error.errors() for sentence in _sentences(each)]
    if problems or settings is None:
        raise ConfigError([f"{source}: {problem}" if source else problem for problem in problems])
    return settings


def to_mapping(settings: Any) -> dict[str, Any]:
    """Settings as nested plain values, ready for JSON or YAML."""
    return json.loads(json.dumps(_nested(settings), default=str))


def to_yaml(settings: Any) -> str:
    """Settings as a commented YAML file, each key with its documentation."""
    return "\n".join(_yaml_lines(settings, 0)) + "\n"


@cache
def documentation(cls: type) -> dict[str, str]:
    """The text under each field of a settings class, its own before those of its bases."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            value = text.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                texts[field.target.id] = " ".join(value.value.split())
    for base in filter(dataclasses.is_dataclass, cls.__bases__):
        texts |= {name: text for name, text in documentation(base).items() if name not in texts}
    return texts


def _fields(settings: Any) -> list[dataclasses.Field]:
    """What a class itself can be told, then what its bases can."""
    bases = filter(dataclasses.is_dataclass, type(settings).__bases__)
    inherited = {field.name for base in bases for field in dataclasses.fields(base)}
    return sorted(dataclasses.fields(settings), key=lambda field: field.name in inherited)


def _nested(settings: Any) -> dict[str, Any]:
    """Settings and those below them, by name."""
    values = {field.name: getattr(settings, field.name) for field in _fields(settings)}
    return {name: _nested(each) if dataclasses.is_dataclass(each) else each for name, each in values.items()}


def _load(path: Path) -> dict[str, Any]:
    import yaml

    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no settings file {path}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(
            f"{path} is not a YAML or JSON file that can be read: {' '.join(str(error).split())}"
        ) from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} must hold `key: value` lines, but holds a {type(tree).__name__}.")
    return tree


def _split(override: str) -> tuple[str, Any]:
    import yaml

    key, equals, value = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"`{override}` is not of the form key=value, such as training.epochs=5.")
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return key.strip(), value
    is_sign = read == "" and value.strip(" \"'")  # such as `|`, which YAML takes for the start of a block
    return key.strip(), value if is_sign else read


def _insert(tree: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for step in path:
        child = tree[step] = {} if tree.get(step) is None else tree[step]
        if not isinstance(child, dict):
            raise ConfigError(f"`{key}`: `{step}` is a single value and has no keys below it.")
        tree = child
    tree[last] = value


def _known(cls: type, tree: Mapping[str, Any], path: str, problems: list[str]) -> dict[str, Any]:
    """The tree without unknown keys, which become problems, and without sections whose keys are all commented out."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    types = typing.get_type_hints(cls, include_extras=True)
    known = {}
    for key, value in tree.items():
        if key not in fields:
            close = difflib.get_close_matches(str(key), fields, 1)
            hint = f"Did you mean `{path}{close[0]}`?" if close else f"There are: {', '.join(fields)}."
            problems.append(f"`{path}{key}` is not a setting. {hint}")
        elif not dataclasses.is_dataclass(types[key]):
            known[key] = value
        elif value is not None:
            nested = isinstance(value, Mapping)
            known[key] = _known(types[key], value, f"{path}{key}.", problems) if nested else value
    return known


def _sentences(problem: Any) -> list[str]:
    where = ".".join(str(step) for step in problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, ConfigError):  # a settings class speaks for itself, and may have several things to say
        return [f"In `{where}`: {each}" if where else each for each in cause.problems]
    message, given = problem["msg"].removeprefix("Value error, "), problem.get("input")
    shown = f", but is {given!r}" if not isinstance(given, Mapping) else ""
    return [f"`{where}`: {message[:1].lower()}{message[1:]}{shown}."]


def _yaml_lines(settings: Any, depth: int) -> list[str]:
    import yaml

    texts, lines, indent = documentation(type(settings)), [], "  " * depth
    for field in _fields(settings):
        value = getattr(settings, field.name)
        lines += [f"{indent}# {line}" for line in textwrap.wrap(texts.get(field.name, ""), 100)]
        if dataclasses.is_dataclass(value):
            lines += [f"{indent}{field.name}:", *_yaml_lines(value, depth + 1)]
        else:
            plain = json.loads(json.dumps(value, default=str))
            flow = None if isinstance(plain, list | dict) else False  # `key: value`, but `key: [a, b]`
            text = yaml.safe_dump({field.name: plain}, allow_unicode=True, default_flow_style=flow, sort_keys=False)
            lines.append(textwrap.indent(text.strip(), indent))
    return lines
