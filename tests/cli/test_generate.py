"""`train generate`, prompts on the command line, from files and typed, and what texts cost."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest

from attendo.cli import prompting
from attendo.cli.main import run
from attendo.cli.writing_options import WRITING_OPTIONS
from attendo.tasks import WriteSettings

VERSE = "".join(f"First:\nline {number % 13} of 唐詩\n\n" for number in range(97))
TINY = ("--set", "task.model.width=16", "--set", "task.model.layers=1", "--set", "task.max_length=31")


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A model that goes on with texts, and the file that it was trained on."""
    folder = tmp_path_factory.mktemp("writer")
    (folder / "verse.txt").write_text(VERSE, encoding="utf-8")
    quick = ("--epochs", "1", "--quiet", "--set", "training.threads=1", "--set", "training.precision=float32")
    assert run(["train", "generate", str(folder / "verse.txt"), "--out", str(folder / "model"), *quick, *TINY]) == 0
    return folder


def test_there_is_an_option_for_every_setting_of_writing():
    assert set(WRITING_OPTIONS) == {field.name for field in dataclasses.fields(WriteSettings)}
    lists = {field.name for field in dataclasses.fields(WriteSettings) if field.default == ()}
    assert {name for name, option in WRITING_OPTIONS.items() if option.several} == lists


def test_prompts_are_gone_on_with(writer, cli):
    ended = cli("predict", writer / "model", "line", "First", "--max-new", "5", "--temperature", "0.7")
    assert ended.code == 0
    records = [json.loads(line) for line in ended.out.splitlines()]
    assert [record["prompt"] for record in records] == ["line", "First"]
    assert all(record["tokens"] <= 5 for record in records)
    assert cli("predict", writer / "model", "line", "--max-new", "5", "--temperature", "0.7").out == (
        ended.out.splitlines()[0] + "\n"
    )
    shown = cli("predict", writer / "model", "line", "--format", "lines", "--method", "greedy", "--max-new", "3")
    assert shown.out.startswith("line")


@pytest.mark.parametrize("how", [("--method", "beam"), ("--temperature", "0.9"), ("--candidates", "7")])
def test_as_many_texts_as_are_asked_for(how, writer, cli):
    words = ("predict", writer / "model", "line", "First", "--n-best", "3", "--max-new", "5", *how)
    records = [json.loads(line) for line in cli(*words).out.splitlines()]
    assert [record["prompt"] for record in records] == ["line", "First"]
    texts = [[record["text"], *(other["text"] for other in record["others"])] for record in records]
    assert [len(each) for each in texts] == [3, 3]
    assert list(records[0]["others"][0]) == ["text", "why", "tokens", "log_probability"]
    if "beam" in how:  # what is drawn holds characters that move a cursor
        shown = cli(*words, "--format", "lines").out
        assert shown == "\n".join(
            f"{start}{text}\n" for start, own in zip(("line", "First"), texts, strict=True) for text in own
        )
    assert "others" not in cli("predict", writer / "model", "line", "--max-new", "5").out


def test_prompts_of_a_file(writer, cli):
    (writer / "prompts.txt").write_text("First:\nline 3\n", encoding="utf-8")
    output = writer / "out.jsonl"
    assert cli("predict", writer / "model", "--input", writer / "prompts.txt", "--output", output).code == 0
    assert [json.loads(line)["prompt"] for line in output.read_text().splitlines()] == ["First:", "line 3"]


def test_contradicting_options_are_refused(writer, cli):
    ended = cli("predict", writer / "model", "line", "--method", "greedy", "--temperature", "0.5")
    assert ended.code == 2
    assert "`temperature` is for texts that are drawn, but `method` is" in ended.err
    ended = cli("predict", writer / "model", "line", "--top-p", "3")
    assert ended.code == 2
    assert "top_p" in ended.err
    ended = cli("predict", writer / "model", "")
    assert (ended.code, "A text on the command line is empty" in ended.err) == (2, True)


def test_options_of_writing_are_for_models_that_write(cli, model):
    ended = cli("predict", model, "good", "--temperature", "0.5")
    assert ended.code == 2
    assert "`--temperature` is for models of the task" in ended.err


def test_texts_are_scored(writer, cli):
    ended = cli("evaluate", writer / "model", writer / "verse.txt", "--json")
    scores = json.loads(ended.out)
    assert scores["num_examples"] == 1
    assert scores["perplexity"]["value"] > 1
    assert "bits a character" in cli("evaluate", writer / "model", writer / "verse.txt").out
    page = writer / "page.html"
    assert cli("evaluate", writer / "model", writer / "verse.txt", "--report", page).code == 0
    assert "There are no errors" not in page.read_text(encoding="utf-8")


def test_typed_prompts_are_gone_on_with(writer, cli):
    ended = cli("generate", writer / "model", "--max-new", "4", "--seed", "3", stdin=b"line\n\n \nFirst:\\n\n")
    assert ended.code == 0
    assert ended.out
    ended = cli("generate", writer / "model", "--max-new", "4", stdin=b"/quit\nline\n")
    assert (ended.code, ended.out) == (0, "")


def test_a_terminal_is_asked_until_its_end(monkeypatch, capsys):
    lines = iter(["one ", " ", "two"])

    def typed(mark):
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr(prompting, "is_terminal", lambda stream: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert list(prompting.typed_lines("> ", "Type.")) == ["one", "two"]
    assert "Type." in capsys.readouterr().err


def test_models_of_other_tasks_do_not_write(cli, model):
    ended = cli("generate", model)
    assert ended.code == 2
    assert "is a model for `classify`; generate needs one that writes on" in ended.err


def test_prompts_of_a_file_that_was_interrupted_are_gone_on_with(writer, cli, monkeypatch):
    from attendo.tasks import Generator
    from attendo.tasks.generating import model as generating

    prompts = writer / "many.txt"
    prompts.write_text("line\nFirst:\n" * 3, encoding="utf-8")
    words = ("predict", writer / "model", "--input", prompts, "--max-new", "5")
    assert cli(*words, "--output", writer / "whole.jsonl").code == 0
    whole = (writer / "whole.jsonl").read_text(encoding="utf-8")
    monkeypatch.setattr(generating, "AT_ONCE", 2)
    written, calls = Generator._written, []

    def breaking(self, *given):
        calls.append(None)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return written(self, *given)

    monkeypatch.setattr(Generator, "_written", breaking)
    output = writer / "parts.jsonl"
    ended = cli(*words, "--output", output)
    assert (ended.code, output.exists()) == (130, False)
    assert "repeat the command to go on where it was" in ended.err
    (left,) = writer.glob(".parts.jsonl.*.unfinished")
    with left.open("a", encoding="utf-8") as file:
        file.write('{"prompt": "torn')
    ended = cli(*words, "--output", output)
    assert ended.code == 0
    assert "Going on behind 4 answers of an earlier attempt." in ended.err
    assert output.read_text(encoding="utf-8") == whole
    assert not list(writer.glob(".parts.jsonl.*"))
