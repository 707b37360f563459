"""Links between words: read off the attention that is paid when a word is written, summed over the pieces of words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attendo.data import Sides, SourceTarget
from attendo.errors import DataError
from attendo.tasks import TranslateSettings, Translator, build_rewriter
from attendo.tasks.translating import alignments
from attendo.tasks.translating.settings import VocabularySettings, WriterModelSettings

SIDES = Sides(source="en", target="zh")
SMALL = WriterModelSettings(d_model=16, num_layers=2, num_heads=2, d_ff=19)


@pytest.fixture(scope="module")
def model() -> Translator:
    torch.manual_seed(0)
    pairs = [SourceTarget("a cat sleeps here", "一只猫睡在这里"), SourceTarget("unbelievable cats", "难以置信的猫")] * 3
    settings = TranslateSettings(max_length=29, model=SMALL, vocabulary=VocabularySettings(size=300))
    return build_rewriter(Translator, pairs, SIDES, settings)[0]


@pytest.fixture
def told(monkeypatch):
    """Lets each token of a target look at the source tokens that a test names, whatever the network says."""

    def tell(maps: list[np.ndarray]) -> None:
        monkeypatch.setattr(alignments, "_maps", lambda *given: maps)

    return tell


def test_pieces_of_words_are_summed_up(model, told):
    source, target = "unbelievable cats", "难以猫"
    words = model.encoder.encode([source]).encodings[0].words
    written = model.encoder.target.encode(target).words[1:]
    weights = np.full((len(written), len(words)), 0.01)
    for row, word in enumerate(written.tolist()):
        weights[row, words == (0 if word < 2 else 1)] = 1.0
    told([weights])
    (found,) = model.align(source, target)
    assert found.pairs == [("unbelievable", "难"), ("unbelievable", "以"), ("cats", "猫")]
    assert found.links == [(0, 0), (0, 1), (1, 2)]
    assert found.weights.sum(1) == pytest.approx([1, 1, 1])
    assert found.weights.shape == (3, 2)


def test_weights_are_those_of_the_step_that_writes_a_word(model):
    source, target = "a cat", "猫睡"
    network, encoder = model.writes, model.encoder
    ids = encoder.encode([source]).encodings[0].ids, encoder.encode_targets([target], None)[0]
    (found,) = alignments._maps(network, network.cross_attentions[-1:], encoder.marks.start, [ids[0]], [ids[1]])
    assert found.shape == (len(ids[1]), len(ids[0]))
    assert found.sum(1) == pytest.approx(np.ones(len(found)), abs=1e-5)
    longer = np.append(ids[1][:-1], [7, 3])  # what follows a token does not change what it looks at
    (again,) = alignments._maps(network, network.cross_attentions[-1:], encoder.marks.start, [ids[0]], [longer])
    assert again[: len(found)] == pytest.approx(found, abs=1e-5)
    other = ids[1].copy()
    other[0] = 9  # nor does the token itself, which is not there yet; it changes what the next one looks at
    (third,) = alignments._maps(network, network.cross_attentions[-1:], encoder.marks.start, [ids[0]], [other])
    assert third[0] == pytest.approx(found[0], abs=1e-5)
    assert not np.allclose(third[1], found[1], atol=1e-6)


def test_many_texts_are_aligned_as_each_alone(model, monkeypatch):
    sources, targets = ["a cat sleeps", "", "cats", "一 a"], ["猫睡", "猫", "", "unbelievable 猫 a"]
    together = model.align(sources, targets)
    monkeypatch.setattr(alignments, "TOKENS", 5)
    for one, source, target in zip(together, sources, targets, strict=True):
        (alone,) = model.align(source, target)
        assert alone.weights == pytest.approx(one.weights, abs=1e-5)
        assert (one.source, one.target) == (source, target)
        assert one.weights.shape == (len(one.target_words), len(one.source_words))
    assert together[1].links == together[2].links == []
    assert together[2].pairs == []
    assert [target for _, target in together[3].pairs] == ["unbelievable", "猫", "a"]


def test_single_layers_are_asked(model):
    whole, first, last = (model.align("a cat", "猫睡", layers)[0].weights for layers in (None, [0], [1]))
    assert not np.allclose(first, last)
    assert whole == pytest.approx((first + last) / 2, abs=0.02)  # sums are made shares after the mean


def test_sources_that_are_cut_and_long_targets(model):
    (found,) = model.align("a cat sleeps here " * 9, "猫睡" * 5)
    assert len(found.target_words) == 10
    assert len(found.source_words) == 36
    assert found.weights[:, -1].sum() == 0  # nobody looks at what is not read


def test_targets_that_have_no_positions_left():
    pairs = [SourceTarget("a cat sleeps", "cats sleep")] * 3
    bart = WriterModelSettings(family="bart", d_model=16, num_layers=1, num_heads=2, d_ff=19)
    settings = TranslateSettings(max_length=11, model=bart, vocabulary=VocabularySettings(size=300))
    model, _ = build_rewriter(Translator, pairs, SIDES, settings)
    (found,) = model.align("a cat " * 9, "cat sleeps " * 9)
    assert found.weights.shape == (18, 18)
    assert found.weights[0].sum() == pytest.approx(1)
    assert found.weights[-1].sum() == 0


def test_as_many_targets_as_sources(model):
    with pytest.raises(DataError, match=r"There are 2 sources but 1 targets\."):
        model.align(["a", "b"], ["c"])


def test_words_that_are_not_read_link_to_nothing():
    weights = np.array([[0.0, 0.0], [0.25, 0.75]])
    found = alignments.WordAlignment("a b", "c d", [(0, 1), (2, 3)], [(0, 1), (2, 3)], weights)
    assert found.links == [(1, 1)]
    assert found.pairs == [("b", "d")]
