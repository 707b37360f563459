"""First weights follow the rules of `initialise`."""

import pytest
import torch
from torch import nn

from attendo.nn import (
    Block,
    FeedForward,
    GatedFeedForward,
    LocalMixing,
    MultiHeadAttention,
    Residual,
    RowEmbedding,
    Stack,
    initialise,
)

E = 64


def stack_of(depth: int) -> Stack:
    def block() -> Block:
        return Block(
            Residual(MultiHeadAttention(E, 4)), Residual(FeedForward(E, 128)), Residual(LocalMixing(E))
        )  # fmt: skip

    return Stack([block() for _ in range(depth)])


def spread(linear: nn.Linear) -> float:
    return linear.weight.std().item() * (3 * linear.in_features) ** 0.5


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_what_writes_into_the_residual_stream_is_quieter_in_deep_stacks(depth):
    stack = stack_of(depth)
    initialise(stack)
    for block in stack.blocks:
        assert isinstance(block, Block)
        assert block.local is not None
        attention, feed_forward, local = block.attention.part, block.feed_forward.part, block.local.part
        quiet = (2 * depth) ** -0.5
        for linear, expected in [
            (attention.qkv, 1.0),
            (attention.output, quiet),
            (feed_forward.up, 1.0),
            (feed_forward.down, quiet),
            (local.mix, 1.0),
        ]:
            assert spread(linear) == pytest.approx(expected, rel=0.05)


def test_biases_start_at_zero_and_layers_without_any_stay_without():
    stack = Stack([Block(Residual(MultiHeadAttention(E, 4)), Residual(GatedFeedForward(E, 64)))])
    initialise(stack)
    biases = [each.bias for each in stack.modules() if isinstance(each, nn.Linear) and each.bias is not None]
    assert len(biases) == 2
    assert not any(bias.any() for bias in biases)


def test_embeddings_have_the_asked_spread():
    table = nn.Embedding(997, 7)
    initialise(table, std=0.3)
    assert table.weight.std().item() == pytest.approx(0.3, rel=0.05)


def test_the_last_layer_starts_near_zero_and_nothing_outside_a_stack_is_scaled():
    model = nn.ModuleDict({"stack": stack_of(3), "output": nn.Linear(E, 61), "scores": nn.Linear(E, 61)})
    scores = model["scores"]
    assert isinstance(scores, nn.Linear)
    initialise(model, last=scores)
    assert scores.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert spread(model["output"]) == pytest.approx(1.0, rel=0.05)  # type: ignore[arg-type]


def test_other_parts_keep_their_own_first_weights():
    norm, rows = nn.LayerNorm(E), RowEmbedding(101, E, std=0.5)
    before = rows.weight.detach().clone()
    initialise(nn.ModuleList([norm, rows]))
    assert torch.equal(rows.weight, before)
    assert (norm.weight == 1).all()


def test_a_seed_decides_everything():
    models = []
    for _ in range(2):
        torch.manual_seed(7)
        models.append(stack_of(2))
        initialise(models[-1])
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[name], second[name]) for name in first)
