"""The chain against all sequences of tags, one by one."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn import Allowed, Chain, steps

K = 3
LENGTHS = (5, 0, 1, 2, 7, 0, 1)
LAYOUT = Layout(LENGTHS)
N = sum(LENGTHS)


def chain_of(num_tags: int = K, dtype: torch.dtype = torch.float64, std: float = 1.0) -> Chain:
    chain = Chain(num_tags).to(dtype)
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return chain


def value(chain: Chain, scores: torch.Tensor, tags: tuple[int, ...] | list[int]) -> torch.Tensor:
    """The score of one sequence of one text, added up one by one."""
    total = chain.starts[tags[0]] + chain.ends[tags[-1]]
    total = total + sum(row[tag] for row, tag in zip(scores, tags, strict=True))
    return total + sum(chain.pairs[pair] for pair in itertools.pairwise(tags))


def may_be(allowed: Allowed, tags: tuple[int, ...] | list[int]) -> bool:
    inside = all(allowed.pairs[pair] for pair in itertools.pairwise(tags))
    return bool(allowed.starts[tags[0]] and allowed.ends[tags[-1]] and inside)


def everything(chain: Chain, scores: torch.Tensor, allowed: Allowed | None = None):
    """All sequences of one text that may be, and their probabilities; all, if none may be."""
    sequences = list(itertools.product(range(len(chain.starts)), repeat=len(scores)))
    kept = [each for each in sequences if allowed is None or may_be(allowed, each)] or sequences
    return kept, torch.stack([value(chain, scores, each) for each in kept]).softmax(0)


def bio(device: torch.device | str = "cpu") -> Allowed:
    """O, B, I: nothing is continued that has not begun."""
    starts, pairs = torch.tensor([True, True, False]), torch.ones(K, K, dtype=torch.bool)
    pairs[0, 2] = False
    return Allowed(starts, pairs, torch.ones(K, dtype=torch.bool)).to(torch.device(device))


def draw_allowed(share: float = 0.6) -> Allowed:
    return Allowed(torch.rand(K) < share, torch.rand(K, K) < share, torch.rand(K) < share)


def test_likelihood_is_that_among_all_sequences(device, exact):
    chain = chain_of(dtype=exact).to(device)
    scores, tags = torch.randn(N, K, device=device, dtype=exact), torch.randint(K, (N,), device=device)
    expected = []
    for row, own in zip(LAYOUT.split(scores), LAYOUT.split(tags), strict=True):
        if not len(row):
            expected.append(scores.new_zeros(()))
            continue
        sequences, probabilities = everything(chain, row)
        expected.append(probabilities[sequences.index(tuple(own.tolist()))].log())
    torch.testing.assert_close(chain.log_likelihood(scores, tags, LAYOUT), torch.stack(expected))


@pytest.mark.parametrize("limited", [False, True])
def test_best_and_marginals_are_those_among_all_sequences(limited, device, exact):
    chain, scores = chain_of(dtype=exact).to(device), torch.randn(N, K, device=device, dtype=exact)
    allowed = bio(device) if limited else None
    best, marginals = chain.best(scores, LAYOUT, allowed), chain.marginals(scores, LAYOUT, allowed)
    for row, tags, found in zip(*(LAYOUT.split(each) for each in (scores, best, marginals)), strict=True):
        if len(row):
            sequences, probabilities = everything(chain, row, allowed)
            assert sequences[int(probabilities.argmax())] == tuple(tags.tolist())
            onehot = torch.nn.functional.one_hot(torch.tensor(sequences, device=device), K).to(exact)  # (., T, K)
            torch.testing.assert_close(found, torch.einsum("s,stk->tk", probabilities, onehot))


@pytest.mark.parametrize("limited", [False, True])
def test_spans_have_the_probability_of_all_sequences_that_hold_them(limited):
    chain, scores, tags = chain_of(), torch.randn(N, K, dtype=torch.float64), torch.randint(K, (N,))
    allowed = bio() if limited else None
    spans = [
        (start + i, start + j)
        for start, length in zip(LAYOUT.query_starts, LENGTHS, strict=True)
        for i in range(length)
        for j in range(i, length)
    ]
    every = [everything(chain, row, allowed) if len(row) else None for row in LAYOUT.split(scores)]
    expected = []
    for first, last in spans:
        text = int(LAYOUT.query_texts()[first])
        start = LAYOUT.query_starts[text]
        sequences, probabilities = every[text]
        wanted = tuple(tags[first : last + 1].tolist())
        holds = torch.tensor([each[first - start : last + 1 - start] == wanted for each in sequences])
        expected.append(probabilities[holds].sum())
    first, last = torch.tensor(spans).T
    found = chain.span_probability(scores, LAYOUT, tags, first, last, allowed)
    torch.testing.assert_close(found.exp(), torch.stack(expected))


def test_gradients():
    chain, tags = chain_of(), torch.randint(K, (N,))
    scores = torch.randn(N, K, dtype=torch.float64, requires_grad=True)
    weights = tuple(each.detach().clone().requires_grad_() for each in chain.parameters())

    def likelihood(scores, *weights):
        named = dict(zip(("starts", "pairs", "ends"), weights, strict=True))
        call = (scores, tags, LAYOUT)
        return torch.func.functional_call(_Likelihood(chain), {f"chain.{n}": w for n, w in named.items()}, call)

    assert gradcheck(likelihood, (scores, *weights))


class _Likelihood(torch.nn.Module):
    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self.chain = chain

    def forward(self, scores, tags, layout):
        return self.chain.log_likelihood(scores, tags, layout)


def test_gradients_are_those_of_a_plain_loop(device, exact):
    chain = chain_of(5, exact).to(device)
    scores = torch.randn(N, 5, device=device, dtype=exact, requires_grad=True)
    tags, factors = torch.randint(5, (N,), device=device), torch.randn(len(LENGTHS), device=device, dtype=exact)
    plain = scores.new_zeros(())
    for factor, row, own in zip(factors, LAYOUT.split(scores), LAYOUT.split(tags), strict=True):
        if len(row):
            alpha = chain.starts + row[0]
            for token in row[1:]:
                alpha = (alpha[:, None] + chain.pairs).logsumexp(0) + token
            plain = plain + factor * (value(chain, row, own.tolist()) - (alpha + chain.ends).logsumexp(0))
    inputs = [scores, *chain.parameters()]
    expected = torch.autograd.grad(plain, inputs)
    found = torch.autograd.grad((factors * chain.log_likelihood(scores, tags, LAYOUT)).sum(), inputs)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("order", [(6, 5, 4, 3, 2, 1, 0), (2, 4, 0, 6, 1, 3, 5)])
def test_neither_neighbours_nor_order_matter(order):
    chain, scores, tags, allowed = chain_of(), torch.randn(N, K).double(), torch.randint(K, (N,)), bio()
    other = Layout(tuple(LENGTHS[text] for text in order))
    rows, own = LAYOUT.split(scores), LAYOUT.split(tags)
    mixed, mixed_tags = torch.cat([rows[text] for text in order]), torch.cat([own[text] for text in order])
    torch.testing.assert_close(
        chain.log_likelihood(mixed, mixed_tags, other), chain.log_likelihood(scores, tags, LAYOUT)[list(order)]
    )
    for text, (best, marginals) in enumerate(
        zip(
            LAYOUT.split(chain.best(scores, LAYOUT, allowed)),
            LAYOUT.split(chain.marginals(scores, LAYOUT)),
            strict=True,
        )
    ):
        place, alone = order.index(text), Layout((LENGTHS[text],))
        assert torch.equal(other.split(chain.best(mixed, other, allowed))[place], best)
        assert torch.equal(chain.best(rows[text], alone, allowed), best)
        torch.testing.assert_close(chain.marginals(rows[text], alone), marginals)


@pytest.mark.parametrize("scale", [1, 40])
@pytest.mark.parametrize("std", [1.0, 60.0])
def test_products_of_matrices_are_sums_over_paths(monkeypatch, std, scale):
    chain = chain_of(std=std)
    scores, tags = scale * torch.randn(N, K, dtype=torch.float64), torch.randint(K, (N,))
    found = []
    for mild in (steps.MILD, 0.0):
        monkeypatch.setattr(steps, "MILD", mild)
        given = scores.clone().requires_grad_()
        likelihood = chain.log_likelihood(given, tags, LAYOUT)
        wanted = (given, *chain.parameters())
        found.append((likelihood.detach(), *torch.autograd.grad((likelihood * torch.arange(1, 8)).sum(), wanted)))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_a_new_chain_is_the_softmax_of_each_token():
    chain, scores, tags = Chain(K), torch.randn(N, K), torch.randint(K, (N,))
    assert torch.equal(chain.best(scores, LAYOUT), scores.argmax(1))
    torch.testing.assert_close(chain.marginals(scores, LAYOUT), scores.softmax(1))
    own = scores.log_softmax(1).gather(1, tags[:, None])[:, 0]
    torch.testing.assert_close(
        chain.log_likelihood(scores, tags, LAYOUT), torch.stack([each.sum() for each in LAYOUT.split(own)])
    )


@given(seed=st.integers(0, 10**6), share=st.floats(0, 1), size=st.sampled_from([0.1, 1.0, 1e4]))
def test_what_is_forbidden_never_comes_out_if_anything_else_can(seed, share, size):
    torch.manual_seed(seed)
    allowed, lengths = draw_allowed(share), tuple(torch.randint(5, (4,)).tolist())
    chain, layout = chain_of(dtype=torch.float32, std=size), Layout(lengths)
    scores = torch.randn(sum(lengths), K) * size
    free = layout.split(chain.best(scores, layout))
    marginals = chain.marginals(scores, layout, allowed)
    assert marginals.isfinite().all()
    torch.testing.assert_close(marginals.sum(1), torch.ones(len(scores)))
    for text, tags in enumerate(layout.split(chain.best(scores, layout, allowed))):
        if not len(tags):
            continue
        possible = any(may_be(allowed, each) for each in itertools.product(range(K), repeat=len(tags)))
        assert may_be(allowed, tags.tolist()) if possible else torch.equal(tags, free[text])


def test_what_is_forbidden_has_no_probability_and_is_no_nan():
    chain, scores = chain_of(dtype=torch.float32), torch.randn(4, K)
    tags, first, last = torch.tensor([0, 2, 1, 2]), torch.tensor([0, 1, 2]), torch.tensor([1, 1, 3])
    found = chain.span_probability(scores, Layout((2, 2)), tags, first, last, bio())
    assert found[0] == -torch.inf  # O, I
    assert found[1:].isfinite().all()


@pytest.mark.parametrize("moves", [0.0, 1e4])
def test_large_scores_stay_finite(moves):
    chain = chain_of(dtype=torch.float32, std=moves)
    scores, tags = (torch.randn(N, K) * 1e4).requires_grad_(), torch.randint(K, (N,))
    likelihood = chain.log_likelihood(scores, tags, LAYOUT)
    likelihood.sum().backward()
    assert likelihood.isfinite().all()
    assert (likelihood <= 0).all()
    assert all(each.grad is not None and each.grad.isfinite().all() for each in (scores, *chain.parameters()))
    assert chain.marginals(scores.detach(), LAYOUT, bio()).isfinite().all()


def test_a_long_sure_text_in_single_precision():
    scores = torch.full((1009, K), -1e4)
    scores[:, 1] = 1e4
    found = Chain(K).log_likelihood(scores, torch.ones(1009, dtype=torch.long), Layout((1009,)))
    assert found.abs() < 1e-3


def test_half_precision_under_autocast():
    chain, tags = chain_of(dtype=torch.float32), torch.randint(K, (N,))
    scores = torch.randn(N, K).bfloat16()
    full = scores.float().requires_grad_()
    half = scores.clone().requires_grad_()
    expected = chain.log_likelihood(full, tags, LAYOUT)
    with torch.autocast("cpu", torch.bfloat16):
        found = chain.log_likelihood(half, tags, LAYOUT)
        assert torch.equal(chain.best(scores, LAYOUT), chain.best(scores.float(), LAYOUT))
        found.sum().backward()
    expected.sum().backward()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected)
    assert half.grad is not None
    assert full.grad is not None
    torch.testing.assert_close(half.grad, full.grad.bfloat16())


@pytest.mark.parametrize("lengths", [(), (0,), (0, 0)])
def test_nothing_to_tag(lengths):
    chain, layout, none = Chain(K), Layout(lengths), torch.zeros(0, dtype=torch.long)
    scores = torch.zeros(0, K, requires_grad=True)
    likelihood = chain.log_likelihood(scores, none, layout)
    assert torch.equal(likelihood, torch.zeros(len(lengths)))
    likelihood.sum().backward()
    assert chain.best(scores, layout, bio()).shape == (0,)
    assert chain.marginals(scores, layout, bio()).shape == (0, K)
    assert chain.span_probability(scores, layout, none, none, none).shape == (0,)


def test_a_text_whose_scores_are_no_numbers_spoils_no_other():
    chain, scores, tags = chain_of(dtype=torch.float32), torch.randn(N, K), torch.randint(K, (N,))
    before = chain.best(scores, LAYOUT, bio()), chain.log_likelihood(scores, tags, LAYOUT)
    scores[:5] = torch.nan
    after = chain.best(scores, LAYOUT, bio()), chain.log_likelihood(scores, tags, LAYOUT)
    assert torch.equal(before[0][5:], after[0][5:])
    torch.testing.assert_close(after[1][1:], before[1][1:])
    assert after[1][0].isnan()
    assert chain.marginals(scores, LAYOUT)[:5].isnan().all()


def test_what_does_not_fit():
    with pytest.raises(ShapeError, match="`num_tags` must be at least 1, but is 0"):
        Chain(0)
    with pytest.raises(ShapeError, match=r"those of 16 tokens and 3 tags, but have the shape \(16, 2\)"):
        Chain(K).best(torch.zeros(N, 2), LAYOUT)


@pytest.mark.parametrize(("first", "last"), [(2, 1), (4, 5), (-1, 0), (15, 16)])
def test_spans_that_are_none(first, last):
    tags = torch.zeros(N, dtype=torch.long)
    spans = torch.tensor([0, first]), torch.tensor([0, last])
    with pytest.raises(ShapeError, match=f"16 tokens, but span 1 goes from {first} to {last}"):
        Chain(K).span_probability(torch.zeros(N, K), LAYOUT, tags, *spans)
