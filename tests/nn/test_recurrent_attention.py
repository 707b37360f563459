"""What states see of a memory, beside the formulas, with exact gradients."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Layout
from attendo.nn import AdditiveAttention, Memory, MultiplicativeAttention, StateAttention

H, M, A = 5, 6, 7
LENGTHS = (4, 0, 7, 1)


def additive(state, vectors, part):
    """e = v tanh(W s + U h), with the bias that the paper leaves out."""
    hidden = torch.stack([part.query.weight @ state + part.key.weight @ h + part.key.bias for h in vectors])
    return torch.tanh(hidden) @ part.energy.weight[0]


def multiplicative(state, vectors, part):
    """e = s W h."""
    return torch.stack([state @ (part.key.weight @ h) for h in vectors])


KINDS = {"additive": (lambda: AdditiveAttention(H, M, A), additive)}
KINDS["multiplicative"] = (lambda: MultiplicativeAttention(H, M), multiplicative)
every_kind = pytest.mark.parametrize(("make", "scores"), KINDS.values(), ids=KINDS)


def memory(lengths=LENGTHS) -> Memory:
    return Memory(torch.randn(sum(lengths), M).double().requires_grad_(), Layout(lengths))


@every_kind
def test_what_is_seen_is_what_the_formula_says(make, scores):
    part, beyond = make().double(), memory()
    state = torch.randn(len(LENGTHS), H).double()
    seen, weights = part(state, part.remember(beyond))
    for text, vectors in enumerate(beyond.layout.split(beyond.vectors)):
        if not len(vectors):
            assert not seen[text].any()
            continue
        expected = torch.softmax(scores(state[text], vectors, part), 0)
        torch.testing.assert_close(weights[text, : len(vectors)], expected)
        assert not weights[text, len(vectors) :].any()
        torch.testing.assert_close(seen[text], expected @ vectors)


@every_kind
@pytest.mark.parametrize("lengths", [(3, 3), (0, 0), (0, 3), (0,)], ids=str)
def test_even_and_empty_memories(make, scores, lengths):
    part, beyond = make().double(), memory(lengths)
    state = torch.randn(len(lengths), H).double().requires_grad_()
    seen, _ = part(state, part.remember(beyond))
    seen.square().sum().backward()
    assert seen.isfinite().all()
    assert state.grad is not None
    assert state.grad.isfinite().all()
    for text, length in enumerate(lengths):
        assert bool(seen[text].any()) == bool(state.grad[text].any()) == bool(length)


@every_kind
def test_what_some_texts_see(make, scores):
    part, beyond = make().double(), memory()
    sight, chosen = part.remember(beyond), torch.tensor([2, 0, 0])
    state = torch.randn(3, H).double()
    seen, weights = part(state, sight.of(chosen))
    for row, text in enumerate(chosen.tolist()):
        alone = part(state[[row]], sight.of(torch.tensor([text])))
        torch.testing.assert_close((seen[[row]], weights[[row]]), alone)
    torch.testing.assert_close(part(state[:2], sight.of(chosen).first(2)), (seen[:2], weights[:2]))


@every_kind
def test_gradients_are_exact(make, scores):
    part = make().double()
    state, vectors = torch.randn(2, H).double().requires_grad_(), memory((2, 3))

    def seen(state, vectors, *weights):
        return part(state, part.remember(Memory(vectors, vectors_layout)))[0]

    vectors_layout = vectors.layout
    assert torch.autograd.gradcheck(seen, (state, vectors.vectors, *part.parameters()))


def test_what_any_attention_must_say():
    with pytest.raises(NotImplementedError):
        StateAttention().keys(torch.zeros(1, 1))
    with pytest.raises(NotImplementedError):
        StateAttention().scores(torch.zeros(1, 1), torch.zeros(1, 1, 1))
