"""`attendo demo`: the whole way on built-in reviews, here on few of them and a tiny model."""

from dataclasses import replace
from pathlib import Path

import pytest

from attendo import api, data
from attendo.cli.demo import SENTENCES


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Makes the demo quick, and gives the folder that holds its temporary ones."""
    train, write = api.train, data.write_corpus

    def train_quickly(task, path, *, settings, **options):
        model = replace(settings.task.model, size="tiny")
        training = replace(settings.training, epochs=1, precision="float32", threads=1)
        settings = replace(settings, task=replace(settings.task, model=model), training=training)
        return train(task, path, settings=settings, **options)

    monkeypatch.setattr(api, "train", train_quickly)
    monkeypatch.setattr(data, "write_corpus", lambda *words, **options: write(*words, size=97, **options))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_demo_trains_compares_and_labels_sentences_in_both_languages(cli, small):
    ended = cli("demo")
    assert ended.code == 0
    shown = " ".join(ended.out.split())
    for name in ("majority class", "linear n-grams", "attendo", "of 10 are labelled as they are meant."):
        assert name in shown
    for sentences in SENTENCES.values():
        for text, _ in sentences:
            assert text[:15] in shown
    (folder,) = small.glob("attendo-demo-*")  # PyTorch may keep a folder of its own beside it
    assert str(folder / "model" / "report.html") in ended.out
    assert (folder / "model" / "report.html").exists()


def test_demo_in_one_language_writes_where_it_is_told_and_only_once(cli, small):
    out = small / "demo"
    ended = cli("demo", "--language", "zh", "--out", out, "--seed", "3")
    assert ended.code == 0
    assert "of 5 are labelled" in ended.out
    assert SENTENCES["en"][0][0] not in ended.out
    assert sorted(path.name for path in out.iterdir()) == ["corpus", "model"]
    again = cli("demo", "--language", "zh", "--out", out)
    assert again.code == 2
    assert again.err.startswith(f"Error: {out} is not empty.")


def test_a_folder_with_other_things_is_not_touched(cli, small):
    (small / "mine").mkdir()
    (small / "mine" / "notes.txt").write_text("keep", encoding="utf-8")
    ended = cli("demo", "--out", small / "mine")
    assert ended.code == 2
    assert [path.name for path in (small / "mine").iterdir()] == ["notes.txt"]


def test_an_interrupted_demo_goes_on_in_its_folder_and_leaves_no_temporary_one(cli, small, monkeypatch):
    train = api.train

    def interrupted(*words, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "train", interrupted)
    ended = cli("demo")
    assert ended.code == 130
    assert ended.err.splitlines()[-1] == "Interrupted."
    assert not list(small.iterdir())
    ended = cli("demo", "--out", small / "demo", "--language", "en")
    assert ended.err.splitlines()[-1] == "Interrupted; repeat the command to go on from the last checkpoint."
    monkeypatch.setattr(api, "train", train)
    assert cli("demo", "--out", small / "demo", "--language", "en").code == 0
