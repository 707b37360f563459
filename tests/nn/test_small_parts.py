"""Dropout, feed-forward, token embeddings, and the functions that tell rows from batches."""

import pytest
import torch
from torch import nn

from attendo.attention import Full, Layout, Lengths, Segments
from attendo.errors import ConfigError, ShapeError
from attendo.nn import (
    ACTIVATIONS,
    Dropout,
    FeedForward,
    GatedFeedForward,
    LearnedPositions,
    TokenEmbedding,
    layout_of,
    own_text,
    packed,
    positions_in,
)

LAYOUT = Layout((3, 0, 2))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(share):
    found = Dropout(share).train()(torch.ones(211, 307))
    assert len(found.unique()) == 2
    assert found.max().item() == pytest.approx(1 / (1 - share))
    assert (found == 0).float().mean().item() == pytest.approx(share, abs=0.01)
    assert found.mean().item() == pytest.approx(1.0, abs=0.05)


def test_dropout_falls_on_gradients_as_on_values():
    x = torch.ones(7, 11, requires_grad=True)
    output = Dropout(0.5).train()(x)
    output.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, output)


def test_dropout_rests_in_evaluation_and_at_zero():
    x = torch.randn(3, 5)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0).train()(x) is x


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_a_share_that_is_none(share):
    with pytest.raises(ConfigError, match=rf"must be at least 0 and less than 1, but is {share}"):
        Dropout(share)


@pytest.mark.parametrize("make", [FeedForward, GatedFeedForward])
def test_activations_by_name(make):
    x = torch.randn(5, 6)
    for name in ACTIVATIONS:
        assert make(6, 11, name)(x).shape == (5, 6)
    with pytest.raises(ConfigError, match=f"no activation `sine`. There are: {', '.join(ACTIVATIONS)}"):
        make(6, 11, "sine")


@pytest.mark.parametrize("make", [FeedForward, GatedFeedForward])
@pytest.mark.parametrize("shape", [(211, 6), (3, 71, 6), (0, 6), (6,)])
def test_tiles_change_nothing(make, shape, monkeypatch):
    monkeypatch.setattr("attendo.nn.feedforward.TILE_BYTES", 1)
    part, x, seen = make(6, 11).eval(), torch.randn(shape), []
    part.up.register_forward_hook(lambda module, given, output: seen.append(output.numel() // output.shape[-1]))
    expected = part(x)
    assert seen == [x.numel() // 6], "where gradients are kept, all tokens go at once"
    with torch.no_grad():
        found = part(x)
    torch.testing.assert_close(found, expected)
    assert seen[1:] == ([64, 64, 64, x.numel() // 6 - 192] if x.numel() // 6 > 64 else seen[:1])


def test_token_embedding_adds_what_it_was_given():
    positions, norm = LearnedPositions(5, 6), nn.LayerNorm(6)
    part = TokenEmbedding(17, 6, positions=positions, num_segments=2, norm=norm)
    ids, segments = torch.randint(17, (5,)), torch.tensor([0, 1, 1, 0, 1])
    places = positions.weight[[0, 1, 2, 0, 1]]
    assert part.segments is not None
    expected = norm(part.tokens.weight[ids] + part.segments.weight[segments] + places)
    torch.testing.assert_close(part(ids, LAYOUT, segments), expected)
    plain = TokenEmbedding(17, 6)
    assert torch.equal(plain(ids), plain.tokens.weight[ids])


def test_rows_and_batches_are_told_apart():
    row, batch = torch.randn(5, 7), torch.randn(3, 4, 7)
    assert isinstance(own_text(row, LAYOUT), Segments)
    assert isinstance(own_text(batch, LAYOUT), Lengths)
    assert own_text(row, None) == own_text(batch, None) == Full()
    assert layout_of(row, None) == Layout((5,))
    assert layout_of(batch, None) == Layout((4, 4, 4))
    assert layout_of(row, LAYOUT) is LAYOUT


def test_positions_of_rows_and_batches():
    assert positions_in(torch.randn(5, 7), LAYOUT).tolist() == [0, 1, 2, 0, 1]
    assert positions_in(torch.randn(3, 4, 7), LAYOUT).tolist() == [[0, 1, 2, 3]]
    cached = Layout((1, 2), (4, 2))
    assert positions_in(torch.randn(3, 7), cached).tolist() == [3, 0, 1]
    assert positions_in(torch.randn(2, 2, 7), cached).tolist() == [[3, 4], [0, 1]]


def test_packing_takes_the_real_tokens():
    row, batch = torch.randn(5, 7), torch.randn(3, 4, 7)
    assert packed(row, LAYOUT) is row
    assert torch.equal(packed(batch, LAYOUT), torch.cat([batch[0, :3], batch[2, :2]]))
    assert torch.equal(packed(batch, None), batch.flatten(0, 1))


@pytest.mark.parametrize("ask", [layout_of, own_text, positions_in, packed])
def test_a_layout_of_other_texts(ask):
    with pytest.raises(ShapeError, match="The layout holds 3 texts"):
        ask(torch.randn(2, 4, 7), Layout((1, 0, 2), (3, 0, 4)))
    if ask is not packed:  # it gives a row back as it is
        with pytest.raises(ShapeError, match="The layout holds 5 tokens, but the packed row has 4"):
            ask(torch.randn(4, 7), LAYOUT)
