"""The parts compute what the reference library computes, in models far too small to be worth a download."""

import pytest
import torch

from attendo.attention import Alibi, RelativeBuckets, attend
from attendo.nn import AlibiBias, GatedFeedForward, Heads, MultiHeadAttention, RelativeBias, Rotary

pytest.importorskip("transformers", reason="the reference library is not installed")


@pytest.fixture(scope="module")
def llama():
    from transformers.models.llama import modeling_llama

    return modeling_llama


def llama_config():
    from transformers import LlamaConfig

    config = LlamaConfig(
        hidden_size=28,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=37,
        num_hidden_layers=1,
        vocab_size=11,
    )
    config._attn_implementation = "eager"
    return config


def test_rotary(llama):
    config = llama_config()
    query, key = torch.randn(3, 2, 7, 14), torch.randn(3, 1, 7, 14)
    positions = torch.stack([torch.arange(7), torch.arange(3, 10), torch.arange(500, 507)])
    cos, sin = llama.LlamaRotaryEmbedding(config)(query, positions)
    mine = Rotary(14)
    angles = mine.angles(positions)
    for heads, expected in zip((query, key), llama.apply_rotary_pos_emb(query, key, cos, sin), strict=True):
        found = mine(heads.transpose(1, 2), angles).transpose(1, 2)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=2e-5)


def test_attention_with_rotary_and_grouped_heads(llama):
    config = llama_config()
    theirs = llama.LlamaAttention(config, layer_idx=0).eval()
    mine = MultiHeadAttention(28, Heads(num_heads=2, num_kv_heads=1), rotary=Rotary(14))
    projections = (theirs.q_proj, theirs.k_proj, theirs.v_proj)
    with torch.no_grad():
        mine.qkv.weight.copy_(torch.cat([each.weight for each in projections]))
        mine.qkv.bias.zero_()
        mine.output.weight.copy_(theirs.o_proj.weight)
        mine.output.bias.zero_()
    x = torch.randn(1, 7, 28)
    cos, sin = llama.LlamaRotaryEmbedding(config)(x, torch.arange(7)[None])
    expected, _ = theirs(x, position_embeddings=(cos, sin), attention_mask=None)
    torch.testing.assert_close(mine(x), expected, rtol=1e-4, atol=1e-5)


def test_gated_feed_forward(llama):
    theirs = llama.LlamaMLP(llama_config())
    mine = GatedFeedForward(28, 37)
    gate_and_value = torch.cat([theirs.gate_proj.weight, theirs.up_proj.weight])
    mine.load_state_dict({"up.weight": gate_and_value, "down.weight": theirs.down_proj.weight})
    x = torch.randn(13, 28)
    torch.testing.assert_close(mine(x), theirs(x))


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("num_buckets", "max_distance"), [(32, 128), (8, 11), (13, 20)])
def test_relative_buckets(num_buckets, max_distance, bidirectional):
    from transformers.models.t5.modeling_t5 import T5Attention

    distance = torch.arange(-211, 212)
    expected = T5Attention._relative_position_bucket(distance, bidirectional, num_buckets, max_distance)
    found = RelativeBuckets(torch.zeros(num_buckets, 1), max_distance, bidirectional).buckets(distance)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_relative_bias_reaches_the_scores(bidirectional):
    from transformers import T5Config
    from transformers.models.t5.modeling_t5 import T5Attention

    config = T5Config(
        d_model=15, d_kv=5, num_heads=3, is_decoder=not bidirectional, relative_attention_num_buckets=8,
        relative_attention_max_distance=11,
    )  # fmt: skip
    theirs = T5Attention(config, has_relative_attention_bias=True, layer_idx=0)
    part = RelativeBias(3, 8, 11, bidirectional)
    part.load_state_dict(theirs.relative_attention_bias.state_dict())
    query, key, value = torch.randn(3, 3, 13, 5)[:, None].unbind()
    expected = attend(query, key, value, bias=theirs.compute_bias(13, 13).detach())
    torch.testing.assert_close(attend(query, key, value, bias=part()), expected)


@pytest.mark.parametrize("num_heads", [1, 2, 3, 8, 12, 13])
def test_alibi_slopes(num_heads):
    from transformers.models.bloom.modeling_bloom import build_alibi_tensor

    penalties = build_alibi_tensor(torch.ones(1, 7, dtype=torch.long), num_heads, torch.float32)
    bias = AlibiBias(num_heads)()
    assert isinstance(bias, Alibi)
    torch.testing.assert_close(bias.slopes, penalties[:, 0, 1])


def test_alibi_slopes_of_the_paper():
    eight = [2.0**-power for power in range(1, 9)]
    assert AlibiBias(8).slopes.tolist() == eight
    twelve = eight + [2.0**-power for power in (0.5, 1.5, 2.5, 3.5)]
    torch.testing.assert_close(AlibiBias(12).slopes, torch.tensor(twelve))
