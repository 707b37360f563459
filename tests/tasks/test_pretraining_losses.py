"""What models are pretrained by: the same loss however many scores are held at a time."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from attendo.attention import Layout
from attendo.models import TokenBatch, new_model
from attendo.tasks.pretraining import places_loss, score_places

SHAPES = {
    "gpt2": ("causal", {"n_embd": 12, "n_layer": 1, "n_head": 3, "n_positions": 32}),
    "bert": (
        "masked",
        {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 7},
    ),
}
"""Words that are scored by a matrix alone, and words that also have a bias."""


@pytest.mark.parametrize("name", SHAPES)
def test_the_loss_at_places_is_the_one_of_their_scores(name):
    torch.manual_seed(3)
    model = new_model({"model_type": name, "vocab_size": 31, "pad_token_id": 0} | SHAPES[name][1], SHAPES[name][0])
    model = model.network.double()
    texts = TokenBatch(layout=Layout((5, 3)), ids=torch.tensor([3, 4, 5, 6, 7, 8, 9, 10]))
    places, targets = torch.tensor([1, 4, 6]), torch.tensor([5, 30, 0])
    found = places_loss(model, texts, places, targets)
    expected = cross_entropy(score_places(model, texts, places), targets, reduction="sum")
    torch.testing.assert_close(found, expected, check_dtype=False, rtol=1e-6, atol=1e-6)
    learned = list(model.parameters())
    for ours, theirs in zip(
        torch.autograd.grad(found, learned, allow_unused=True),
        torch.autograd.grad(expected, learned, allow_unused=True),
        strict=True,
    ):
        if theirs is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
