"""Graphs against the networks that they were written from: the same numbers in, the same out, however padded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from attendo.attention import Layout, Prefix
from attendo.errors import InputError, UnsupportedError
from attendo.models import FAMILIES, FamilyModel, TokenBatch, check_graph, save_onnx
from attendo.nn import AlibiBias, MaxPool

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SMALL = {"vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 29}
NUMBERS: dict[str, dict[str, Any]] = {
    "bert": SMALL | {"max_position_embeddings": 17},
    "roberta": SMALL | {"max_position_embeddings": 19, "type_vocab_size": 1},
    "xlm-roberta": SMALL | {"max_position_embeddings": 19, "type_vocab_size": 1},
    "distilbert": {
        "vocab_size": 37, "dim": 24, "n_layers": 2, "n_heads": 3, "hidden_dim": 29, "max_position_embeddings": 17,
    },
    "electra": SMALL | {"max_position_embeddings": 17, "embedding_size": 10},
    "modernbert": SMALL | {"local_attention": 6, "num_hidden_layers": 4},
    "gpt2": {"vocab_size": 37, "n_positions": 17, "n_embd": 24, "n_layer": 2, "n_head": 3},
    "llama": SMALL | {"num_attention_heads": 6, "num_key_value_heads": 2},
    "qwen2": SMALL | {
        "num_key_value_heads": 1, "use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1,
    },
    "qwen3": SMALL | {"num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 10},
    "t5": {
        "vocab_size": 37, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_layers": 2, "num_heads": 3,
        "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11,
    },
}  # fmt: skip
TWO_TOWERS = [("t5", head) for head in ("bare", "sequence", "span", "seq2seq")]
MODELS = [(name, head, {}) for name in NUMBERS for head in FAMILIES[name].heads if (name, head) not in TWO_TOWERS]
MODELS += [
    ("bert", "masked", {"tie_word_embeddings": False, "hidden_act": "gelu_new"}),
    ("modernbert", "sequence", {"classifier_pooling": "mean", "norm_bias": True, "attention_bias": True}),
    ("gpt2", "causal", {"scale_attn_by_inverse_layer_idx": True}),
    ("llama", "causal", {"rope_parameters": {"rope_type": "linear", "rope_theta": 100.0, "factor": 3.0}}),
]
ONE_SEGMENT = ("roberta", "xlm-roberta", "t5")
LENGTHS = [(7, 1, 12, 5), (1,), (17, 3), (2, 11, 13)]


def made(name: str, head: str = "sequence", **changes: Any) -> FamilyModel:
    """A small random model."""
    family = FAMILIES[name]
    numbers = NUMBERS[name] | {"num_labels": 2 if head == "span" else 23} | changes
    shape = family.shape(**numbers)
    network = family.build(shape, head)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    return FamilyModel(network=network.eval(), family=family, head=head, shape=shape, config={})


def opened(model: FamilyModel, folder: Path, **options: Any) -> Any:
    """The graph of a model, checked, and ready to run."""
    save_onnx(model, folder, **options)
    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    return onnxruntime.InferenceSession(str(folder / "model.onnx"))


def batch_of(lengths: tuple[int, ...], name: str = "bert") -> TokenBatch:
    """Random texts, the second half of each in a second segment, for models that know one."""
    layout = Layout(lengths)
    segments = (layout.query_positions() * 2 >= torch.tensor(lengths)[layout.query_texts()]).long()
    segments = None if name in ONE_SEGMENT else segments
    return TokenBatch(layout=layout, ids=torch.randint(37, (sum(lengths),)), segments=segments)


def run(graph: Any, batch: TokenBatch, *, before: bool = False) -> dict[str, Tensor]:
    """What comes out of a graph, of a padded batch with odd numbers in its padding, without what stands there."""
    mask = batch.layout.pad(torch.ones_like(batch.ids), 0)
    given = {"input_ids": batch.layout.pad(batch.ids, 3), "attention_mask": mask}
    if batch.segments is not None:
        given["token_type_ids"] = batch.layout.pad(batch.segments, 1)
    if before:
        given = {name: _turned(value, mask) for name, value in given.items()}
    feeds = {each.name: given[each.name].numpy() for each in graph.get_inputs()}
    names = [each.name for each in graph.get_outputs()]
    found = {name: torch.from_numpy(value) for name, value in zip(names, graph.run(None, feeds), strict=True)}
    tokens = {name: value.shape[:2] == mask.shape and name != "pooler_output" for name, value in found.items()}
    return {name: value[given["attention_mask"].bool()] if tokens[name] else value for name, value in found.items()}


def _turned(padded: Tensor, mask: Tensor) -> Tensor:
    """The padding put in front of each text."""
    rows = zip(padded, mask.bool(), strict=True)
    return torch.stack([torch.cat([row[~real], row[real]]) for row, real in rows])


def answers(model: FamilyModel, batch: TokenBatch) -> dict[str, Tensor]:
    """The same from the network itself, on a packed row."""
    network: Any = model.network
    with torch.inference_mode():
        scores = network(batch)
        if model.head in ("bare", "encoder"):
            vectors = {"last_hidden_state": network.encoder(batch)}
            return vectors if network.head is None else vectors | {"pooler_output": scores}
    if model.head == "span":
        return {"start_logits": scores[:, 0], "end_logits": scores[:, 1]}
    return {"logits": scores[:, 0] if model.head == "replaced" else scores}


def close(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert float((found[name] - value).abs().max()) <= 1e-5 * max(float(value.abs().max()), 1.0)


@pytest.mark.parametrize(("name", "head", "changes"), MODELS)
def test_a_graph_says_what_the_network_says(name, head, changes, tmp_path):
    model = made(name, head, **changes)
    graph = opened(model, tmp_path)
    segments = ["token_type_ids"] if name in ("bert", "electra") else []
    assert [each.name for each in graph.get_inputs()] == ["input_ids", "attention_mask", *segments]
    for lengths in LENGTHS:
        batch = batch_of(lengths, name)
        close(run(graph, batch), answers(model, batch))


@pytest.mark.parametrize("name", ["bert", "roberta", "modernbert", "gpt2", "qwen2"])
def test_padding_may_stand_before_the_texts(name, tmp_path):
    for head in ("sequence", "token"):
        model, batch = made(name, head), batch_of((7, 1, 12, 5), name)
        close(run(opened(model, tmp_path), batch, before=True), answers(model, batch))


@pytest.mark.parametrize(("name", "head", "changes"), MODELS)
def test_a_graph_is_checked_against_its_network(name, head, changes, tmp_path):
    model = made(name, head, **changes)
    save_onnx(model, tmp_path)
    assert check_graph(model, tmp_path)
    with torch.no_grad():
        model.network.get_submodule("encoder.stack.blocks.1.feed_forward.part.down").weight.mul_(1.5)
    with pytest.raises(UnsupportedError, match=r"says something else than the model, by [\d.]+% of its largest"):
        check_graph(model, tmp_path)


def test_without_onnx_runtime_nothing_is_checked(monkeypatch, tmp_path):
    model = made("bert")
    save_onnx(model, tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert not check_graph(model, tmp_path)


@pytest.mark.parametrize("name", ["bert", "modernbert", "llama"])
def test_an_empty_text_is_no_trouble(name, tmp_path):
    model, batch = made(name), batch_of((3, 0, 5))
    close(run(opened(model, tmp_path), batch), answers(model, batch))


@pytest.mark.parametrize(("name", "head"), [("bert", "masked"), ("gpt2", "causal"), ("llama", "causal")])
def test_what_two_layers_share_is_kept_once(name, head, tmp_path):
    tied, apart = made(name, head, tie_word_embeddings=True), made(name, head, tie_word_embeddings=False)
    save_onnx(tied, tmp_path / "tied")
    save_onnx(apart, tmp_path / "apart")
    sizes = [(tmp_path / each / "model.onnx").stat().st_size for each in ("apart", "tied")]
    assert sizes[0] - sizes[1] == pytest.approx(37 * 24 * 4, abs=200)


def test_many_weights_lie_in_a_file_of_their_own(tmp_path):
    model, batch = made("bert", "token", hidden_size=48, intermediate_size=101), batch_of((7, 3))
    files = save_onnx(model, tmp_path / "two", largest=1000)
    assert sorted(files) == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert sorted(files) == ["model.onnx", "model.onnx_data"]
    sizes = [(tmp_path / "two" / each).stat().st_size for each in sorted(files)]
    assert sizes[0] < 4096 * 12 < sizes[1]
    close(run(opened(model, tmp_path / "two", largest=1000), batch), answers(model, batch))
    assert save_onnx(model, tmp_path / "one") == ["model.onnx"]


def test_the_same_model_gives_the_same_file(tmp_path):
    model = made("qwen2", "causal")
    save_onnx(model, tmp_path / "first")
    save_onnx(model, tmp_path / "second")
    assert (tmp_path / "first" / "model.onnx").read_bytes() == (tmp_path / "second" / "model.onnx").read_bytes()


def test_our_own_family_has_no_graph(tmp_path):
    family = FAMILIES["attendo"]
    shape = family.shape(num_rows=31, num_features=23, num_labels=2, d_model=12, d_ff=17, num_heads=2, num_layers=1)
    network = family.build(shape, "sequence")
    model = FamilyModel(network=network, family=family, head="sequence", shape=shape, config={})
    with pytest.raises(UnsupportedError, match="A TextClassifier cannot be written as ONNX"):
        save_onnx(model, tmp_path)
    assert not list(tmp_path.iterdir())


def _alibi(network: Any) -> None:
    network.encoder.stack.blocks[0].attention.part.bias = AlibiBias(3)


def _prefix(network: Any) -> None:
    network.encoder.stack.blocks[1].attention.part.mask = Prefix(3)


def _pool(network: Any) -> None:
    network.head.pool = MaxPool()


def _activation(network: Any) -> None:
    network.head.hidden.activation = nn.functional.softplus


def _half(network: Any) -> None:
    network.half()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_alibi, "Attention with a `AlibiBias` cannot be written as ONNX"),
        (_prefix, "The mask `Prefix` cannot be written as ONNX"),
        (_pool, "The part `MaxPool` cannot be written as ONNX"),
        (_activation, "The activation `softplus` cannot be written as ONNX"),
        (_half, r"ONNX is written in float32, but the model holds torch\.float16"),
    ],
)
def test_what_has_no_counterpart(change, message, tmp_path):
    model = made("bert")
    change(model.network)
    with pytest.raises(UnsupportedError, match=message):
        save_onnx(model, tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"needs the package `onnx`.*pip install"):
        save_onnx(made("bert"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_rotary_angles_of_far_positions(tmp_path):
    model, batch = made("llama", "token"), batch_of((1201, 307))
    found, expected = run(opened(model, tmp_path), batch)["logits"], answers(model, batch)["logits"]
    np.testing.assert_allclose(found, expected, atol=1e-4 * float(expected.abs().max()))
