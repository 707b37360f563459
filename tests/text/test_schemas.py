"""JSON schemas: every text that is made fits, every value that fits can be made, the rest is refused."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError
from attendo.text.patterns import build_automaton, read_schema

STRINGS = st.text('ab"\\\n电\x01/', max_size=4)
PLAIN = st.none() | st.booleans() | st.integers(-999, 10**14) | STRINGS


def fits(value, schema) -> bool:
    """Whether a value fits a schema, as the standard says: a slow twin."""
    if "enum" in schema:
        return any(value == each and type(value) is type(each) for each in schema["enum"])
    if "anyOf" in schema:
        return any(fits(value, each) for each in schema["anyOf"])
    match schema["type"]:
        case "object":
            known = schema["properties"]
            return (
                isinstance(value, dict)
                and value.keys() <= known.keys()
                and value.keys() >= {*schema["required"]}
                and all(fits(each, known[name]) for name, each in value.items())
            )
        case "array":
            size = schema.get("minItems", 0), schema.get("maxItems", 99)
            return (
                isinstance(value, list)
                and size[0] <= len(value) <= size[1]
                and all(fits(each, schema["items"]) for each in value)
            )
        case "string":
            return (
                isinstance(value, str)
                and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 99)
                and bool(re.search(schema.get("pattern", ""), value))
            )
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return value is None


def sized(low, high):
    return st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda two: {low: two[0], high: sum(two)})


LEAVES = (
    st.sampled_from(["integer", "number", "boolean", "null"]).map(lambda kind: {"type": kind})
    | sized("minLength", "maxLength").map(lambda size: {"type": "string"} | size)
    | st.sampled_from(['^[ab"]+$', "a\n?$", "^电", "b|\\\\"]).map(lambda each: {"type": "string", "pattern": each})
    | st.lists(PLAIN, min_size=1, max_size=3).map(lambda values: {"enum": values})
)


def objects(inner):
    names = st.dictionaries(st.sampled_from(["a", "电影", 'x"y', "d"]), inner, min_size=1, max_size=4)
    return names.flatmap(
        lambda known: st.lists(st.sampled_from(sorted(known)), unique=True).map(
            lambda needed: {"type": "object", "properties": known, "required": needed}
        )
    )


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        objects(inner)
        | st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each})
        | st.tuples(inner, sized("minItems", "maxItems")).map(lambda two: {"type": "array", "items": two[0]} | two[1])
    ),
    max_leaves=4,
)


@settings(max_examples=150)
@given(schema=SCHEMAS, random=st.randoms(use_true_random=False))
def test_what_is_made_fits(walked, schema, random):
    machine = build_automaton([read_schema(schema)])
    for _ in range(5):
        text = walked(machine, random, 60)
        assert text is None or fits(json.loads(text), schema), text


@st.composite
def schemas_with_values(draw):
    schema = draw(SCHEMAS)
    return schema, draw(values_of(schema))


@st.composite
def objects_of(draw, schema):
    """Properties in the order of the schema, which is the one that is written."""
    there = [name for name in schema["properties"] if name in schema["required"] or draw(st.booleans())]
    return {name: draw(values_of(schema["properties"][name])) for name in there}


def values_of(schema):
    """Values that a schema may be about."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([values_of(each) for each in schema["anyOf"]])
    match schema["type"]:
        case "object":
            return objects_of(schema)
        case "array":
            return st.lists(values_of(schema["items"]), min_size=schema["minItems"], max_size=schema["maxItems"])
        case "string":
            return STRINGS
        case "integer":
            return st.integers(-(10**14), 10**14)
        case "number":
            return st.integers(-999, 999) | st.sampled_from([0.5, -12.25, 3.0])
        case "boolean":
            return st.booleans()
        case _:
            return st.none()


@settings(max_examples=150)
@given(schemas_with_values())
def test_what_fits_can_be_made(both):
    schema, value = both
    machine = build_automaton([read_schema(json.dumps(schema))])
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps(value, ensure_ascii=False, separators=separators)
        assert machine.accepts(text) == fits(value, schema), text


def test_optional_properties_have_commas_between_them():
    schema = {"type": "object", "properties": {name: {"type": "null"} for name in "abc"}, "required": ["b"]}
    machine = build_automaton([read_schema(schema)])
    accepted = ['{"b":null}', '{"a":null,"b":null}', '{"b": null, "c": null}', ' { "a":null,"b":null,"c":null }']
    assert all(machine.accepts(each) for each in accepted)
    refused = ["{}", '{"a":null}', '{,"b":null}', '{"b":null,}', '{"b":null"c":null}', '{"b":null,"a":null}']
    assert not any(machine.accepts(each) for each in refused)
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    assert build_automaton([read_schema(nothing)]).accepts("{}")


def test_definitions_and_several_types():
    place = {"type": "object", "properties": {"city": {"type": ["string", "null"], "maxLength": 2}}}
    schema = {"type": "array", "items": {"$ref": "#/$defs/a~1b"}, "$defs": {"a/b": place}, "title": "x"}
    machine = build_automaton([read_schema(schema)])
    assert machine.accepts('[{"city":null},{"city":"北京"},{}]')
    assert not machine.accepts('[{"city":"北京市"}]')
    assert build_automaton([read_schema({"const": {"a": [1, "é"]}})]).accepts('{"a": [1, "é"]}')
    assert build_automaton([read_schema({"type": "array", "items": {"type": "null"}, "maxItems": 0})]).accepts("[]")


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("{", "The schema is no JSON: line 1, column 2"),
        ([], "#: a schema must be an object"),
        ({}, "#: `type` is None. Take one of object, array, string"),
        ({"type": "object"}, "has no `properties`, so that it could hold anything. Name its properties."),
        ({"type": "array"}, "has no `items`, so that it could hold anything"),
        ({"type": "integer", "minimum": 3}, "#: `minimum` cannot be kept here"),
        ({"type": "string", "format": "date"}, "#: `format` cannot be kept here"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "`minLength` is 3, but `maxLength` 2"),
        ({"type": "string", "maxLength": -1}, "`maxLength` must be a whole number up to 10,000, but is -1"),
        ({"type": "string", "pattern": "a", "maxLength": 2}, "`pattern` and a length both say how long"),
        ({"type": "string", "pattern": 3}, "#/pattern: a pattern must be a string, but is 3"),
        ({"type": "string", "pattern": r"\b"}, r"#/pattern: The pattern '\\\\b', character 1: `\\b` is not known"),
        ({"enum": []}, "#/enum: there must be a list of values"),
        ({"type": "string", "enum": [3]}, "3 is not of the type 'string'"),
        ({"anyOf": []}, "#/anyOf: there must be a list of schemas"),
        ({"oneOf": [{"type": "null"}]}, "`type` is None"),
        ({"$ref": "#/$defs/no"}, "'#/\\$defs/no' is not to be found in the schema"),
        (
            {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}},
            "'#/\\$defs/a' leads back to itself",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["b"]},
            "'b' is required, but is no p",
        ),
        ({"type": "object", "properties": 3}, "`properties` must be an object"),
        (
            {"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": {"type": "null"}},
            "other properties are not written. Name them all.",
        ),
    ],
)
def test_what_cannot_be_promised_is_refused(schema, says):
    with pytest.raises(ConfigError, match=says):
        read_schema(schema)


def test_all_that_is_wrong_is_named_at_once():
    schema = {"type": "object", "properties": {"a": {"type": "date"}, "b": {"type": "integer", "maximum": 3}}}
    with pytest.raises(ConfigError) as caught:
        read_schema(schema)
    assert len(caught.value.problems) == 2
    assert "#/properties/a: `type` is 'date'" in caught.value.problems[0]
