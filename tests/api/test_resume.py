"""A run that was killed or interrupted goes on and comes to the same model as one that was left in peace."""

import json
import shutil

import pytest

from attendo.api import train
from attendo.errors import InputError
from attendo.tasks import load
from attendo.training import Note, Scored

MOMENTS = (
    "linear",
    "first step",
    "within an epoch",
    "writing a checkpoint",
    "after an epoch",
    "trained",
    "model.safetensors",
    "attendo.json",
    "report",
    "closing",
)


@pytest.fixture(scope="module")
def killed(tmp_path_factory, kill, corpus, often):
    """A folder for each moment, left behind by a run that was killed then."""
    return kill(tmp_path_factory.mktemp("killed"), corpus, often, MOMENTS)


def scores_of(history):
    return [{name: value for name, value in line.items() if name != "seconds"} for line in history]


def read_history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("moment", MOMENTS[:-1])
def test_a_killed_run_ends_with_the_same_model(moment, killed, corpus, often, undisturbed, same):
    out, told = killed / moment, []
    assert (out / "run").exists()
    result = train("classify", corpus, out=out, settings=often, tell=told.append)
    same(out, undisturbed.folder)
    expected = scores_of(undisturbed.story.history)
    assert scores_of(result.story.history) == scores_of(read_history(out)) == expected
    assert result.story.best_epoch == undisturbed.story.best_epoch
    went_on = [event.text for event in told if isinstance(event, Note) and "from a checkpoint" in event.text]
    assert len(went_on) == (moment not in ("linear", "first step"))
    scored = sum(isinstance(event, Scored) for event in told)
    if moment in MOMENTS[MOMENTS.index("trained") :]:
        assert scored == 0
        assert "training is done" in went_on[0]


def test_a_run_killed_while_it_tidied_up_has_its_model(killed, corpus, often, undisturbed, same, tmp_path):
    out = tmp_path / "model"
    shutil.copytree(killed / "closing", out)
    load(out)
    with pytest.raises(ValueError, match="already holds a model"):
        train("classify", corpus, out=out, settings=often)
    train("classify", corpus, out=out, settings=often, overwrite=True)
    same(out, undisturbed.folder)


def test_what_such_a_run_left_is_not_taken_for_another_run(killed, corpus, quick, undisturbed, tmp_path):
    out, told = tmp_path / "model", []
    shutil.copytree(killed / "closing", out)
    assert (out / "run" / "checkpoint.pt").exists()
    settings = quick(epochs=1, seed=5)
    result = train("classify", corpus, out=out, settings=settings, overwrite=True, tell=told.append)
    assert not any("checkpoint" in event.text for event in told if isinstance(event, Note))
    assert len(result.story.history) == 1
    assert (out / "model.safetensors").read_bytes() != (undisturbed.folder / "model.safetensors").read_bytes()


def test_an_exception_interrupts_a_run_that_can_go_on(corpus, often, undisturbed, same, tmp_path):
    def stop(event):
        if isinstance(event, Scored) and event.epoch == 2:
            raise KeyboardInterrupt

    out = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        train("classify", corpus, out=out, settings=often, tell=stop)
    assert len(read_history(out / "run")) == 1
    train("classify", corpus, out=out, settings=often)
    same(out, undisturbed.folder)


def test_the_cost_counts_all_attempts(corpus, often, undisturbed, monkeypatch, tmp_path):
    def stop(event):
        if isinstance(event, Scored):
            raise KeyboardInterrupt

    out, spent = tmp_path / "model", []
    monkeypatch.setattr("attendo.api.cost.KEEP_SECONDS", 0.0)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train("classify", corpus, out=out, settings=often, tell=stop)
        spent.append(json.loads((out / "run" / "spent.json").read_text(encoding="utf-8")))
    for name in ("seconds", "cpu_seconds"):
        assert 0 < spent[0][name] < spent[1][name]
    before = {"seconds": 1009.0, "cpu_seconds": 2003.0, "peak_memory": 2**53}
    (out / "run" / "spent.json").write_text(json.dumps(before), encoding="utf-8")
    cost = train("classify", corpus, out=out, settings=often).story.cost
    assert 1009 < cost.seconds < 1109
    assert 2003 < cost.cpu_seconds < 2103
    assert cost.peak_memory == 2**53
    assert cost.tokens == undisturbed.story.cost.tokens


@pytest.mark.parametrize("other", [{}, {"seed": 7}])
def test_two_runs_at_the_same_time_do_not_share_a_folder(other, corpus, quick, often, undisturbed, same, tmp_path):
    out, refused = tmp_path / "model", []

    def begin_another(event):
        if isinstance(event, Scored):
            with pytest.raises(InputError, match=r"Another run is at work in .*\. Wait until") as caught:
                train("classify", corpus, out=out, settings=quick(checkpoint_seconds=1e-9, **other), overwrite=True)
            refused.append(caught.value.exit_code)

    train("classify", corpus, out=out, settings=often, tell=begin_another)
    assert refused == [2, 2, 2]
    same(out, undisturbed.folder)


def test_the_plan_is_read_back_rather_than_measured_again(corpus, quick, monkeypatch, tmp_path):
    from attendo.api import task_runs

    settings, out = quick(threads=None, precision="auto", epochs=1), tmp_path / "model"
    with monkeypatch.context() as patch:
        patch.setattr(task_runs, "Loop", lambda *_: (_ for _ in ()).throw(RuntimeError("stopped")))
        with pytest.raises(RuntimeError, match="stopped"):
            train("classify", corpus, out=out, settings=settings)
    plan = json.loads((out / "run" / "plan.json").read_text(encoding="utf-8"))
    plan |= {"batch_tokens": 257, "micro_tokens": 241, "threads": 1, "precision": "float32", "reasons": ["So."]}
    (out / "run" / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    monkeypatch.setattr(task_runs, "make_plan", lambda *_, **__: pytest.fail("a plan was made again"))
    result = train("classify", corpus, out=out, settings=settings)
    assert result.story.plan["batch_tokens"] == 257
    assert "So." in result.story.notes
