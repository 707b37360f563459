"""`attendo export`, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

transformers = pytest.importorskip("transformers")
onnxruntime = pytest.importorskip("onnxruntime")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "很", "好"]


def saved(folder: Path, architecture: str) -> Any:
    """A small random BERT with its vocabulary."""
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=17,
        max_position_embeddings=19, initializer_range=0.5,
    )  # fmt: skip
    model = getattr(transformers, architecture)(config).eval()
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("architecture", ["BertForSequenceClassification", "BertForMaskedLM"])
def test_both_forms(architecture, cli, tmp_path):
    theirs = saved(tmp_path / "model", architecture)
    for to in ("hf", "onnx"):
        ended = cli("export", tmp_path / "model", "--to", to, "--out", tmp_path / to)
        assert ended.code == 0, ended.err
        assert set(map(Path, ended.out.split())) == set((tmp_path / to).iterdir())
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "onnx")
    inputs = tokenizer(["good films", "很好", "bad"], padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = theirs(**inputs).logits.numpy()
        again = type(theirs).from_pretrained(tmp_path / "hf").eval()
        assert np.array_equal(again(**inputs).logits.numpy(), expected)
    graph = onnxruntime.InferenceSession(str(tmp_path / "onnx" / "model.onnx"))
    (found,) = graph.run(["logits"], {name: value.numpy() for name, value in inputs.items()})
    real = inputs["attention_mask"].bool().numpy() if found.ndim == 3 else slice(None)
    np.testing.assert_allclose(found[real], expected[real], atol=1e-4)


@pytest.mark.parametrize("to", ["hf", "onnx"])
def test_a_model_of_our_own_family(to, cli, model, tmp_path):
    ended = cli("export", model, "--to", to, "--out", tmp_path / "out")
    assert (ended.code, ended.out) == (2, "")
    assert "n-grams" in ended.err
    assert "train classify DATA --base MODEL" in ended.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export",), "Missing: MODEL"),
        (("export", "model"), "Missing: --to hf|onnx, --out FOLDER"),
        (("export", "model", "--to", "hf"), "Missing: --out FOLDER. It is used as `attendo export MODEL --to"),
        (("export", "./model", "--to", "tf", "--out", "x"), "`tf` is none of these"),
        (("export", "./model", "--to", "hf", "--out", "x"), "There is no model folder model"),
        (("export", "bert-nowhere", "--to", "hf", "--out", "x"), "HF_HUB_OFFLINE forbids to fetch it"),
    ],
)
def test_what_is_missing_or_wrong(words, said, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = cli(*words)
    assert ended.code == 2
    assert said in ended.err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_empty(cli, tmp_path):
    saved(tmp_path / "model", "BertForMaskedLM")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    ended = cli("export", tmp_path / "model", "--to", "hf", "--out", tmp_path / "out")
    assert (ended.code, [each.name for each in (tmp_path / "out").iterdir()]) == (2, ["mine.txt"])
    assert "is not empty" in ended.err


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_model_that_labels_no_texts(verb, cli, tmp_path):
    saved(tmp_path / "model", "BertForMaskedLM")
    (tmp_path / "data.tsv").write_text("text\tlabel\ngood\ta\nbad\tb\n")
    ended = cli(verb, tmp_path / "model", tmp_path / "data.tsv")
    assert ended.code == 2
    assert "holds a BertForMaskedLM, which gives words for hidden places, not labels of texts" in ended.err


def test_a_name_of_the_hub(process, tmp_path):
    home = tmp_path / "home" / "hub" / "models--org--tiny"
    saved(home / "snapshots" / "abc", "BertForSequenceClassification")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    surroundings = {"HF_HOME": str(tmp_path / "home"), "HF_HUB_CACHE": str(tmp_path / "home" / "hub")}
    ended = process("predict", "org/tiny", "good films", **surroundings)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["label"] in ("LABEL_0", "LABEL_1")
    ended = process("export", "org/tiny", "--to", "onnx", "--out", tmp_path / "out", **surroundings)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "model.onnx").is_file()
