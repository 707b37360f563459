"""Where a token stands: formulas written out, and positions that start anew in each text."""

import math

import pytest
import torch

from attendo.attention import Causal, Layout, attend
from attendo.errors import ShapeError
from attendo.nn import AlibiBias, LearnedPositions, MultiHeadAttention, RelativeBias, Rotary, SinusoidalPositions

LAYOUT = Layout((3, 0, 1, 5))


def test_sinusoidal_positions_by_the_formula():
    expected = torch.tensor(
        [
            [
                (math.cos if index % 2 else math.sin)(place / 10000 ** ((index - index % 2) / 6))
                for index in range(6)
            ]
            for place in range(211)
        ]
    )  # fmt: skip
    torch.testing.assert_close(SinusoidalPositions(6)(torch.zeros(211, 6)), expected, rtol=0, atol=3e-5)


@pytest.mark.parametrize("make", [lambda: SinusoidalPositions(6), lambda: LearnedPositions(7, 6)])
def test_each_text_counts_from_its_start_or_its_cache(make):
    part = make()
    places = part(torch.zeros(7, 6))
    found = part(torch.zeros(9, 6), LAYOUT)
    assert torch.equal(found, torch.cat([places[:3], places[:1], places[:5]]))
    cached = Layout((2, 1), (5, 4))  # three tokens of each text came before
    assert torch.equal(part(torch.zeros(3, 6), cached), places[[3, 4, 3]])
    assert torch.equal(cached.unpad(part(torch.zeros(2, 2, 6), cached)), places[[3, 4, 3]])


def test_too_long_a_text_for_learned_positions():
    with pytest.raises(ShapeError, match="A text has 8 tokens, but there are learned positions for only 7"):
        LearnedPositions(7, 6)(torch.zeros(11, 6), Layout((3, 8)))
    assert LearnedPositions(7, 6)(torch.zeros(14, 6), Layout((7, 7))).shape == (14, 6)


@pytest.mark.parametrize("make", [lambda: SinusoidalPositions(7), lambda: Rotary(5)])
def test_pairs_need_an_even_width(make):
    with pytest.raises(ShapeError, match="must be even"):
        make()


def test_rotary_turns_each_pair_by_its_angle():
    part = Rotary(4, base=100.0)
    heads = torch.randn(11, 2, 7, dtype=torch.float64)
    turned = part(heads, part.angles(torch.arange(11)))
    for place, pair in ((0, 0), (3, 0), (10, 1)):
        angle = torch.tensor(place * 100.0 ** -(2 * pair / 4))
        first, second = heads[place, 1, pair], heads[place, 1, pair + 2]
        expected = torch.stack([first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()])
        torch.testing.assert_close(turned[place, 1, [pair, pair + 2]], expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(turned[..., 4:], heads[..., 4:])
    torch.testing.assert_close(turned.norm(dim=-1), heads.norm(dim=-1), rtol=1e-5, atol=1e-6)


def test_rotary_scores_depend_on_the_distance_only():
    part, query, key = Rotary(6), torch.randn(1, 1, 6), torch.randn(1, 1, 6)

    def score(i: int, j: int) -> float:
        first, second = part.angles(torch.tensor([i])), part.angles(torch.tensor([j]))
        return (part(query, first) * part(key, second)).sum().item()

    assert score(5, 2) == pytest.approx(score(105, 102), abs=1e-4)
    assert score(5, 2) != pytest.approx(score(2, 5), abs=1e-4)


@pytest.mark.parametrize("name", ["rotary", "sinusoidal"])
def test_half_precision_does_not_move_far_tokens(name):
    place = torch.tensor([4999])
    if name == "rotary":
        whole, half = (Rotary(8).to(dtype).angles(place)[0] for dtype in (torch.float32, torch.bfloat16))
        assert torch.equal(half, whole)
    else:
        row = torch.zeros(4999, 8, dtype=torch.bfloat16)
        half = SinusoidalPositions(8).to(torch.bfloat16)(row)
        assert torch.equal(half, SinusoidalPositions(8)(row.float()).to(torch.bfloat16))


def test_learned_distances_get_their_gradient():
    part = RelativeBias(2, 8, 11)
    assert not part.weight.any()
    query, key, value = torch.randn(3, 1, 2, 5, 3).unbind()
    attend(query, key, value, bias=part(), mask=Causal()).sum().backward()
    assert part.weight.grad is not None
    assert part.weight.grad[:4].any()
    assert not part.weight.grad[4:].any()  # under a causal mask no key comes after its query


def test_alibi_has_nothing_to_learn_or_to_save():
    part = AlibiBias(3)
    assert not list(part.parameters())
    assert not part.state_dict()


def test_only_learned_positions_are_saved():
    attention = MultiHeadAttention(12, 3, rotary=Rotary(4), bias=AlibiBias(3))
    assert set(attention.state_dict()) == {"qkv.weight", "qkv.bias", "output.weight", "output.bias"}
