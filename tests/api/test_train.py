"""`train` from files to a model: languages, pairs, several labels, what is told, and what is refused."""

import errno
import json
import os

import pytest

import attendo
from attendo.api import train
from attendo.data import write_corpus
from attendo.errors import ConfigError, DataError, InputError, StorageError
from attendo.tasks import load

WORDS = {"en": ("great", "lovely", "awful", "dull"), "zh": ("很好", "喜欢", "很差", "无聊")}


def lines(language):
    good, fine, bad, poor = WORDS[language]
    for number in range(17):
        yield f"{number} {good} {number * 7 % 11}", "good"
        yield f"{number} {fine} {number * 5 % 13}", "good"
        yield f"{number} {bad} {number * 3 % 17}", "bad"
        yield f"{number} {poor} {number * 2 % 19}", "bad"


def table(path, header, rows):
    text = "".join("\t".join(row) + "\n" for row in [header, *rows])
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_single_texts(language, quick, tmp_path):
    data = table(tmp_path / "data.tsv", ("text", "label"), lines(language))
    attendo.train("classify", data, out=tmp_path / "model", settings=quick())
    model = attendo.load(tmp_path / "model")
    good, _, bad, _ = WORDS[language]
    assert [each.label for each in model.predict([f"3 {good} 5", f"3 {bad} 5"])] == ["good", "bad"]


def test_pairs(quick, tmp_path):
    words = [word for each in WORDS.values() for word in each]
    rows = [(f"soup {a}", f"the {b}", "same" if a == b else "other") for a in words for b in words for _ in range(2)]
    data = table(tmp_path / "data.tsv", ("text1", "text2", "label"), rows)
    model = train("classify", data, out=tmp_path / "model", settings=quick()).model
    assert model.encoder.paired
    assert len(model.predict("soup", "soup")) == 1


def test_several_labels(quick, tmp_path):
    rows = [(text, f"{label}|{'zh' if number % 3 else 'en'}") for number, (text, label) in enumerate(lines("en"))]
    data = table(tmp_path / "data.tsv", ("text", "label"), rows)
    result = train("classify", data, out=tmp_path / "model", settings=quick({"label_separator": "|"}))
    assert result.model.labels.several
    assert load(result.folder).predict("3 great 5")[0].probabilities.keys() == {"bad", "en", "good", "zh"}


def test_the_story_is_whole(undisturbed, corpus):
    story, folder = undisturbed.story, undisturbed.folder
    assert story.sizes == {"train": 81, "dev": 10, "test": 10}
    assert [system.name for system in story.systems] == ["majority class", "linear n-grams", "attendo"]
    assert all(set(system.scores) == {"dev", "test"} for system in story.systems)
    assert len(story.history) == 3
    assert story.attention[0].received
    assert story.cost.tokens > 0
    assert story.cost.operations > 0
    scores = undisturbed.model.evaluate(corpus / "test.jsonl")
    assert story.systems[2].scores["test"].accuracy.value == scores.accuracy.value
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "attendo.json",
        "config.json",
        "features.safetensors",
        "history.jsonl",
        "model.safetensors",
        "report.html",
        "settings.yaml",
    }
    card = json.loads((folder / "attendo.json").read_text(encoding="utf-8"))
    assert {row["set"] for row in card["scores"]} == {"dev", "test"}
    assert card["plan"]["epochs"] == 3


def test_a_seed_decides_everything(corpus, quick, undisturbed, same, tmp_path):
    train("classify", corpus, out=tmp_path / "same", settings=quick(checkpoint_seconds=997.0))
    same(tmp_path / "same", undisturbed.folder)
    train("classify", corpus, out=tmp_path / "other", settings=quick(seed=1))
    name = "model.safetensors"
    assert (tmp_path / "other" / name).read_bytes() != (undisturbed.folder / name).read_bytes()


def test_a_task_that_there_is_not(corpus, tmp_path):
    with pytest.raises(ConfigError, match="There are: classify"):
        train("sing", corpus, out=tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_one_class_is_none(quick, tmp_path):
    data = table(tmp_path / "data.tsv", ("text", "label"), [(f"text {n}", "good") for n in range(13)])
    with pytest.raises(DataError, match="at least two labels"):
        train("classify", data, out=tmp_path / "model", settings=quick())
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("file", ["notes.txt", "run/notes.txt"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_other_files_are_left_alone(file, overwrite, corpus, quick, tmp_path):
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(InputError, match="is not empty and not a model"):
        train("classify", corpus, out=tmp_path, settings=quick(), overwrite=overwrite)
    assert path.read_text() == "mine"
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


def test_a_file_is_no_folder(corpus, quick, tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(InputError, match=r"is a file\. Choose another folder"):
        train("classify", corpus, out=tmp_path / "model", settings=quick())


def full_disk(monkeypatch, name):
    replace = os.replace

    def refuse(source, target):
        if str(target).endswith(name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr("attendo.files.os.replace", refuse)


@pytest.mark.parametrize("name", ["model.safetensors", "checkpoint.pt"])
def test_a_full_disk_stops_a_run_that_can_go_on(name, corpus, quick, undisturbed, same, monkeypatch, tmp_path):
    out, settings = tmp_path / "model", quick()
    with monkeypatch.context() as patch:
        full_disk(patch, name)
        with pytest.raises(StorageError, match=rf"{name} could not be written: No space left"):
            train("classify", corpus, out=out, settings=settings)
    assert not (out / "attendo.json").exists()
    train("classify", corpus, out=out, settings=settings)
    same(out, undisturbed.folder)


def test_an_unfinished_run_is_not_given_up_for_another(corpus, quick, monkeypatch, tmp_path):
    out = tmp_path / "model"
    with monkeypatch.context() as patch:
        full_disk(patch, "checkpoint.pt")
        with pytest.raises(StorageError):
            train("classify", corpus, out=out, settings=quick())
    with pytest.raises(InputError, match="an unfinished run with other settings"):
        train("classify", corpus, out=out, settings=quick(seed=2))
    other = tmp_path / "other"
    write_corpus(other, "en", size=47)
    with pytest.raises(InputError, match="an unfinished run with other data"):
        train("classify", other, out=out, settings=quick())
    (out / "run" / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json cannot be read .* to start this run again"):
        train("classify", corpus, out=out, settings=quick())


def test_a_model_is_replaced_only_when_asked_and_only_by_a_finished_one(corpus, quick, monkeypatch, tmp_path):
    out, settings = tmp_path / "model", quick(epochs=1)
    train("classify", corpus, out=out, settings=settings)
    (out / "notes.txt").write_text("mine")
    before = load(out).predict("good")
    with pytest.raises(InputError, match="already holds a model"):
        train("classify", corpus, out=out, settings=settings)
    with monkeypatch.context() as patch:
        full_disk(patch, "checkpoint.pt")
        with pytest.raises(StorageError):
            train("classify", corpus, out=out, settings=quick(epochs=1, seed=3), overwrite=True)
    assert load(out).predict("good") == before
    train("classify", corpus, out=out, settings=quick(epochs=1, seed=3), overwrite=True)
    assert load(out).predict("good") != before
    assert (out / "notes.txt").read_text() == "mine"
