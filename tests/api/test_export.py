"""What is exported is loaded by the reference library and by ONNX Runtime, and says what the model says here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import attendo
from attendo.errors import InputError, ModelFolderError, UnsupportedError
from attendo.models import load_model, new_model
from attendo.text import Tokenizer

transformers = pytest.importorskip("transformers")
onnxruntime = pytest.importorskip("onnxruntime")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "very", "电", "影", "很", "."]
TEXTS = ["Good films.", "bad", "", "电影很好", "very bad film very good films"]
PAIRS = ["very good", "film", "film .", "电影", "good"]
SMALL = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 17}
NUMBERS: dict[str, dict[str, Any]] = {
    "bert": SMALL | {"max_position_embeddings": 19, "num_labels": 3},
    "electra": SMALL | {"max_position_embeddings": 19, "embedding_size": 10},
    "distilbert": {"dim": 12, "n_layers": 2, "n_heads": 2, "hidden_dim": 17, "max_position_embeddings": 19},
    "gpt2": {"n_embd": 12, "n_layer": 2, "n_head": 2, "n_positions": 19, "pad_token_id": 0},
    "roberta": SMALL | {"max_position_embeddings": 21, "type_vocab_size": 1},
}
MODELS = [
    ("bert", "BertForSequenceClassification"),
    ("bert", "BertForMaskedLM"),
    ("bert", "BertModel"),
    ("electra", "ElectraForPreTraining"),
    ("distilbert", "DistilBertForTokenClassification"),
    ("distilbert", "DistilBertForQuestionAnswering"),
    ("gpt2", "GPT2LMHeadModel"),
    ("roberta", "RobertaForSequenceClassification"),
]


def saved(folder: Path, name: str, architecture: str, **changes: Any) -> Any:
    """A small random model of the reference library, in a folder with a tokenizer as slow files."""
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    size = write_bytes(folder) if name in ("gpt2", "roberta") else write_words(folder)
    config = transformers.AutoConfig.for_model(name, vocab_size=size, **NUMBERS[name] | changes)
    config.bos_token_id = config.eos_token_id = None
    model = getattr(transformers, architecture)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder)
    return model


def write_words(folder: Path) -> int:
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return len(WORDS)


def write_bytes(folder: Path) -> int:
    """Bytes, a merge, and the special tokens that RoBERTa and GPT-2 have."""
    from tokenizers import pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"]
    words = [*specials, *letters, "go", "od"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\ng o\no d\n", encoding="utf-8")
    return len(words)


def padded(tokenizer: Any, pairs: list[str] | None = None) -> Any:
    """The texts as a padded batch of the reference library's."""
    tokenizer.pad_token = tokenizer.pad_token or "<|endoftext|>"
    return tokenizer(TEXTS, pairs, padding=True, truncation=True, max_length=19, return_tensors="pt")


def same_ids(folder: Path, tokenizer: Any, pairs: list[str] | None) -> None:
    """The reference library's ids are those of the folder's tokenizer here."""
    ours = Tokenizer.load(folder).encode_batch(TEXTS, pairs, max_tokens=19)
    theirs = tokenizer(TEXTS, pairs, truncation=True, max_length=19)
    assert [each.ids.tolist() for each in ours] == theirs["input_ids"]


@pytest.mark.parametrize(("name", "architecture"), MODELS)
def test_the_reference_library_loads_it(name, architecture, tmp_path):
    source, out = tmp_path / "source", tmp_path / "new" / "out"
    theirs = saved(source, name, architecture)
    files = attendo.export(source, "hf", out=out)
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= set(files)
    again, said = type(theirs).from_pretrained(out, output_loading_info=True)
    assert not any(said[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert all(torch.equal(tensor, again.state_dict()[each]) for each, tensor in theirs.state_dict().items())
    tokenizer = transformers.AutoTokenizer.from_pretrained(out)
    same_ids(source, tokenizer, None)
    same_ids(source, tokenizer, PAIRS)
    inputs = padded(tokenizer)
    with torch.inference_mode():
        assert torch.equal(again.eval()(**inputs)[0], theirs(**inputs)[0])


@pytest.mark.parametrize(("name", "architecture"), MODELS)
def test_onnx_runtime_says_the_same(name, architecture, tmp_path):
    source, out = tmp_path / "source", tmp_path / "out"
    theirs = saved(source, name, architecture)
    assert {"config.json", "model.onnx", "tokenizer.json"} <= set(attendo.export(str(source), "onnx", out=out))
    assert "model.safetensors" not in {each.name for each in out.iterdir()}
    graph = onnxruntime.InferenceSession(str(out / "model.onnx"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(out)
    for pairs in (None, PAIRS):
        inputs = padded(tokenizer, pairs)
        assert set(inputs) == {each.name for each in graph.get_inputs()}
        with torch.inference_mode():
            expected = theirs(**inputs)
        names = [each.name for each in graph.get_outputs()]
        for each, value in zip(names, graph.run(None, {k: v.numpy() for k, v in inputs.items()}), strict=True):
            real = expected[each].numpy()
            if real.shape[:2] == inputs["attention_mask"].shape:
                value, real = (array[inputs["attention_mask"].bool().numpy()] for array in (value, real))
            np.testing.assert_allclose(value, real, atol=1e-4)


def test_what_belongs_to_the_model_goes_along(tmp_path):
    source = tmp_path / "source"
    saved(source, "gpt2", "GPT2LMHeadModel")
    beside = {"generation_config.json": '{"max_length":  7}', "chat_template.jinja": "{{ x }}", "LICENSE": "as is\n"}
    left = {"notes.txt": "mine", "run.py": "print()", "old.bin": "x", "tf_model.h5": "x", ".hidden.json": "{}"}
    for name, content in (beside | left).items():
        (source / name).write_text(content)
    for to in ("hf", "onnx"):
        files = attendo.export(source, to, out=tmp_path / to)
        assert {name: (tmp_path / to / name).read_text() for name in beside} == beside
        assert not set(files) & set(left)


def test_a_tokenizer_that_is_complete_is_not_touched(tmp_path):
    source = tmp_path / "source"
    saved(source, "bert", "BertForMaskedLM")
    transformers.BertTokenizer.from_pretrained(source, model_max_length=19).save_pretrained(source)
    files = [each for each in ("tokenizer.json", "tokenizer_config.json") if (source / each).exists()]
    assert len(files) == 2
    attendo.export(source, "hf", out=tmp_path / "out")
    for name in (*files, "vocab.txt"):
        assert (tmp_path / "out" / name).read_bytes() == (source / name).read_bytes()


def test_settings_beside_slow_files_are_heeded(tmp_path):
    source, out = tmp_path / "source", tmp_path / "out"
    saved(source, "bert", "BertForMaskedLM")
    added = {"14": {"content": "<new>", "special": True}}
    settings = {"do_lower_case": False, "model_max_length": 11, "added_tokens_decoder": added}
    (source / "tokenizer_config.json").write_text(json.dumps(settings))
    config = json.loads((source / "config.json").read_text())
    assert config["vocab_size"] == 14
    attendo.export(source, "hf", out=out)
    tokenizer = transformers.AutoTokenizer.from_pretrained(out)
    same_ids(source, tokenizer, PAIRS)
    assert tokenizer.model_max_length == 11
    assert tokenizer("Good")["input_ids"] == [2, 1, 3]
    assert tokenizer.convert_tokens_to_ids("<new>") == 14
    assert (tokenizer.pad_token, tokenizer.mask_token, tokenizer.sep_token) == ("[PAD]", "[MASK]", "[SEP]")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_stays_half_for_the_reference_library(dtype, tmp_path):
    source = tmp_path / "source"
    theirs = saved(source, "bert", "BertForMaskedLM").to(dtype)
    theirs.save_pretrained(source)
    attendo.export(source, "hf", out=tmp_path / "hf")
    again = type(theirs).from_pretrained(tmp_path / "hf", dtype="auto")
    assert again.dtype == dtype
    assert all(torch.equal(tensor, again.state_dict()[each]) for each, tensor in theirs.state_dict().items())
    attendo.export(source, "onnx", out=tmp_path / "onnx")
    assert (tmp_path / "onnx" / "model.onnx").is_file()


def test_a_classifier_of_ours_with_its_card(tmp_path):
    source = tmp_path / "source"
    saved(source, "bert", "BertForSequenceClassification")
    model = attendo.load(source)
    model.save(tmp_path / "card")
    attendo.export(tmp_path / "card", "hf", out=tmp_path / "out")
    assert not (tmp_path / "out" / "attendo.json").exists()
    again = attendo.load(tmp_path / "out")
    assert again.predict(TEXTS) == model.predict(TEXTS)
    (tmp_path / "card" / "config.json").write_text("{}")
    with pytest.raises(ModelFolderError, match=r"config\.json was changed"):
        attendo.export(tmp_path / "card", "hf", out=tmp_path / "other")


def test_what_cannot_be_exported(tmp_path):
    source = tmp_path / "source"
    saved(source, "bert", "BertForMaskedLM")
    with pytest.raises(InputError, match=r"`hf` .*, `onnx` .*; `tflite` is none of these"):
        attendo.export(source, "tflite", out=tmp_path / "out")
    with pytest.raises(InputError, match=r"is not empty\. Choose a folder that is new or empty"):
        attendo.export(source, "hf", out=source)
    with pytest.raises(ModelFolderError, match="There is no model folder"):
        attendo.export(tmp_path / "nowhere", "hf", out=tmp_path / "out")
    (source / "vocab.txt").unlink()
    with pytest.raises(ModelFolderError, match="There is no tokenizer"):
        attendo.export(source, "hf", out=tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("to", ["hf", "onnx"])
def test_our_own_family_has_no_counterpart(to, tmp_path, undisturbed):
    with pytest.raises(UnsupportedError, match=r"table of n-grams .* linear path .* train classify DATA --base MODEL"):
        attendo.export(undisturbed.folder, to, out=tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", ["hf", "onnx"])
def test_recurrent_networks_have_no_counterpart(to, tmp_path):
    source = tmp_path / "source"
    saved(source, "bert", "BertForMaskedLM")  # for its tokenizer
    numbers = {"model_type": "attendo-recurrent", "vocab_size": len(WORDS), "d_model": 11, "hidden_size": 7}
    new_model(numbers, "seq2seq").save(source)
    with pytest.raises(UnsupportedError, match=r"holds recurrent networks, .* leave `task.model.family`"):
        attendo.export(source, to, out=tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["source"]


def test_a_model_without_a_task_is_the_same_after_export(tmp_path):
    source = tmp_path / "source"
    saved(source, "distilbert", "DistilBertForMaskedLM")
    attendo.export(source, "hf", out=tmp_path / "out")
    assert load_model(tmp_path / "out").head == "masked"
