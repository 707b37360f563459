"""The best spans of a document, against a search over all pairs of all windows one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError, ShapeError
from attendo.tasks import ScoredWindow, best_spans, windows_over


def slow(parts, max_tokens, count):
    """Every pair of every window, one dictionary for all."""
    best = {}
    for number, part in enumerate(parts):
        size = len(part.allowed)
        for first in range(size):
            for last in range(first, min(size, first + max_tokens)):
                if part.allowed[first] and part.allowed[last]:
                    key = (int(part.bounds[first][0]), int(part.bounds[last][1]))
                    score = float(part.start_scores[first]) + float(part.end_scores[last])
                    if score > -math.inf and (key not in best or score > best[key][0]):
                        best[key] = (score, number)
    none = [part.no_answer_score for part in parts if part.no_answer_score is not None]
    total = sum(math.exp(score) for score, _ in best.values()) + (math.exp(min(none)) if none else 0.0)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:count]
    spans = [(*key, score, math.exp(score) / total, number) for key, (score, number) in ranked]
    return spans, math.exp(min(none)) / total if none else None


@st.composite
def documents(draw):
    """Windows over a document of tokens of one to three characters, some twice, after a question that is no answer."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    num_tokens, room = draw(st.integers(0, 31)), draw(st.integers(1, 13))
    stride = draw(st.integers(1, room))
    ends = np.cumsum(random.integers(0 if draw(st.booleans()) else 1, 4, size=num_tokens))
    bounds = np.stack([np.concatenate([[0], ends])[:num_tokens], ends], axis=1)
    answerable = draw(st.booleans())
    parts = []
    for start, end in windows_over(num_tokens, room, stride):
        size = 3 + end - start
        scores = random.integers(-2, 3, size=(2, size)) if draw(st.booleans()) else random.normal(size=(2, size)) * 3
        allowed = random.random(size) < 0.9
        allowed[:3] = False
        padded = np.concatenate([np.zeros((3, 2), dtype=np.int64), bounds[start:end]])
        none = float(random.normal()) if answerable else None
        parts.append(
            ScoredWindow(
                start_scores=scores[0], end_scores=scores[1], allowed=allowed, bounds=padded, no_answer_score=none
            )
        )
    return parts


@settings(max_examples=300, deadline=None)
@given(documents(), st.integers(1, 17), st.integers(1, 11))
def test_equals_the_search_over_all_pairs(parts, max_tokens, count):
    spans, none = slow(parts, max_tokens, count)
    found = best_spans(parts, max_tokens=max_tokens, count=count)
    assert [span[:3] + span[4:] for span in found.spans] == [span[:3] + span[4:] for span in spans]
    assert [span.probability for span in found.spans] == pytest.approx([span[3] for span in spans])
    assert found.no_answer_probability == (None if none is None else pytest.approx(none))


def window(starts, ends, bounds, **more):
    return ScoredWindow(start_scores=starts, end_scores=ends, allowed=[True] * len(starts), bounds=bounds, **more)


def test_probabilities_of_all_spans_and_of_no_answer_sum_to_one():
    part = window([1.0, 0.5, -2.0], [0.0, 3.0, 1.0], [(0, 2), (2, 5), (5, 7)], no_answer_score=0.7)
    found = best_spans([part, part], max_tokens=3, count=100)
    assert len(found.spans) == 6
    assert sum(span.probability for span in found.spans) + found.no_answer_probability == pytest.approx(1.0)


def test_a_span_in_two_windows_is_one_with_the_better_score():
    left = window([0.0, 2.0], [0.0, 2.0], [(0, 3), (3, 5)])
    right = window([5.0, 0.0], [5.0, 0.0], [(3, 5), (5, 11)])
    found = best_spans([left, right], max_tokens=2, count=11)
    assert found.spans[0][:3] == (3, 5, 10.0)
    assert found.spans[0].window == 1
    assert len({span[:2] for span in found.spans}) == len(found.spans) == 5


def test_the_lowest_score_of_no_answer_counts():
    sure = window([3.0], [3.0], [(0, 3)], no_answer_score=-5.0)
    unsure = window([0.0], [0.0], [(3, 5)], no_answer_score=7.0)
    assert best_spans([sure, unsure], max_tokens=1).no_answer_score == -5.0


def test_great_scores_stay_numbers():
    found = best_spans([window([1e4, -1e4], [1e4, 0.0], [(0, 1), (1, 2)])], max_tokens=2, count=3)
    assert [span.probability for span in found.spans] == [1.0, 0.0, 0.0]


def test_nothing_allowed_is_no_span():
    part = ScoredWindow(start_scores=[1.0], end_scores=[1.0], allowed=[False], bounds=[(0, 0)], no_answer_score=1.0)
    assert best_spans([part], max_tokens=5) == ((), 1.0, 1.0)
    assert best_spans([], max_tokens=5).spans == ()


def test_a_long_document_needs_a_band_and_not_all_pairs():
    size = 200_003
    random = np.random.default_rng(7)
    bounds = np.stack([np.arange(size), np.arange(size) + 1], axis=1)
    scores = random.normal(size=(2, size))
    scores[0, 150_001] = scores[1, 150_011] = 50.0
    parts = [
        ScoredWindow(
            start_scores=scores[0, start:end],
            end_scores=scores[1, start:end],
            allowed=np.ones(end - start, dtype=bool),
            bounds=bounds[start:end],
        )
        for start, end in windows_over(size, 503, 251)
    ]
    best = best_spans(parts, max_tokens=13).spans[0]
    assert best[:2] == (150_001, 150_012)
    assert best.probability == pytest.approx(1.0)


def test_what_does_not_fit_together():
    part = window([1.0], [1.0], [(0, 1)])
    with pytest.raises(ConfigError, match="max_tokens"):
        best_spans([part], max_tokens=0)
    with pytest.raises(ConfigError, match="no_answer_score"):
        best_spans([part, window([1.0], [1.0], [(0, 1)], no_answer_score=0.0)], max_tokens=1)
    with pytest.raises(ShapeError, match=r"\[1, 2, 1, 1\]"):
        best_spans([window([1.0], [1.0, 2.0], [(0, 1)])], max_tokens=1)
