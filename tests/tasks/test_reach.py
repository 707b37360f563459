"""How long texts may become that are written from others."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import Sides, SourceTarget
from attendo.tasks import Reach, TranslateSettings, Translator, WriteSettings, build_rewriter, load
from attendo.tasks.translating.reach import LEAST
from attendo.tasks.translating.settings import VocabularySettings, WriterModelSettings

SMALL = WriterModelSettings(d_model=16, num_layers=1, num_heads=2, d_ff=31, dropout=0.0)


@given(st.lists(st.tuples(st.integers(1, 97), st.integers(0, 211)), min_size=1))
def test_every_target_that_was_seen_may_be_written(pairs):
    reach = Reach.of([range(source) for source, _ in pairs], [range(target) for _, target in pairs])
    assert reach is not None
    for source, target in pairs:
        limit = reach.limit(source)
        assert limit >= max(target, LEAST)
        assert limit & (limit - 1) == 0


def test_without_pairs_nothing_is_known():
    assert Reach.of([], []) is None
    assert Reach(offset=10, slope=1.0).limit(10) == 32
    assert Reach(offset=10, slope=1.0).limit(100) == 256
    assert Reach(offset=1, slope=0.0).limit(3) == LEAST


@pytest.fixture(scope="module")
def untaught() -> Translator:
    """A model that has learned nothing, and does not know where to end."""
    torch.manual_seed(0)
    pairs = [SourceTarget(f"cat {number}.", f"猫{number}。") for number in range(53)]
    settings = TranslateSettings(max_length=97, model=SMALL, vocabulary=VocabularySettings(size=300))
    model, _ = build_rewriter(Translator, pairs, Sides(source="en", target="zh"), settings)
    return replace(model, reach=Reach(offset=3, slope=1.0))


def lengths(model: Translator, settings: WriteSettings) -> list[int]:
    return [len(each.written[0].ids) for each in model.predict(["cat.", "cat " * 29], settings)]


def test_what_is_written_is_no_longer_than_its_source_lets_expect(untaught, tmp_path):
    greedy, endless = WriteSettings(method="greedy"), replace(untaught, reach=None)
    short, long = lengths(untaught, greedy)
    assert short <= 16 < long
    assert lengths(endless, greedy) == [97, 97]
    assert lengths(untaught, WriteSettings(method="greedy", max_new=53)) == [53, 53]
    assert lengths(untaught, WriteSettings(method="greedy", min_new=61))[0] == 61
    untaught.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert isinstance(again, Translator)
    assert again.reach == untaught.reach
    assert lengths(again, greedy) == [short, long]
