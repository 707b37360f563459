"""Taggers on the command line: trained, asked, scored."""

from __future__ import annotations

import io
import json

import pytest

from attendo.tasks import load

LINES = "Ada\tB-PER\nlives\tO\nin\tO\nRome\tB-LOC\n\n张\tB-PER\n三\tI-PER\n在\tO\n北\tB-LOC\n京\tI-LOC\n\n" * 23


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    path = tmp_path_factory.mktemp("names") / "names.conll"
    path.write_text(LINES, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tagger(names, tmp_path_factory, quick):
    from attendo.cli.main import run

    out = tmp_path_factory.mktemp("tagger") / "model"
    words = ["train", "tag", names, "--dev", names, "--test", names, "--out", out, "--quiet", *quick, "--epochs", "6"]
    assert run([str(word) for word in words]) == 0
    return out


def test_spans_come_as_json_with_places(cli, tagger):
    ended = cli("predict", tagger, "Ada lives in Rome", "张三在北京", "--format", "jsonl")
    assert ended.code == 0
    records = [json.loads(line) for line in ended.out.splitlines()]
    assert [record["text"] for record in records] == ["Ada lives in Rome", "张三在北京"]
    for record in records:
        for span in record["spans"]:
            assert record["text"][span["start"] : span["end"]] == span["text"]
            assert set(span) == {"start", "end", "label", "text", "probability"}
    assert any(record["spans"] for record in records)


def test_lines_name_the_spans_without_colours(cli, tagger):
    ended = cli("predict", tagger, "Ada lives in Rome", "--format", "lines", "--all")
    (answer,) = load(tagger).predict("Ada lives in Rome")
    for span in answer.spans:
        assert f"[{span.text} {span.label}]" in ended.out
        assert f"{span.label}: {span.text}" in ended.out


def test_columns_go_in_and_come_out(cli, tagger, names, tmp_path):
    ended = cli("predict", tagger, "--input", names, "--output", tmp_path / "out.conll")
    assert ended.code == 0, ended.err
    rows = (tmp_path / "out.conll").read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[0] for row in rows] == [row.split("\t")[0] for row in LINES.splitlines()]
    assert {row.split("\t")[1] for row in rows if row} <= {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}


def test_the_texts_of_a_table_are_tagged(cli, tagger, tmp_path):
    (tmp_path / "x.csv").write_text('id,text,note\n1,"Ada lives in Rome",a\n2,"Ada, too",b\n', encoding="utf-8")
    words = ("predict", tagger, "--input", tmp_path / "x.csv", "--format", "jsonl")
    assert [json.loads(line)["text"] for line in cli(*words).out.splitlines()] == ["Ada lives in Rome", "Ada, too"]
    named = cli(*words, "--text", "note").out
    assert [json.loads(line)["text"] for line in named.splitlines()] == ["a", "b"]
    ended = cli(*words, "--text", "review")
    assert ended.code == 2
    assert "`text` names column `review`" in ended.err


def test_lines_of_a_pipe_are_tagged(cli, tagger, monkeypatch):
    class Pipe:
        buffer = io.BytesIO("张三在北京\n".encode())

    monkeypatch.setattr("sys.stdin", Pipe())
    ended = cli("predict", tagger, "--input", "-", "--format", "jsonl")
    assert json.loads(ended.out)["text"] == "张三在北京"


def test_scores_are_those_of_python(cli, tagger, names, tmp_path):
    ended = cli("evaluate", tagger, names, "--json", "--report", tmp_path / "page.html")
    found = json.loads(ended.out)
    scores = load(tagger).evaluate(names)
    assert found["f1"]["value"] == scores.f1.value
    assert found["labels"] == ["LOC", "PER"]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "precision" in page
    shown = cli("evaluate", tagger, names).out
    assert "PER" in shown
    assert "recall" in shown


def test_other_formats_are_refused(cli, tagger, model):
    assert "`--format` may be lines, jsonl, tsv for this model" in cli("predict", model, "a", "--format", "conll").err


def test_a_file_of_another_task_is_named(cli, tagger, tmp_path):
    path = tmp_path / "squad.json"
    path.write_text('{"version": "1.1", "data": [{"title": "a", "paragraphs": []}]}', encoding="utf-8")
    ended = cli("evaluate", tagger, path)
    assert ended.code == 2
    assert "did you mean the task `answer`?" in ended.err
