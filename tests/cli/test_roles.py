"""Models of semantic roles on the command line: trained, asked, scored."""

from __future__ import annotations

import json

import pytest

from attendo.data import read_frame_inputs, read_frames
from attendo.tasks import load

LINES = """Ada\t-\t-\t-\t-\t(ARG0*)
gave\t-\t-\t-\tgive.01\t(V*)
Alan\t-\t-\t-\t-\t(ARG2*)
a\t-\t-\t-\t-\t(ARG1*
book\t-\t-\t-\t-\t*)

Nobody\t-\t-\t-\t-\t(ARG0*)
wept\t-\t-\t-\tweep.01\t(V*)

What\t-\t-\t-\t-
a\t-\t-\t-\t-
day\t-\t-\t-\t-

"""


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    path = tmp_path_factory.mktemp("frames") / "frames.conll"
    path.write_text(LINES * 23, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def labeller(frames, tmp_path_factory, quick):
    from attendo.cli.main import run

    out = tmp_path_factory.mktemp("labeller") / "model"
    words = ["train", "roles", frames, "--dev", frames, "--test", frames, "--out", out, "--quiet", *quick]
    words += ["--epochs", "6", "--set", "training.learning_rate=5e-3", "--set", "training.batch_tokens=61"]
    assert run([str(word) for word in words]) == 0
    return out


def test_frames_come_as_json_with_places(cli, labeller):
    ended = cli("predict", labeller, "Ada gave Alan a book", "What a day", "--format", "jsonl")
    assert ended.code == 0, ended.err
    first, second = (json.loads(line) for line in ended.out.splitlines())
    (frame,) = first["frames"]
    assert frame["predicate"]["sense"] == "give.01"
    for part in (frame["predicate"], *frame["roles"]):
        assert first["text"][part["start"] : part["end"]] == part["text"]
        assert 0 < part["probability"] <= 1
    assert {role["label"] for role in frame["roles"]} <= {"ARG0", "ARG1", "ARG2"}
    assert second == {"text": "What a day", "words": [[0, 4], [5, 6], [7, 10]], "frames": []}


def test_lines_show_the_sentence_for_each_predicate(cli, labeller):
    ended = cli("predict", labeller, "Ada gave Alan a book", "What a day", "--format", "lines", "--all")
    (answer,) = load(labeller).predict("Ada gave Alan a book")
    (frame,) = answer.frames
    assert "[gave give.01]" in ended.out
    for role in frame.roles:
        assert f"[{role.text} {role.label}]" in ended.out
        assert f"{role.label}: {role.text}" in ended.out
    assert "What a day" in ended.out


def test_columns_are_read_again(cli, labeller, frames, tmp_path):
    ended = cli("predict", labeller, "--input", frames, "--output", tmp_path / "out.conll")
    assert ended.code == 0, ended.err
    again, answers = read_frames(tmp_path / "out.conll").sentences, []
    for framing in load(labeller).predict_examples(read_frame_inputs(frames)):
        answers.append([(frame.predicate.text, len(frame.roles)) for frame in framing.frames])
    found = [
        [(each.text[slice(*each.words[frame.predicate])], len(frame.roles)) for frame in each.frames] for each in again
    ]
    assert found == answers
    assert again[0].frames[0].sense == "give.01"


def test_plain_text_is_asked_for_its_predicates(cli, labeller, tmp_path):
    (tmp_path / "texts.txt").write_text("Ada gave Alan a book\nNobody wept\n", encoding="utf-8")
    ended = cli("predict", labeller, "--input", tmp_path / "texts.txt", "--format", "jsonl")
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert [record["text"] for record in found] == ["Ada gave Alan a book", "Nobody wept"]
    assert [len(record["frames"]) for record in found] == [1, 1]


def test_the_texts_of_a_table_are_asked(cli, labeller, tmp_path):
    (tmp_path / "x.tsv").write_text("id\treview\n1\tAda gave Alan a book\n2\tNobody wept\n", encoding="utf-8")
    words = ("predict", labeller, "--input", tmp_path / "x.tsv", "--format", "jsonl")
    for further in ((), ("--text", "review")):
        found = [json.loads(line)["text"] for line in cli(*words, *further).out.splitlines()]
        assert found == ["Ada gave Alan a book", "Nobody wept"]
    assert "`text` names column `body`" in cli(*words, "--text", "body").err


def test_scores_stand_side_by_side(cli, labeller, frames, tmp_path):
    ended = cli("evaluate", labeller, frames, "--json", "--report", tmp_path / "page.html")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    scores = load(labeller).evaluate(frames)
    assert found["given"]["f1"]["value"] == scores.given.f1.value
    assert found["found"]["f1"]["value"] == scores.found.f1.value
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "F1, predicates found" in page
    assert " sentences, 3 labels" in page
    shown = cli("evaluate", labeller, frames).out
    assert "ARG2" in shown
    assert " sentences" in shown
    assert "roles" in next(line for line in shown.splitlines() if line.startswith("class ")).split()
    assert "texts" not in shown
    assert "F1 of predicates" in shown
