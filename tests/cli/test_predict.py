"""`attendo predict`: where texts come from, where labels go, and what happens on the way."""

import gzip
import io
import json
import subprocess
import sys
import tracemalloc

import pytest

from attendo.cli.main import run
from attendo.tasks import load

TEXTS = ["The soup was not delicious at all.", "房间一点也不干净。", "I wonder whether the battery is reliable."]


def records(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def give(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_texts_of_the_command_line_are_labelled_as_in_python(cli, model):
    ended = cli("predict", model, *TEXTS)
    assert (ended.code, ended.err) == (0, "")
    for record, text, prediction in zip(records(ended.out), TEXTS, load(model).predict(TEXTS), strict=True):
        assert record["text"] == text
        assert record["label"] == prediction.label
        assert record["probability"] == pytest.approx(prediction.probability, abs=1e-5)
        assert list(record["probabilities"]) == ["negative", "neutral", "positive"]
        assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["texts.txt", "texts.csv", "texts.jsonl", "texts.txt.gz"])
def test_files_keep_their_order(cli, model, tmp_path, name):
    texts = [f"Room {number}，房间很干净。" for number in range(23)]
    content = {
        "csv": "id,review\n" + "".join(f"{number},{text}\n" for number, text in enumerate(texts)),
        "jsonl": "".join(json.dumps({"content": text, "n": 1}, ensure_ascii=False) + "\n" for text in texts),
    }.get(name.partition(".")[2], "\n".join(texts) + "\n")
    raw = content.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    ended = cli("predict", model, "--input", tmp_path / name)
    assert ended.code == 0
    assert [record["text"] for record in records(ended.out)] == texts


def test_standard_input_holds_one_text_a_line(cli, model, monkeypatch):
    give(monkeypatch, "\ufeff很好，\t真的\r\nsecond".encode())
    ended = cli("predict", model, "--input", "-")
    assert [record["text"] for record in records(ended.out)] == ["很好，\t真的", "second"]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"good\n\xff\xfe\n", "standard input, line 2: the bytes here are not UTF-8"),
        (b"good\n\nbad\n", "standard input, line 2: the line is empty"),
        (b"", "standard input: it is empty"),
    ],
)
def test_bad_standard_input_is_a_sentence(cli, model, monkeypatch, tmp_path, raw, sentence):
    give(monkeypatch, raw)
    ended = cli("predict", model, "--input", "-", "--output", tmp_path / "out.jsonl")
    assert ended.code == 2
    assert ended.err.startswith(f"Error: {sentence}")
    assert not list(tmp_path.iterdir())


def test_output_follows_its_suffix_and_is_written_whole(cli, model, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("\n".join(TEXTS), encoding="utf-8")
    ended = cli("predict", model, "--input", source, "--output", tmp_path / "new" / "out.tsv", "--all")
    assert (ended.code, ended.out) == (0, "")
    assert "out.tsv" in ended.err
    head, *rows = (tmp_path / "new" / "out.tsv").read_text(encoding="utf-8").splitlines()
    assert head.split("\t") == ["label", "probability", "P(negative)", "P(neutral)", "P(positive)", "text"]
    assert [row.split("\t")[-1] for row in rows] == TEXTS
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.tsv"]


@pytest.mark.parametrize("name", ["out.conll", "out.json"])
def test_output_in_a_format_of_another_task_is_refused(cli, model, tmp_path, name):
    ended = cli("predict", model, "good", "--output", tmp_path / name)
    assert ended.code == 2
    assert f"ends in .{name[4:]}, but this model's answers may be written as lines, jsonl, tsv." in ended.err
    assert not list(tmp_path.iterdir())
    assert cli("predict", model, "good", "--output", tmp_path / name, "--format", "jsonl").code == 0


@pytest.mark.parametrize(
    ("name", "told"), [("out.xml", True), ("out", False), ("out.ndjson", False), ("a.jsonl", False)]
)
def test_a_suffix_that_names_no_format_is_told(cli, model, tmp_path, name, told):
    ended = cli("predict", model, "good", "--output", tmp_path / name)
    assert ended.code == 0
    assert ("names no format" in ended.err and "is written as JSON Lines" in ended.err) is told
    assert json.loads((tmp_path / name).read_text(encoding="utf-8"))["text"] == "good"


def test_what_was_written_can_be_read_as_labelled_data(cli, model, tmp_path):
    for name in ("out.jsonl", "out.tsv"):
        assert cli("predict", model, *TEXTS, "--output", tmp_path / name).code == 0
        ended = cli("evaluate", model, tmp_path / name, "--text", "text", "--label", "label", "--json")
        assert json.loads(ended.out)["accuracy"]["value"] == 1.0


def test_the_file_that_is_read_is_not_replaced(cli, model, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("text\ngood\n很好\n", encoding="utf-8")
    before = path.read_bytes()
    ended = cli("predict", model, "--input", path, "--output", tmp_path / "." / "texts.csv")
    assert (ended.code, path.read_bytes()) == (2, before)
    assert "names the file that is read" in ended.err


def test_a_row_that_cannot_be_used_leaves_the_old_output(cli, model, tmp_path):
    rows = [{"text": "很好"}] * 3000 + [{"text": " "}]
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    output.write_text("before", encoding="utf-8")
    ended = cli("predict", model, "--input", source, "--output", output)
    assert ended.code == 2
    assert "line 3001" in ended.err
    assert output.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_place_that_cannot_be_written_is_wrong_input(cli, model, tmp_path):
    ended = cli("predict", model, "text", "--output", tmp_path)
    assert ended.code == 2
    assert ended.err.startswith(f"Error: {tmp_path} could not be written")


def test_a_text_that_is_the_name_of_a_file_is_pointed_out(cli, model, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("text", encoding="utf-8")
    ended = cli("predict", model, path)
    assert ended.code == 0
    assert f"--input {path}" in ended.err


@pytest.mark.parametrize("text", ["", "  ", "\udcff"])
def test_words_that_are_no_text_are_refused(cli, model, text):
    ended = cli("predict", model, "good", text)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: A text on the command line ")


def test_pairs_of_texts(cli, pair_model, model, tmp_path):
    single = cli("predict", pair_model, "the soup is good", "--pair", "the soup is cold")
    assert records(single.out)[0]["pair"] == "the soup is cold"
    path = tmp_path / "pairs.csv"
    path.write_text("query,passage\nthe soup is good,the soup is cold\n", encoding="utf-8")
    from_file = cli("predict", pair_model, "--input", path, "--text", "query", "--pair", "passage")
    assert records(from_file.out) == records(single.out)
    assert "second text" in cli("predict", pair_model, "alone").err
    assert cli("predict", model, "text", "--pair", "another").code == 2


def test_lines_on_a_terminal(cli, model, monkeypatch):
    monkeypatch.setattr("attendo.cli.predict.is_terminal", lambda stream: True)
    ended = cli("predict", model, *TEXTS, "--all")
    lines = ended.out.splitlines()
    assert len(lines) == 2 * len(TEXTS)
    assert all(line.split()[0] in ("negative", "neutral", "positive") for line in lines)
    assert lines[0].endswith(TEXTS[0])


def test_progress_is_counted_on_a_terminal_beside_a_file(cli, model, tmp_path, monkeypatch):
    path = tmp_path / "in.txt"
    path.write_text("good\n" * 7, encoding="utf-8")
    monkeypatch.setattr("attendo.cli.predict.is_terminal", lambda stream: stream is sys.stderr)
    monkeypatch.setattr("attendo.cli.progress.REFRESH", 0.0)
    ended = cli("predict", model, "--input", path)
    assert len(records(ended.out)) == 7


def test_memory_does_not_grow_with_the_file(cli, model, tmp_path, monkeypatch):
    monkeypatch.setattr("attendo.tasks.task_model.WINDOW", 32)
    peaks = []
    for count in (100, 1000):
        path = tmp_path / f"{count}.txt"
        path.write_text("".join(f"{number} The room was clean.\n" for number in range(count)), encoding="utf-8")
        tracemalloc.start()
        assert cli("predict", model, "--input", path, "--output", tmp_path / "out.jsonl").code == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 1000
    assert peaks[1] < 1.5 * peaks[0]


def test_a_reader_that_stops_early_is_no_failure(model, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("The room was clean and the food was fresh.\n" * 3000, encoding="utf-8")
    line = [sys.executable, "-m", "attendo", "predict", str(model), "--input", str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout
        assert command.stderr
        assert json.loads(command.stdout.readline())["text"].startswith("The room")
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait(60) == 0


@pytest.mark.parametrize("format", ["jsonl", "tsv", "lines"])
def test_output_that_is_not_utf8_loses_nothing_and_does_not_fail(model, monkeypatch, format):
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert run(["predict", str(model), "房间很干净。", "--format", format]) == 0
    text = raw.getvalue().decode("ascii")
    assert "\\u623f\\u95f4" in text
    if format == "jsonl":
        assert json.loads(text)["text"] == "房间很干净。"
