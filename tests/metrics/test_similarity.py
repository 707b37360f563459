import numpy as np
import pytest
import scipy.stats
from scipy.sparse import csr_matrix

from attendo.metrics import compare_ranks, compare_similarity, partner_ranks, score_ranks, score_similarity, similarity


def test_correlations_as_scipy_has_them():
    random = np.random.default_rng(1)
    gold = random.integers(1, 6, 101) / 2
    cosines = gold / 7 + random.normal(0, 0.1, 101)
    scores = score_similarity(gold, cosines, resamples=211)
    assert scores.num_examples == 101
    assert scores.spearman is not None
    assert scores.pearson is not None
    assert scores.spearman.value == pytest.approx(scipy.stats.spearmanr(gold, cosines)[0])
    assert scores.pearson.value == pytest.approx(scipy.stats.pearsonr(gold, cosines)[0])
    assert scores.spearman.low < scores.spearman.value < scores.spearman.high
    assert set(scores.as_dict()) == {"num_examples", "spearman", "pearson"}
    assert (scores.classes, scores.class_f1) == ((), ())


@pytest.mark.parametrize("sparse", [False, True])
def test_ranks_one_by_one(sparse, monkeypatch):
    monkeypatch.setattr(similarity, "BLOCK", 47)  # several blocks of queries
    random = np.random.default_rng(2)
    queries, candidates = random.normal(size=(13, 5)), random.normal(size=(11, 5))
    candidates[7] = candidates[3]  # a tie
    partners = random.integers(11, size=13)
    wrapped = (csr_matrix(queries), csr_matrix(candidates)) if sparse else (queries, candidates)
    ranks, nearest = partner_ranks(*wrapped, partners)
    for query, partner, rank, near in zip(queries, partners, ranks, nearest, strict=True):
        cosines = [float(query @ each) for each in candidates]
        assert rank == sum(each >= cosines[partner] - 1e-12 for each in cosines)
        assert cosines[near] == pytest.approx(max(cosines))


def test_scores_of_ranks():
    scores = score_ranks([1, 2, 4, 1, 10])
    assert scores.mean_reciprocal_rank is not None
    assert scores.recall_at_1 is not None
    assert scores.mean_reciprocal_rank.value == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 + 1 / 10) / 5)
    assert scores.recall_at_1.value == pytest.approx(2 / 5)


def test_differences_on_the_same_texts():
    random = np.random.default_rng(3)
    gold = random.normal(size=53)
    ours, theirs = gold + random.normal(size=53) / 5, random.normal(size=53)
    found = compare_similarity(gold, ours, theirs)
    expected = scipy.stats.spearmanr(gold, ours)[0] - scipy.stats.spearmanr(gold, theirs)[0]
    assert found.difference == pytest.approx(expected)
    assert found.low > 0
    ranks = compare_ranks([1, 1, 2], [2, 4, 2])
    assert ranks.difference == pytest.approx((1 + 1 + 0.5) / 3 - (0.5 + 0.25 + 0.5) / 3)
