"""A model without a task gives, text by text, what the reference library gives on a padded batch."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import attendo
from attendo.errors import DataError, InputError, UnsupportedError
from attendo.tasks import Generator, TextModel, load_task_model, load_text_model

transformers = pytest.importorskip("transformers")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "very", "电", "影", "很", "."]
TEXTS = ["Good films.", "bad", "", "电影很好", "very " * 40 + "bad film"]
PAIRS = ["very good", "film", "film", "电影", "good " * 30]
LABELS = {"id2label": {0: "O", 1: "B-东西", 2: "I-东西"}, "label2id": {"O": 0, "B-东西": 1, "I-东西": 2}}
MODELS = [
    ("BertModel", {}, ()),
    ("BertForTokenClassification", LABELS, ("O", "B-东西", "I-东西")),
    ("BertForMaskedLM", {}, ()),
    ("ElectraForPreTraining", {"embedding_size": 10}, ()),
    ("DistilBertModel", {}, ()),
    ("LlamaForCausalLM", {}, ()),
]
NUMBERS: dict[str, dict[str, Any]] = {
    "Bert": {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 17},
    "Distil": {"dim": 12, "n_layers": 2, "n_heads": 2, "hidden_dim": 17},
}
NUMBERS |= {"Electr": NUMBERS["Bert"], "Llama": NUMBERS["Bert"] | {"pad_token_id": 0}}


def saved(folder: Path, architecture: str, **changes: Any) -> tuple[Any, Any]:
    """A small random model of the reference library with its tokenizer, in a folder."""
    torch.manual_seed(0)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    tokenizer = transformers.BertTokenizer.from_pretrained(folder, model_max_length=19)
    kind = getattr(transformers, architecture)
    numbers = next(value for name, value in NUMBERS.items() if architecture.startswith(name))
    config = kind.config_class(vocab_size=len(WORDS), max_position_embeddings=19, **numbers, **changes)
    model = kind(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model, tokenizer


@torch.inference_mode()
def expected(model: Any, tokenizer: Any, pairs: list[str] | None) -> list[np.ndarray]:
    """What the reference library says of a padded batch, without its padding."""
    inputs = tokenizer(TEXTS, pairs, padding=True, truncation=True, max_length=19, return_tensors="pt")
    if "token_type_ids" not in inspect.signature(model.forward).parameters:
        inputs.pop("token_type_ids", None)
    found = model(**inputs)
    if hasattr(found, "start_logits"):
        scores = torch.stack([found.start_logits, found.end_logits], -1)
    else:
        scores = found.logits if hasattr(found, "logits") else found.last_hidden_state
    scores = scores[..., None] if scores.ndim == 2 else scores
    return [row[mask.bool()].numpy() for row, mask in zip(scores, inputs["attention_mask"], strict=True)]


@pytest.mark.parametrize("pairs", [None, PAIRS], ids=["single", "pairs"])
@pytest.mark.parametrize(("architecture", "changes", "labels"), MODELS)
def test_outputs_are_those_of_the_reference_library(architecture, changes, labels, pairs, tmp_path):
    theirs, tokenizer = saved(tmp_path / "model", architecture, **changes)
    model = load_text_model(tmp_path / "model")
    assert isinstance(model, TextModel)
    assert (model.labels, model.network) == (labels, model.model.network)
    found, wanted = model.outputs(TEXTS, pairs), expected(theirs, tokenizer, pairs)
    tokens = model.tokens(TEXTS, pairs)
    for mine, real, names in zip(found, wanted, tokens, strict=True):
        assert mine.dtype == np.float32
        assert len(mine) == len(names)
        np.testing.assert_allclose(mine, real, atol=2e-5 * max(1.0, float(abs(real).max())))


def test_tokens_know_their_places(tmp_path):
    saved(tmp_path / "model", "BertForMaskedLM")
    model = attendo.load(tmp_path / "model")
    assert isinstance(model, TextModel)
    (tokens,) = model.tokens("Good  films", "电.")
    assert [token.piece for token in tokens] == ["[CLS]", "good", "film", "##s", "[SEP]", "电", ".", "[SEP]"]
    assert [token[1:] for token in tokens] == [
        (0, 0, 0), (0, 4, 0), (6, 10, 0), (10, 11, 0), (0, 0, 0), (0, 1, 1), (1, 2, 1), (0, 0, 1),
    ]  # fmt: skip


def test_few_texts_and_none(tmp_path):
    saved(tmp_path / "model", "BertModel")
    model = attendo.load(tmp_path / "model")
    assert isinstance(model, TextModel)
    assert (model.outputs([]), model.tokens([])) == ([], [])
    (alone,) = model.outputs("bad")
    np.testing.assert_allclose(alone, model.outputs(TEXTS)[1], atol=1e-5)


@pytest.mark.parametrize(
    ("texts", "pairs", "message"),
    [(["a", 3], None, "must be"), (["a", "b"], ["c"], "There are 2 texts but 1 second texts")],
)
def test_what_is_no_text(texts, pairs, message, tmp_path):
    saved(tmp_path / "model", "BertModel")
    model = attendo.load(tmp_path / "model")
    assert isinstance(model, TextModel)
    with pytest.raises(DataError, match=message):
        model.outputs(texts, pairs)


def test_it_is_saved_as_it_was_and_over_nothing_else(tmp_path):
    theirs, tokenizer = saved(tmp_path / "model", "BertForMaskedLM")
    model = attendo.load(tmp_path / "model")
    model.save(tmp_path / "again")
    back = type(theirs).from_pretrained(tmp_path / "again")
    assert all(torch.equal(tensor, theirs.state_dict()[name]) for name, tensor in back.state_dict().items())
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    assert words(TEXTS)["input_ids"] == tokenizer(TEXTS)["input_ids"]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    with pytest.raises(InputError, match="holds other files"):
        model.save(tmp_path / "notes")


def test_no_tokenizer_of_an_earlier_model_is_left(tmp_path):
    saved(tmp_path / "model", "BertForMaskedLM")
    saved(tmp_path / "other", "DistilBertModel")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "model" / name).unlink()
    attendo.load(tmp_path / "model").save(tmp_path / "other", overwrite=True)
    assert not (tmp_path / "other" / "tokenizer.json").exists()
    assert (tmp_path / "other" / "vocab.txt").exists()


@pytest.mark.parametrize(
    ("architecture", "changes", "labels"),
    [each for each in MODELS if each[0] not in ("BertForTokenClassification", "LlamaForCausalLM")],
)
def test_whoever_wants_labels_of_texts_is_told(architecture, changes, labels, tmp_path):
    saved(tmp_path / "model", architecture, **changes)
    with pytest.raises(UnsupportedError, match=rf"holds a {architecture}, which gives .*, not labels of texts"):
        load_task_model(tmp_path / "model")


def test_an_empty_text_without_special_tokens(tmp_path):
    saved(tmp_path / "model", "LlamaForCausalLM")
    plain = '{"tokenizer_class": "PreTrainedTokenizerFast"}'
    (tmp_path / "model" / "tokenizer_config.json").write_text(plain)
    path = tmp_path / "model" / "tokenizer.json"
    from tokenizers import Tokenizer

    backend = Tokenizer.from_file(str(path))
    backend.post_processor = None  # type: ignore[assignment]
    backend.save(str(path))
    assert isinstance(attendo.load(tmp_path / "model"), Generator)
    model = load_text_model(tmp_path / "model")
    assert [each.shape for each in model.outputs([""])] == [(0, len(WORDS))]
    assert [len(each) for each in model.outputs(["", "bad film", ""])] == [0, 2, 0]
