"""What attention layers look at, against whole matrices of one text at a time."""

from collections import defaultdict

import numpy as np
import pytest
import torch

from attendo.attention import Full, Observe, attend
from attendo.data import Example
from attendo.nn import MultiHeadAttention
from attendo.tasks import look
from attendo.text import split_words

TEXTS = ["The film is good, the cook is not.", "这部电影很好，很好看", "good", "", "the the the FILM"]


def whole_matrices(model, text):
    """The weights (H, T, T) of the only layer for one text."""
    layer = next(m for m in model.network.modules() if isinstance(m, MultiHeadAttention))
    seen = []
    handle = layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        model.network.deep.encode(model.encoder.encode([text]).batch([0]))
    handle.remove()
    query, key, value = (x.transpose(0, 1)[None] for x in layer.qkv(seen[0]).unflatten(-1, (3, 2, -1)).unbind(1))
    rows = Observe(rows=tuple(range(len(seen[0]))))
    return (
        attend(query, key, value, mask=Full(), backend="reference", observe=rows)[1].rows[0].detach().double().numpy()
    )


def test_sums_are_those_of_whole_matrices(single):
    entropy, distance, even, count = np.zeros(2), np.zeros(2), 0.0, 0
    received = defaultdict(list)
    for text in filter(None, TEXTS):
        weights = whole_matrices(single, text)
        length = weights.shape[1]
        places = np.arange(length)
        far = abs(places[:, None] - places)
        count, even = count + length, even + far.mean(1).sum()
        if length > 1:
            entropy += -(weights * np.log(weights)).sum((1, 2)) / np.log(length)
        distance += (weights * far).sum((1, 2))
        for span, value in zip(split_words(text), weights.sum(1).mean(0), strict=True):
            received[text[slice(*span)].lower()].append(value)
    (found,) = look(single.network, single.encoder.view(TEXTS), most_words=2)
    assert found.layer == 0
    assert found.entropy == pytest.approx(entropy / count, abs=1e-5)
    assert found.distance == pytest.approx(distance / count, abs=1e-4)
    assert found.even_distance == pytest.approx(even / count)
    often = {word: np.mean(values) for word, values in received.items() if len(values) >= 3}
    best = sorted(often, key=lambda word: -often[word])[:2]
    assert [each.word for each in found.received] == best
    for each in found.received:
        assert (each.times, each.received) == (len(received[each.word]), pytest.approx(often[each.word], abs=1e-4))


def test_words_of_pairs_come_from_their_own_text(paired):
    (found,) = look(paired.network, paired.encoder.view(["soup good"] * 5, ["The BAD"] * 5))
    assert {each.word for each in found.received} == {"soup", "good", "the", "bad"}
    assert {each.times for each in found.received} == {5}
    assert sum(each.received for each in found.received) == pytest.approx(4, abs=1e-4)


def test_looking_changes_nothing(single):
    before = single.probabilities([Example(text) for text in TEXTS])
    look(single.network, single.encoder.view(TEXTS))
    assert np.array_equal(single.probabilities([Example(text) for text in TEXTS]), before)


def test_nothing_to_look_at(single):
    assert look(single.network, single.encoder.view([])) == ()
