"""Every part gets the same questions: neither how texts are laid out nor who listens may matter."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import nn

from attendo.attention import Causal, Layout, Observe, Window, listen
from attendo.nn import (
    AlibiBias,
    AttentionPool,
    Block,
    Dropout,
    FeedForward,
    FirstToken,
    GatedFeedForward,
    Heads,
    LastToken,
    LearnedPositions,
    LocalMixing,
    MaxPool,
    MeanPool,
    MultiHeadAttention,
    RelativeBias,
    Residual,
    Rotary,
    Scale,
    SideBySide,
    SinusoidalPositions,
    Stack,
    TokenEmbedding,
    WordScores,
)

E, H = 12, 3
LENGTHS = (5, 0, 1, 3, 7, 0)
LAYOUT = Layout(LENGTHS)


class Tokens(nn.Module):
    """An embedding that can be asked like any other part: it takes its token ids from the vectors."""

    def __init__(self) -> None:
        super().__init__()
        positions = LearnedPositions(11, E)
        self.embedding = TokenEmbedding(17, E, positions=positions, num_segments=2, norm=nn.LayerNorm(E), dropout=0.3)

    def forward(self, x, layout=None):
        ids = (x[..., 0] * 97).long() % 17
        return self.embedding(ids, layout, ids % 2)


class Part(NamedTuple):
    """How a part is made, and what of the questions applies to it."""

    make: Callable[[], nn.Module]
    alone: bool = False
    """It works on each token alone and takes no layout."""
    pools: bool = False
    """It makes one vector of a text."""
    drops: bool = False
    """It draws random numbers in training."""
    attends: int = 0
    """How many of its modules can be listened to."""


def attention(heads: int | Heads = H, **options) -> MultiHeadAttention:
    return MultiHeadAttention(E, heads, **options)


def block(*, pre: bool, local: bool = False) -> Block:
    def residual(part: nn.Module) -> Residual:
        return Residual(part, **{"before" if pre else "after": nn.LayerNorm(E)}, dropout=0.3)

    return Block(residual(attention()), residual(FeedForward(E, 17)), residual(LocalMixing(E)) if local else None)


PARTS: dict[str, Part] = {
    "attention": Part(attention, attends=1),
    "attention, dropout": Part(lambda: attention(dropout=0.4), drops=True, attends=1),
    "attention, grouped": Part(lambda: attention(Heads(num_heads=H, num_kv_heads=1)), attends=1),
    "attention, wide heads": Part(lambda: attention(Heads(num_heads=H, d_head=7)), attends=1),
    "attention, rotary": Part(lambda: attention(rotary=Rotary(4)), attends=1),
    "attention, half rotary": Part(lambda: attention(rotary=Rotary(2)), attends=1),
    "attention, ALiBi": Part(lambda: attention(bias=AlibiBias(H)), attends=1),
    "attention, T5": Part(lambda: attention(bias=RelativeBias(H, 8, 11)), attends=1),
    "attention, causal": Part(lambda: attention(mask=Causal()), attends=1),
    "attention, window": Part(lambda: attention(mask=Window(2, 1)), attends=1),
    "feed-forward": Part(lambda: FeedForward(E, 17, dropout=0.3), alone=True, drops=True),
    "gated feed-forward": Part(lambda: GatedFeedForward(E, 17, dropout=0.3), alone=True, drops=True),
    "word scores": Part(lambda: WordScores(E, E), alone=True),
    "scale": Part(lambda: Scale(0.3), alone=True),
    "dropout": Part(lambda: Dropout(0.3), alone=True, drops=True),
    "sinusoidal positions": Part(lambda: SinusoidalPositions(E)),
    "sines before cosines": Part(lambda: SinusoidalPositions(E, interleaved=False)),
    "learned positions": Part(lambda: LearnedPositions(11, E)),
    "token embedding": Part(Tokens, drops=True),
    "local, 3 wide": Part(lambda: LocalMixing(E)),
    "local, 4 wide": Part(lambda: LocalMixing(E, 4)),
    "pre-norm block": Part(lambda: block(pre=True), drops=True, attends=1),
    "post-norm block": Part(lambda: block(pre=False), drops=True, attends=1),
    "block with local mixing": Part(lambda: block(pre=True, local=True), drops=True, attends=1),
    "stack": Part(lambda: Stack([block(pre=True) for _ in range(2)], nn.LayerNorm(E)), drops=True, attends=2),
    "first token": Part(FirstToken, pools=True),
    "last token": Part(LastToken, pools=True),
    "mean": Part(MeanPool, pools=True),
    "maximum": Part(MaxPool, pools=True),
    "side by side": Part(lambda: SideBySide([MaxPool()]), pools=True),
    "attention pool": Part(lambda: AttentionPool(E, H), pools=True, attends=1),
}
every_part = pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)


def made(part: Part, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """The part in evaluation mode, with weights that hide nothing: none of them zero."""
    module = part.make().to(device, dtype).eval()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)
    return module


def ask(part: Part, module: nn.Module, x: torch.Tensor, layout: Layout | None = None) -> torch.Tensor:
    return module(x) if part.alone else module(x, layout)


def vectors(device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(sum(LENGTHS), E, device=device, dtype=dtype, requires_grad=True)


def differentiated(output: torch.Tensor, module: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """The gradients of the input and all weights for a loss that weighs each output differently."""
    factors = torch.linspace(-1, 1, output.numel(), device=output.device).reshape(output.shape)
    inputs = [x, *module.parameters()]
    loss = (output * factors).sum()
    return list(torch.autograd.grad(loss, inputs, materialize_grads=True))


def texts_alone(part: Part, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    outputs = [ask(part, module, text) for text in x.split(LENGTHS)]
    return torch.cat(outputs)


@every_part
def test_packed_equals_padded_equals_one_text_at_a_time(part, device, exact):
    module, x = made(part, device, exact), vectors(device, exact)
    packed = ask(part, module, x, LAYOUT)
    padded = ask(part, module, LAYOUT.pad(x, fill=37.0), LAYOUT)
    padded = padded if part.pools else LAYOUT.unpad(padded)
    alone = texts_alone(part, module, x)
    assert packed.shape == (len(LENGTHS) if part.pools else sum(LENGTHS), E)
    gradients = differentiated(packed, module, x)
    for other in (padded, alone):
        torch.testing.assert_close(other, packed)
        torch.testing.assert_close(differentiated(other, module, x), gradients)


@every_part
def test_without_a_layout_a_row_is_one_text_and_a_batch_is_full(part, device, exact):
    module = made(part, device, exact)
    x = torch.randn(2, 5, E, device=device, dtype=exact)
    plain, told = ask(part, module, x), ask(part, module, x, Layout((5, 5)))
    torch.testing.assert_close(plain, told)
    rows = [ask(part, module, row) for row in x]
    torch.testing.assert_close(plain, torch.cat(rows) if part.pools else torch.stack(rows))


@every_part
@pytest.mark.parametrize("lengths", [(1,), (1, 1), (0, 0), (0, 1), ()], ids=str)
def test_the_smallest_texts(part, lengths, device, exact):
    module, layout = made(part, device, exact), Layout(lengths)
    row = torch.randn(sum(lengths), E, device=device, dtype=exact)
    packed, padded = ask(part, module, row, layout), ask(part, module, layout.pad(row), layout)
    assert packed.shape == (len(lengths) if part.pools else sum(lengths), E)
    torch.testing.assert_close(packed, padded if part.pools else layout.unpad(padded))
    assert packed.isfinite().all()


@every_part
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "bfloat16"])
def test_training_reaches_every_weight(part, autocast, device):
    module, x = made(part, device, torch.float32).train(), vectors(device, torch.float32)
    with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
        output = ask(part, module, x, LAYOUT)
    assert output.isfinite().all()
    output.float().square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() and p.grad.any() for p in module.parameters())
    assert x.grad is None or x.grad.isfinite().all()


@every_part
def test_low_precision_costs_no_more_than_its_rounding(part, device):
    module, x = made(part, device, torch.float32), vectors(device, torch.float32)
    expected = ask(part, module, x, LAYOUT)
    with torch.autocast(device.type, torch.bfloat16):
        found = ask(part, module, x, LAYOUT)
    torch.testing.assert_close(found.float(), expected, rtol=0, atol=0.04 * expected.abs().max().item())


@every_part
def test_weights_can_be_taken_over(part, device):
    first, second = made(part, device, torch.float32), made(part, device, torch.float32)
    x = vectors(device, torch.float32)
    assert second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(ask(part, first, x, LAYOUT), ask(part, second, x, LAYOUT))


@every_part
def test_a_listener_changes_nothing(part, device, exact):
    class Notes:
        heard: list[nn.Module]

        def request(self, module):
            return Observe(entropy=True, received=True)

        def report(self, module, observed):
            assert observed.entropy is not None
            assert observed.entropy.isfinite().all()
            self.heard.append(module)

    module, x, notes = made(part, device, exact), vectors(device, exact), Notes()
    notes.heard = []
    unheard = ask(part, module, x, LAYOUT)
    with listen(notes):
        heard = ask(part, module, x, LAYOUT)
    torch.testing.assert_close(heard, unheard)
    able = [each for each in module.modules() if isinstance(each, MultiHeadAttention | AttentionPool)]
    assert notes.heard == able
    assert len(able) == part.attends


@every_part
def test_only_training_is_random(part, device):
    module, x = made(part, device, torch.float32), vectors(device, torch.float32)
    assert torch.equal(ask(part, module, x, LAYOUT), ask(part, module, x, LAYOUT))
    module.train()
    assert torch.equal(ask(part, module, x, LAYOUT), ask(part, module, x, LAYOUT)) != part.drops


def test_every_part_of_the_room_is_asked():
    from attendo import nn as room

    asked = {type(each).__name__ for part in PARTS.values() for each in part.make().modules()}
    bags = {"BagDropout", "BagLinear", "RowEmbedding"}  # their inputs are bags: see tests/nn/test_bags.py
    tagged = {"Chain"}  # its inputs are scores of tags: see tests/nn/test_crf.py
    states = {  # they run on packed rows alone: see tests/nn/test_recurrent.py and test_attentive_decoders.py
        *("Recurrence", "RecurrentEncoder", "RecurrentDecoder", "PlainDecoder", "AdditiveDecoder"),
        *("MultiplicativeDecoder", "StateAttention", "AdditiveAttention", "MultiplicativeAttention"),
    }
    kinds = {name: kind for name in room.__all__ if isinstance(kind := getattr(room, name), type)}
    parts = (
        {name for name, kind in kinds.items() if issubclass(kind, nn.Module)} - bags - tagged - states - {"OneToken"}
    )
    assert parts <= asked
