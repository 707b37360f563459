"""A model folder that cannot be loaded says why in a sentence."""

import gc
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from attendo.errors import DivergedError, InputError
from attendo.models import FAMILIES, TokenModel, load_model, save_weights

SMALL = {
    "model_type": "bert", "architectures": ["BertForTokenClassification"], "vocab_size": 11, "hidden_size": 6,
    "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 7, "max_position_embeddings": 5,
    "id2label": {"0": "O", "1": "B", "2": "I"},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    family = FAMILIES["bert"]
    shape = family.shape(**{name: value for name, value in SMALL.items() if name in family.shape.__dataclass_fields__})
    model = family.build(type(shape)(**shape.__dict__ | {"num_labels": 3}), "token")
    assert isinstance(model, TokenModel)
    save_weights(model, tmp_path, family.keys(shape, "token"))
    (tmp_path / "config.json").write_text(json.dumps(SMALL))
    return tmp_path


def test_it_loads(folder):
    found = load_model(folder)
    assert (found.head, found.shape.num_labels) == ("token", 3)
    assert not found.network.training


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_precision_is_as_asked(folder, dtype):
    found = load_model(folder, dtype=dtype)
    assert {parameter.dtype for parameter in found.network.parameters()} == {dtype}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "brt"}, "holds a model of type `brt`, which is not known. Known: bert, "),
        ({"model_type": None}, "config.json names no `model_type`. Add it, one of: attendo, "),
        ({"architectures": ["BertForTokenClasification"]}, "which is not known. Known: BertForTokenClassification, "),
        ({"num_attention_heads": 4}, "`num_heads` must divide `d_model` (6), but is 4"),
        ({"hidden_act": "sine"}, "config.json cannot be a model: There is no activation `sine`"),
        ({"num_hidden_layers": 0}, "`num_hidden_layers`"),
        ({"num_hidden_layers": 10**9}, "`num_hidden_layers` must be a whole number, at least 1 and at most 4096, but"),
        (
            {"hidden_size": -6, "vocab_size": "many", "hidden_act": None},
            'but is "many". `hidden_size` must be a whole number, at least 1 and at most 268435456, but is -6.',
        ),
        (
            {"hidden_size": 10**12},
            "`hidden_size` must be a whole number, at least 1 and at most 268435456, but is 10000",
        ),
        ({"vocab_size": 10**15}, "`vocab_size` must be a whole number, at least 1 and at most"),
        ({"vocab_size": 2**28}, "`embeddings.word_embeddings.weight` has the shape (11, 6), not (268435456, 6)"),
        ({"hidden_size": 2**28, "intermediate_size": 2**28}, "has the shape (11, 6), not (11, 268435456)"),
        ({"hidden_size": 6.5}, "`hidden_size` must be a whole number, at least 1 and at most 268435456, but is 6.5."),
        ({"hidden_size": True}, "`hidden_size` must be a whole number, at least 1 and at most 268435456, but is true."),
        (
            {"hidden_size": [6] * 99},
            "`hidden_size` must be a whole number, at least 1 and at most 268435456, but is [6, 6",
        ),
        ({"layer_norm_eps": float("nan")}, "`layer_norm_eps` must be a number, at least 0 and below 1, but is NaN."),
        ({"layer_norm_eps": 10**400}, "`layer_norm_eps` must be a number, at least 0 and below 1, but is 1000"),
        ({"hidden_dropout_prob": 1}, "`hidden_dropout_prob` must be a number, at least 0 and below 1, but is 1."),
        ({"classifier_dropout": "0.1"}, "`classifier_dropout` must be a number, at least 0 and below 1 or null, but"),
        ({"tie_word_embeddings": 1}, "`tie_word_embeddings` must be true or false, but is 1."),
        ({"id2label": ["O", "B", "I"]}, "`id2label` must be names with values"),
        ({"id2label": {}}, "`num_labels` must be a whole number, at least 1"),
        ({"architectures": "BertModel"}, "`architectures` must be a list of names, but is 'BertModel'."),
        ({"architectures": [3]}, "`architectures` must be a list of names, but is [3]."),
        ({"vocab_size": 13}, "`embeddings.word_embeddings.weight` has the shape (11, 6), not (13, 6)"),
        ({"num_hidden_layers": 2}, "missing: encoder.layer.1."),
        ({"architectures": ["BertForQuestionAnswering"]}, "unexpected: classifier.bias, classifier.weight"),
    ],
)
def test_numbers_and_names_that_do_not_fit(folder, changes, words):
    (folder / "config.json").write_text(json.dumps(SMALL | changes))
    with pytest.raises(InputError) as caught:
        load_model(folder)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "config.json is damaged"),
        (b"{", "config.json is damaged"),
        (b"[]", "config.json must hold names and values, but holds a list"),
        (b'{"model_type": "b\xe4rt"}', "config.json is damaged .'utf-8' codec can't decode"),
        (b"\xff\xfe{\x00}\x00", "config.json is damaged .'utf-8' codec can't decode"),
        (b"[" * 10**5, "config.json is damaged"),
    ],
    ids=range(6),
)
def test_a_config_that_is_none(folder, text, words):
    (folder / "config.json").write_bytes(text)
    with pytest.raises(InputError, match=words):
        load_model(folder)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rope_type": "yarn", "factor": 4.0}, "of the kind `yarn` are not known. Known: default, linear, llama3"),
        ({"rope_type": "linear"}, r"`rope_parameters\.factor` must be a number, above 0, but is missing"),
    ],
)
def test_rotary_positions_that_are_not_known(tmp_path, asked, words):
    numbers = {"model_type": "llama", "hidden_size": 8, "num_attention_heads": 2, "rope_parameters": asked}
    (tmp_path / "config.json").write_text(json.dumps(numbers | {"num_hidden_layers": 1, "vocab_size": 7}))
    with pytest.raises(InputError, match=words):
        load_model(tmp_path)


NUMBERS = {"vocab_size": 7, "num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 4}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "gpt2", "n_embd": 2, "n_head": 3}, "`num_heads` must divide `d_model` (2), but is 3."),
        ({"model_type": "llama", "num_key_value_heads": 3}, "`num_kv_heads` must divide `num_heads` (4), but is 3."),
        ({"model_type": "llama", "head_dim": 5}, "The rotated width must be even, but is 5."),
        (
            {"model_type": "qwen2", "num_key_value_heads": 2, "layer_types": ["full_attention"]},
            "must name every layer, of which there are 2, but",
        ),
        ({"model_type": "modernbert", "layer_types": ["full_attention"] * 3}, "of which there are 2, but names 3."),
        ({"model_type": "roberta", "pad_token_id": 516}, "`max_position_embeddings` must be above 517, for positions"),
        ({"model_type": "llama", "num_attention_heads": 2**28, "head_dim": 2**28}, "its numbers are too large ("),
    ],
)
def test_numbers_that_contradict_each_other(tmp_path, changes, words):
    (tmp_path / "config.json").write_text(json.dumps(NUMBERS | changes))
    with pytest.raises(InputError) as caught:
        load_model(tmp_path)
    assert f"{tmp_path / 'config.json'} cannot be a model: " in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [None, torch.float16])
@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.uint8])
def test_whole_numbers_are_no_weights(folder, kind, dtype):
    tensors = load_file(folder / "model.safetensors")
    name = "bert.encoder.layer.0.attention.self.key.weight"
    save_file(tensors | {name: tensors[name].to(kind)}, folder / "model.safetensors")
    with pytest.raises(InputError) as caught:
        load_model(folder, dtype=dtype)
    shown = str(kind).removeprefix("torch.")
    assert str(caught.value).endswith(f": `encoder.layer.0.attention.self.key.weight` holds {shown}, not float32.")


def test_of_many_problems_only_the_first_are_named(folder):
    tensors = load_file(folder / "model.safetensors")
    more = {f"bert.encoder.layer.{i}.extra": torch.zeros(1) for i in range(17)}
    flat = {name: tensor.reshape(-1, 1) for name, tensor in tensors.items()}
    save_file(flat | more, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(SMALL | {"num_hidden_layers": 99}))
    with pytest.raises(InputError) as caught:
        load_model(folder)
    said = str(caught.value)
    assert "missing: encoder.layer.1.attention.self.query.weight, " in said
    assert f", and {98 * 16 - 12:,} more; unexpected: bert.encoder.layer.0.extra, " in said
    assert ", and 5 more; `embeddings.word_embeddings.weight` has the shape (66, 1), not (11, 6)" in said
    assert said.endswith(" more.")
    assert len(said) < 2000


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float32])
def test_weights_become_what_is_asked_for(folder, stored, dtype):
    tensors = {name: tensor.to(stored) for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(tensors, folder / "model.safetensors")
    found = load_model(folder, dtype=dtype)
    exported = found.keys.export(found.network.state_dict())
    assert exported.keys() == tensors.keys()
    assert all(torch.equal(exported[name], tensor.to(dtype)) for name, tensor in tensors.items())


@pytest.mark.parametrize("name", ["dtype", "torch_dtype", None])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_precision_that_is_written_is_that_of_the_weights(folder, tmp_path, name, dtype):
    said = {} if name is None else {name: "float16"}
    (folder / "config.json").write_text(json.dumps(SMALL | said))
    load_model(folder, dtype=dtype).save(tmp_path / "again")
    config = json.loads((tmp_path / "again" / "config.json").read_text())
    known = {key: config[key] for key in ("dtype", "torch_dtype") if key in config}
    usual = {} if dtype == torch.float32 else {"dtype": "bfloat16"}
    assert known == ({name: str(dtype).removeprefix("torch.")} if name else usual)
    assert {tensor.dtype for tensor in load_file(tmp_path / "again" / "model.safetensors").values()} == {dtype}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_weight_that_is_no_number_is_found_and_not_saved(folder, tmp_path, value):
    tensors = load_file(folder / "model.safetensors")
    tensors["bert.encoder.layer.0.intermediate.dense.weight"][3, 1] = value
    save_file(tensors, folder / "model.safetensors")
    found = load_model(folder)
    assert found.spoilt() == ["encoder.layer.0.intermediate.dense.weight"]
    with pytest.raises(DivergedError, match=r"^encoder\.layer\.0\.intermediate\.dense\.weight: these weights hold NaN"):
        found.save(tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_large_sums_are_numbers_still(folder):
    found = load_model(folder, dtype=torch.float16)
    found.network.get_parameter("head.output.weight").data.fill_(65504.0)
    assert found.spoilt() == []


@pytest.mark.parametrize("dtype", [None, torch.float16])
def test_weights_go_where_they_are_to_be(folder, device, dtype):
    here = load_model(folder, dtype=dtype).network
    there = load_model(folder, dtype=dtype, device=str(device)).network
    nowhere = load_model(folder, dtype=dtype, device="meta").network
    for name, parameter in here.named_parameters():
        assert there.get_parameter(name).device.type == device.type
        assert torch.equal(there.get_parameter(name).cpu(), parameter)
        assert nowhere.get_parameter(name).device.type == "meta"
        assert nowhere.get_parameter(name).dtype == parameter.dtype


def test_precision_does_not_depend_on_what_is_usual_elsewhere(folder):
    torch.set_default_dtype(torch.float64)
    try:
        found = load_model(folder)
    finally:
        torch.set_default_dtype(torch.float32)
    assert {parameter.dtype for parameter in found.network.parameters()} == {torch.float32}


def test_garbage_is_collected_after_loading_as_before(folder):
    for collecting in (False, True):
        (gc.enable if collecting else gc.disable)()
        load_model(folder)
        assert gc.isenabled() == collecting


def test_no_config(tmp_path):
    with pytest.raises(InputError, match=r"holds no config.json: it is not a model folder"):
        load_model(tmp_path)
