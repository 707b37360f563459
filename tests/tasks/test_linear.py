"""Linear models against scikit-learn where it has the same one, and against a search where it has none."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.metrics import log_loss
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from attendo.tasks import fit_baseline, fit_linear_path, fit_multilabel_path
from attendo.tasks.linear import fit_bias, fit_naive_bayes, fit_nb_svm, fit_shares, fit_svm


def draw(texts=101, features=37, labels=3, seed=0):
    """Sparse features of which some go with each label."""
    random = np.random.default_rng(seed)
    gold = random.integers(0, labels, texts)
    likely = random.random((labels, features)) * 0.4
    return csr_matrix((random.random((texts, features)) < likely[gold]) * random.random((texts, features))), gold


def loss_of(scores, gold):
    return -log_softmax(scores, axis=1)[np.arange(len(gold)), gold].mean()


@pytest.mark.parametrize("labels", [2, 3])
def test_the_support_vector_machine_is_scikit_learns(labels):
    features, gold = draw(labels=labels)
    model = fit_svm(features, gold, labels, 0.3)
    theirs = LinearSVC(C=0.3, tol=0.01, max_iter=300, random_state=0).fit(features, gold).decision_function(features)
    found = model(features)
    np.testing.assert_allclose(found[:, 1] if labels == 2 else found, theirs)
    if labels == 2:
        np.testing.assert_allclose(found[:, 0], -theirs)


def test_naive_bayes_is_scikit_learns():
    features, gold = draw()
    present = (features > 0).astype(float)
    theirs = MultinomialNB(alpha=0.3, fit_prior=False).fit(present, gold)
    found = log_softmax(fit_naive_bayes(features, gold, 3)(present), axis=1)
    np.testing.assert_allclose(found, theirs.predict_log_proba(present), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("fit", [fit_svm, fit_nb_svm, fit_naive_bayes])
@pytest.mark.parametrize("present", [(0,), (2,), (0, 2)])
def test_labels_that_a_fold_does_not_have_are_not_chosen(fit, present):
    features, gold = draw()
    mine = np.isin(gold, present)
    model = fit(features[mine], gold[mine], 3)
    assert model.weights.shape == (37, 3)
    assert np.isfinite(model.weights).all()
    if fit is not fit_naive_bayes:  # which has no prior
        assert set(model(features[mine]).argmax(1)) <= set(present)


def test_a_label_of_one_text():
    features, gold = draw(labels=2)
    rare = np.zeros(len(gold), np.int64)
    rare[7] = 1
    model, _ = fit_linear_path(features, rare, 2)
    assert (model(features).argmax(1) == 0).sum() >= 100
    assert np.isfinite(fit_multilabel_path(features, np.stack([gold, rare], 1)).weights).all()


@pytest.mark.parametrize("texts", [2, 3, 7])
def test_fewer_texts_than_folds(texts):
    features, _ = draw(texts=texts)
    model, shares = fit_linear_path(features, np.arange(texts) % 2, 2)
    assert np.isfinite(model(features)).all()
    assert len(shares) == 3


def test_the_baseline_takes_the_cost_that_dev_texts_like():
    features, gold = draw(texts=301)
    train, dev = slice(0, 199), slice(199, 301)
    best = fit_baseline(features[train], gold[train], features[dev], gold[dev], 3)
    accuracy = {
        cost: (fit_svm(features[train], gold[train], 3, cost)(features[dev]).argmax(1) == gold[dev]).mean()
        for cost in (0.1, 0.3, 1.0)
    }
    assert accuracy[best.cost] == max(accuracy.values())
    assert (best.model(features[dev]).argmax(1) == gold[dev]).mean() == accuracy[best.cost]


def test_the_path_gives_likely_labels():
    features, gold = draw(texts=401, seed=3)
    model, shares = fit_linear_path(features[:301], gold[:301], 3)
    assert all(share > 0 for share in shares)
    assert loss_of(model(features[301:]), gold[301:]) < 0.8 * np.log(3)


def test_the_path_is_the_same_each_time():
    features, gold = draw()
    one, other = (fit_linear_path(features, gold, 3, seed=1)[0] for _ in range(2))
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_several_labels_are_several_choices():
    features, gold = draw(texts=301, labels=2)
    hot = np.stack([gold, 1 - gold, np.ones_like(gold), np.zeros_like(gold)], 1)
    scores = fit_multilabel_path(features, hot)(features)
    assert ((scores > 0) == hot).mean() > 0.85
    assert (scores[:, 2] == 4).all()
    assert (scores[:, 3] == -4).all()
    assert log_loss(gold, 1 / (1 + np.exp(-scores[:, 0]))) < 0.9 * np.log(2)


def test_shares_are_the_best_of_a_grid():
    random = np.random.default_rng(1)
    gold = random.integers(0, 3, 211)
    right = np.eye(3)[gold]
    scores = [right * 2 + random.normal(size=(211, 3)), right + random.normal(size=(211, 3)) * 2]
    found = fit_shares(scores, gold)
    grid = np.exp(np.linspace(-4, 3, 71))
    best = min(loss_of(a * scores[0] + b * scores[1], gold) for a in grid for b in grid)
    assert loss_of(found[0] * scores[0] + found[1] * scores[1], gold) <= best + 1e-3


def test_shares_stay_where_they_are_expected_without_evidence():
    gold = np.zeros(2, np.int64)
    found = fit_shares([np.zeros((2, 3)), np.zeros((2, 3))], gold, expected=(0.4, 0.65), trust=1.0)
    assert found == pytest.approx((0.4, 0.65))


def test_the_bias_makes_labels_as_frequent_as_they_are():
    random = np.random.default_rng(2)
    gold = (random.random(499) < 0.8).astype(np.int64)
    scores = random.normal(size=(499, 2))
    bias = fit_bias(scores, gold)
    grid = np.linspace(-4, 4, 161)
    best = min(loss_of(scores + np.array([-b / 2, b / 2]), gold) for b in grid)
    assert loss_of(scores + bias, gold) <= best + 5e-3
    assert np.exp(log_softmax(scores + bias, axis=1))[:, 1].mean() == pytest.approx(gold.mean(), abs=0.01)
