"""What is seen of any model's attention is what its weights, held whole, say; and the model does what it does."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attendo.attention import Layout, Observe
from attendo.errors import InputError, ShapeError, UnsupportedError
from attendo.models import Seq2SeqBatch, TokenBatch, new_model
from attendo.observation import observe

ALL = Observe(entropy=True, peak=True, top=3, received=True, map=4, rows=(0, -1), columns=(1,), distance=True)
B, T, E, H = 3, 7, 12, 3


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(11)


def expected(weights: torch.Tensor, observed, number: int = 3) -> None:
    """Compare with weights (H, T, S) of one text."""
    close = torch.testing.assert_close
    close(observed.entropy, torch.special.entr(weights).sum(-1))
    close(observed.received, weights.sum(-2))
    close(observed.rows, weights[:, [0, -1]])
    close(observed.columns, weights[:, :, [1]])
    best = weights.topk(number, -1)
    close(observed.top.weights, best.values)
    close(observed.peak.weights, weights.amax(-1))
    places = torch.arange(weights.shape[2]) - torch.arange(weights.shape[1])[:, None]
    shift = weights.shape[2] - weights.shape[1]
    close(observed.distance, (weights * (places - shift).abs()).sum(-1))


class Plain(nn.Module):
    """Somebody's own attention, which calls PyTorch's function."""

    def __init__(self, **options) -> None:
        super().__init__()
        self.qkv, self.options = nn.Linear(E, 3 * E), options

    def forward(self, x, attn_mask=None):
        query, key, value = self.qkv(x).unflatten(-1, (3, H, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=attn_mask, **self.options)
        return mixed.transpose(1, 2).flatten(2)

    def weights(self, x, hidden=None):
        query, key, _ = self.qkv(x).unflatten(-1, (3, H, -1)).permute(2, 0, 3, 1, 4)
        scores = query @ key.mT * self.options.get("scale", (E // H) ** -0.5)
        return (scores if hidden is None else scores.masked_fill(hidden, -torch.inf)).softmax(-1)


@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.7}], ids=str)
def test_plain_code(options):
    model, x = Plain(**options).double(), torch.randn(B, T, E, dtype=torch.float64)
    hidden = torch.ones(T, T, dtype=torch.bool).triu(1) if options.get("is_causal") else None
    with observe(model, ALL) as seen:
        found = model(x)
    assert torch.equal(found, model(x))
    assert list(seen) == [""]
    assert len(seen[""].texts) == B
    for observed, weights in zip(seen[""].texts, model.weights(x, hidden), strict=True):
        expected(weights, observed)


@pytest.mark.parametrize("shape", [(T, T), (1, 1, T, T), (B, 1, 1, T), (B, H, T, T)], ids=str)
@pytest.mark.parametrize("kind", [torch.bool, torch.float64], ids=str)
def test_masks_of_any_shape(shape, kind):
    model, x = Plain().double(), torch.randn(B, T, E, dtype=torch.float64)
    shown = torch.rand(shape) > 0.3
    shown[..., 0] = True
    mask = shown if kind == torch.bool else torch.zeros(shape, dtype=kind).masked_fill(~shown, -torch.inf)
    with observe(model, ALL) as seen:
        model(x, mask)
    for observed, weights in zip(seen[""].texts, model.weights(x, ~shown), strict=True):
        expected(weights, observed)


class Model(nn.Module):
    """A model that is told which tokens are real."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Plain(), Plain()])

    def forward(self, x, attention_mask=None):
        mask = None if attention_mask is None else attention_mask[:, None, None].bool()
        for layer in self.layers:
            x = layer(x, mask)
        return x


@pytest.mark.parametrize("left", [False, True], ids=["right", "left"])
def test_padding_is_left_out(left):
    model, x = Model().double(), torch.randn(2, T, E, dtype=torch.float64)
    real = torch.tensor([[1] * 7, [0, 0, 1, 1, 1, 1, 1] if left else [1, 1, 1, 1, 1, 0, 0]])
    with observe(model, Observe(received=True, entropy=True)) as seen:
        model(x, attention_mask=real)
    assert list(seen) == ["layers.0", "layers.1"]
    alone = x[1, 2:] if left else x[1, :5]
    with observe(model, Observe(received=True, entropy=True)) as other:
        model(alone[None])
    for name in seen:
        whole, part = seen[name].texts
        assert whole.received.shape == (H, 7)
        torch.testing.assert_close(part.received, other[name].texts[0].received)
        torch.testing.assert_close(part.entropy, other[name].texts[0].entropy)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_pytorchs_own_encoder(norm_first, training):
    layer = nn.TransformerEncoderLayer(E, H, 17, dropout=0.0, batch_first=True, norm_first=norm_first)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).double().train(training)
    x, padding = torch.randn(2, T, E, dtype=torch.float64), torch.zeros(2, T, dtype=torch.bool)
    padding[1, 5:] = True
    with observe(model, ALL) as seen:
        found = model(x, src_key_padding_mask=padding)
    torch.testing.assert_close(found, model.train()(x, src_key_padding_mask=padding))
    assert list(seen) == ["layers.0.self_attn", "layers.1.self_attn"]
    first = model.layers[0]
    given = first.norm1(x) if norm_first else x
    _, weights = first.self_attn(given, given, given, key_padding_mask=padding, average_attn_weights=False)
    expected(weights[0], seen["layers.0.self_attn"].texts[0])
    expected(weights[1, :, :5, :5], seen["layers.0.self_attn"].texts[1])


def test_pytorchs_own_decoder_tells_self_from_cross():
    model = nn.TransformerDecoder(nn.TransformerDecoderLayer(E, H, 17, dropout=0.0, batch_first=True), 1).double()
    x, memory = torch.randn(1, T, E, dtype=torch.float64), torch.randn(1, 5, E, dtype=torch.float64)
    causal = nn.Transformer.generate_square_subsequent_mask(T, dtype=torch.float64)
    with observe(model, Observe(received=True)) as seen:
        model(x, memory, tgt_mask=causal, tgt_is_causal=True)
    assert [look.name for look in seen.of("self")] == ["layers.0.self_attn"]
    assert [look.name for look in seen.of("cross")] == ["layers.0.multihead_attn"]
    assert seen["layers.0.multihead_attn"].texts[0].received.shape == (H, 5)
    _, weights = model.layers[0].self_attn(x, x, x, attn_mask=causal, average_attn_weights=False)
    torch.testing.assert_close(seen["layers.0.self_attn"].texts[0].received, weights[0].sum(-2))


def packed(*lengths: int) -> TokenBatch:
    return TokenBatch(layout=Layout(lengths), ids=torch.randint(3, 31, (sum(lengths),)))


def test_attendos_models_text_by_text():
    model = new_model(
        {"model_type": "gpt2", "vocab_size": 31, "n_embd": E, "n_layer": 2, "n_head": H}, "causal"
    ).network
    model, batch = model.double().eval(), packed(5, 2, 7)
    with observe(model, ALL, heads=[2, 0]) as seen:
        found = model(batch)
    assert torch.equal(found, model(batch))
    assert len(seen) == 2
    look = next(iter(seen.values()))
    assert (look.kind, look.heads, look.calls, len(look.texts)) == ("self", (2, 0), 1, 3)
    ids = batch.ids.split([5, 2, 7])
    for number, observed in enumerate(look.texts):
        alone = TokenBatch(layout=Layout((len(ids[number]),)), ids=ids[number])
        with observe(model, ALL, heads=[2, 0]) as other:
            model(alone)
        (own,) = other[look.name].texts
        for name in ("entropy", "received", "distance", "map", "rows", "columns"):
            torch.testing.assert_close(getattr(observed, name), getattr(own, name))
        assert torch.equal(observed.top.keys, own.top.keys)


def test_both_towers_of_attendos_translators():
    numbers = {"d_model": E, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": H, "vocab_size": 31,
               "decoder_attention_heads": H, "encoder_ffn_dim": 7, "decoder_ffn_dim": 7, "pad_token_id": 0}  # fmt: skip
    model = new_model({"model_type": "marian"} | numbers, "seq2seq").network.eval()
    with observe(model, Observe(received=True), layers=["decoder"]) as seen:
        model(Seq2SeqBatch(source=packed(4, 6), target=packed(3, 5)))
    assert [look.kind for look in seen.values()] == ["self", "cross"]
    (cross,) = seen.of("cross")
    assert [each.received.shape for each in cross.texts] == [(H, 4), (H, 6)]


def test_calls_add_up_and_nothing_stays_behind():
    model, x = Model(), torch.randn(2, T, E)
    with observe(model) as seen:
        model(x)
        model(x[:1])
    assert [(each.call, each.text) for each in seen["layers.1"].glances] == [(0, 0), (0, 1), (1, 0)]
    with pytest.raises(TypeError), observe(model) as cut:
        model(x, "on purpose")
    model(x)
    assert not cut
    assert seen["layers.1"].calls == 2
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_the_inner_of_two_sees_as_well():
    model, x = Model(), torch.randn(1, T, E)
    with observe(model) as outer, observe(model, Observe(top=2), layers=["layers.1"]) as inner:
        model(x)
    assert list(outer) == ["layers.0", "layers.1"]
    assert list(inner) == ["layers.1"]


def test_other_threads_are_not_watched():
    model, x = Model(), torch.randn(1, T, E)
    with observe(model) as seen:
        other = threading.Thread(target=model, args=(x,))
        other.start()
        other.join()
        model(x)
    assert seen["layers.0"].calls == 1


class OwnAttention(nn.Module):
    """Makes its weights by itself."""

    def forward(self, x):
        return (x @ x.mT).softmax(-1) @ x


class HiddenAttention(nn.Module):
    """Makes its weights in a way that nobody can follow."""

    def forward(self, x):
        weights = (x @ x.mT).exp()
        return weights / weights.sum(-1, keepdim=True) @ x


def test_weights_that_a_model_makes_by_itself():
    model, x = OwnAttention(), torch.randn(2, T, E, dtype=torch.float64)
    with observe(model, ALL) as seen:
        model(x)
    for observed, own in zip(seen[""].texts, x, strict=True):
        expected((own @ own.mT).softmax(-1)[None], observed)


def test_what_could_not_be_seen_is_named():
    model = nn.Sequential(Plain(), HiddenAttention())
    x = torch.randn(1, T, E)
    with (
        pytest.raises(InputError, match=r"could not be seen: `1`\. It computes its weights in a way of its own"),
        observe(model),
    ):
        model(x)
    with observe(model, layers=["0"]) as seen:
        model(x)
    assert list(seen) == ["0"]
    blind = nn.Linear(E, E)
    with pytest.raises(InputError, match="nothing in it attends"), observe(blind):
        blind(x)
    two = nn.Sequential(Plain(), nn.Linear(E, E))
    with pytest.raises(InputError, match=r"no attention did within `1`\."), observe(two, layers=["0", "1"]):
        two(x)
    with pytest.raises(InputError, match=r"No attention `2` was seen\. Seen were 1, such as `0`"):
        seen["2"]


def test_what_cannot_be_asked_for():
    model = Plain()
    with pytest.raises(InputError, match="Nothing is asked for"), observe(model, Observe()):
        pass
    with pytest.raises(InputError, match="has the path `encoder`"), observe(model, layers=["encoder"]):
        pass
    with pytest.raises(ShapeError, match="`heads` asks for head 3, but there are 3"), observe(model, heads=[3]):
        model(torch.randn(1, T, E))
    with (
        pytest.raises(InputError, match="must be a PyTorch module or a model of attendo, but is a str"),
        observe("gpt2"),
    ):
        pass
    with pytest.raises(UnsupportedError, match="scripted model"), observe(torch.jit.script(nn.Linear(2, 2))):
        pass
    odd = nn.MultiheadAttention(E, H, add_zero_attn=True)
    with pytest.raises(UnsupportedError, match="looks at places that are no tokens"), observe(odd):
        odd(*[torch.randn(T, 1, E)] * 3)
