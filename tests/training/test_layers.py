"""Layers: how high weights lie, by how much they move, which of them do not, and gradients without kept insides."""

import pytest
import torch

from attendo.attention import Layout
from attendo.errors import ConfigError
from attendo.models import FAMILIES, TokenBatch, load_model
from attendo.training import Optimisers, TrainingSettings, arrange_layers, habits_on_base, parameter_depths

LAYOUT = Layout((7, 1, 11, 3))
FAMILY_NAMES = [
    ("bert", "BertForSequenceClassification"),
    ("gpt2", "GPT2ForSequenceClassification"),
    ("modernbert", "ModernBertForSequenceClassification"),
    ("qwen3", "Qwen3ForSequenceClassification"),
]
every_family = pytest.mark.parametrize(("family", "architecture"), FAMILY_NAMES, ids=[name for name, _ in FAMILY_NAMES])


@pytest.fixture
def tower(make_base, tmp_path):
    """Builds a small model of a family with three blocks."""

    def build(family, architecture, **changes):
        make_base(tmp_path / family, family, architecture, **changes)
        return load_model(tmp_path / family).network.train()

    return build


def batch():
    ids = torch.randint(5, 35, (LAYOUT.num_queries,), generator=torch.Generator().manual_seed(5))
    return TokenBatch(layout=LAYOUT, ids=ids, segments=torch.zeros_like(ids))


def place(name):
    """The depth that a name speaks of, in a model of three blocks."""
    steps = name.split(".")
    if "blocks" in steps:
        return int(steps[steps.index("blocks") + 1]) + 1
    if name.startswith("encoder.stack.norm"):
        return 3
    return 0 if name.startswith("encoder.embedding") else 4


@every_family
def test_depths_are_those_of_the_names(family, architecture, tower):
    model = tower(family, architecture)
    depths, top = parameter_depths(model)
    assert top == 4
    assert {name: depths[id(p)] for name, p in model.named_parameters()} == {
        name: place(name) for name, _ in model.named_parameters()
    }


def test_attendos_own_family_has_depths_too():
    shape = FAMILIES["attendo"].shape(num_rows=17, num_features=5, num_labels=3, d_model=12, num_layers=2)
    model = FAMILIES["attendo"].build(shape, "sequence")
    depths, top = parameter_depths(model)
    found = {name: depths[id(p)] for name, p in model.named_parameters()}
    assert top == 3
    assert found["deep.embedding.weight"] == found["deep.positions.weight"] == 0
    assert found["deep.stack.blocks.1.attention.part.qkv.weight"] == found["deep.stack.norm.weight"] == 2
    assert found["deep.head.output.weight"] == 3


@every_family
def test_layers_move_at_their_own_rates(family, architecture, tower):
    model = tower(family, architecture)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    settings = TrainingSettings(learning_rate=0.01, layer_decay=0.5, weight_decay=0.0, clip=None)
    Optimisers(model, settings).step(0.75)
    for name, parameter in model.named_parameters():  # the first step of Adam is as long as its rate
        moved = (before[name] - parameter.detach()).double()
        expected = torch.full_like(moved, 0.01 * 0.75 * 0.5 ** (4 - place(name)))
        torch.testing.assert_close(moved, expected, rtol=0.01, atol=1e-6, msg=name)


@pytest.mark.parametrize(("freeze", "highest"), [("none", -1), ("embeddings", 0), (1, 1), (3, 3), ("encoder", 3)])
def test_what_is_frozen_does_not_move(freeze, highest, tower):
    model = tower(*FAMILY_NAMES[0])
    settings = TrainingSettings(learning_rate=0.01, freeze=freeze)
    arrange_layers(model, settings)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimisers = Optimisers(model, settings)
    model(batch()).square().sum().backward()
    optimisers.step(1.0)
    for name, parameter in model.named_parameters():
        assert torch.equal(before[name], parameter.detach()) == (place(name) <= highest), name


def test_more_than_there_is_cannot_be_frozen(tower):
    model = tower(*FAMILY_NAMES[0])
    with pytest.raises(ConfigError, match=r"at most the number of blocks \(3\), but is 5"):
        arrange_layers(model, TrainingSettings(freeze=5))


def test_a_model_without_a_head_cannot_be_frozen_whole(tower):
    model = tower("gpt2", "GPT2Model")
    with pytest.raises(ConfigError, match="leaves nothing to learn"):
        arrange_layers(model, TrainingSettings(freeze="encoder"))


def gradients(model, kept, bfloat16=False):
    """Gradients, and how many bytes were kept for them."""

    def keep(tensor):
        kept.append(tensor.numel() * tensor.element_size())
        return tensor

    torch.manual_seed(7)
    model.zero_grad()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = model(batch()).float().square().sum()
        loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("bfloat16", [False, True], ids=["float32", "bfloat16"])
@every_family
def test_blocks_computed_again_give_the_same_gradients(family, architecture, bfloat16, tower):
    dropout = {"attention_dropout": 0.2} if family == "qwen3" else {}
    model = tower(family, architecture, **dropout)
    kept, inputs = [], []
    expected = gradients(model, kept, bfloat16)
    state = torch.get_rng_state()
    arrange_layers(model, TrainingSettings(gradient_checkpointing=True))
    found = gradients(model, inputs, bfloat16)
    assert torch.equal(torch.get_rng_state(), state)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert sum(inputs) < 0.5 * sum(kept)


def test_nothing_is_computed_again_without_training(tower):
    model = tower(*FAMILY_NAMES[0]).eval()
    with torch.no_grad():
        before = model(batch())
        arrange_layers(model, TrainingSettings(gradient_checkpointing=True))
        assert torch.equal(model(batch()), before)


@pytest.mark.parametrize(
    ("width", "texts", "rate", "epochs"),
    [(768, 5_000, 4e-5, 5), (384, 24_000, 8e-5, 2), (4096, 10**6, 1e-5, 2), (12, 100, 1e-3, 8)],
)
def test_habits_on_a_base(width, texts, rate, epochs):
    habits = habits_on_base(width, texts, TrainingSettings())
    assert (habits.rates.learning_rate, habits.epochs) == (rate, epochs)
    assert habits.reasons[0] == f"Learning rate {rate:g}: the base is {width:,} wide."
    settings = TrainingSettings(learning_rate=0.5, layer_decay=1.0)
    asked = habits_on_base(width, texts, settings)
    assert asked.reasons == ()
    assert asked.rates.under(settings).learning_rate == 0.5
