"""Training taggers: from scratch and on a base, to the end and again after a stop."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

import attendo
from attendo.api import TagRunSettings, train
from attendo.configuration import from_mapping
from attendo.errors import ConfigError, DataError, InputError, ModelFolderError

TRAINING = {
    "epochs": 8,
    "batch_tokens": 101,
    "threads": 1,
    "precision": "float32",
    "device": "cpu",
    "checkpoint_seconds": 1e-9,
}
PEOPLE = ("Ada", "Alan Turing", "张三", "李四光", "Grace")
PLACES = ("Rome", "New York", "北京", "上海市", "Oslo")
PHRASES = ("PERSON lives in PLACE .", "PERSON 住 在 PLACE 。", "PLACE and PERSON are far away", "from PLACE to PERSON")


def settings(**training) -> TagRunSettings:
    return from_mapping(TagRunSettings, {"task": {"model": {"size": "tiny"}}, "training": TRAINING | training})


def rows(name: str, label: str) -> list[str]:
    """The words of a name, each with its tag; Chinese ones by characters."""
    words = name.split() if name.isascii() else list(name)
    return [f"{word}\t{'I' if number else 'B'}-{label}" for number, word in enumerate(words)]


@pytest.fixture(scope="module")
def columns(tmp_path_factory) -> Path:
    """Sentences of two languages about known names, a word and its tag on each line."""
    draw, lines = random.Random(7), []
    for _ in range(97):
        names = {"PERSON": rows(draw.choice(PEOPLE), "PER"), "PLACE": rows(draw.choice(PLACES), "LOC")}
        for word in draw.choice(PHRASES).split():
            lines += names.get(word, [f"{word}\tO"])
        lines.append("")
    path = tmp_path_factory.mktemp("columns") / "names.conll"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(columns, tmp_path_factory):
    return train("tag", columns, out=tmp_path_factory.mktemp("whole") / "model", settings=settings())


def test_a_tagger_learns_is_measured_and_saved(whole):
    story = whole.story
    assert [system.name for system in story.systems] == ["known names", "attendo"]
    assert set(story.labels) == {"PER", "LOC"}
    assert set(story.sizes) == {"train", "dev", "test"}
    assert story.systems[-1].scores["dev"].f1.value > 0.5
    assert story.attention
    card = json.loads((whole.folder / "attendo.json").read_text(encoding="utf-8"))
    assert card["task"] == "tag"
    assert card["scheme"] == "BIOES"
    assert {row["system"] for row in card["scores"]} == {"known names", "attendo"}
    page = (whole.folder / "report.html").read_text(encoding="utf-8")
    assert "names seen in training" in page
    assert ">spans<" in page
    assert ">tags right<" in page
    assert "test texts" in page
    assert "Finds spans in texts: LOC, PER." in (whole.folder / "README.md").read_text(encoding="utf-8")
    assert attendo.load(whole.folder).predict("Ada lives in Rome .") == whole.model.predict("Ada lives in Rome .")


def test_a_stopped_run_ends_with_the_same_model(whole, columns, stopped, tmp_path):
    stopped("tag", columns, out=tmp_path / "model", settings=settings())
    again = train("tag", columns, out=tmp_path / "model", settings=settings())
    for name in ("model.safetensors", "chain.safetensors", "features.safetensors"):
        assert (tmp_path / "model" / name).read_bytes() == (whole.folder / name).read_bytes()
    drop = {"seconds"}
    histories = [
        [{k: v for k, v in line.items() if k not in drop} for line in each.story.history] for each in (again, whole)
    ]
    assert histories[0] == histories[1]


@pytest.mark.parametrize("decoding", ["plain", "constrained"])
def test_tags_without_a_chain(columns, tmp_path, decoding):
    tree = {"task": {"model": {"size": "tiny"}, "decoding": decoding}, "training": TRAINING | {"epochs": 1}}
    result = train("tag", columns, out=tmp_path / "model", settings=from_mapping(TagRunSettings, tree))
    assert not (tmp_path / "model" / "chain.safetensors").exists()
    assert not any(parameter.any() for parameter in result.model.tagger.chain.parameters())
    assert attendo.load(tmp_path / "model").decoding == decoding


def test_settings_of_another_task_are_refused(columns, tmp_path):
    with pytest.raises(ConfigError, match="The settings of `tag` are `TagRunSettings`, not RunSettings"):
        train("tag", columns, out=tmp_path / "model", settings=attendo.RunSettings())


def test_settings_may_be_plain_mappings(columns, whole, tmp_path):
    tree = {"task": {"model": {"size": "tiny"}}, "training": TRAINING}
    result = train("tag", columns, out=tmp_path / "model", settings=tree)
    for name in ("model.safetensors", "chain.safetensors"):
        assert (tmp_path / "model" / name).read_bytes() == (whole.folder / name).read_bytes()
    assert repr(result.model) == "<Tagger: Finds spans in texts: LOC, PER.>"
    with pytest.raises(ConfigError, match=r"training\.epoch"):
        train("tag", columns, out=tmp_path / "other", settings={"training": {"epoch": 1}})


def test_places_that_hold_no_whole_model(columns, whole, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.txt is a file\. Choose another folder"):
        train("tag", columns, out=tmp_path / "notes.txt", settings=settings())
    shutil.copytree(whole.folder, tmp_path / "model")
    (tmp_path / "model" / "attendo.json").unlink()
    with pytest.raises(ModelFolderError, match=r"holds no attendo\.json: the model is not whole"):
        attendo.load(tmp_path / "model")


def test_texts_without_any_span_are_refused(tmp_path):
    path = tmp_path / "empty.conll"
    path.write_text("a O\nb O\n\nc O\n" * 30, encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.conll: no word in it has a tag but O"):
        train("tag", path, out=tmp_path / "model")


def test_what_cannot_be_read_leaves_nothing_behind(tmp_path):
    path = tmp_path / "bad.conll"
    path.write_text("a B-PER\nb\n\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.conll"):
        train("tag", path, out=tmp_path / "model")
    assert not (tmp_path / "model").exists()
