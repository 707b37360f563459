"""Everything that can be wrong with what is given: a sentence, exit code 2, and nothing half-written."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = [f"{word} {number},{label}" for number in range(9) for word, label in (("tasty", "good"), ("难吃", "坏"))]
BROKEN = b"\xe5\xa5\xff\xfe,good\n"


def rows(*lines: str) -> bytes:
    return "\n".join(["text,label", *lines, ""]).encode()


TRAINING = {
    "missing file": (None, (), "there is no such file"),
    "empty file": (b"", (), "it is empty"),
    "only a header": (rows(), (), "it holds no rows"),
    "wrong text column": (rows(*GOOD), ("--text", "txet"), "did you mean `text`?"),
    "wrong label column": (rows(*GOOD), ("--label", "9"), "`9`"),
    "no labels": (rows("a,", "b,", "c,"), (), "no row has a label"),
    "unlabelled rows": (rows(*GOOD, "no label,", "又一行,"), (), "line 20: no label in column `label`"),
    "one class": (rows("a,good", "b,good", "很好,good"), (), "all 3 rows have the label `good`"),
    "a class of one": (rows(*GOOD, "一般,中立"), (), "line 20). Add rows, join classes"),
    "broken encoding": (rows(*GOOD) + BROKEN + rows(*GOOD), (), "line 20: the bytes here are not UTF-8"),
    "unknown encoding": (rows(*GOOD), ("--set", "data.encoding=utf-9"), "`encoding` is `utf-9`"),
    "ragged": (rows(*GOOD, "too,many,fields"), (), "line 20: 3 fields where 2 were expected"),
    "unclosed quotation": (rows(*GOOD, '"never closed,good'), (), "line 20: a quotation mark is opened here"),
    "blank text": (rows(*GOOD, "   ,good"), (), "line 20: the text in column `text` is empty"),
    "unknown suffix": (rows(*GOOD), ("--set", "data.format=xls"), "`format` is `xls`"),
    "unknown key": (rows(*GOOD), ("--set", "training.epoch=3"), "Did you mean `training.epochs`?"),
    "unknown section": (rows(*GOOD), ("--set", "trainig.epochs=3"), "`trainig` is not a setting"),
    "no key": (rows(*GOOD), ("--set", "epochs"), "`epochs` is not of the form key=value"),
    "wrong type": (rows(*GOOD), ("--epochs", "many"), "`training.epochs`"),
    "out of range": (rows(*GOOD), ("--epochs", "0"), "`training.epochs`"),
    "unknown size": (rows(*GOOD), ("--size", "huge"), "`task.model.size`"),
    "unknown device": (rows(*GOOD), ("--device", "tpu"), "`training.device`"),
    "missing settings file": (rows(*GOOD), ("--config", "no.yaml"), "There is no settings file no.yaml"),
    "missing dev file": (rows(*GOOD), ("--dev", "no-dev.csv"), "no-dev.csv"),
}


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", TRAINING)
def test_training_refuses(cli, tmp_path, monkeypatch, case):
    content, words, sentence = TRAINING[case]
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("data.csv").write_bytes(content)
    before = everything_in(tmp_path)
    ended = cli("train", "classify", "data.csv", "--out", "model", *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: ")
    assert sentence in ended.err
    assert "Traceback" not in ended.err
    assert everything_in(tmp_path) == before
    assert not Path("model").exists()


def test_all_mistakes_in_settings_are_told_at_once(cli, tmp_path):
    config = tmp_path / "settings.yaml"
    config.write_text(
        "training:\n  epoch: 3\ntask:\n  model: {size: huge}\ndata: {dev_fraction: 7}\n", encoding="utf-8"
    )
    ended = cli("train", "classify", "x.csv", "--out", tmp_path / "model", "--config", config)
    assert ended.code == 2
    for key in ("training.epoch", "task.model.size", "dev_fraction"):
        assert key in ended.err


@pytest.mark.parametrize("content", [b"training: [", b"- a list\n", b"\xff\xfe\x00"])
def test_a_settings_file_that_cannot_be_read(cli, tmp_path, content):
    config = tmp_path / "settings.yaml"
    config.write_bytes(content)
    ended = cli("train", "classify", "x.csv", "--out", tmp_path / "model", "--config", config)
    assert ended.code == 2
    assert str(config) in ended.err


def test_unknown_task(cli, tmp_path):
    ended = cli("train", "classfy", tmp_path / "data.csv", "--out", tmp_path / "model")
    assert ended.code == 2
    assert "There is no task `classfy`. Did you mean `classify`?" in ended.err


@pytest.mark.parametrize("other", ["model", "files", "a file"])
def test_output_that_is_taken(cli, corpus, quick, model, tmp_path, other):
    out = tmp_path / "out"
    if other == "model":
        shutil.copytree(model, out)
    elif other == "files":
        out.mkdir()
        (out / "notes.txt").write_text("keep", encoding="utf-8")
    else:
        out.write_text("keep", encoding="utf-8")
    before = everything_in(tmp_path)
    ended = cli("train", "classify", corpus, "--out", out, "--seed", "9", *quick)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Error: {out} ")
    assert everything_in(tmp_path) == before


def test_a_text_of_a_million_characters(cli, model, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("这家餐厅的面条很好吃。" * 91_000, encoding="utf-8")
    ended = cli("predict", model, "--input", path, "--output", tmp_path / "out.jsonl")
    assert ended.code == 0
    assert (tmp_path / "out.jsonl").stat().st_size > 1_000_000


@pytest.mark.parametrize("text", ["…", "\u200b", "🙂", "\x00"])
def test_a_text_without_words_gets_a_label_or_a_sentence(cli, model, text):
    ended = cli("predict", model, text)
    assert (ended.code, bool(ended.out)) in ((0, True), (2, False))
    assert "Traceback" not in ended.err


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def change(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(
            (name, damage)
            for name in ("model.safetensors", "features.safetensors", "config.json")
            for damage in (Path.unlink, cut, change)
        ),
        ("attendo.json", Path.unlink),
        ("attendo.json", cut),
    ],
)
def test_a_damaged_model_is_named(cli, model, tmp_path, name, damage: Callable[[Path], None]):
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    damage(folder / name)
    ended = cli("predict", folder, "text")
    assert (ended.code, ended.out) == (2, "")
    assert name in ended.err


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_folder_that_is_no_model(cli, tmp_path, verb):
    assert "There is no model folder" in cli(verb, tmp_path / "nowhere", "x.csv").err
    ended = cli(verb, tmp_path, "x.csv")
    assert ended.code == 2
    assert "holds no config.json: it is not a model folder" in " ".join(ended.err.split())


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_device_that_is_not_there(cli, model, verb):
    ended = cli(verb, model, "x.csv", "--device", "tpu")
    assert ended.code == 2
    assert "This machine has no device `tpu`" in ended.err


def test_labels_that_the_model_does_not_know(cli, model, tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(rows(*GOOD))
    ended = cli("evaluate", model, path)
    assert (ended.code, ended.out) == (2, "")
    assert "does not know these labels: `good`, `坏` (data.csv line 2)" in ended.err


def test_a_full_disk_leaves_nothing_half_written(cli, model, tmp_path, monkeypatch):
    def refuse(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("attendo.files.os.fsync", refuse)
    ended = cli("predict", model, "text", "--output", tmp_path / "out.jsonl")
    assert ended.code == 2
    assert ended.err.startswith(f"Error: {tmp_path / 'out.jsonl'} could not be written: No space left on device.")
    assert not list(tmp_path.iterdir())


def test_what_nobody_foresaw_is_a_sentence_that_points_to_debug(cli, monkeypatch):
    def broken(*words):
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("attendo.tasks.load_task_model", broken)
    ended = cli("predict", "model", "text")
    assert ended.code == 1
    assert ended.err == (
        "Error: something unexpected happened (ZeroDivisionError: a b). Repeat the command with --debug to see where.\n"
    )
    assert "Traceback" in cli("predict", "model", "text", "--debug").err
