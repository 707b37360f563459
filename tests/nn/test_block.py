"""Residuals, blocks and stacks: what is absent does nothing."""

import torch
from torch import nn

from attendo.attention import Layout
from attendo.nn import Block, Residual, Stack

E = 7
LAYOUT = Layout((3, 2))
X = torch.arange(35.0).view(5, E)


class Times(nn.Module):
    """Multiplies; takes a layout and writes down what it was given."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor, self.given = factor, []

    def forward(self, x, *context):
        self.given.append(context)
        return x * self.factor


def test_with_nothing_given_a_residual_adds_what_the_part_makes():
    part = Times(3.0)
    assert torch.equal(Residual(part)(X, LAYOUT), X + 3.0 * X)
    assert part.given == [(LAYOUT,)]


def test_norms_before_and_after():
    norm, part = nn.LayerNorm(E), Times(3.0)
    torch.testing.assert_close(Residual(part, before=norm)(X), X + 3.0 * norm(X))
    torch.testing.assert_close(Residual(part, after=norm)(X), norm(4.0 * X))
    torch.testing.assert_close(Residual(part, before=norm, after=norm)(X), norm(X + 3.0 * norm(X)))


def test_dropout_falls_on_what_is_added_only():
    residual = Residual(Times(3.0), dropout=0.5).train()
    added = residual(torch.ones(101, E)) - 1.0
    assert set(added.unique().tolist()) == {0.0, 6.0}


def test_a_block_attends_with_the_layout_and_feeds_forward_without():
    attention, feed_forward, local = Times(1.0), Times(2.0), Times(4.0)
    block = Block(Residual(attention), Residual(feed_forward), Residual(local))
    assert torch.equal(block(X, LAYOUT), X * 5 * 2 * 3)
    assert (local.given, attention.given, feed_forward.given) == ([(LAYOUT,)], [(LAYOUT, None, None)], [()])


def test_a_stack_runs_its_blocks_in_turn():
    norm = nn.LayerNorm(E)
    blocks = [Block(Residual(Times(n)), Residual(nn.Identity())) for n in (1.0, 2.0)]
    torch.testing.assert_close(Stack(blocks)(X, LAYOUT), X * 2 * 2 * 3 * 2)
    torch.testing.assert_close(Stack(blocks, norm)(X, LAYOUT), norm(X * 24))
    assert torch.equal(Stack([])(X, LAYOUT), X)
