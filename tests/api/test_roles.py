"""Training models of semantic roles: from scratch and on a base, to the end and again after a stop."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import attendo
from attendo.api import RoleRunSettings, train
from attendo.configuration import from_mapping
from attendo.errors import DataError
from attendo.tasks import RoleLabeller

TRAINING = {
    "epochs": 9,
    "batch_tokens": 101,
    "learning_rate": 4e-3,
    "threads": 1,
    "precision": "float32",
    "device": "cpu",
    "checkpoint_seconds": 1e-9,
}
PEOPLE = (["Ada"], ["Alan", "Turing"], ["张三"], ["the", "old", "man"])
THINGS = (["a", "book"], ["nothing"], ["书"])


def settings(task: dict | None = None, **training) -> RoleRunSettings:
    tree = {"task": {"model": {"size": "tiny"}} | (task or {}), "training": TRAINING | training}
    return from_mapping(RoleRunSettings, tree)


def sentence(draw: random.Random) -> dict:
    """Who gave what to whom, or who wept."""
    giver, taker, thing = draw.choice(PEOPLE), draw.choice(PEOPLE), draw.choice(THINGS)
    if draw.random() < 0.3:
        return {
            "words": [*giver, "wept", "."],
            "frames": [{"predicate": len(giver), "sense": "weep.01", "roles": [[0, len(giver), "ARG0"]]}],
        }
    words, roles = [*giver, "gave"], [[0, len(giver), "ARG0"]]
    for part, label in ((taker, "ARG2"), (thing, "ARG1")):
        roles.append([len(words), len(words) + len(part), label])
        words += part
    return {"words": words, "frames": [{"predicate": len(giver), "sense": "give.01", "roles": roles}]}


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> Path:
    draw = random.Random(7)
    path = tmp_path_factory.mktemp("frames") / "frames.jsonl"
    lines = [json.dumps(sentence(draw), ensure_ascii=False) for _ in range(97)]
    path.write_text("\n".join([*lines, '{"words": ["Nothing", "at", "all"], "frames": []}']) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(frames, tmp_path_factory):
    return train("roles", frames, out=tmp_path_factory.mktemp("whole") / "model", settings=settings())


def test_a_model_learns_is_measured_and_saved(whole):
    story = whole.story
    assert [system.name for system in story.systems] == ["usual roles", "attendo"]
    assert set(story.labels) == {"ARG0", "ARG1", "ARG2"}
    scores = story.systems[-1].scores["test"]
    assert scores.f1.value > 0.5
    assert scores.predicate_f1.value > 0.8
    card = json.loads((whole.folder / "attendo.json").read_text(encoding="utf-8"))
    assert card["task"] == "roles"
    assert card["arguments"] == "spans"
    assert {"f1", "found_f1", "predicate_f1"} <= set(card["scores"][-1])
    page = (whole.folder / "report.html").read_text(encoding="utf-8")
    assert "usual role of each word" in page
    assert "What attention looks at" in page
    assert any(note.startswith("Sentences: ") and note.endswith("; 3 labels.") for note in story.notes)
    assert "test sentences" in page
    assert ">roles<" in page
    assert "test texts" not in page
    assert "dev texts" not in page
    assert story.attention[0].received
    assert "F1, predicates found" in page
    assert "Finds predicates and their roles: ARG0, ARG1, ARG2." in (whole.folder / "README.md").read_text("utf-8")
    loaded = attendo.load(whole.folder)
    assert isinstance(loaded, RoleLabeller)
    assert loaded.predict("Ada gave 张三 a book") == whole.model.predict("Ada gave 张三 a book")
    (answer,) = loaded.predict("Ada gave 张三 a book")
    assert [(frame.predicate.text, frame.predicate.sense) for frame in answer.frames] == [("gave", "give.01")]


def test_a_stopped_run_ends_with_the_same_model(whole, frames, stopped, tmp_path):
    stopped("roles", frames, out=tmp_path / "model", settings=settings())
    train("roles", frames, out=tmp_path / "model", settings=settings())
    for name in ("model.safetensors", "chain.safetensors", "features.safetensors", "senses.json"):
        assert (tmp_path / "model" / name).read_bytes() == (whole.folder / name).read_bytes()


def test_head_words_are_scored_as_such(tmp_path):
    path = tmp_path / "heads.jsonl"
    line = {"words": ["Ada", "wept", "here"], "frames": [{"predicate": 1, "roles": [[0, 1, "A0"], [2, 3, "AM"]]}]}
    lines = [json.dumps(line | {"words": [f"Ada{number}", "wept", "here"]}) for number in range(17)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = train("roles", path, out=tmp_path / "model", settings=settings({"decoding": "constrained"}, epochs=1))
    assert result.model.arguments == "heads"
    assert not (tmp_path / "model" / "chain.safetensors").exists()
    assert attendo.load(tmp_path / "model").arguments == "heads"
    assert result.story.systems[-1].scores["test"].sense_accuracy is None


def test_a_model_is_trained_on_a_base(frames, make_base, tmp_path):
    make_base(tmp_path / "base", "bert", "BertModel")
    result = train("roles", frames, out=tmp_path / "model", base=tmp_path / "base", settings=settings(epochs=1))
    assert result.model.finder.decoding == "constrained"
    assert "[CLS]" in {each.word for each in result.story.attention[0].received}
    assert attendo.load(tmp_path / "model").predict("Ada wept .") == result.model.predict("Ada wept .")


def test_sentences_without_roles_teach_nothing(tmp_path):
    path = tmp_path / "bare.jsonl"
    path.write_text('{"words": ["Ada", "wept"], "frames": [{"predicate": 1}]}\n' * 11, encoding="utf-8")
    with pytest.raises(DataError):
        train("roles", path, out=tmp_path / "model")
    assert not (tmp_path / "model" / "attendo.json").exists()
