"""The problem that is trained on: its loss against plain formulas, and its dev scores."""

import numpy as np
import pytest
import torch

from attendo.models import Scores
from attendo.tasks import ClassifyProblem, ClassifySettings, encode_examples, fit_mixture, probabilities

CPU = torch.device("cpu")


def problem_of(model, examples, **settings):
    data = encode_examples(model.encoder, model.labels, examples)
    return ClassifyProblem(model.network, model.labels, data, data, ClassifySettings(**settings)), data.labels


@pytest.mark.parametrize("weighting", ["none", "balanced"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_one_label(weighting, smoothing, single, examples):
    some = examples[:11] + tuple(e for e in examples if e.labels == ("negative",))
    problem, gold = problem_of(single, some, label_smoothing=smoothing, class_weights=weighting)
    chosen = list(range(7))
    loss = problem.loss(problem.batch(chosen, CPU))
    logs = torch.log_softmax(single.network.deep(problem.batch(chosen, CPU).texts).double(), 1).detach().numpy()
    weights = np.ones(3)
    if weighting == "balanced":
        weights = 1 / np.bincount(gold, minlength=3)
        weights /= weights.mean()
    total = 0.0
    for row, label in zip(logs, gold[chosen], strict=True):
        target = np.full(3, smoothing / 3) + (1 - smoothing) * np.eye(3)[label]
        total -= (target * weights * row).sum()
    assert float(loss.total.detach()) == pytest.approx(total, rel=1e-5)
    assert loss.weight == pytest.approx(weights[gold[chosen]].sum(), rel=1e-5)


@pytest.mark.parametrize("weighting", ["none", "balanced"])
def test_the_loss_of_several_labels(weighting, several):
    from attendo.data import Example

    rows = [
        Example("great plot", labels=("good", "剧情")),
        Example("dull", labels=("剧情",)),
        Example("无聊", labels=()),
    ]
    problem, gold = problem_of(several, rows, label_smoothing=0.1, class_weights=weighting)
    loss = problem.loss(problem.batch([0, 1, 2], CPU))
    scores = several.network.deep(problem.batch([0, 1, 2], CPU).texts).double().detach().numpy()
    chances, targets, weights = 1 / (1 + np.exp(-scores)), gold * 0.9 + 0.05, np.ones(2)
    if weighting == "balanced":
        weights = 1 / gold.sum(0)
        weights = weights / weights.mean()
    expected = -weights * (targets * np.log(chances) + (1 - targets) * np.log(1 - chances))
    assert float(loss.total.detach()) == pytest.approx(expected.mean(1).sum(), rel=1e-5)
    assert loss.weight == 3


@pytest.mark.parametrize("kind", ["single", "several"])
def test_dev_scores_are_those_of_both_paths(kind, request, examples):
    model = request.getfixturevalue(kind)
    if kind == "several":
        from attendo.data import Example

        examples = [Example(f"great plot {n}", labels=("good",)) for n in range(5)]
    shares = model.network.shares.detach().clone()
    problem, gold = problem_of(model, examples)
    with torch.inference_mode():
        scores = problem.scores()
    chances = model.probabilities(examples)  # with the shares that were just fitted
    model.network.shares.data.copy_(shares)
    if kind == "single":
        right = chances[np.arange(len(gold)), gold]
        assert scores["accuracy"] == (chances.argmax(1) == gold).mean()
    else:
        right = np.where(gold == 1, chances, 1 - chances)
    assert scores["loss_dev"] == pytest.approx(-np.log(right).mean(), rel=1e-5)
    assert scores["score"] == -scores["loss_dev"]


def test_the_path_that_knows_more_counts_more():
    gold = np.arange(301) % 3
    right = torch.eye(3)[torch.from_numpy(gold)] + torch.randn(301, 3) * 0.7
    noise = torch.randn(301, 3)
    deep, linear = fit_mixture(Scores(right, noise, noise), gold, several=False)
    assert deep > 1
    assert linear < 0.5 * deep


def test_probabilities_of_large_scores():
    scores = np.array([[1000.0, 0.0, -1000.0]])
    assert probabilities(scores, several=False).tolist() == [[1.0, 0.0, 0.0]]
    found = probabilities(scores, several=True)[0]
    assert found == pytest.approx([1, 0.5, 0])
