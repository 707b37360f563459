"""JSON schemas read into trees of the JSON texts that fit them, on one line, with at most one blank between signs.

Objects have their properties in the order of the schema, and no others. Whatever cannot be promised is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from attendo.errors import ConfigError
from attendo.text.patterns.json_strings import string_node, within_string
from attendo.text.patterns.nodes import Either, Joined, Listed, Node, Repeated, literal, optional
from attendo.text.patterns.syntax import MOST_REPEATED, read_pattern

MOST_DIGITS = 15
"""Digits of a number before and behind its point: every reader of JSON keeps so many."""

_SAID = {"title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions"}
_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern"},
    "integer": set(),
    "number": set(),
    "boolean": set(),
    "null": set(),
}
_WHOLE = rf"-?(0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})"
_BLANK = optional(literal(" "))  # where many vocabularies have one together with the sign beside it
_BETWEEN = Joined((literal(","), _BLANK))
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def read_schema(schema: Mapping[str, Any] | str) -> Node:
    """The tree of the JSON texts that fit a schema, which is given as a mapping or as JSON.

    Known are `type` (one or several), `properties`, `required`, `items`, `minItems`, `maxItems`, `minLength`,
    `maxLength`, `pattern`, `enum`, `const`, `anyOf`, and `$ref` to definitions that do not lead back to themselves.

    Raises:
        ConfigError: naming everything that is not known or contradicts itself, each with its place in the schema.
    """
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except json.JSONDecodeError as error:
            raise ConfigError(
                f"The schema is no JSON: line {error.lineno}, column {error.colno}: {error.msg}."
            ) from None
    reader = _Reader(schema)
    node = reader.read(schema, "#", ())
    if reader.problems:
        raise ConfigError(reader.problems)
    return Joined((_BLANK, node))


class _Reader:
    """Walks down a schema, and gathers what is wrong with it."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.problems: list[str] = []

    def read(self, schema: Any, path: str, inside: tuple[str, ...]) -> Node:
        """The tree of a part of the schema.

        Args:
            inside: definitions that this is a part of.
        """
        if not isinstance(schema, Mapping):
            return self._refused(path, f"a schema must be an object, but is {schema!r}", "Write its keywords in braces")
        if "$ref" in schema:
            return self._reference(schema, path, inside)
        for keyword, read in (("const", self._constant), ("enum", self._constant), ("anyOf", self._any)):
            if keyword in schema:
                self._known(schema, path, {keyword, "type"} if keyword != "anyOf" else {keyword})
                return read(schema, path, inside)
        kind = schema.get("type")
        if isinstance(kind, list) and kind:
            others = {key: value for key, value in schema.items() if key != "type"}
            return Either(
                tuple(self.read(self._narrowed(others, each) | {"type": each}, path, inside) for each in kind)
            )
        if kind not in _KEYWORDS:
            return self._refused(path, f"`type` is {kind!r}", f"Take one of {', '.join(_KEYWORDS)}")
        self._known(schema, path, {"type", *_KEYWORDS[kind]})
        return getattr(self, f"_{kind}")(schema, path, inside)

    def _object(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            return self._refused(path, "`properties` must be an object and `required` a list", "Correct them")
        if not properties and schema.get("additionalProperties") is not False:
            return self._refused(
                path, "an object has no `properties`, so that it could hold anything", "Name its properties"
            )
        if isinstance(schema.get("additionalProperties"), Mapping):
            self._refused(f"{path}/additionalProperties", "other properties are not written", "Name them all")
        for name in [name for name in required if name not in properties]:
            self._refused(f"{path}/required", f"{name!r} is required, but is no property", "Describe it or take it out")
        parts = []
        for name, each in properties.items():
            value = self.read(each, f"{path}/properties/{name}", inside)
            parts.append((Joined((literal(f"{_spelled(name)}:"), _BLANK, value)), name in required))
        return _enclosed("{", Listed(tuple(parts), _BETWEEN), "}")

    def _array(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        if "items" not in schema:
            return self._refused(path, "an array has no `items`, so that it could hold anything", "Describe its items")
        item = self.read(schema["items"], f"{path}/items", inside)
        least, most = self._counts(schema, path, "Items")
        if most == 0:
            return literal("[]")
        more = Repeated(Joined((_BETWEEN, item)), max(least - 1, 0), None if most is None else most - 1)
        items = Joined((item, more))
        return _enclosed("[", items if least else optional(items), "]")

    def _string(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        least, most = self._counts(schema, path, "Length")
        if "pattern" not in schema:
            return string_node(least, most)
        if "minLength" in schema or "maxLength" in schema:
            return self._refused(
                path, "`pattern` and a length both say how long a string is", "Write the length into the pattern"
            )
        pattern = schema["pattern"]
        if not isinstance(pattern, str):
            return self._refused(
                f"{path}/pattern", f"a pattern must be a string, but is {pattern!r}", "Write it as one"
            )
        return self._matching(pattern, path)

    def _matching(self, pattern: str, path: str) -> Node:
        """Strings in which a pattern occurs; `^` and `$` tie it to their ends, as JSON schemas have it."""
        start = pattern.startswith("^")
        end = pattern.endswith("$") and not pattern.endswith("\\$")
        try:
            node = within_string(read_pattern(pattern[start : len(pattern) - end]))
        except ConfigError as error:
            self.problems += [f"In the schema, {path}/pattern: {problem}" for problem in error.problems]
            return Joined()
        free = string_node(0, None, quoted=False)
        parts = (*(() if start else (free,)), node, *(() if end else (free,)))
        return Joined((literal('"'), *parts, literal('"')))

    def _integer(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        return read_pattern(_WHOLE)

    def _number(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        return read_pattern(rf"{_WHOLE}(\.[0-9]{{1,{MOST_DIGITS}}})?")

    def _boolean(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        return Either((literal("true"), literal("false")))

    def _null(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        return literal("null")

    def _constant(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        if not isinstance(values, list) or not values:
            return self._refused(f"{path}/enum", "there must be a list of values", "Name at least one")
        kinds = schema.get("type", list(_TYPES))
        kinds = kinds if isinstance(kinds, list) else [kinds]
        for value in values:
            if not any(_TYPES[kind](value) for kind in kinds if kind in _TYPES):
                self._refused(path, f"{value!r} is not of the type {schema['type']!r}", "Correct one of them")
        return Either(tuple(literal(_spelled(value)) for value in values))

    def _any(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        choices = schema["anyOf"]
        if not isinstance(choices, list) or not choices:
            return self._refused(f"{path}/anyOf", "there must be a list of schemas", "Name at least one")
        return Either(tuple(self.read(each, f"{path}/anyOf/{n}", inside) for n, each in enumerate(choices)))

    def _reference(self, schema: Mapping[str, Any], path: str, inside: tuple[str, ...]) -> Node:
        self._known(schema, path, {"$ref"})
        target = schema["$ref"]
        if target in inside:
            return self._refused(
                path, f"{target!r} leads back to itself, so that there would be no deepest text",
                "Write out as many levels as are needed",
            )  # fmt: skip
        found = self.root
        for step in str(target).split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, Mapping) else None
        if not str(target).startswith("#") or found is None:
            return self._refused(path, f"{target!r} is not to be found in the schema", "Define it under `$defs`")
        return self.read(found, str(target), (*inside, str(target)))

    def _counts(self, schema: Mapping[str, Any], path: str, of: str) -> tuple[int, int | None]:
        """The least and the most of something that the schema counts."""
        least, most = schema.get(f"min{of}", 0), schema.get(f"max{of}")
        for name, value in ((f"min{of}", least), (f"max{of}", most)):
            whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_REPEATED
            if value is not None and not whole:
                self._refused(
                    path, f"`{name}` must be a whole number up to {MOST_REPEATED:,}, but is {value!r}", "Correct it"
                )
                return 0, None
        if most is not None and least > most:
            self._refused(path, f"`min{of}` is {least}, but `max{of}` {most}", "Turn them round")
            return 0, None
        return least, most

    def _known(self, schema: Mapping[str, Any], path: str, known: set[str]) -> None:
        """Refuse keywords that would change what fits."""
        for keyword in schema:
            if keyword not in known | _SAID:
                self._refused(
                    path,
                    f"`{keyword}` cannot be kept here",
                    f"Known beside it: {', '.join(sorted(known))}. Leave it out",
                )

    def _narrowed(self, schema: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """The keywords of a type, where a schema names several types at once; each is for one of them."""
        elsewhere = {word for other, words in _KEYWORDS.items() if other != kind for word in words}
        return {key: value for key, value in schema.items() if key not in elsewhere}

    def _refused(self, path: str, what: str, way_out: str) -> Node:
        self.problems.append(f"In the schema, {path}: {what}. {way_out}.")
        return Joined()


def _enclosed(opening: str, inner: Node, closing: str) -> Node:
    return Joined((literal(opening), _BLANK, inner, _BLANK, literal(closing)))


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
