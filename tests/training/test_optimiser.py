"""Optimisers, schedule and the running mean, against the formulas they stand for."""

import math

import pytest
import torch

from attendo.training import Optimisers, TrainingSettings
from attendo.training.optimiser import RunningMean, learning_rate_share, parameter_groups


def names_of(model, group):
    return {name for name, parameter in model.named_parameters() if any(parameter is each for each in group)}


def test_parameters_are_grouped_by_what_they_are(toy):
    model = toy().model
    rows, decayed, others = (names_of(model, group) for group in parameter_groups(model))
    assert rows == {"embedding.weight"}
    assert decayed == {"output.weight"}
    assert others == {"positions.weight", "norm.weight", "norm.bias", "output.bias"}


def test_a_shared_parameter_is_counted_once(toy):
    model = toy().model
    model.again = model.output
    assert sum(len(group) for group in parameter_groups(model)) == 6


def test_only_matrices_decay(toy):
    model = toy().model
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)
    model.embedding.weight.grad = torch.zeros_like(model.embedding.weight).to_sparse()
    Optimisers(model, TrainingSettings(learning_rate=0.1, weight_decay=0.3)).step(0.5)
    for name, parameter in model.named_parameters():
        factor = 1 - 0.1 * 0.5 * 0.3 if name == "output.weight" else 1
        torch.testing.assert_close(parameter.detach(), before[name] * factor, msg=name)
        assert parameter.grad is None


def test_only_rows_that_were_read_move(toy):
    problem = toy()
    table = problem.model.embedding.weight.detach().clone()
    problem.loss(problem.batch([0, 1], torch.device("cpu"))).total.backward()
    Optimisers(problem.model, TrainingSettings(row_learning_rate=0.25)).step(1.0)
    moved = (problem.model.embedding.weight != table).any(1).nonzero().flatten().tolist()
    assert moved == sorted({*problem.rows[0].tolist(), *problem.rows[1].tolist()})
    assert float((problem.model.embedding.weight.detach() - table).abs().max()) == pytest.approx(0.25, rel=1e-3)


@pytest.mark.parametrize(("clip", "length"), [(0.125, 0.125), (None, 26.0), (100.0, 26.0)])
def test_long_gradients_are_shortened(clip, length, toy, monkeypatch):
    model = toy().model
    optimisers = Optimisers(model, TrainingSettings(clip=clip))
    model.norm.bias.grad = torch.tensor([10.0, 0, 0, 0, 0])
    model.output.bias.grad = torch.tensor([0.0, 24.0, 0])
    found = []
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda self: found.append(model.norm.bias.grad.clone()))
    optimisers.step(1.0)
    assert float(found[0][0]) == pytest.approx(10 * length / 26, rel=1e-4)


def test_gradients_can_be_scaled(toy):
    problem = toy()
    problem.loss(problem.batch([0, 1], torch.device("cpu"))).total.backward()
    before = {n: p.grad.to_dense().clone() for n, p in problem.model.named_parameters() if p.grad is not None}
    Optimisers(problem.model, TrainingSettings()).scale_gradients(0.25)
    assert "embedding.weight" in before
    for name, gradient in before.items():
        torch.testing.assert_close(problem.model.get_parameter(name).grad.to_dense(), gradient / 4)


def test_shares_of_the_learning_rate():
    steps = 101
    shares = {
        schedule: [learning_rate_share(step, steps, schedule, 0.1) for step in range(steps)]
        for schedule in ("linear", "cosine", "constant")
    }
    for found in shares.values():
        assert found[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
        assert found[10] == 1
    assert shares["linear"][-1] == pytest.approx(1 / 91)
    assert shares["cosine"][-1] == pytest.approx(0.5 * (1 - math.cos(math.pi / 91)))
    assert shares["constant"][-1] == 1
    for schedule in ("linear", "cosine"):
        assert all(a > b for a, b in zip(shares[schedule][10:], shares[schedule][11:], strict=False))


@pytest.mark.parametrize("warmup", [0.0, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_shares_stay_within_bounds(steps, warmup):
    found = [learning_rate_share(step, steps, "linear", warmup) for step in range(steps)]
    assert all(0 < share <= 1 for share in found)
    assert max(found) == 1


def test_the_running_mean_is_its_formula():
    weight = torch.nn.Parameter(torch.tensor([2.0, 3.0]))
    mean, expected = RunningMean([weight], 0.7), weight.detach().clone()
    for count in range(1, 31):
        with torch.no_grad():
            weight += count
        mean.update()
        decay = min(0.7, count / (count + 10))
        expected = decay * expected + (1 - decay) * weight.detach()
    held = weight.detach().clone()
    mean.swap()
    torch.testing.assert_close(weight.detach(), expected)
    mean.swap()
    assert torch.equal(weight.detach(), held)


def test_the_running_mean_goes_on_from_its_state():
    weight = torch.nn.Parameter(torch.tensor([2.0, 3.0]))
    mean, other = RunningMean([weight], 0.7), RunningMean([weight], 0.7)
    with torch.no_grad():
        weight += 5
    mean.update()
    other.load_state_dict(mean.state_dict())
    for each in (mean, other):
        each.update()
    assert torch.equal(*(each.state_dict()["mean"][0] for each in (mean, other)))


def test_an_inverse_square_root_goes_on_where_the_warm_up_ends():
    shares = [learning_rate_share(step, 101, "inverse_sqrt", 0.1) for step in range(101)]
    assert shares[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert shares == pytest.approx([min((step + 1) / 10, math.sqrt(10 / (step + 1))) for step in range(101)])
    assert learning_rate_share(0, 1, "inverse_sqrt", 0.0) == 1
