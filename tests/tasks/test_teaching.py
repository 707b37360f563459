"""Copying is taught by words that translate each other: found by counting, replaced by the same marks on both sides."""

from __future__ import annotations

import random

import pytest
import torch

from attendo.data import Sides, SourceTarget
from attendo.tasks import RewriteProblem, TranslateSettings, Translator, build_rewriter, taught_to_copy
from attendo.tasks.translating import teaching
from attendo.tasks.translating.copying import MARKS, hide_both
from attendo.tasks.translating.settings import VocabularySettings, WriterModelSettings
from attendo.tasks.translating.teaching import word_partners

WORDS = {"red": "红", "blue": "蓝", "guitar": "吉他", "cat": "猫", "runs": "奔跑", "here": "这里", "there": "那里"}


def made_pairs(count: int, seed: int = 0) -> list[SourceTarget]:
    draw = random.Random(seed)
    chosen = [draw.sample(list(WORDS), draw.randint(1, 5)) for _ in range(count)]
    return [SourceTarget(" ".join(words) + ".", "".join(WORDS[word] for word in words) + "。") for words in chosen]


def test_words_that_translate_each_other_are_found():
    assert word_partners(made_pairs(101)) == WORDS
    swapped = [SourceTarget(pair.target, pair.text) for pair in made_pairs(101)]
    assert word_partners(swapped) == {target: source for source, target in WORDS.items()}


@pytest.mark.parametrize("pairs", [[], made_pairs(3), [SourceTarget("", "")] * 7, [SourceTarget("a", "。")] * 7])
def test_of_too_little_nothing_is_known(pairs):
    assert word_partners(pairs) == {}
    assert taught_to_copy(pairs) == pairs


def test_marks_stand_for_words_of_both_sides(monkeypatch):
    monkeypatch.setattr(teaching, "SHARE", 1.0)
    pairs = made_pairs(101)
    changed = 0
    for pair, taught in zip(pairs, taught_to_copy(pairs), strict=True):
        marks = sorted(set(taught.text) & set(MARKS))
        assert marks == sorted(set(taught.target) & set(MARKS)) == list(MARKS[: len(marks)])
        assert len(marks) <= teaching.MOST
        changed += bool(marks)
        words = dict(zip(taught.text.rstrip(".").split(), pair.text.rstrip(".").split(), strict=True))
        assert "".join(word if word in MARKS else WORDS[word] for word in words) + "。" == taught.target
        source, target = hide_both(taught.text, taught.target)
        assert [mark for mark in source if mark in MARKS] == list(MARKS[: len(marks)])  # counted as they come
        assert sorted(set(target) & set(MARKS)) == marks
    assert changed > 90


def test_the_same_seed_teaches_the_same():
    pairs = made_pairs(101)
    assert taught_to_copy(pairs, 3) == taught_to_copy(pairs, 3) != taught_to_copy(pairs, 4)
    changed = sum(one != other for one, other in zip(pairs, taught_to_copy(pairs), strict=True))
    assert 5 < changed < 40


def test_what_was_never_seen_is_copied_by_a_model_that_was_taught(monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(teaching, "SHARE", 0.7)
    pairs = taught_to_copy(made_pairs(499))
    network = WriterModelSettings(d_model=32, num_layers=1, num_heads=4, d_ff=61, dropout=0.0)
    options = TranslateSettings(max_length=23, model=network, copy=True, vocabulary=VocabularySettings(size=330))
    model, notes = build_rewriter(Translator, pairs, Sides(source="en", target="zh"), options)
    assert notes[-1].startswith("Copied to the letter")
    problem = RewriteProblem(model, pairs, pairs[:7], smoothing=0.0, max_length=23)
    optimiser = torch.optim.Adam(problem.model.parameters(), lr=5e-3)
    problem.model.train()
    draw = random.Random(0)
    for _ in range(200):
        loss = problem.loss(problem.batch(draw.sample(range(len(pairs)), 32), torch.device("cpu")))
        optimiser.zero_grad()
        (loss.total / loss.weight).backward()
        optimiser.step()
    texts = ["{someone} runs.", "cat X-1234.", "<b> red cat.", "https://a.b/c here."]
    found = model.predict(texts)
    assert sum(not each.missing for each in found) >= 3
    for text, each in zip(texts, found, strict=True):
        span = next(word for word in text.rstrip(".").split() if word not in WORDS)
        assert (span in each.text) == (each.missing == ())
