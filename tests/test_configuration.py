"""Settings are read with every mistake named at once, and written so that they come back the same."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given
from pydantic import Field

from attendo.configuration import documentation, from_mapping, read_settings, to_mapping, to_yaml
from attendo.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Inner:
    """Settings below others."""

    epochs: Annotated[int, Field(ge=1)] = 3
    """How many times."""
    rate: float = 0.5
    """How fast."""
    schedule: Literal["linear", "cosine"] = "linear"
    """How it falls."""
    names: tuple[str, ...] = ()
    """Some
    names: of anything."""

    def __post_init__(self) -> None:
        if self.rate > 9:
            raise ConfigError(["`rate` is too fast.", "Slow down."])


@dataclass(frozen=True, kw_only=True)
class Outer:
    """Settings above others."""

    title: str = "untitled"
    """What it is called."""
    limit: int | None = None
    """Most of it; null for no limit."""
    inner: Inner = field(default_factory=Inner)
    """What lies below."""


@dataclass(frozen=True, kw_only=True)
class Longer(Inner):
    """Settings that share some with others, and say one of them differently."""

    depth: int = 7
    """How deep."""
    rate: float = 0.25
    """How fast it goes down."""


def problems_of(tree, **options) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_mapping(Outer, tree, **options)
    return caught.value.problems


def test_nothing_given_means_all_defaults():
    assert read_settings(Outer) == from_mapping(Outer, {}) == Outer()


def test_each_source_wins_over_the_one_before(tmp_path):
    file = tmp_path / "设置.yaml"
    file.write_text("title: 文件\nlimit: 1\ninner: {epochs: 5, rate: 0.25}\n", encoding="utf-8")
    found = read_settings(Outer, file=file, overrides=["limit=2", "inner.epochs=7"], values={"inner.epochs": 11})
    assert found == Outer(title="文件", limit=2, inner=Inner(epochs=11, rate=0.25))


def test_values_of_none_are_not_given(tmp_path):
    assert read_settings(Outer, overrides=["limit=2"], values={"limit": None}) == Outer(limit=2)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("title=a=b", Outer(title="a=b")),
        ("title=三 个 词", Outer(title="三 个 词")),
        ("title='5'", Outer(title="5")),
        ("title=[", None),
        ("limit=null", Outer()),
        ("inner.names=[甲, b]", Outer(inner=Inner(names=("甲", "b")))),
        (" inner.schedule =cosine", Outer(inner=Inner(schedule="cosine"))),
        ("inner={epochs: 2}", Outer(inner=Inner(epochs=2))),
    ],
)
def test_overrides(override, expected):
    assert read_settings(Outer, overrides=[override]) == (expected or Outer(title="["))


@pytest.mark.parametrize("override", ["title", "=5", "", "  =x"])
def test_an_override_that_is_none(override):
    with pytest.raises(ConfigError, match="is not of the form key=value"):
        read_settings(Outer, overrides=[override])


def test_an_override_below_a_single_value():
    with pytest.raises(ConfigError, match=r"`title.x`: `title` is a single value and has no keys below it"):
        read_settings(Outer, overrides=["title=a", "title.x=1"])


def test_a_section_whose_keys_are_all_commented_out(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("inner:\n  # epochs: 5\n")
    assert read_settings(Outer, file=file) == Outer()
    assert read_settings(Outer, file=file, overrides=["inner.epochs=5"]) == Outer(inner=Inner(epochs=5))


def test_all_mistakes_at_once_with_their_paths():
    tree = {"titel": "x", "limit": "many", "inner": {"epoch": 1, "epochs": 0, "schedule": "falling", "zzz": 1}}
    problems = problems_of(tree, source="run.yaml")
    assert len(problems) == 6
    assert all(problem.startswith("run.yaml: `") and problem.endswith((".", "?")) for problem in problems)
    said = "\n".join(problems)
    for part in (
        "`titel` is not a setting. Did you mean `title`?",
        "`inner.epoch` is not a setting. Did you mean `inner.epochs`?",
        "`inner.zzz` is not a setting. There are: epochs, rate, schedule, names.",
        "`limit`: input should be a valid integer",
        "but is 'many'.",
        "`inner.epochs`: input should be greater than or equal to 1, but is 0.",
        "`inner.schedule`: input should be 'linear' or 'cosine', but is 'falling'.",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"inner": 5}, ["`inner`: input should be a dictionary or an instance of Inner, but is 5."]),
        ({"inner": {"rate": 10}}, ["In `inner`: `rate` is too fast.", "In `inner`: Slow down."]),
        ({5: 1}, ["`5` is not a setting. There are: title, limit, inner."]),
        ({"inner": {5: 1}}, ["`inner.5` is not a setting. There are: epochs, rate, schedule, names."]),
    ],
)
def test_single_mistakes(tree, expected):
    assert problems_of(tree) == expected


def test_a_class_at_the_top_speaks_for_itself():
    with pytest.raises(ConfigError) as caught:
        from_mapping(Inner, {"rate": 10})
    assert caught.value.problems == ["`rate` is too fast.", "Slow down."]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [", "is not a YAML or JSON file that can be read"),
        (b"\xff\xfe\x00", "is not a YAML or JSON file that can be read"),
        (b"- 1\n- 2\n", "must hold `key: value` lines, but holds a list"),
        ("只是一句话".encode(), "must hold `key: value` lines, but holds a str"),
    ],
    ids=["broken", "no text", "list", "sentence"],
)
def test_a_file_that_holds_no_settings(tmp_path, content, words):
    file = tmp_path / "settings.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        read_settings(Outer, file=file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(ConfigError, match="There is no settings file"):
        read_settings(Outer, file=tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="is not a YAML or JSON file that can be read"):
        read_settings(Outer, file=tmp_path)


def test_an_empty_file_and_a_json_file(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read_settings(Outer, file=tmp_path / "empty.yaml") == Outer()
    (tmp_path / "settings.json").write_text('{"inner": {"epochs": 2}}')
    assert read_settings(Outer, file=tmp_path / "settings.json") == Outer(inner=Inner(epochs=2))


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
settings = st.builds(
    Outer,
    title=text,
    limit=st.none() | st.integers(),
    inner=st.builds(
        Inner,
        epochs=st.integers(1, 10**6),
        rate=st.floats(-1e300, 9.0),
        schedule=st.sampled_from(["linear", "cosine"]),
        names=st.lists(text, max_size=5).map(tuple),
    ),
)


@given(settings)
def test_yaml_comes_back_the_same(given_settings):
    written = to_yaml(given_settings)
    assert from_mapping(Outer, yaml.safe_load(written)) == given_settings
    assert from_mapping(Outer, to_mapping(given_settings)) == given_settings


def test_yaml_explains_each_key():
    lines = to_yaml(Outer(inner=Inner(names=("甲",)))).splitlines()
    assert lines[:2] == ["# What it is called.", "title: untitled"]
    assert lines[4:7] == ["# What lies below.", "inner:", "  # How many times."]
    assert lines[-2:] == ["  # Some names: of anything.", "  names: [甲]"]


def test_documentation_is_the_text_under_each_field():
    assert documentation(Outer) == {
        "title": "What it is called.",
        "limit": "Most of it; null for no limit.",
        "inner": "What lies below.",
    }


def test_what_is_shared_with_others_is_explained_after_what_is_its_own():
    told = {
        "depth": "How deep.",
        "rate": "How fast it goes down.",
        "epochs": "How many times.",
        "schedule": "How it falls.",
        "names": "Some names: of anything.",
    }
    assert documentation(Longer) == told
    lines = to_yaml(Longer()).splitlines()
    assert set(lines[::2]) == {f"# {text}" for text in told.values()}
    assert [line.partition(":")[0] for line in lines[1::2]] == list(to_mapping(Longer()))
    assert lines[1] == "depth: 7"
    assert from_mapping(Longer, yaml.safe_load(to_yaml(Longer(rate=0.5, epochs=5)))) == Longer(rate=0.5, epochs=5)
