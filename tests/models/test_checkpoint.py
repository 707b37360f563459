"""The files of other libraries: whole, in shards, pickled, damaged; read as tensors and as nothing else."""

import json
import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from attendo.errors import ModelFolderError
from attendo.models import WEIGHTS, Checkpoint, load_weights
from attendo.models.naming import Key, KeyTable

TENSORS = {"a.weight": torch.randn(5, 3), "a.bias": torch.randn(5), "b.weight": torch.randn(2, 5)}
MAP = {"a.weight": "model-1.safetensors", "a.bias": "model-1.safetensors", "b.weight": "model-2.safetensors"}


def sharded(folder, kind: str = "safetensors") -> None:
    """Two files, and the index that says which tensor lies where."""
    files = {name: file.replace("safetensors", kind) for name, file in MAP.items()}
    for file in set(files.values()):
        part = {name: tensor for name, tensor in TENSORS.items() if files[name] == file}
        save_file(part, folder / file) if kind == "safetensors" else torch.save(part, folder / file)
    index = f"{WEIGHTS if kind == 'safetensors' else 'pytorch_model.bin'}.index.json"
    (folder / index).write_text(json.dumps({"metadata": {}, "weight_map": files}))


def write(folder, how: str) -> None:
    if how == "whole":
        save_file(TENSORS, folder / WEIGHTS)
    elif how == "pickled":
        torch.save(TENSORS | {"epoch": 3}, folder / "pytorch_model.bin")
    elif how == "pickled long ago":
        torch.save(TENSORS, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    else:
        sharded(folder, {"sharded": "safetensors", "pickled in shards": "bin"}[how])


@pytest.mark.parametrize("how", ["whole", "sharded", "pickled", "pickled long ago", "pickled in shards"])
def test_every_layout_gives_the_same_tensors(tmp_path, how):
    write(tmp_path, how)
    checkpoint = Checkpoint(tmp_path)
    assert checkpoint.names == set(TENSORS)
    assert all(torch.equal(checkpoint.read(name), tensor) for name, tensor in TENSORS.items())


def test_safetensors_go_before_pickles(tmp_path):
    write(tmp_path, "whole")
    torch.save({"other": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    assert Checkpoint(tmp_path).names == set(TENSORS)


def refusal(folder) -> str:
    with pytest.raises(ModelFolderError) as caught:
        Checkpoint(folder)
    return str(caught.value)


def test_a_missing_shard_is_named(tmp_path):
    sharded(tmp_path)
    (tmp_path / "model-2.safetensors").unlink()
    assert "lacks model-2.safetensors, which model.safetensors.index.json names" in refusal(tmp_path)


def test_a_tensor_that_is_not_in_its_shard_is_named(tmp_path):
    sharded(tmp_path)
    save_file({"other": torch.zeros(1)}, tmp_path / "model-2.safetensors")
    assert refusal(tmp_path).endswith("lacks tensors that model.safetensors.index.json names: b.weight.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is damaged (Expecting value"),
        ("{", "is damaged (Expecting property name"),
        ("[]", "must hold names and values, but holds a list."),
        ("[" * 10**5, "is damaged ("),
        ('{"weight_map": 3}', "is damaged (`weight_map` gives no tensor its file)"),
        ('{"weight_map": {"a": 3, "b": "c"}}', "is damaged (`weight_map` gives no tensor its file)"),
        ("{}", "is damaged (`weight_map` gives no tensor its file)"),
    ],
    ids=range(7),
)
def test_a_damaged_index(tmp_path, text, words):
    sharded(tmp_path)
    (tmp_path / f"{WEIGHTS}.index.json").write_text(text)
    assert f"model.safetensors.index.json {words}" in refusal(tmp_path)


@pytest.mark.parametrize("kind", ["safetensors", "bin"])
@pytest.mark.parametrize("where", ["../{}", "{folder}/{}", "below/../../{}"])
def test_a_file_outside_of_the_folder_is_not_read(tmp_path, kind, where):
    (tmp_path / "below").mkdir()
    sharded(tmp_path, kind)
    (index,) = tmp_path.glob("*.index.json")
    there = json.loads(index.read_text())["weight_map"] | {"b.weight": where.format("x.bin", folder=tmp_path)}
    below = tmp_path / "below" / index.name
    below.write_text(json.dumps({"weight_map": there}))
    assert f"{below} names files outside of its folder, which are not read: " in refusal(tmp_path / "below")


@pytest.mark.parametrize("file", [WEIGHTS, "pytorch_model.bin"])
@pytest.mark.parametrize("kept", [0, 3, 60, -1])
def test_a_file_cut_short(tmp_path, file, kept):
    write(tmp_path, "whole" if file == WEIGHTS else "pickled")
    path = tmp_path / file
    path.write_bytes(path.read_bytes()[:kept])
    assert f"{path} is damaged (" in refusal(tmp_path)


def test_a_pickle_of_something_else(tmp_path):
    torch.save([1, 2], tmp_path / "pytorch_model.bin")
    assert "is damaged (it holds a list, not tensors by name)" in refusal(tmp_path)


class Trap:
    """Runs a command where it is unpickled carelessly."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        import os

        return os.system, (self.command,)


@pytest.mark.parametrize("plainly", [True, False], ids=["pickle", "torch"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path, plainly):
    content = {"a.weight": Trap(f"touch {tmp_path / 'ran'}")}
    path = tmp_path / "pytorch_model.bin"
    if plainly:
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path)
    assert "holds something other than tensors, and none of it was run" in refusal(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_code_in_a_shard_is_refused_and_not_run(tmp_path):
    sharded(tmp_path, "bin")
    torch.save({"b.weight": Trap(f"touch {tmp_path / 'ran'}")}, tmp_path / "model-2.bin")
    assert "model-2.bin holds something other than tensors, and none of it was run" in refusal(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_code_under_the_name_of_safetensors_is_not_run(tmp_path):
    (tmp_path / WEIGHTS).write_bytes(pickle.dumps({"a.weight": Trap(f"touch {tmp_path / 'ran'}")}))
    assert f"{tmp_path / WEIGHTS} is damaged (" in refusal(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("bit", [1, 4, 128])
def test_a_flipped_bit_in_a_header_is_told_or_harmless(tmp_path, bit):
    write(tmp_path, "whole")
    path = tmp_path / WEIGHTS
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    said = []
    for place in range(header):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        try:
            checkpoint = Checkpoint(tmp_path)
            assert all(checkpoint.outline(name).shape == checkpoint.read(name).shape for name in checkpoint.names)
        except ModelFolderError as error:
            said.append(str(error))
    assert len(said) > header // 3
    assert all(str(path) in each for each in said)


@pytest.mark.parametrize("how", ["whole", "sharded", "pickled", "pickled long ago"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("chunk", [1, 29, 2**23])
def test_tensors_are_read_into_others(tmp_path, how, dtype, chunk, monkeypatch):
    monkeypatch.setattr("attendo.models.checkpoint.CHUNK", chunk)
    write(tmp_path, how)
    stacked = torch.full((9, 5), -1.0, dtype=dtype)
    targets = {
        "a.weight": stacked[1:4].T,  # the other way round
        "a.bias": stacked[0],
        "b.weight": stacked[5:7],
    }
    Checkpoint(tmp_path).fill(targets)
    for name, target in targets.items():
        assert torch.equal(target, TENSORS[name].to(dtype))
    assert bool((stacked[4] == -1).all())
    assert bool((stacked[7:] == -1).all())


def test_numbers_alone_and_empty_tensors_are_read(tmp_path):
    tensors = {"one": torch.tensor(2.5), "none": torch.zeros(0, 3), "whole": torch.tensor([True, False])}
    save_file(tensors, tmp_path / WEIGHTS)
    targets = {"one": torch.zeros(()), "none": torch.zeros(0, 3, dtype=torch.float16), "whole": torch.zeros(2)}
    checkpoint = Checkpoint(tmp_path)
    checkpoint.fill(targets)
    assert [each.tolist() for each in targets.values()] == [2.5, [], [1, 0]]
    assert all(torch.equal(checkpoint.read(name), tensor) for name, tensor in tensors.items())


def test_numbers_of_a_kind_that_is_not_known(tmp_path):
    header = b'{"a.weight":{"dtype":"F8_E8M0","shape":[3],"data_offsets":[0,3]}}'
    (tmp_path / WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header + b"abc")
    with pytest.raises(ModelFolderError, match=r"`a\.weight` holds numbers of the kind F8_E8M0, which are not known"):
        Checkpoint(tmp_path).outline("a.weight")


def test_a_file_that_shrinks_while_it_is_read(tmp_path):
    write(tmp_path, "whole")
    checkpoint = Checkpoint(tmp_path)
    path = tmp_path / WEIGHTS
    with open(path, "rb+") as file:
        file.truncate(path.stat().st_size - 1)
    targets = {name: torch.empty(tensor.shape) for name, tensor in TENSORS.items()}
    with pytest.raises(ModelFolderError, match="it was cut short while it was read"):
        checkpoint.fill(targets)


def test_another_kind_of_file(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"hello world, this is no pickle" * 9)
    assert "is damaged" in refusal(tmp_path)


def test_an_empty_folder(tmp_path):
    assert refusal(tmp_path).startswith(f"{tmp_path} holds no {WEIGHTS}")


TABLE = KeyTable(
    base=(
        Key("tower.*.qkv", ("layer.*.q", "layer.*.k"), parts=(2, 1)),
        Key("tower.*.out", "layer.*.o", turned=True),
        Key("norm", "LayerNorm"),
    ),
    head=(Key("head", "classifier"),),
    prefix="base.",
    ignored=("layer.*.mask",),
)


class Model(nn.Module):
    """Two layers, a norm, and a head."""

    def __init__(self) -> None:
        super().__init__()
        layer = {"qkv": nn.Linear(4, 6), "out": nn.Linear(4, 3)}
        self.tower = nn.ModuleList([nn.ModuleDict(layer), nn.ModuleDict({"out": nn.Linear(4, 3)})])
        self.norm, self.head = nn.LayerNorm(4), nn.Linear(3, 2)


def exported(model: nn.Module) -> dict[str, torch.Tensor]:
    return TABLE.export({name: tensor.detach() for name, tensor in model.state_dict().items()})


def test_names_and_matrices_are_those_of_the_table():
    model = Model()
    found = exported(model)
    layer = model.tower[0]
    assert torch.equal(found["base.layer.0.q.weight"], layer["qkv"].weight[:4])  # type: ignore[index]
    assert torch.equal(found["base.layer.0.k.bias"], layer["qkv"].bias[4:])  # type: ignore[index]
    assert torch.equal(found["base.layer.1.o.weight"], model.tower[1]["out"].weight.T)  # type: ignore[index]
    assert torch.equal(found["classifier.bias"], model.head.bias)
    assert all(tensor.is_contiguous() for tensor in found.values())


@pytest.mark.parametrize("prefix", [True, False], ids=["with prefix", "without"])
def test_older_ways_of_naming_are_understood(tmp_path, prefix):
    saved, found = Model(), Model()
    tensors = {name if prefix else name.removeprefix("base."): tensor for name, tensor in exported(saved).items()}
    tensors["base.LayerNorm.gamma"] = tensors.pop("base.LayerNorm.weight" if prefix else "LayerNorm.weight")
    tensors["base.LayerNorm.beta"] = tensors.pop("base.LayerNorm.bias" if prefix else "LayerNorm.bias")
    tensors["base.layer.0.mask"] = torch.zeros(3)
    save_file(tensors, tmp_path / WEIGHTS)
    load_weights(found, tmp_path, TABLE)
    assert all(torch.equal(tensor, saved.state_dict()[name]) for name, tensor in found.state_dict().items())


def test_what_does_not_fit_is_named_as_the_checkpoint_has_it(tmp_path):
    tensors = exported(Model())
    del tensors["base.layer.0.k.bias"]
    tensors |= {"base.pooler.weight": torch.zeros(1), "base.layer.1.o.weight": torch.zeros(9, 9)}
    save_file(tensors, tmp_path / WEIGHTS)
    with pytest.raises(ModelFolderError) as caught:
        load_weights(Model(), tmp_path, TABLE)
    said = str(caught.value)
    assert "missing: layer.0.k.bias" in said
    assert "unexpected: base.pooler.weight" in said
    assert "`layer.1.o.weight` has the shape (9, 9), not (4, 3)" in said


def test_a_part_of_a_stacked_matrix_is_named(tmp_path):
    save_file(exported(Model()) | {"base.layer.0.k.weight": torch.zeros(2, 9)}, tmp_path / WEIGHTS)
    with pytest.raises(ModelFolderError, match=r": `layer\.0\.k\.weight` has the shape \(2, 9\), not \(2, 4\)\."):
        load_weights(Model(), tmp_path, TABLE)


def test_a_weight_without_a_key_is_a_mistake_in_the_table():
    with pytest.raises(LookupError, match=r"no key for `other\.weight`"):
        TABLE.find("other.weight")


def test_tied_weights_stay_tied_and_either_name_will_do(tmp_path):
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.scores = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
            self.scores.weight = self.words.weight

    for name in ("words.weight", "scores.weight"):
        weight = torch.randn(5, 3)
        save_file({name: weight}, tmp_path / WEIGHTS)
        model = Tied()
        load_weights(model, tmp_path)
        assert model.scores.weight is model.words.weight
        assert torch.equal(model.words.weight, weight)
