"""What is read of a config.json, what is refused, and what makes no difference."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
import torch
from annotated_types import Ge, Gt, Le, Lt, MaxLen

from attendo.errors import ConfigError, InputError
from attendo.models import FAMILIES, load_model
from attendo.models.annotated import read_numbers
from attendo.models.shapes import read_shape, rotary

NAMES = sorted(set(FAMILIES) - {"attendo", "attendo-recurrent"})
TWO_TOWERS = ("bart", "mbart", "marian", "t5", "mt5")
BERTS = ("bert", "roberta", "xlm-roberta", "electra")
REFUSED = [
    *((name, {"quantization_config": {"bits": 4}}) for name in NAMES),
    *((name, {"is_encoder_decoder": True}) for name in NAMES if name not in TWO_TOWERS),
    *((name, {"pruned_heads": {"1": [0]}}) for name in NAMES),
    *((name, {"is_decoder": True}) for name in (*BERTS, *TWO_TOWERS)),
    *((name, {"add_cross_attention": True}) for name in (*BERTS, "gpt2")),
    *((name, {"position_embedding_type": kind}) for name in BERTS for kind in ("relative_key", "relative_key_query")),
    ("modernbert", {"classifier_pooling": "max"}),
    ("modernbert", {"layer_types": ["full_attention"] * 21 + ["chunked_attention"]}),
    ("modernbert", {"rope_parameters": {"full_attention": {"rope_type": "yarn", "factor": 4.0}}}),
    ("modernbert", {"rope_scaling": {"type": "dynamic", "factor": 4.0}}),
    *((name, {"pretraining_tp": 2}) for name in ("llama",)),
    *((name, {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}) for name in ("llama", "qwen2", "qwen3")),
    *((name, {"rope_scaling": {"type": "dynamic", "factor": 4.0}}) for name in ("llama", "qwen2", "qwen3")),
    *((name, {"rope_parameters": {"partial_rotary_factor": 0.5}}) for name in ("llama", "qwen2", "qwen3")),
    *((name, {"partial_rotary_factor": 0.5}) for name in ("llama", "qwen2", "qwen3")),
    *((name, {"layer_types": ["full_attention"] * 31 + ["linear_attention"]}) for name in ("qwen2", "qwen3")),
]


def built(name: str, config: dict[str, Any]) -> Any:
    """A shape, and a network on no device."""
    family = FAMILIES[name]
    shape = read_shape(family.shape, config)
    with torch.device("meta"):
        family.build(shape, next(iter(family.heads)))
    return shape


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_librarys_defaults_are_ours(name):
    transformers = pytest.importorskip("transformers")
    config = json.loads(transformers.AutoConfig.for_model(name).to_json_string(use_diff=False))
    shape = built(name, config | {"num_hidden_layers": 3, "n_layer": 3, "n_layers": 3, "layer_types": None})
    usual = FAMILIES[name].shape()
    same = {each for each in usual.__dataclass_fields__ if each in config} - {
        "num_hidden_layers",
        "n_layer",
        "n_layers",
    }
    same -= {"num_decoder_layers", "decoder_vocab_size", "scale_decoder_outputs"}  # likewise
    same -= {"layer_types", "rope_parameters", "num_key_value_heads", "head_dim", "sliding_window"}  # derived there
    same -= {"vocab_size"} if name == "xlm-roberta" else set()  # which takes BERT's, though no such model has it
    assert len(same) > 10
    assert {each: getattr(shape, each) for each in same} == {each: getattr(usual, each) for each in same}


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_librarys_whole_defaults_are_read(name):
    transformers = pytest.importorskip("transformers")
    config = json.loads(transformers.AutoConfig.for_model(name).to_json_string(use_diff=False))
    read_shape(FAMILIES[name].shape, config)


@pytest.mark.parametrize(("name", "changes"), REFUSED, ids=str)
def test_what_is_not_done_is_refused(name, changes, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": name} | changes))
    with pytest.raises(InputError) as caught:
        load_model(tmp_path)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'config.json'} cannot be a model: ")
    asked = next(iter(changes))
    named = [asked, "Rotary positions of the kind `yarn`", "Rotary positions of the kind `dynamic`"]
    assert any(each in said for each in named)


def test_a_refusal_says_the_way_out():
    with pytest.raises(ConfigError) as caught:
        read_shape(FAMILIES["bert"].shape, {"quantization_config": 8, "is_decoder": True})
    assert caught.value.problems == [
        "`quantization_config` must be null, but is 8. Save the model with plain weights where it comes from.",
        "`is_decoder` must be false (nothing else is supported), but is true.",
    ]


def test_switches_that_are_off_are_no_reason():
    read_shape(
        FAMILIES["bert"].shape,
        {"is_decoder": False, "position_embedding_type": "absolute", "pruned_heads": {}, "quantization_config": None},
    )


@pytest.mark.parametrize(
    ("name", "also", "ours"),
    [("gpt2", "num_attention_heads", "n_head"), ("distilbert", "num_attention_heads", "n_heads")],
)
def test_other_names_of_a_number(name, also, ours):
    assert getattr(read_shape(FAMILIES[name].shape, {also: 3}), ours) == 3
    assert getattr(read_shape(FAMILIES[name].shape, {also: 3, ours: 5}), ours) == 5


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        ({"rope_type": "linear"}, ["`rope_parameters.factor` must be a number, above 0, but is missing."]),
        ({"rope_type": "linear", "factor": "4"}, ['`rope_parameters.factor` must be a number, above 0, but is "4".']),
        (
            {
                "rope_type": "llama3", "factor": 0, "low_freq_factor": None, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 7,
            },
            [
                "`rope_parameters.factor` must be a number, above 0, but is 0.",
                "`rope_parameters.low_freq_factor` must be a number, above 0, but is null.",
            ],
        ),
        ({"rope_theta": -1}, ["`rope_parameters.rope_theta` must be a number, above 0 or null, but is -1."]),
        (
            {
                "rope_type": "llama3", "factor": 2, "low_freq_factor": 4, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 7,
            },
            ["`high_freq_factor` must be above `low_freq_factor` (4), but is 4."],
        ),
    ],
    ids=str,
)  # fmt: skip
def test_numbers_of_rotary_positions(asked, problems):
    with pytest.raises(ConfigError) as caught:
        rotary(8, 100.0, asked)
    assert caught.value.problems == problems


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """One field of each kind."""

    whole: Annotated[int, Ge(2), Le(11)]
    share: Annotated[float, Gt(0), Lt(1)] | None = None
    kind: Literal["a", "b"] | None = None
    kinds: tuple[Literal["a", "b"], ...] = ()
    table: Annotated[dict[str, float | None], MaxLen(2)] | None = None
    free: Any = None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("whole", 2), ("whole", 11), ("share", 0.5), ("share", None), ("kind", "b"), ("kind", None),
        ("kinds", ()), ("kinds", ("a", "b", "a")), ("table", {}), ("table", {"x": 1.5, "y": None}), ("table", None),
        ("free", {"any": ["thing"]}),
    ],
)  # fmt: skip
def test_what_may_be_is_read(name, value):
    read = getattr(read_numbers(Numbers, {"whole": 3, "unknown": 1, name: value}), name)
    assert read == value
    assert type(read) is type(value)


def test_lists_and_whole_numbers_become_what_is_asked_for():
    read = read_numbers(Numbers, {"whole": 3, "kinds": ["a"], "table": {"x": 1}})
    assert (read.kinds, read.table) == (("a",), {"x": 1.0})
    assert isinstance(read.table["x"], float)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("whole", 1, "`whole` must be a whole number, at least 2 and at most 11, but is 1."),
        ("whole", 12, "`whole` must be a whole number, at least 2 and at most 11, but is 12."),
        ("whole", False, "`whole` must be a whole number, at least 2 and at most 11, but is false."),
        ("whole", 3.0, "`whole` must be a whole number, at least 2 and at most 11, but is 3.0."),
        ("share", 0, "`share` must be a number, above 0 and below 1 or null, but is 0."),
        ("share", float("inf"), "`share` must be a number, above 0 and below 1 or null, but is Infinity."),
        ("kind", "c", '`kind` must be "a" or "b" (nothing else is supported) or null, but is "c".'),
        ("kinds", "ab", '`kinds` must be a list, but is "ab".'),
        ("kinds", ["a", 3], '`kinds[1]` must be "a" or "b" (nothing else is supported), but is 3.'),
        ("table", [], "`table` must be names with values, at most 2 of them or null, but is []."),
        ("table", {"x": 1, "y": 2, "z": 3}, "`table` must be names with values, at most 2 of them or null, but is {"),
        ("table", {"x": "1"}, '`table.x` must be a number or null, but is "1".'),
    ],
)
def test_what_may_not_be_is_told(name, value, problem):
    with pytest.raises(ConfigError) as caught:
        read_numbers(Numbers, {"whole": 3, name: value})
    (said,) = caught.value.problems
    assert said.startswith(problem)


def test_all_problems_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        read_numbers(Numbers, {"share": 3, "kind": "c"}, "there.")
    assert [each.split()[0] for each in caught.value.problems] == ["`there.whole`", "`there.share`", "`there.kind`"]
