"""`attendo pretrain`: what is shown, what is asked for, and what is refused."""

from __future__ import annotations

import json

import pytest
import yaml

from attendo.api import PretrainRunSettings
from attendo.configuration import from_mapping
from attendo.data import built_in_corpus
from attendo.models import load_model
from attendo.tasks.pretraining import OBJECTIVES

QUICK = ("--size", "tiny", "--epochs", "1", "--set", "training.precision=float32", "--set", "training.threads=1")


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "notes.txt"
    path.write_text("\n".join(each.text for each in built_in_corpus(size=101).train), encoding="utf-8")
    return path


def test_a_model_and_what_was_chosen(cli, notes, tmp_path):
    out = tmp_path / "model"
    ended = cli("pretrain", notes, "--out", out, *QUICK)
    assert ended.code == 0, ended.err
    assert "On held-out text: loss_dev " in ended.out
    assert str(out) in ended.out
    for said in (
        "Held out ",
        "Tokenizer: wordpiece",
        "ModernBertForMaskedLM",
        "Learning rate ",
        "Epoch 1: dev accuracy",
    ):
        assert said in ended.err
    assert f"--base {out}" in ended.err
    assert load_model(out).head == "masked"
    assert not (out / "run").exists()


@pytest.mark.parametrize("objective", ["replaced", "causal"])
def test_another_objective_on_several_files_without_a_word(objective, cli, notes, tmp_path):
    out = tmp_path / "model"
    ended = cli("pretrain", notes, notes, "--objective", objective, "--out", out, "--quiet", *QUICK)
    assert ended == type(ended)(0, "", "")
    card = json.loads((out / "attendo.json").read_text(encoding="utf-8"))
    assert card["objective"] == objective
    assert load_model(out).head == objective


def test_what_writes_texts_is_a_base_for_tasks_that_write(cli, notes, tmp_path):
    out = tmp_path / "model"
    ended = cli("pretrain", notes, "--objective", "spans", "--out", out, *QUICK)
    assert ended.code == 0, ended.err
    assert "T5ForConditionalGeneration" in ended.err
    assert f"attendo train summarize DATA --base {out} --out model" in ended.err
    refused = cli("predict", out, "a text")
    assert (refused.code, refused.out) == (2, "")
    assert "it mends texts, and knows no task yet" in refused.err
    again = cli("pretrain", notes, "--base", out, "--out", tmp_path / "later", "--objective", "causal")
    assert (again.code, again.out) == (2, "")
    assert "no head for `causal`. It can be trained with: infilling, spans." in again.err


def test_shown_settings_can_be_read_back(cli, tmp_path):
    ended = cli("pretrain", "--show-config", "--size", "base", "--objective", "replaced", "--minutes", "3")
    assert (ended.code, ended.err) == (0, "")
    settings = from_mapping(PretrainRunSettings, yaml.safe_load(ended.out))
    assert (settings.task.size, settings.task.objective, settings.training.minutes) == ("base", "replaced", 3)
    path = tmp_path / "settings.yaml"
    path.write_text(ended.out, encoding="utf-8")
    assert cli("pretrain", "--show-config", "--config", path).out == ended.out


def test_the_help_names_every_objective(cli):
    shown = cli("pretrain", "--help").out
    assert all(name in shown for name in OBJECTIVES)
    assert "Examples:" in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "x"), "Missing: TEXT."),
        (("a.txt",), "Missing: --out MODEL."),
        (("a.txt", "--out", "x", "--objective", "sorted"), "task.objective"),
        (("a.txt", "--out", "x", "--size", "huge"), "task.size"),
        (("a.txt", "--out", "x", "--objective", "infilling", "--family", "t5"), "Its objective is spans."),
        (("a.txt", "--out", "x", "--family", "bart"), "must be one of modernbert, bert for masked, but is bart."),
        (("a.txt", "--out", "x", "--set", "task.masked=0.3"), "Did you mean `task.masked_share`?"),
        (("nowhere.txt", "--out", "x"), "there is no such file"),
    ],
)
def test_mistakes_are_sentences(words, sentence, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = cli("pretrain", *words)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []
