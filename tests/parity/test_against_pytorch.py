"""The parts compute what PyTorch's own modules compute with the same weights."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attendo.attention import Causal, Layout
from attendo.nn import (
    Block,
    FeedForward,
    GatedFeedForward,
    Heads,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    Stack,
)

E, H, FF = 15, 3, 23
LENGTHS = (7, 2, 1, 5)
LAYOUT = Layout(LENGTHS)
HIDDEN = torch.arange(7)[None, :] >= torch.tensor(LENGTHS)[:, None]  # True where nothing may look, as PyTorch has it


def take_attention(mine: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    """Copy PyTorch's weights; its rows are in the same order: all queries, all keys, all values."""
    nn.init.normal_(theirs.in_proj_bias)
    nn.init.normal_(theirs.out_proj.bias)
    mine.qkv.load_state_dict({"weight": theirs.in_proj_weight, "bias": theirs.in_proj_bias})
    mine.output.load_state_dict(theirs.out_proj.state_dict())


def taken_layer(theirs: nn.TransformerEncoderLayer, activation: str) -> Block:
    """A block with the weights of PyTorch's layer."""
    attention, feed_forward = MultiHeadAttention(E, H), FeedForward(E, FF, activation)
    take_attention(attention, theirs.self_attn)
    feed_forward.up.load_state_dict(theirs.linear1.state_dict())
    feed_forward.down.load_state_dict(theirs.linear2.state_dict())
    norms = (theirs.norm1, theirs.norm2)
    for norm in norms:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    if theirs.norm_first:
        return Block(Residual(attention, before=norms[0]), Residual(feed_forward, before=norms[1])).double()
    return Block(Residual(attention, after=norms[0]), Residual(feed_forward, after=norms[1])).double()


@pytest.mark.parametrize("causal", [False, True])
def test_multi_head_attention(causal):
    theirs = nn.MultiheadAttention(E, H, batch_first=True).double()
    mine = MultiHeadAttention(E, H, mask=Causal()).double() if causal else MultiHeadAttention(E, H).double()
    take_attention(mine, theirs)
    batch = torch.randn(4, 7, E, dtype=torch.float64)
    ahead = torch.ones(7, 7, dtype=torch.bool).triu(1) if causal else None
    expected, _ = theirs(batch, batch, batch, key_padding_mask=HIDDEN, attn_mask=ahead, need_weights=False)
    torch.testing.assert_close(LAYOUT.unpad(mine(batch, LAYOUT)), LAYOUT.unpad(expected))
    torch.testing.assert_close(mine(LAYOUT.unpad(batch), LAYOUT), LAYOUT.unpad(expected))


@pytest.mark.parametrize("memory_length", [3, 7, 11])
def test_attention_to_a_memory(memory_length):
    theirs = nn.MultiheadAttention(E, H, batch_first=True).double()
    mine = MultiHeadAttention(E, H).double()
    take_attention(mine, theirs)
    x, memory = (torch.randn(2, length, E, dtype=torch.float64) for length in (7, memory_length))
    expected, _ = theirs(x, memory, memory, need_weights=False)
    torch.testing.assert_close(mine(x, memory=memory), expected)
    torch.testing.assert_close(mine(x[0], memory=memory[0]), expected[0])
    layout = Layout((7, 7), (memory_length, memory_length))
    torch.testing.assert_close(mine(x.flatten(0, 1), layout, memory.flatten(0, 1)), expected.flatten(0, 1))
    torch.testing.assert_close(mine(x, layout, memory), expected)


@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
def test_block(norm_first, activation):
    theirs = nn.TransformerEncoderLayer(
        E, H, FF, dropout=0.0, activation=activation, norm_first=norm_first, batch_first=True, dtype=torch.float64
    )
    mine = taken_layer(theirs, activation)
    batch = torch.randn(4, 7, E, dtype=torch.float64)
    row = LAYOUT.unpad(batch).requires_grad_()
    expected = LAYOUT.unpad(theirs(batch, src_key_padding_mask=HIDDEN))
    found = mine(row, LAYOUT)
    torch.testing.assert_close(found, expected)
    padded = batch.requires_grad_()
    (one,) = torch.autograd.grad(found.sin().sum(), row)
    (other,) = torch.autograd.grad(LAYOUT.unpad(theirs(padded, src_key_padding_mask=HIDDEN)).sin().sum(), padded)
    torch.testing.assert_close(one, LAYOUT.unpad(other))


def test_stack_of_blocks_and_a_last_norm():
    layers = [
        nn.TransformerEncoderLayer(E, H, FF, dropout=0.0, norm_first=True, batch_first=True, dtype=torch.float64)
        for _ in range(3)
    ]
    norm = nn.LayerNorm(E, dtype=torch.float64)
    stack = Stack([taken_layer(layer, "relu") for layer in layers], norm)
    x = torch.randn(2, 7, E, dtype=torch.float64)
    torch.testing.assert_close(stack(x), norm(nn.Sequential(*layers)(x)))


def test_grouped_heads_equal_heads_with_repeated_keys_and_values():
    grouped = MultiHeadAttention(28, Heads(num_heads=4, num_kv_heads=2)).double()
    full = MultiHeadAttention(28, 4).double()
    query, key, value = grouped.qkv.weight.split([28, 14, 14])
    repeated = [part.unflatten(0, (2, 7)).repeat_interleave(2, 0).flatten(0, 1) for part in (key, value)]
    bias = grouped.qkv.bias.split([28, 14, 14])
    biases = [part.unflatten(0, (2, 7)).repeat_interleave(2, 0).flatten() for part in bias[1:]]
    full.qkv.load_state_dict({"weight": torch.cat([query, *repeated]), "bias": torch.cat([bias[0], *biases])})
    full.output.load_state_dict(grouped.output.state_dict())
    x = torch.randn(sum(LENGTHS), 28, dtype=torch.float64)
    torch.testing.assert_close(grouped(x, LAYOUT), full(x, LAYOUT))


def test_feed_forward_is_two_linear_layers_around_a_bend():
    part, x = FeedForward(E, FF, "gelu_tanh"), torch.randn(11, E)
    torch.testing.assert_close(part(x), part.down(F.gelu(part.up(x), approximate="tanh")))


def test_gated_feed_forward_by_its_formula():
    part, x = GatedFeedForward(E, FF), torch.randn(11, E)
    wide = x @ part.up.weight.T
    expected = (wide[:, :FF] * wide[:, :FF].sigmoid() * wide[:, FF:]) @ part.down.weight.T
    torch.testing.assert_close(part(x), expected)


def test_learned_positions_are_an_embedding():
    part, x = LearnedPositions(11, E), torch.randn(2, 7, E)
    torch.testing.assert_close(part(x), x + F.embedding(torch.arange(7), part.weight))
