"""`attendo predict` and `attendo evaluate` for models that answer questions."""

from __future__ import annotations

import io
import json
from importlib import import_module

import pytest

from attendo.cli.tasks import TASK_FILES

QUICK = ("--epochs", "1", "--set", "training.precision=float32", "--set", "training.threads=1")


@pytest.fixture(scope="module")
def trained(write_questions, tmp_path_factory):
    from attendo.cli.main import run

    folder = tmp_path_factory.mktemp("cli")
    file = write_questions(folder / "people.json", count=31)
    words = ["train", "answer", str(file), "--out", str(folder / "model"), "--size", "tiny", "--quiet", *QUICK]
    assert run(words) == 0
    return folder / "model", file


def test_a_question_about_a_passage(trained, cli):
    model, _ = trained
    passage = "Ada lives in Bern and is a baker ."
    ended = cli("predict", model, "Where does Ada live ?", "What is Ada ?", "--passage", passage, "--format", "lines")
    assert ended.code == 0
    assert "Where does Ada live ?" in ended.out
    assert "[" in ended.out
    assert "%" in ended.out


def test_json_lines_with_several_answers(trained, cli, tmp_path):
    model, _ = trained
    (tmp_path / "passage.txt").write_text("Ada lives in Bern .\nBo is a pilot .", encoding="utf-8")
    words = ("--passage-file", tmp_path / "passage.txt", "--best", "3", "--format", "jsonl")
    record = json.loads(cli("predict", model, "Where ?", *words).out)
    assert len(record["best"]) == 3
    assert record["best"][0]["text"] == record["answer"]
    text = (tmp_path / "passage.txt").read_text(encoding="utf-8")
    assert all(text[each["start"] : each["end"]] == each["text"] for each in record["best"])


def test_a_passage_that_is_the_name_of_a_file(trained, cli, tmp_path):
    path = tmp_path / "passage.txt"
    path.write_text("Ada lives in Bern .", encoding="utf-8")
    ended = cli("predict", trained[0], "Where ?", "--passage", path)
    assert ended.code == 0
    said = " ".join(ended.err.split())
    assert f"is taken for a passage; for the text in that file, use --passage-file {path}" in said


def test_questions_of_standard_input(trained, cli, monkeypatch):
    model, _ = trained
    lines = io.TextIOWrapper(io.BytesIO(b"Where does Bo live ?\nWho ?\n"))
    monkeypatch.setattr("sys.stdin", lines)
    ended = cli("predict", model, "--input", "-", "--passage", "Bo lives in Rome .", "--format", "jsonl")
    assert [json.loads(line)["question"] for line in ended.out.splitlines()] == ["Where does Bo live ?", "Who ?"]


def test_the_published_format_of_predictions(trained, cli, tmp_path):
    model, file = trained
    ended = cli("predict", model, "--input", file, "--output", tmp_path / "found.json")
    assert ended.code == 0
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    document = json.loads(file.read_text(encoding="utf-8"))
    ids = [each["id"] for article in document["data"] for part in article["paragraphs"] for each in part["qas"]]
    assert list(found) == ids
    assert all(isinstance(text, str) for text in found.values())


def test_the_published_format_can_be_asked_for(trained, cli):
    ended = cli("predict", trained[0], "Where ?", "--passage", "Ada lives in Bern .", "--format", "json")
    assert ended.code == 0, ended.err
    assert list(json.loads(ended.out)) == ["1"]


@pytest.mark.parametrize("task", TASK_FILES)
def test_the_table_of_tasks_knows_how_their_answers_are_written(task):
    assert TASK_FILES[task].formats == tuple(import_module(f"attendo.cli.tasks.{TASK_FILES[task].name}").WRITERS)


def test_scores_and_a_page(trained, cli, tmp_path):
    model, file = trained
    ended = cli("evaluate", model, file, "--report", tmp_path / "page.html")
    assert ended.code == 0
    assert "exact match" in ended.out
    assert "124 questions" in ended.out
    assert (tmp_path / "page.html").exists()
    scores = json.loads(cli("evaluate", model, file, "--json").out)
    assert scores["rules"] == "squad-1.1"
    assert scores["num_examples"] == 31 * 4


def test_a_model_that_knows_of_no_missing_answers_may_leave_them_out(trained, write_questions, cli, tmp_path):
    model, _ = trained
    words = ("Who ?", "--passage", "Ada lives in Bern .", "--format", "jsonl")
    assert "no_answer_probability" not in json.loads(cli("predict", model, *words).out)
    sure, never = (json.loads(cli("predict", model, *words, "--no-answer", share).out) for share in ("0", "1"))
    assert sure["answer"] == ""
    assert never["answer"]
    assert 0 < sure["no_answer_probability"] == never["no_answer_probability"] < 1
    file = write_questions(tmp_path / "some.json", count=5, impossible=True)
    told = cli("evaluate", model, file, "--json")
    assert "have no answer, but this model gives one to each" in " ".join(told.err.split())
    left = cli("evaluate", model, file, "--json", "--no-answer", "0")
    assert left.err == ""
    scores = [json.loads(each.out)["no_answer"]["exact_match"]["value"] for each in (told, left)]
    assert scores == [0.0, 1.0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Who ?",), "there is none: `--passage TEXT` or `--passage-file FILE`"),
        (("Who ?", "--passage", " "), "The passage of `--passage` is empty"),
        (("Who ?", "--passage", "a", "--passage-file", "b"), "Give one passage, not two"),
        (("Who ?", "--passage-file", "nowhere.txt"), "nowhere.txt"),
        ((" ", "--passage", "a"), "A text on the command line is empty"),
        (("Who ?", "--passage", "a", "--best", "0"), "must be a number from 1 to 20, but is `0`"),
        (("Who ?", "--passage", "a", "--no-answer", "2"), "must be a number from 0 to 1, but is `2`"),
        (("Who ?", "--passage", "a", "--format", "tsv"), "lines, jsonl, json for this model"),
    ],
)
def test_bad_usage_is_told_in_a_sentence(words, says, trained, cli):
    ended = cli("predict", trained[0], *words)
    assert ended.code == 2
    assert says in ended.err
    assert "Traceback" not in ended.err
