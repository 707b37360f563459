"""A base under a new head: what is taken over, what is new, and what is refused."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.models import FAMILIES, WEIGHTS, FamilyModel, TextClassifier, load_base, load_model

LABELS = {"id2label": {0: "a", 1: "b", 2: "c", 3: "d", 4: "e"}}
TOWERS = ("bert", "roberta", "distilbert", "electra", "modernbert", "gpt2", "llama", "qwen2", "qwen3")
BASES = [
    (name, kind.architecture) for name, family in FAMILIES.items() if name in TOWERS for kind in family.heads.values()
]


@pytest.mark.parametrize(("family", "architecture"), BASES)
def test_the_encoder_is_taken_over_from_under_any_head(family, architecture, make_base, tmp_path):
    folder = tmp_path / "base"
    make_base(folder, family, architecture)
    before, (model, new) = load_model(folder).network.state_dict(), load_base(folder, LABELS)
    found = model.network.state_dict()
    encoder = {name for name in before if name.startswith("encoder.")}
    assert encoder == {name for name in found if name.startswith("encoder.")}
    assert all(torch.equal(before[name], found[name]) for name in encoder)
    assert model.head == "sequence"
    output = model.network.head.output.weight
    assert output.shape[0] == 5
    assert 0 < float(output.detach().abs().max()) < 0.06
    assert any(name.endswith("weight") for name in new)
    again, _ = load_base(folder, LABELS)
    assert not torch.equal(again.network.head.output.weight, output)  # drawn anew


def test_the_last_layer_is_kept_where_it_fits(make_base, tmp_path):
    make_base(tmp_path / "base", architecture="BertForSequenceClassification", id2label=LABELS["id2label"])
    before = load_model(tmp_path / "base").network.state_dict()
    kept, new = load_base(tmp_path / "base", LABELS, keeps_output=True)
    assert new == ()
    assert all(torch.equal(before[name], tensor) for name, tensor in kept.network.state_dict().items())
    other, new = load_base(tmp_path / "base", LABELS)
    assert new == ("classifier.weight", "classifier.bias")
    assert torch.equal(other.network.head.hidden.dense.weight, before["head.hidden.dense.weight"])
    few, new = load_base(tmp_path / "base", {"id2label": {0: "a", 1: "b"}}, keeps_output=True)
    assert new == ("classifier.weight", "classifier.bias")
    assert few.network.head.output.weight.shape[0] == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_taken_over_is_numbers(value, make_base, tmp_path):
    make_base(tmp_path / "base", architecture="BertForSequenceClassification", id2label=LABELS["id2label"])
    path = tmp_path / "base" / WEIGHTS
    before = load_file(path)
    for name in ("classifier.weight", "bert.encoder.layer.1.attention.self.key.bias"):
        tensors = {each: tensor.clone() for each, tensor in before.items()}
        tensors[name].view(-1)[3] = value
        save_file(tensors, path, metadata={"format": "pt"})
        refused = (
            rf"^The base .*base holds NaN or infinite values in [\w. +]*{name.removeprefix('bert.')}\b.*\. Copy it"
        )
        with pytest.raises(ModelFolderError, match=refused):
            load_base(tmp_path / "base", LABELS, keeps_output=True)
        if name == "classifier.weight":
            _, new = load_base(tmp_path / "base", LABELS)  # which draws another
            assert name in new


def test_the_same_seed_gives_the_same_head(make_base, tmp_path):
    make_base(tmp_path / "base", "roberta", "RobertaModel")
    heads = []
    for _ in range(2):
        torch.manual_seed(11)
        heads.append(load_base(tmp_path / "base", LABELS)[0].network.head.state_dict())
    assert all(torch.equal(heads[0][name], heads[1][name]) for name in heads[0])


def test_training_leaves_the_files_alone(make_base, tmp_path):
    make_base(tmp_path / "base")
    path = tmp_path / "base" / WEIGHTS
    before = path.read_bytes()
    model, _ = load_base(tmp_path / "base", LABELS)
    held = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    path.write_bytes(bytes(len(before)))  # in place, as a careless copy would
    assert all(torch.equal(held[name], tensor) for name, tensor in model.network.state_dict().items())
    path.write_bytes(before)
    with torch.no_grad():
        for parameter in model.network.parameters():
            assert parameter.is_contiguous()
            parameter.zero_()
    assert path.read_bytes() == before


def test_half_as_many_bits_become_float32(make_base, tmp_path):
    make_base(tmp_path / "base").half().save_pretrained(tmp_path / "half")
    model, _ = load_base(tmp_path / "half", LABELS)
    assert {parameter.dtype for parameter in model.network.parameters()} == {torch.float32}


def test_a_base_that_is_not_whole(make_base, tmp_path):
    make_base(tmp_path / "base", architecture="BertModel")
    path = tmp_path / "base" / WEIGHTS
    tensors = load_file(path)
    del tensors["encoder.layer.1.output.dense.weight"]
    tensors["encoder.layer.7.output.dense.weight"] = torch.zeros(3)
    tensors["some.other.head"] = torch.zeros(3)
    save_file(tensors, path)
    with pytest.raises(ModelFolderError) as caught:
        load_base(tmp_path / "base", LABELS)
    said = str(caught.value)
    assert "missing: encoder.layer.1.output.dense.weight; unexpected: encoder.layer.7.output.dense.weight." in said
    assert "some.other.head" not in said


def test_an_architecture_that_is_not_known(make_base, tmp_path):
    make_base(tmp_path / "base", architecture="BertForPreTraining")
    model, new = load_base(tmp_path / "base", LABELS)
    assert new == ("classifier.weight", "classifier.bias")
    assert float(model.network.head.hidden.dense.weight.detach().std()) > 0.1  # the pooler's own


def test_attendos_own_family_is_no_base(tmp_path):
    family = FAMILIES["attendo"]
    shape = family.shape(num_rows=17, num_features=5, num_labels=3, d_model=12)
    network = family.build(shape, "sequence")
    assert isinstance(network, TextClassifier)
    config = {"model_type": "attendo", "architectures": ["TextClassifier"], **shape.__dict__}
    FamilyModel(network=network, family=family, head="sequence", shape=shape, config=config).save(tmp_path)
    with pytest.raises(UnsupportedError, match="of the type `attendo`, which cannot be a base"):
        load_base(tmp_path, LABELS)


def test_what_writes_texts_is_no_base(tmp_path):
    transformers = pytest.importorskip("transformers")
    sizes = {"d_model": 12, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 17, "decoder_ffn_dim": 17}
    sizes |= {"vocab_size": 37, "pad_token_id": 1, "decoder_start_token_id": 1}
    config = transformers.MarianConfig(encoder_attention_heads=2, decoder_attention_heads=2, **sizes)
    transformers.MarianMTModel(config).save_pretrained(tmp_path)
    with pytest.raises(UnsupportedError, match="of the type `marian`, which cannot be a base"):
        load_base(tmp_path, LABELS)


@pytest.mark.parametrize(
    ("family", "architecture"),
    [("bert", "BertModel"), ("bert", "BertForSequenceClassification"), ("bert", "BertForMaskedLM")],
)
def test_words_are_scored_as_the_base_reads_them(family, architecture, make_base, tmp_path):
    theirs = make_base(tmp_path / "base", family, architecture)
    model, new = load_base(tmp_path / "base", {}, head="masked", keeps_output=True)
    words = model.network.encoder.embedding.tokens.weight
    assert model.network.head.output.weight is words
    assert torch.equal(words, theirs.get_input_embeddings().weight)
    assert not any("decoder.weight" in name for name in new)
    if architecture == "BertForMaskedLM":
        assert not new
