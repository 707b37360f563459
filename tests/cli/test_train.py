"""`attendo train`: settings, what is shown, interruption and going on, and what is left behind."""

import json
import signal
import subprocess
import sys
from functools import partial

import pytest
import yaml

from attendo.api import TASKS, RunSettings
from attendo.configuration import from_mapping
from attendo.tasks import load


def test_model_report_and_what_was_chosen(cli, corpus, quick, tmp_path):
    out = tmp_path / "model"
    ended = cli("train", "classify", corpus, "--out", out, *quick)
    assert ended.code == 0
    shown = " ".join(ended.out.split())
    for system in ("majority class", "linear n-grams", "attendo"):
        assert system in shown
    assert json.loads((out / "attendo.json").read_text(encoding="utf-8"))["verdict"] in shown
    assert str(out / "report.html") in ended.out
    assert (out / "report.html").exists()
    assert not (out / "run").exists()
    lines = ended.err.splitlines()
    assert any(line.startswith("Texts: ") for line in lines)
    assert any(line.startswith("Epoch 1: dev accuracy ") for line in lines)
    assert "\x1b" not in ended.out + ended.err


def test_quiet_run_says_nothing(cli, corpus, quick, tmp_path):
    ended = cli("train", "classify", corpus, "--out", tmp_path / "model", "--quiet", *quick)
    assert ended == type(ended)(0, "", "")


@pytest.mark.parametrize(
    ("words", "terminal", "chinese"),
    [
        ((), "", False),
        ((), "zh_CN.UTF-8", True),
        (("--report-language", "en"), "zh_CN.UTF-8", False),
        (("--report-language", "zh"), "en_GB.UTF-8", True),
    ],
)
def test_the_language_of_the_report(words, terminal, chinese, cli, corpus, quick, monkeypatch, tmp_path):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", terminal)
    out = tmp_path / "model"
    assert cli("train", "classify", corpus, "--out", out, "--quiet", *quick, "--epochs", "1", *words).code == 0
    page = tmp_path / "page.html"
    shown = cli("evaluate", out, corpus, "--report", page, *words)
    for text in ((out / "report.html").read_text(encoding="utf-8"), page.read_text(encoding="utf-8"), shown.out):
        assert ("准确率" in text) == chinese
        assert ("accuracy" in text) != chinese or text.startswith("<")


def test_no_report_is_in_another_language(cli, corpus, tmp_path):
    ended = cli("train", "classify", corpus, "--out", tmp_path / "model", "--report-language", "fr")
    assert ended.code == 2
    assert "A report can be in 'en' or 'zh', but not in 'fr'." in ended.err
    assert not (tmp_path / "model").exists()


def test_options_files_and_overrides_come_together(cli, corpus, quick, tmp_path):
    config = tmp_path / "settings.yaml"
    config.write_text("training: {seed: 5, epochs: 3}\ntask: {label_smoothing: 0.25}\n", encoding="utf-8")
    out = tmp_path / "model"
    line = ("train", "classify", corpus / "train.jsonl", "--dev", corpus / "dev.jsonl", "--test", corpus / "test.jsonl")
    line += ("--out", out, "--config", config, "--quiet", *quick, "--set", "training.learning_rate=5e-4")
    assert cli(*line).code == 0
    settings = yaml.safe_load((out / "settings.yaml").read_text(encoding="utf-8"))
    assert settings["training"]["seed"] == 5
    assert settings["training"]["epochs"] == 1
    assert settings["training"]["learning_rate"] == 5e-4
    assert settings["task"]["label_smoothing"] == 0.25
    assert settings["task"]["model"]["size"] == "tiny"


def test_shown_settings_can_be_read_back(cli, tmp_path):
    ended = cli("train", "classify", "--show-config", "--size", "base", "--label-separator", "|")
    assert (ended.code, ended.err) == (0, "")
    settings = from_mapping(RunSettings, yaml.safe_load(ended.out))
    assert settings.task.model.size == "base"
    assert settings.data.label_separator == "|"
    comments = [line.strip() for line in ended.out.splitlines() if line.strip().startswith("#")]
    assert "# A named size; the numbers below override it one by one." in comments
    path = tmp_path / "settings.yaml"
    path.write_text(ended.out, encoding="utf-8")
    assert cli("train", "classify", "--show-config", "--config", path).out == ended.out


def test_the_help_names_every_task(cli):
    for task in TASKS:
        assert task in cli("train", "--help").out


def test_several_labels(cli, quick, tmp_path):
    rows = [
        (text, labels)
        for number in range(9)
        for text, labels in (
            (f"great plot {number}", "剧情|good"),
            (f"dull plot {number}", "剧情"),
            (f"great cast {number}", "good"),
        )
    ]
    data = tmp_path / "data.csv"
    data.write_text("text,label\n" + "".join(f"{text},{labels}\n" for text, labels in rows), encoding="utf-8")
    out = tmp_path / "model"
    assert cli("train", "classify", data, "--out", out, "--label-separator", "|", "--quiet", *quick).code == 0
    assert load(out).labels.several
    record = json.loads(cli("predict", out, "great plot").out)
    assert isinstance(record["label"], list)


def test_another_model_is_replaced_only_when_asked(cli, corpus, quick, model, tmp_path):
    out = tmp_path / "model"
    line = ("train", "classify", corpus, "--out", out, "--quiet", *quick)
    assert cli(*line).code == 0
    before = (out / "attendo.json").read_bytes()
    refused = cli(*line, "--seed", "3")
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (out / "attendo.json").read_bytes() == before
    assert cli(*line, "--seed", "3", "--overwrite").code == 0
    assert json.loads((out / "attendo.json").read_text(encoding="utf-8"))["settings"]["training"]["seed"] == 3


def test_interruption_is_a_sentence_and_the_run_goes_on(cli, corpus, quick, tmp_path):
    out = tmp_path / "model"
    words = ["train", "classify", str(corpus), "--out", str(out), *quick, "--epochs", "17"]
    words += ["--set", "training.patience=17", "--set", "training.checkpoint_seconds=0.05"]
    line = [sys.executable, "-m", "attendo", *words]
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background is born deaf to it
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", preexec_fn=heeded) as command:
        assert command.stderr
        assert any(said.startswith("Epoch 2:") for said in command.stderr)
        command.send_signal(signal.SIGINT)
        rest = command.stderr.read()
        assert command.wait(60) == 130
    assert rest.splitlines()[-1] == "Interrupted; repeat the command to go on from the last checkpoint."
    assert "Traceback" not in rest
    assert not (out / "attendo.json").exists()
    ended = cli(*words)
    assert ended.code == 0
    assert "Going on from a checkpoint: epoch " in ended.err
    assert "Epoch 1: " not in ended.err
    assert "Epoch 17: " in ended.err


def test_an_unfinished_folder_is_no_model(cli, tmp_path):
    (tmp_path / "model" / "run").mkdir(parents=True)
    ended = cli("predict", tmp_path / "model", "text")
    assert ended.code == 2
    assert "has not finished" in ended.err


def test_on_a_base(cli, corpus, quick, make_base, tmp_path):
    make_base(tmp_path / "base")
    out = tmp_path / "model"
    quick = [word for word in quick if word not in ("--size", "tiny")]  # which a base has already
    ended = cli("train", "classify", corpus, "--base", tmp_path / "base", "--out", out, *quick)
    assert ended.code == 0
    assert "The head is new: bert.pooler.dense.weight, " in " ".join(ended.err.split())
    assert "Each layer learns at 0.9 times the rate of the one above it." in ended.err
    assert not (out / "features.safetensors").exists()
    assert len(load(out).predict("good")) == 1
    said = {
        "./bert": "The base bert does not exist. Give a folder with",
        "bert-of-nobody": "There is no folder `bert-of",
    }
    for name, sentence in said.items():
        ended = cli("train", "classify", corpus, "--base", name, "--out", tmp_path / "other", *quick)
        assert ended.code == 2
        assert sentence in " ".join(ended.err.split())
    ended = cli("train", "--help")
    assert "--base FOLDER" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ("train", "classify", "x.csv", "--size", "tiny"),
        ("pretrain", "x.txt", "--size", "tiny"),
        ("pretrain", "x.txt", "--family", "bert"),
    ],
)
def test_what_a_base_has_already_is_not_said_again(cli, words, tmp_path):
    ended = cli(*words, "--base", tmp_path / "base", "--out", tmp_path / "model")
    assert ended.code == 2
    assert f"`{words[-2]}` is for models that are made anew" in " ".join(ended.err.split())
