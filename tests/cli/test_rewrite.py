"""`train translate` and `train summarize`, and what `predict` and `evaluate` do with their models."""

from __future__ import annotations

import json
import random

import pytest

from attendo.cli.main import run

WORDS = {"red": "红", "cat": "猫", "dog": "狗", "runs": "跑", "here": "这"}
TINY = (
    *("--set", "task.model.d_model=16", "--set", "task.model.num_layers=1", "--set", "task.model.num_heads=2"),
    *("--set", "task.model.d_ff=19", "--set", "task.max_length=23", "--set", "task.vocabulary.size=300"),
    *("--set", "training.threads=1", "--set", "training.precision=float32", "--epochs", "1", "--quiet"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that translates, with its data."""
    folder = tmp_path_factory.mktemp("translate")
    draw = random.Random(0)
    chosen = [[draw.choice(list(WORDS)) for _ in range(draw.randint(1, 6))] for _ in range(131)]
    rows = [
        f"{' '.join(words)} {number}\t{''.join(WORDS[word] for word in words)}{number}"
        for number, words in enumerate(chosen)
    ]
    (folder / "pairs.tsv").write_text("en\tzh\n" + "\n".join(rows) + "\n", encoding="utf-8")
    for side in (0, 1):
        lines = "".join(row.split("\t")[side] + "\n" for row in rows[:7])
        (folder / f"test.{('en', 'zh')[side]}").write_text(lines, encoding="utf-8")
    assert run(["train", "translate", str(folder / "pairs.tsv"), "--out", str(folder / "model"), *TINY]) == 0
    return folder


def records(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_texts_on_the_command_line(folder, cli):
    ended = cli("predict", folder / "model", "red cat 5", "dog runs", "--max-new", "5")
    assert ended.code == 0
    found = records(ended.out)
    assert [each["source"] for each in found] == ["red cat 5", "dog runs"]
    assert all(set(each) == {"source", "text", "score"} for each in found)
    shown = cli("predict", folder / "model", "red cat 5", "--format", "lines", "--max-new", "5")
    assert shown.out == found[0]["text"] + "\n"


def test_words_are_linked(folder, cli):
    asked = ("predict", folder / "model", "red cat", "--max-new", "7")
    (found,) = records(cli(*asked, "--align").out)
    assert found["words"]["source"] == ["red", "cat"]
    assert len(found["alignment"]) == len(found["words"]["text"])
    lines = cli(*asked, "--align", "--format", "lines").out.splitlines()
    assert len(lines) == 2
    assert lines[1].count("–") == len(found["alignment"])


def test_several_are_written(folder, cli):
    asked = ("predict", folder / "model", "red cat", "--n-best", "3", "--max-new", "7")
    (found,) = records(cli(*asked).out)
    assert len(found["others"]) == 2
    assert found["score"] >= found["others"][0]["score"] >= found["others"][1]["score"]
    lines = cli(*asked, "--format", "lines").out.splitlines()
    assert lines == [found["text"], *(other["text"] for other in found["others"])]


def test_files_of_all_kinds(folder, cli):
    out, asked = folder / "out.jsonl", ("--method", "greedy", "--max-new", "5")
    assert cli("predict", folder / "model", "--input", folder / "test.en", "--output", out, *asked).code == 0
    of_lines = records(out.read_text(encoding="utf-8"))
    assert len(of_lines) == 7
    (folder / "rows.jsonl").write_text(
        "".join(json.dumps({"en": each["source"]}) + "\n" for each in of_lines), encoding="utf-8"
    )
    ended = cli("predict", folder / "model", "--input", folder / "rows.jsonl", *asked)
    assert records(ended.out) == of_lines
    ended = cli("predict", folder / "model", "--input", folder / "pairs.tsv", "--source", "en", *asked)
    assert [each["source"] for each in records(ended.out)[:7]] == [each["source"] for each in of_lines]
    typed = "".join(each["source"] + "\n" for each in of_lines).encode()
    assert records(cli("predict", folder / "model", "--input", "-", *asked, stdin=typed).out) == of_lines
    plain = folder / "test.out"
    asked = (*asked, "--format", "lines")
    assert cli("predict", folder / "model", "--input", folder / "test.en", "--output", plain, *asked).code == 0
    assert plain.read_text(encoding="utf-8").splitlines() == [each["text"] for each in of_lines]


def test_blank_lines_stay_blank(folder, cli):
    (folder / "gaps.txt").write_text("red cat\n\ndog\n \n", encoding="utf-8")
    asked = ("predict", folder / "model", "--input", folder / "gaps.txt", "--max-new", "5")
    found = records(cli(*asked).out)
    assert [(each["text"], each["score"]) for each in found[1::2]] == [("", None)] * 2
    lines = cli(*asked, "--format", "lines").out.split("\n")
    assert [bool(line) for line in lines] == [bool(found[0]["text"]), False, bool(found[2]["text"]), False, False]
    ended = cli(*asked, "--align")
    assert records(ended.out)[1]["alignment"] == []


def test_contradictions_are_refused(folder, cli):
    ended = cli("predict", folder / "model", "red", "--method", "greedy", "--beams", "3")
    assert ended.code == 2
    assert '`beams` is for beams, but `method` is "greedy"' in ended.err
    ended = cli("predict", folder / "model", "red", "--all", "--passage", "x")
    assert ended.code == 2
    assert "`--passage` is for models of the task" in ended.err
    ended = cli("predict", folder / "model", "red", "--max-new", "99")
    assert ended.code == 0  # Marian's positions have no end


def test_alignment_is_for_models_that_read_and_write(cli, model):
    ended = cli("predict", model, "good", "--align")
    assert ended.code == 2
    assert "`--align` is for models of the tasks `translate`, `summarize`, but this model's is" in ended.err


def test_pairs_are_scored(folder, cli):
    asked = ("--method", "greedy", "--max-new", "9")
    scores = json.loads(cli("evaluate", folder / "model", folder / "pairs.tsv", "--json", *asked).out)
    assert scores["num_examples"] == 131
    assert scores["bleu_signature"].endswith("version:2.6.0")
    page = folder / "page.html"
    ended = cli("evaluate", folder / "model", folder / "test.en", "--report", page, *asked)
    assert (ended.code, "chrF" in ended.out) == (0, True)
    assert "red" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", ["jsonl", "lines"])
def test_a_file_that_was_interrupted_is_gone_on_with(format, folder, cli, monkeypatch):
    from attendo.tasks import Translator
    from attendo.tasks.translating import model as translating

    (folder / "many.txt").write_text("red cat\ndog\n\n" * 3, encoding="utf-8")
    words = ("predict", folder / "model", "--input", folder / "many.txt", "--max-new", "5", "--top-k", "5")
    words = (*words, "--format", format)
    monkeypatch.setattr(translating, "AT_ONCE", 2)
    assert cli(*words, "--output", folder / f"whole.{format}").code == 0
    written, calls = Translator._write, []

    def breaking(self, *given):
        calls.append(None)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return written(self, *given)

    monkeypatch.setattr(Translator, "_write", breaking)
    output = folder / f"parts.{format}"
    ended = cli(*words, "--output", output)
    assert (ended.code, output.exists()) == (130, False)
    assert "repeat the command to go on where it was" in ended.err
    ended = cli(*words, "--output", output)
    assert ended.code == 0
    assert "Going on behind 4 answers of an earlier attempt." in ended.err
    assert output.read_text(encoding="utf-8") == (folder / f"whole.{format}").read_text(encoding="utf-8")


def test_several_lines_for_a_source_are_written_whole_or_not_at_all(folder, cli, monkeypatch):
    from attendo.tasks import Translator

    def breaking(self, *given):
        raise KeyboardInterrupt

    monkeypatch.setattr(Translator, "_write", breaking)
    for options in (("--align",), ("--n-best", "2")):
        words = ("predict", folder / "model", "--input", folder / "test.en", "--format", "lines", *options)
        ended = cli(*words, "--output", folder / "broken.txt")
        assert ended.code == 130
        assert "repeat the command" not in ended.err
        assert not list(folder.glob(".broken*"))


def test_documents_that_were_interrupted_are_gone_on_with(folder, cli, monkeypatch):
    from attendo.tasks import Translator
    from attendo.tasks.translating import model as translating

    rows = [{"en": f"red cat {number}", "zh": f"猫{number}", "document_id": f"d{number // 10}"} for number in range(41)]
    path, reading = folder / "documents.jsonl", folder / "reading"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert cli("train", "translate", path, "--out", reading, *TINY, "--set", "task.context=2").code == 0
    words = ("predict", reading, "--input", path, "--max-new", "5")
    monkeypatch.setattr(translating, "AT_ONCE", 3)
    assert cli(*words, "--output", folder / "whole-documents.jsonl").code == 0
    asked, written = [], Translator._write

    def breaking(self, examples, *given):
        asked.append([each.before for each in examples])
        if len(asked) == 3:
            raise KeyboardInterrupt
        return written(self, examples, *given)

    monkeypatch.setattr(Translator, "_write", breaking)
    output = folder / "parts-documents.jsonl"
    assert cli(*words, "--output", output).code == 130
    assert cli(*words, "--output", output).code == 0
    assert asked[2] == asked[3] == ["red cat 4 red cat 5", "red cat 5 red cat 6", "red cat 6 red cat 7"]
    assert output.read_text(encoding="utf-8") == (folder / "whole-documents.jsonl").read_text(encoding="utf-8")


def test_long_texts_are_translated_in_parts_and_summed_up_by_their_beginning(folder, cli, tmp_path):
    long = "red cat runs here. " * 9
    (found,) = records(cli("predict", folder / "model", long, "--max-new", "5").out)
    assert "cut" not in found
    card = json.loads((folder / "model" / "attendo.json").read_text(encoding="utf-8"))
    for name in (folder / "model").iterdir():
        target = tmp_path / name.name
        if name.is_dir():
            target.mkdir()
            for inner in name.iterdir():
                (target / inner.name).write_bytes(inner.read_bytes())
        else:
            target.write_bytes(name.read_bytes())
    (tmp_path / "attendo.json").write_text(json.dumps(card | {"task": "summarize"}), encoding="utf-8")
    ended = cli("predict", tmp_path, long, "red", "--max-new", "5")
    assert [each.get("cut") for each in records(ended.out)] == [True, None]
    assert "1 source is longer than the model reads, and only its beginning was read." in ended.err
    ended = cli("predict", tmp_path, long, long, "--max-new", "5")
    assert "2 sources are longer than the model reads, and only their beginning was read." in ended.err
    (tmp_path / "long.tsv").write_text(f"en\tzh\n{long}\t红\nred\t红\n", encoding="utf-8")
    ended = cli("evaluate", tmp_path, tmp_path / "long.tsv", "--max-new", "5")
    assert "1 source is longer than the model reads" in ended.err
