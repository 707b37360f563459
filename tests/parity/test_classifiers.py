"""A folder of the reference library is loaded by `attendo.load`, says the same, and goes back without a difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import attendo
from attendo.data import Example
from attendo.errors import InputError

transformers = pytest.importorskip("transformers")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "very", "电", "影", "很", "."]
TEXTS = ["Good films.", "bad", "", "电影很好", "very " * 40 + "bad film"]
PAIRS = ["very good", "", "film", "电影", "good " * 30]


def saved(folder: Path, architecture: str = "BertForSequenceClassification", **changes: Any) -> Any:
    """A small random model of the reference library with its tokenizer, in a folder."""
    torch.manual_seed(0)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    tokenizer = transformers.BertTokenizer.from_pretrained(folder, model_max_length=19)
    numbers = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 17}
    labels = {"id2label": {0: "neg", 1: "neutral", 2: "正面"}, "label2id": {"neg": 0, "neutral": 1, "正面": 2}}
    config = transformers.BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=19, initializer_range=0.5, **numbers, **labels, **changes
    )
    model = getattr(transformers, architecture)(config).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model, tokenizer


@torch.inference_mode()
def expected(model: Any, tokenizer: Any, pairs: list[str] | None) -> np.ndarray:
    """The reference library's probabilities, one text at a time."""
    rows = []
    for number, text in enumerate(TEXTS):
        both = ([text], [pairs[number]]) if pairs else ([text],)  # alone, an empty pair would count as none
        inputs = tokenizer(*both, truncation=True, max_length=19, return_tensors="pt")
        rows.append(model(**inputs).logits[0].softmax(-1).numpy())
    return np.stack(rows)


def chances(predictions: list[Any]) -> np.ndarray:
    return np.array([list(each.probabilities.values()) for each in predictions])


@pytest.mark.parametrize("pairs", [None, PAIRS], ids=["single", "pairs"])
def test_predictions_are_those_of_the_reference_library(pairs, tmp_path):
    theirs, tokenizer = saved(tmp_path / "theirs")
    model = attendo.load(tmp_path / "theirs")
    found = model.predict(TEXTS, pairs)
    np.testing.assert_allclose(chances(found), expected(theirs, tokenizer, pairs), atol=1e-5)
    assert model.labels.names == ("neg", "neutral", "正面")


def test_it_goes_back_and_is_loaded_again(tmp_path):
    theirs, tokenizer = saved(tmp_path / "theirs")
    first = attendo.load(tmp_path / "theirs")
    first.save(tmp_path / "mine")
    again = attendo.load(tmp_path / "mine")
    assert (chances(first.predict(TEXTS)) == chances(again.predict(TEXTS))).all()
    back = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "mine").eval()
    assert all(torch.equal(tensor, theirs.state_dict()[name]) for name, tensor in back.state_dict().items())
    assert back.config.id2label == theirs.config.id2label
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "mine")
    assert (type(words), words.model_max_length) == (type(tokenizer), 19)
    for text in TEXTS:
        assert words(text)["input_ids"] == tokenizer(text)["input_ids"]


def test_several_labels(tmp_path):
    theirs, tokenizer = saved(tmp_path / "theirs", problem_type="multi_label_classification")
    (found,) = attendo.load(tmp_path / "theirs").predict(TEXTS[:1])
    with torch.inference_mode():
        logits = theirs(**tokenizer(TEXTS[0], return_tensors="pt")).logits[0]
    np.testing.assert_allclose(list(found.probabilities.values()), logits.sigmoid().numpy(), atol=1e-5)
    assert found.labels == tuple(name for name, chance in found.probabilities.items() if chance >= 0.5)


def test_labels_without_names(tmp_path):
    saved(tmp_path / "theirs")
    path = tmp_path / "theirs" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    del config["id2label"], config["label2id"]
    path.write_text(json.dumps(config | {"num_labels": 3}), encoding="utf-8")
    assert attendo.load(tmp_path / "theirs").labels.names == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_it_is_evaluated_like_any_model(tmp_path):
    saved(tmp_path / "theirs")
    model = attendo.load(tmp_path / "theirs")
    labels = [each.label for each in model.predict(TEXTS)]
    scores = model.evaluate([Example(text, None, (label,)) for text, label in zip(TEXTS, labels, strict=True)])
    assert scores.as_dict()["accuracy"]["value"] == 1


def test_it_is_saved_over_nothing_but_a_model(tmp_path):
    saved(tmp_path / "theirs")
    model = attendo.load(tmp_path / "theirs")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        model.save(tmp_path / "notes")
    assert [each.name for each in (tmp_path / "notes").iterdir()] == ["mine.txt"]
    with pytest.raises(InputError, match="holds a model already"):
        model.save(tmp_path / "theirs")
    model.save(tmp_path / "theirs", overwrite=True)
    assert attendo.load(tmp_path / "theirs").predict(TEXTS) == model.predict(TEXTS)
