"""A model folder that cannot be loaded says why in a sentence."""

import json

import pytest
import torch

from attendo.errors import InputError
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
        ({"model_type": None}, "which is not known. Known: "),
        ({"architectures": ["BertForTokenClasification"]}, "which is not known. Known: BertForTokenClassification, "),
        ({"num_attention_heads": 4}, "`num_heads` must divide `d_model` (6), but is 4"),
        ({"hidden_act": "sine"}, "config.json cannot be a model: There is no activation `sine`"),
        ({"num_hidden_layers": 0}, "`num_hidden_layers`"),
        ({"hidden_size": -6, "vocab_size": "many"}, "`hidden_size`"),
        ({"hidden_size": -6, "vocab_size": "many"}, "`vocab_size`"),
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


@pytest.mark.parametrize(("text", "words"), [("{", "is damaged"), ("[]", "must hold names and values")])
def test_a_config_that_is_none(folder, text, words):
    (folder / "config.json").write_text(text)
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


def test_no_config(tmp_path):
    with pytest.raises(InputError, match=r"holds no config.json: it is not a model folder"):
        load_model(tmp_path)
