"""`attendo data`: what is found, as tables and as JSON."""

import json

import pytest


def write(path, *rows: str):
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_sets_and_classes_of_a_folder_are_shown(cli, corpus):
    ended = cli("data", corpus)
    assert (ended.code, ended.err) == (0, "")
    for shown in ("train", "dev", "test", "negative", "neutral", "positive", "jsonl"):
        assert shown in ended.out


def test_json_holds_everything(cli, tmp_path):
    rows = [f"{word} {number}\t{label}" for number in range(3) for word, label in (("好吃", "good"), ("难吃", "坏"))]
    found = json.loads(cli("data", write(tmp_path / "a.tsv", "text\tlabel", *rows, rows[0]), "--json").out)
    assert found["classes"] == {"good": 4, "坏": 3}
    assert found["shares"] == {"good": pytest.approx(4 / 7), "坏": pytest.approx(3 / 7)}
    assert found["duplicates"] == 1
    assert found["sets"][0]["path"].endswith("a.tsv")
    assert found["problems"] == []


def test_problems_are_listed_and_are_no_failure(cli, tmp_path):
    path = write(tmp_path / "a.csv", "text,label", "good,a", "bad,b,c", "fine,a", ",b")
    ended = cli("data", path)
    assert ended.code == 0
    for line in (3, 5):
        assert f"line {line}" in " ".join(ended.out.split())
    assert len(json.loads(cli("data", path, "--json").out)["problems"]) >= 2


@pytest.mark.parametrize(
    ("task", "name", "lines", "noun", "count"),
    [
        ("translate", "a.tsv", [f"cat {n}\t猫 {n}" for n in range(29)], "pairs", 29),
        (
            "summarize",
            "a.tsv",
            ["text\tsummary", *(f"猫 {n}，狗 {n}。\t猫 {n}" for n in range(29))],
            "documents",
            29,
        ),
        ("generate", "a.txt", ["白日依山尽", "", "黄河入海流"] * 29, "texts", 2),
        ("chat", "a.txt", [f"Hello {n} __eou__ Hi __eou__" for n in range(29)], "dialogues", 29),
    ],
)
def test_data_of_any_task(task, name, lines, noun, count, cli, tmp_path):
    path = write(tmp_path / name, *lines)
    sides = ("--source", "0", "--target", "1") if task == "translate" else ()
    ended = cli("data", path, "--task", task, *sides)
    assert (ended.code, ended.err) == (0, "")
    assert f"{noun} that occur more than once" in ended.out
    found = json.loads(cli("data", path, "--task", task, "--json").out)
    assert sum(one["examples"] for one in found["sets"]) == count
    assert (found["classes"], found["problems"]) == ({}, [])
    assert found["characters"]["longest"] > 1


def test_files_whose_lines_belong_together(cli, tmp_path):
    for side, word in (("en", "cat"), ("zh", "猫")):
        write(tmp_path / f"train.{side}", *(f"{word} {number}" for number in range(31)))
        write(tmp_path / f"test.{side}", *(f"{word} {number}" for number in range(40, 47)))
    words = ("data", tmp_path, "--source", "en", "--target", "zh")
    found = json.loads(cli(*words, "--task", "translate", "--json").out)
    assert {one["name"]: one["examples"] for one in found["sets"]}["test"] == 7
    ended = cli(*words)
    assert ended.code == 2
    assert "`--source` is for texts that are written from others; name the task: --task translate." in ended.err
    ended = cli("data", tmp_path)
    assert ended.code == 2
    assert "for other data name what is to be learned, such as --task translate." in ended.err


def test_an_unknown_task_is_named(cli, tmp_path):
    ended = cli("data", write(tmp_path / "a.tsv", "a\tb"), "--task", "translte")
    assert ended.code == 2
    assert "There is no task `translte`. Did you mean `translate`?" in ended.err


def test_columns_and_settings_of_reading(cli, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("甲,很好吃,x|y\n乙,太难吃,x\n丙,一般,\n".encode("gb18030"))
    line = ("data", path, "--text", "1", "--label", "2", "--label-separator", "|", "--json")
    found = json.loads(cli(*line, "--set", "data.encoding=gb18030", "--set", "data.header=false").out)
    assert found["classes"] == {"x": 2, "y": 1}
    assert found["sets"][0]["encoding"] == "gb18030"
    ended = cli(*line, "--set", "data.heeder=false", "--set", "data.dev_fraction=2")
    assert ended.code == 2
    assert "`data.heeder` is not a setting. Did you mean `data.header`?" in ended.err
    assert "dev_fraction" in ended.err


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (None, (), "there is no such file"),
        (b"", (), "it is empty"),
        (b"text,label\n", (), "it holds no rows"),
        (
            b"text,label\ngood,a\n\xe5\xe5\xff\xff,b\n" + "很好,b\n".encode() * 9,
            (),
            "line 3: the bytes here are not UTF-8",
        ),
        (b"text,label\ngood,a\nbad,b\n", ("--label", "lable"), "did you mean `label`?"),
        (b"text,label\ngood,\nbad,\n", (), "no row has a label"),
    ],
)
def test_what_cannot_be_read_is_wrong_input(cli, tmp_path, content, words, sentence):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    ended = cli("data", path, *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: ")
    assert sentence in ended.err
