"""Settings of writing: read from files and options, and every contradiction named at once, with the way out."""

from __future__ import annotations

import pytest

from attendo.configuration import documentation, from_mapping, read_settings, to_mapping, to_yaml
from attendo.errors import ConfigError
from attendo.tasks.writing import WriteSettings

DRAWN = {"temperature": 0.7, "top_k": 5, "top_p": 0.9, "min_p": 0.1, "typical": 0.5, "candidates": 4}
FOLLOWED = {"beams": 3, "length_penalty": 0.5, "coverage_penalty": 0.2}
SCHEMA = {"type": "object", "properties": {"b": {"type": "integer"}, "a": {"type": "null"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("given", "method"),
    [
        ({}, None),
        *(({name: value}, "sample") for name, value in DRAWN.items()),
        *(({name: value}, "beam") for name, value in FOLLOWED.items()),
        ({"n_best": 2}, "beam"),
        ({"n_best": 2, "top_k": 3}, "sample"),
        ({"method": "sample"}, "sample"),
        ({"method": "greedy", "seed": 3}, "greedy"),
    ],
)
def test_the_method_that_settings_ask_for(given, method):
    assert WriteSettings(**given).chosen_method == method


def test_how_many_beams_are_followed():
    assert WriteSettings().width == 4
    assert WriteSettings(n_best=7).width == 7
    assert WriteSettings(beams=2).width == 2


CONTRADICTIONS = [
    *(
        ({"method": method, name: value}, f'`{name}` is for texts that are drawn, but `method` is "{method}"')
        for method in ("greedy", "beam")
        for name, value in DRAWN.items()
    ),
    *(
        ({"method": method, name: value}, f'`{name}` is for beams, but `method` is "{method}"')
        for method in ("greedy", "sample")
        for name, value in FOLLOWED.items()
    ),
    ({"top_k": 3, "beams": 2}, "`top_k` is for texts that are drawn, `beams` for beams that are followed"),
    ({"method": "best"}, '`method` must be "greedy", "beam" or "sample", but is \'best\''),
    ({"beams": 2, "n_best": 3}, r"`n_best` must be at most `beams` \(2\), but is 3. Follow more beams"),
    ({"method": "greedy", "n_best": 2}, '`n_best` is 2, but "greedy" writes one text'),
    ({"candidates": 3, "n_best": 4}, r"`n_best` must be at most `candidates` \(3\), but is 4. Draw more"),
    ({"max_new": 3, "min_new": 4}, r"`min_new` must be at most `max_new` \(3\), but is 4"),
    ({"pattern": "a", "schema": SCHEMA}, "`pattern` and `schema` both say what the whole text is"),
    ({"pattern": "a", "stop": ("b",)}, "`pattern` says where a text ends, and so does `stop`"),
    ({"schema": SCHEMA, "min_new": 2}, "`schema` says where a text ends, and so does `min_new`"),
    ({"forced": ("abc",), "banned": ("b",)}, "`forced` asks for 'abc', but that holds 'b', which is banned"),
    ({"beginning": "电影", "banned": ("影",)}, "`beginning` asks for '电影', but that holds '影', which is banned"),
    ({"beginning": "abc", "stop": ("c",)}, "`beginning` asks for 'abc', but that holds 'c', at which writing stops"),
    ({"forced": ("a",), "stop": ("b",)}, "`stop` may end a text before `forced` has been written"),
    ({"pattern": "a+", "forced": ("b",)}, "No text at all is what `pattern` and `forced` ask for together"),
    ({"pattern": "a+b", "banned": ("ab",)}, "No text at all is what `pattern` and `banned` ask for together"),
    ({"beginning": "x", "schema": SCHEMA}, "No text at all is what `beginning` and `schema` ask for together"),
    ({"pattern": "(a"}, "The pattern '\\(a', character 1: nothing closes"),
    ({"schema": "{"}, "The schema is no JSON"),
    ({"schema": {"type": "date"}}, "In the schema, #: `type` is 'date'"),
    ({"beginning": ""}, "`beginning` must have a character, but is empty"),
    ({"stop": "ab"}, "`stop` must be a list of strings, but is one string"),
    ({"banned": ("",)}, "`banned` must hold strings with a character each"),
    *(({name: 0}, f"`{name}` must be at least 1, but is 0") for name in ("beams", "n_best", "top_k", "max_new")),
    ({"no_repeat_ngram": 0}, "`no_repeat_ngram` must be at least 1"),
    *(({name: 1.5}, f"`{name}` must lie above 0 and be at most 1, but is 1.5") for name in ("top_p", "min_p")),
    ({"typical": 0.0}, "`typical` must lie above 0"),
    ({"temperature": 0.0}, "`temperature` must be above 0, but is 0.0"),
    ({"repetition_penalty": -1.0}, "`repetition_penalty` must be above 0"),
    ({"length_penalty": float("inf")}, "`length_penalty` must be a number"),
    ({"coverage_penalty": -0.1}, "`coverage_penalty` must be at least 0"),
    ({"candidates": 1}, "`candidates` must be at least 2, but is 1. Leave it out"),
    ({"min_new": -1}, "`min_new` must be at least 0"),
]


@pytest.mark.parametrize(("given", "says"), CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(given, says):
    with pytest.raises(ConfigError, match=says):
        WriteSettings(**given)


def test_all_contradictions_at_once():
    with pytest.raises(ConfigError) as caught:
        WriteSettings(method="greedy", top_k=3, beams=2, n_best=2, pattern="(a", stop=("x",), max_new=3, min_new=9)
    assert len(caught.value.problems) == 7


def test_what_goes_together():
    WriteSettings(pattern="[ab]+", banned=("aa",), forced=("ab",), beginning="b")
    WriteSettings(top_k=5, top_p=0.9, min_p=0.1, typical=0.9, temperature=2.0, candidates=5, n_best=5)
    WriteSettings(beams=3, n_best=3, forced=("a",), min_new=3, max_new=3, no_repeat_ngram=2)


def test_settings_are_read_and_written_and_explained(tmp_path):
    file = tmp_path / "write.yaml"
    file.write_text(to_yaml(WriteSettings(schema=SCHEMA, beams=3)), encoding="utf-8")
    found = read_settings(WriteSettings, file=file, overrides=["n_best=2", 'banned=["电影", "x"]'])
    assert found == WriteSettings(schema=SCHEMA, beams=3, n_best=2, banned=("电影", "x"))
    assert list(found.schema["properties"]) == ["b", "a"]
    assert from_mapping(WriteSettings, to_mapping(found)) == found
    assert documentation(WriteSettings).keys() == to_mapping(found).keys()
    with pytest.raises(ConfigError, match=r"`top_q` is not a setting\. Did you mean `top_p`\?"):
        from_mapping(WriteSettings, {"top_q": 0.5})
    with pytest.raises(ConfigError, match="`top_k` is for texts that are drawn"):
        from_mapping(WriteSettings, {"top_k": 3, "method": "beam"})
