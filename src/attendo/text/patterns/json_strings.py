"""Strings as JSON writes them: what stands between the quotation marks, and what a character becomes there."""

from __future__ import annotations

from functools import cache

from attendo.text.patterns.nodes import Either, Joined, Listed, Node, OneOf, Repeated, literal
from attendo.text.patterns.sets import CharacterSet
from attendo.text.patterns.syntax import read_pattern

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTROLS = CharacterSet.of([(0, 0x1F)])
_ESCAPED = _CONTROLS | CharacterSet.holding('"\\')
PLAIN = ~_ESCAPED
"""Characters that stand for themselves."""

_ESCAPES = r'\\(["\\/bfnrt]|u([0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))'  # no half of a surrogate pair


@cache
def _any_character() -> Node:
    return Either((OneOf(PLAIN), read_pattern(_ESCAPES)))


def string_node(least: int, most: int | None, *, quoted: bool = True) -> Node:
    """Any string of so many characters."""
    inner = Repeated(_any_character(), least, most)
    return Joined((literal('"'), inner, literal('"'))) if quoted else inner


def within_string(node: Node) -> Node:
    """The same texts as JSON writes them within a string."""
    match node:
        case OneOf(characters):
            return _written(characters)
        case Joined(parts):
            return Joined(tuple(map(within_string, parts)))
        case Either(choices):
            return Either(tuple(map(within_string, choices)))
        case Repeated(part, least, most):
            return Repeated(within_string(part), least, most)
        case Listed(parts, between):
            return Listed(tuple((within_string(part), needed) for part, needed in parts), within_string(between))


@cache
def _written(characters: CharacterSet) -> Node:
    """One character of a set; those that JSON escapes as it does."""
    plain, escaped = characters & PLAIN, characters & _ESCAPED
    choices: list[Node] = [OneOf(plain)] if plain else []
    choices += [literal(_SHORT.get(each, f"\\u{ord(each):04x}")) for each in escaped.characters()]
    return Either(tuple(choices)) if len(choices) != 1 else choices[0]
