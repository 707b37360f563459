"""The loss of saying which word comes, against PyTorch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from attendo.nn import WordScores, word_loss

PLACES, WIDTH, WORDS = 23, 7, 37


@pytest.fixture
def drawn():
    torch.manual_seed(3)
    words = WordScores(WIDTH, WORDS).double()
    torch.nn.init.normal_(words.weight)
    vectors = torch.randn(PLACES, WIDTH, dtype=torch.double, requires_grad=True)
    targets = torch.randint(WORDS, (PLACES,))
    targets[[2, 11]] = -100
    return words, vectors, targets


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("at_once", [WORDS, 5 * WORDS, 2**21])
def test_it_is_the_cross_entropy_with_its_gradients(drawn, smoothing, at_once, monkeypatch):
    words, vectors, targets = drawn
    monkeypatch.setattr("attendo.nn.word_losses.AT_ONCE", at_once)
    expected = F.cross_entropy(words(vectors), targets, label_smoothing=smoothing, reduction="sum")
    found = word_loss(vectors, words, targets, smoothing)
    torch.testing.assert_close(found.smoothed, expected)
    torch.testing.assert_close(found.plain, F.cross_entropy(words(vectors), targets, reduction="sum").detach())
    theirs = torch.autograd.grad(3 * expected, [vectors, words.weight])
    ours = torch.autograd.grad(3 * found.smoothed, [vectors, words.weight])
    torch.testing.assert_close(ours, theirs)


def test_what_is_only_asked_about_keeps_no_gradients(drawn):
    words, vectors, targets = drawn
    with torch.no_grad():
        found = word_loss(vectors, words, targets)
    assert not found.smoothed.requires_grad
    torch.testing.assert_close(found.smoothed, found.plain)


def test_no_place_at_all_costs_nothing(drawn):
    words, vectors, targets = drawn
    found = word_loss(vectors[:0], words, targets[:0])
    assert float(found.smoothed.detach()) == 0


def test_under_autocast_products_are_short_and_sums_are_not(drawn):
    words, vectors, targets = drawn
    words, vectors = words.float(), vectors.detach().float()
    exact = word_loss(vectors, words, targets).smoothed
    with torch.autocast("cpu", torch.bfloat16):
        found = word_loss(vectors, words, targets).smoothed
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, exact, rtol=0.01, atol=0.0)
    assert float(found.detach()) != float(exact.detach())


def test_words_that_are_never_written_get_nothing_of_what_is_spread(drawn):
    words, vectors, targets = drawn
    targets = targets.clamp(max=WORDS - 2)
    words.start[0, WORDS - 1] = -torch.inf
    found = word_loss(vectors, words, targets, 0.1)
    shorter = WordScores(WIDTH, WORDS - 1).double()
    shorter.weight.data.copy_(words.weight[:-1])
    expected = F.cross_entropy(shorter(vectors), targets, label_smoothing=0.1, reduction="sum")
    torch.testing.assert_close(found.smoothed, expected)
    torch.testing.assert_close(*(torch.autograd.grad(each, vectors)[0] for each in (found.smoothed, expected)))
