"""Weights come back bit for bit, and whatever does not fit is named all at once."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from attendo.attention import Layout
from attendo.errors import ModelFolderError, StorageError
from attendo.models import WEIGHTS, TokenBatch, load_model, load_weights, save_weights


def model() -> nn.Module:
    made = nn.ModuleDict({"first": nn.Linear(3, 5), "second": nn.Linear(5, 2), "norm": nn.BatchNorm1d(5)})
    return made.requires_grad_(False)


def change(folder, change_tensors) -> None:
    tensors = load_file(folder / WEIGHTS)
    change_tensors(tensors)
    save_file(tensors, folder / WEIGHTS)


@pytest.fixture
def folder(tmp_path):
    save_weights(model(), tmp_path)
    return tmp_path


def refusal(folder) -> str:
    """What a model that is not to be changed is told."""
    target = model()
    before = {name: tensor.clone() for name, tensor in target.state_dict().items()}
    with pytest.raises(ModelFolderError) as caught:
        load_weights(target, folder)
    assert all(torch.equal(before[name], tensor) for name, tensor in target.state_dict().items())
    return str(caught.value)


def test_weights_come_back_bit_for_bit(tmp_path):
    saved, found = model(), model()
    saved.get_parameter("first.weight")[0, :2] = torch.tensor([1e-45, -0.0])
    save_weights(saved, tmp_path / "new" / "模型")
    load_weights(found, tmp_path / "new" / "模型")
    for name, tensor in saved.state_dict().items():
        other = found.state_dict()[name]
        assert tensor.dtype == other.dtype
        assert tensor.contiguous().view(-1).view(torch.uint8).tolist() == other.view(-1).view(torch.uint8).tolist()


def test_loading_keeps_what_is_learned_and_what_is_not(folder):
    target = model()
    target.get_submodule("first").requires_grad_(True)
    load_weights(target, folder)
    assert {name for name, p in target.named_parameters() if p.requires_grad} == {"first.weight", "first.bias"}


def test_weights_that_do_not_lie_in_order_are_saved_too(tmp_path):
    saved, found = nn.Linear(3, 5), nn.Linear(3, 5)
    saved.weight = nn.Parameter(torch.randn(3, 5).T)
    save_weights(saved, tmp_path)
    load_weights(found, tmp_path)
    assert torch.equal(saved.weight, found.weight)


def test_the_file_says_what_it_is_to_other_libraries(folder):
    with safe_open(folder / WEIGHTS, framework="pt") as file:
        assert file.metadata() == {"format": "pt"}


def test_saving_again_replaces(folder):
    second, found = model(), model()
    save_weights(second, folder)
    load_weights(found, folder)
    assert torch.equal(found.get_parameter("first.weight"), second.get_parameter("first.weight"))
    assert [path.name for path in folder.iterdir()] == [WEIGHTS]


def test_every_mismatch_is_named_in_one_error(folder):
    def spoil(tensors):
        del tensors["first.bias"], tensors["norm.running_mean"]
        tensors["third.weight"] = torch.zeros(2)
        tensors["second.weight"] = torch.zeros(2, 7)
        tensors["second.bias"] = torch.zeros(3)

    change(folder, spoil)
    said = refusal(folder)
    assert said.startswith(f"{folder / WEIGHTS} does not fit its config.json: ")
    assert "missing: first.bias, norm.running_mean" in said
    assert "unexpected: third.weight" in said
    assert "`second.weight` has the shape (2, 7), not (2, 5)" in said
    assert "`second.bias` has the shape (3,), not (2,)" in said
    assert "first.weight" not in said


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda tensors: tensors.pop("first.bias"), "missing: first.bias."),
        (lambda tensors: tensors.update(other=torch.zeros(1)), "unexpected: other."),
        (lambda tensors: tensors.update({"first.bias": torch.zeros(5, 1)}), "the shape (5, 1), not (5,)."),
        (lambda tensors: tensors.update({"first.bias": torch.arange(5)}), "`first.bias` holds int64, not float32."),
        (lambda tensors: tensors.update({"first.bias": torch.zeros(5).double()}), "holds float64, not float32."),
        (
            lambda tensors: tensors.update({"norm.num_batches_tracked": torch.tensor(3.0)}),
            "`norm.num_batches_tracked` holds float32, not int64.",
        ),
    ],
    ids=["missing", "unexpected", "misshapen", "integers", "doubles", "floats"],
)
def test_each_mismatch_alone(folder, spoil, words):
    change(folder, spoil)
    assert refusal(folder).endswith(words)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_as_many_bits_are_widened(folder, dtype):
    change(folder, lambda tensors: tensors.update({"first.weight": tensors["first.weight"].to(dtype)}))
    target = model()
    load_weights(target, folder)
    found = target.get_parameter("first.weight")
    assert found.dtype == torch.float32
    assert torch.equal(found, load_file(folder / WEIGHTS)["first.weight"].float())


@pytest.mark.parametrize("kept", [0, 1, 7, 100, -1])
def test_a_file_cut_short(folder, kept):
    path = folder / WEIGHTS
    path.write_bytes(path.read_bytes()[:kept])
    said = refusal(folder)
    assert said.startswith(f"{path} is damaged (")
    assert said.endswith("Copy the model again from where it came from.")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", "这不是模型".encode() * 99, b"\xff" * 64], ids=repr)
def test_another_kind_of_file(folder, content):
    (folder / WEIGHTS).write_bytes(content)
    assert "is damaged" in refusal(folder)


def test_a_file_that_grew(folder):
    with open(folder / WEIGHTS, "ab") as file:
        file.write(b"more")
    assert "is damaged" in refusal(folder)


def test_no_weights_at_all(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} holds no {WEIGHTS}: it is not a model, or not a whole one."


def test_a_folder_where_the_file_should_be(tmp_path):
    (tmp_path / WEIGHTS).mkdir()
    assert "is damaged" in refusal(tmp_path)


def test_a_place_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="could not be written"):
        save_weights(model(), tmp_path / "file" / "below")


def test_what_differs_in_the_file_is_not_tied(tmp_path):
    transformers = pytest.importorskip("transformers")
    numbers = {"vocab_size": 37, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_layers": 1, "num_heads": 3}
    theirs = transformers.T5ForConditionalGeneration(transformers.T5Config(**numbers, decoder_start_token_id=0))
    theirs.lm_head.weight = torch.nn.Parameter(torch.randn(37, 24))
    theirs.save_pretrained(tmp_path / "theirs")
    mine = load_model(tmp_path / "theirs")
    assert mine.config["tie_word_embeddings"]
    assert torch.equal(mine.network.head.output.weight, theirs.lm_head.weight)
    assert mine.network.decoder.embedding.tokens.weight is mine.network.encoder.embedding.tokens.weight
    mine.save(tmp_path / "mine")
    again = load_model(tmp_path / "mine")
    assert torch.equal(again.network.head.output.weight, theirs.lm_head.weight)
    assert torch.equal(again.network.encoder.embedding.tokens.weight, theirs.shared.weight)
    back = transformers.T5ForConditionalGeneration.from_pretrained(tmp_path / "mine")
    assert torch.equal(back.lm_head.weight, theirs.lm_head.weight)


def test_what_the_first_training_left_in_the_file_is_passed_over(tmp_path):
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 17}
    theirs = transformers.BertForPreTraining(transformers.BertConfig(vocab_size=37, **sizes)).eval()
    theirs.config.architectures = ["BertForMaskedLM"]  # as the folders say that BERT came in
    theirs.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"architectures": ["BertForMaskedLM"]}))
    mine = load_model(tmp_path)
    ids = torch.tensor([[5, 7, 11]])
    with torch.inference_mode():
        expected = theirs(input_ids=ids).prediction_logits[0]
        found = mine.network(TokenBatch(layout=Layout((3,)), ids=ids[0]))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_a_head_start_that_lacks_is_none(tmp_path):
    transformers = pytest.importorskip("transformers")
    sizes = {"d_model": 12, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 17, "decoder_ffn_dim": 17}
    config = transformers.BartConfig(vocab_size=37, encoder_attention_heads=2, decoder_attention_heads=2, **sizes)
    transformers.BartForConditionalGeneration(config).save_pretrained(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["final_logits_bias"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert torch.equal(load_model(tmp_path).network.head.output.start, torch.zeros(1, 37))
