"""The loop: steps, early stopping, best weights, running means, events, and going on from a checkpoint."""

import json
import math
import time

import pytest
import torch

from attendo.data import plan_batches
from attendo.errors import DivergedError, RunError
from attendo.training import Loop, Note, Progress, Scored
from attendo.training.checkpoint import load_checkpoint


def weights_of(problem):
    return {name: tensor.clone() for name, tensor in problem.model.state_dict().items()}


def assert_same(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def gradients_of_a_step(problem, plan, folder, monkeypatch):
    """The gradients with which the optimisers are asked for a step over all examples."""
    loop, found = Loop(problem, plan, folder), {}
    problem.model.train()

    def keep(share):
        found.update({n: p.grad.to_dense().clone() for n, p in problem.model.named_parameters() if p.grad is not None})

    monkeypatch.setattr(loop._optimisers, "step", keep)
    return found, loop._step(range(len(problem.lengths)))


@pytest.mark.parametrize("micro", [1, 7, 13, 60])
def test_pieces_give_the_gradients_of_the_whole(micro, toy, plan, tmp_path, monkeypatch):
    whole, (loss, tokens) = gradients_of_a_step(toy(), plan(batch_tokens=997), tmp_path, monkeypatch)
    problem = toy()
    pieces, told = gradients_of_a_step(problem, plan(batch_tokens=997, micro_tokens=micro), tmp_path, monkeypatch)
    assert problem.batches > 1
    assert whole.keys() == pieces.keys()
    for name in whole:
        torch.testing.assert_close(pieces[name], whole[name], rtol=1e-4, atol=1e-6)
    assert told == (pytest.approx(loss), tokens)
    assert tokens == sum(problem.lengths)


def test_a_run_learns(toy, plan, tmp_path):
    problem = toy()
    before = problem.scores()["score"]
    outcome = Loop(problem, plan(epochs=7), tmp_path).run()
    assert outcome.best > before + 0.1
    assert outcome.tokens == 7 * sum(problem.lengths)
    assert len(outcome.history) == 7
    assert problem.scores()["score"] == pytest.approx(outcome.best)
    assert not problem.model.training


def test_the_same_plan_gives_the_same_weights(toy, plan, tmp_path):
    found = []
    for name in "ab":
        problem = toy(dropout=0.3)
        torch.manual_seed(ord(name))  # whatever state it begins in
        Loop(problem, plan(ema=0.9), tmp_path / name).run()
        found.append(weights_of(problem))
    assert_same(*found)


def test_each_epoch_is_planned_once_and_kept_to(toy, plan, tmp_path, monkeypatch):
    planned, seen, problem = [], [], toy()

    def plan_and_note(lengths, budget, *, seed, epoch):
        planned.append(plan_batches(lengths, budget, seed=seed, epoch=epoch))
        return planned[-1]

    def batch_and_note(indices, device):
        seen.append(list(indices))
        return type(problem).batch(problem, indices, device)

    monkeypatch.setattr("attendo.training.loop.plan_batches", plan_and_note)
    monkeypatch.setattr(problem, "batch", batch_and_note)
    outcome = Loop(problem, plan(epochs=3), tmp_path).run()
    assert len(planned) == 3
    assert [each for each in seen if len(each) < len(problem.lengths)] == [
        batch for epoch in planned for batch in epoch
    ]
    assert outcome.steps == sum(map(len, planned))


def test_the_best_weights_are_restored_and_the_run_stops_early(toy, plan, tmp_path):
    told, kept, problem = [], [], toy(script=[1.0, 3.0, 2.0, 3.0, 2.5, 9.0])

    def listen(event):
        told.append(event)
        if isinstance(event, Scored):
            kept.append(weights_of(problem))

    outcome = Loop(problem, plan(epochs=6, patience=3), tmp_path, listen).run()
    assert (outcome.best, outcome.best_epoch, len(outcome.history)) == (3.0, 2, 5)
    assert_same(weights_of(problem), kept[1])
    assert not torch.equal(kept[1]["output.weight"], kept[4]["output.weight"])
    assert [event.best for event in told if isinstance(event, Scored)] == [True, True, False, False, False]
    assert told[-1] == Note(text="Stopped after epoch 5: no better score for 3 epochs.")


def test_the_running_mean_is_scored_and_kept(toy, plan, tmp_path):
    problem, seen = toy(), []
    problem.scores = lambda: seen.append(weights_of(problem)) or {"score": float(len(seen))}
    settings = plan(epochs=3, ema=0.6)
    raw, expected, count = toy(), None, 0
    loop = Loop(raw, plan(epochs=3), tmp_path / "raw")
    step, mean = loop._step, raw.model.output.weight.detach().clone()

    def follow(indices):
        nonlocal mean, count
        result = step(indices)
        count += 1
        decay = min(0.6, count / (count + 10))
        mean = decay * mean + (1 - decay) * raw.model.output.weight.detach()
        return result

    loop._step = follow
    loop.run()
    Loop(problem, settings, tmp_path / "mean").run()
    expected = weights_of(problem)["output.weight"]
    torch.testing.assert_close(expected, mean)
    assert torch.equal(expected, seen[-1]["output.weight"])


@pytest.mark.parametrize("broken", [1, 3])
def test_a_loss_that_is_no_number_stops_the_run(broken, toy, plan, tmp_path):
    problem = toy()
    problem.broken_from = broken
    with pytest.raises(DivergedError) as error:
        Loop(problem, plan(), tmp_path).run()
    assert f"(epoch 1, step {broken})" in str(error.value)
    assert "`training.learning_rate` (now 0.01)" in str(error.value)
    assert all(torch.isfinite(tensor).all() for tensor in problem.model.state_dict().values())


def test_a_score_that_is_no_number_stops_the_run(toy, plan, tmp_path):
    with pytest.raises(DivergedError, match=r"dev score is no longer a number \(epoch 2\)"):
        Loop(toy(script=[1.0, math.nan]), plan(), tmp_path).run()


def test_events_tell_where_the_run_stands(toy, plan, tmp_path, monkeypatch):
    monkeypatch.setattr("attendo.training.loop.PROGRESS_SECONDS", math.inf)  # on a busy machine there is more to tell
    told, problem = [], toy()
    outcome = Loop(problem, plan(epochs=2), tmp_path, told.append).run()
    progress = [event for event in told if isinstance(event, Progress)]
    assert [(event.epoch, event.epochs) for event in progress] == [(1, 2), (2, 2)]
    last = progress[-1]
    assert last.step == last.steps == outcome.steps
    assert last.seconds_left == 0
    assert last.tokens_per_second > 0
    scored = [event for event in told if isinstance(event, Scored)]
    assert [(event.epoch, event.main) for event in scored] == [(1, "score"), (2, "score")]
    assert progress[0].loss == pytest.approx(outcome.history[0]["loss"])
    assert outcome.history[1]["score"] == scored[1].scores["score"]


class KilledError(Exception):
    """Stands for whatever ends a run."""


def killed_at(problem, plan, folder, step):
    """A run that ends in the middle of its step number `step`, after the checkpoint of the one before."""
    loop, taken = Loop(problem, plan, folder), [0]
    take = loop._step

    def stop(indices):
        taken[0] += 1
        if taken[0] > step:
            raise KilledError
        return take(indices)

    loop._step = stop
    with pytest.raises(KilledError):
        loop.run()


@pytest.mark.parametrize("step", [1, 3, 7, 11])
def test_a_run_goes_on_exactly(step, toy, plan, tmp_path):
    settings = plan(ema=0.8, schedule="cosine", micro_tokens=7)
    whole = toy(dropout=0.3)
    expected = Loop(whole, settings, tmp_path / "whole").run()
    killed_at(toy(dropout=0.3), settings, tmp_path / "cut", step)
    problem, told = toy(dropout=0.3), []
    torch.nn.init.zeros_(problem.model.output.weight)  # all of it comes from the checkpoint
    found = Loop(problem, settings, tmp_path / "cut", told.append).run()
    assert_same(weights_of(problem), weights_of(whole))
    assert (found.best, found.best_epoch, found.steps, found.tokens) == (
        expected.best,
        expected.best_epoch,
        expected.steps,
        expected.tokens,
    )
    lines = [{**line, "seconds": 0} for line in found.history]
    assert lines == [{**line, "seconds": 0} for line in expected.history]
    written = (tmp_path / "cut" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == list(found.history)
    assert isinstance(told[0], Note)
    assert f"step {step} of {expected.steps}." in told[0].text
    one, other = (load_checkpoint(tmp_path / name) for name in ("whole", "cut"))
    assert one["random"]["cpu"].tolist() == other["random"]["cpu"].tolist()
    assert str(one["optimisers"]) == str(other["optimisers"])


def test_early_stopping_goes_on_counting(toy, plan, tmp_path):
    script = [1.0, 3.0, 2.0, 2.0, 2.0, 9.0]
    settings = plan(epochs=6, patience=3)
    problem = toy(script)
    outcome = Loop(problem, settings, tmp_path / "whole").run()
    killed_at(toy(script), settings, tmp_path / "cut", outcome.steps - 2)
    resumed = toy(script, done=4)
    found = Loop(resumed, settings, tmp_path / "cut").run()
    assert (found.best, found.best_epoch, len(found.history)) == (3.0, 2, 5)
    assert_same(weights_of(resumed), weights_of(problem))


def test_a_finished_run_is_not_trained_again(toy, plan, tmp_path):
    first = toy()
    outcome = Loop(first, plan(), tmp_path).run()
    again, told = toy(), []
    again.broken_from = 0
    assert Loop(again, plan(), tmp_path, told.append).run() == outcome
    assert_same(weights_of(first), weights_of(again))
    assert told == [
        Note(text=f"Going on from a checkpoint: training is done, step {outcome.steps} of {outcome.steps}.")
    ]


def test_few_checkpoints_where_time_is_short(toy, plan, tmp_path, monkeypatch):
    from attendo.training import loop

    saved = []
    monkeypatch.setattr(loop, "save_checkpoint", lambda folder, state: saved.append(state["state"]["epoch"]))
    Loop(toy(), plan(checkpoint_seconds=997.0), tmp_path).run()
    assert saved == [1, 2, 3]


def test_a_damaged_checkpoint_is_named(toy, plan, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(RunError, match=r"checkpoint\.pt cannot be read .* Remove it"):
        Loop(toy(), plan(), tmp_path).run()


@pytest.mark.parametrize(("slow", "often"), [(997.0, True), (0.0, False)])
def test_checkpoints_that_take_long_are_rare(slow, often, toy, plan, tmp_path, monkeypatch):
    from attendo.training import loop

    saved = []

    def save(folder, state):
        time.sleep(0.05)
        saved.append(state["state"]["step"])

    monkeypatch.setattr(loop, "SLOW", slow)
    monkeypatch.setattr(loop, "save_checkpoint", save)
    outcome = Loop(toy(), plan(epochs=2), tmp_path).run()
    assert outcome.steps > 6
    assert (len(set(saved)) == outcome.steps) == often
    assert saved[-1] == outcome.steps
    if not often:
        assert len(saved) <= outcome.steps // 2 + 3
