"""Devices, threads and formats; and what a plan is made of."""

import contextlib

import pytest
import torch

from attendo.errors import UnsupportedError
from attendo.training import TrainingSettings, choose_device, cpu_threads, devices, make_plan, physical_cores, planning
from attendo.training.devices import free_memory, measure_precision, measure_threads

CPU = torch.device("cpu")


def test_devices_by_name():
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("name", ["cuda", "mps", "abacus"])
def test_a_device_that_is_not_there(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    with pytest.raises(UnsupportedError) as error:
        choose_device(name)
    assert str(error.value) == f"This machine has no device `{name}`. It has: cpu."


def test_threads_are_put_back():
    before = torch.get_num_threads()
    with contextlib.suppress(RuntimeError), cpu_threads(before + 1):
        assert torch.get_num_threads() == before + 1
        raise RuntimeError
    assert torch.get_num_threads() == before


def test_what_the_machine_has():
    assert 1 <= physical_cores() <= 4096
    assert free_memory(CPU) > 1 << 20


@pytest.mark.parametrize("measure", [measure_threads, measure_precision])
@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_no_trace(measure, training, toy, monkeypatch):
    monkeypatch.setattr(devices, "most_threads", lambda: 2)
    problem = toy(dropout=0.3)
    problem.model.train(training)
    before, random = {n: t.clone() for n, t in problem.model.state_dict().items()}, torch.get_rng_state()
    threads = torch.get_num_threads()
    chosen, reason = measure(problem, problem.batch([0, 1, 2], CPU), CPU)
    assert str(chosen) in reason
    assert problem.batches >= 6
    assert all(torch.equal(before[name], tensor) for name, tensor in problem.model.state_dict().items())
    assert all(parameter.grad is None for parameter in problem.model.parameters())
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == threads
    assert problem.model.training == training


@pytest.mark.parametrize(
    ("seconds", "threads", "precision"), [((1.0, 0.5), 2, "bfloat16"), ((1.0, 0.97), 1, "float32")]
)
def test_the_faster_way_is_taken_only_if_it_is_faster(seconds, threads, precision, toy, monkeypatch):
    monkeypatch.setattr(devices, "most_threads", lambda: 2)
    monkeypatch.setattr(devices, "_medians", lambda *_: list(seconds))
    batch = toy().batch([0], CPU)
    assert measure_threads(toy(), batch, CPU)[0] == threads
    assert measure_precision(toy(), batch, CPU)[0] == precision


def test_slow_steps_are_measured_once(toy, monkeypatch):
    monkeypatch.setattr(devices, "most_threads", lambda: 2)
    monkeypatch.setattr(devices, "ENOUGH", 0.0)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    problem = toy()
    measure_threads(problem, problem.batch([0], CPU), CPU)
    assert problem.batches == 4  # each way once to warm up, and once to count


@pytest.mark.parametrize(("said", "threads"), [("1", 1), ("3,2", 3), ("", 7), ("0", 7), ("some", 7), ("11", 7)])
def test_no_more_threads_than_the_environment_allows(said, threads, monkeypatch):
    monkeypatch.setattr(devices, "physical_cores", lambda: 7)
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert devices.most_threads() == threads


def test_a_single_thread_that_the_environment_allows_needs_no_measuring(toy, monkeypatch):
    monkeypatch.setattr(devices, "physical_cores", lambda: 7)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    problem = toy()
    assert measure_threads(problem, None, CPU) == (1, "Threads: 1, as OMP_NUM_THREADS says.")
    assert problem.batches == 0


def test_one_core_needs_no_measuring(toy, monkeypatch):
    monkeypatch.setattr(devices, "physical_cores", lambda: 1)
    problem = toy()
    assert measure_threads(problem, None, CPU)[0] == 1
    assert problem.batches == 0


class Texts:
    """As much of a problem as a plan asks for where nothing is measured."""

    main = "score"

    def __init__(self, lengths):
        self.lengths, self.model = lengths, torch.nn.Linear(2, 2)

    def batch(self, indices, device):
        return None


FIXED = {"threads": 1, "precision": "float32", "device": "cpu"}


@pytest.mark.parametrize(
    ("texts", "length", "batch_tokens", "epochs"),
    [
        (101, 7, 32 * 7, 8),
        (3001, 11, 64 * 11, 8),
        (6007, 13, 64 * 13, 6),
        (20011, 23, 128 * 23, 8),
        (60013, 31, 128 * 31, 4),
        (2003, 211, 32 * 211, 7),
    ],
)
def test_open_settings_follow_from_the_data(texts, length, batch_tokens, epochs):
    plan = make_plan(Texts([length] * texts), TrainingSettings(**FIXED), bytes_per_token=1)
    assert (plan.batch_tokens, plan.micro_tokens, plan.epochs) == (batch_tokens, batch_tokens, epochs)
    assert plan.patience == max(5, epochs // 2)
    assert len(plan.reasons) == 3


def test_what_is_set_is_kept():
    settings = TrainingSettings(epochs=17, batch_tokens=101, patience=3, **FIXED)
    plan = make_plan(Texts([7] * 13), settings, bytes_per_token=1)
    assert (plan.epochs, plan.batch_tokens, plan.patience, plan.threads) == (17, 101, 3, 1)
    assert plan.settings == settings
    assert plan.reasons == ("Device cpu: as asked.",)


def test_little_memory_makes_small_pieces(monkeypatch):
    monkeypatch.setattr(planning, "free_memory", lambda device: 100_000)
    plan = make_plan(Texts([7] * 97 + [43]), TrainingSettings(batch_tokens=211, **FIXED), bytes_per_token=400)
    assert plan.micro_tokens == 100
    assert "100 tokens at a time" in plan.reasons[-1]
    plan = make_plan(Texts([7] * 97 + [43]), TrainingSettings(batch_tokens=211, **FIXED), bytes_per_token=10**9)
    assert plan.micro_tokens == 43  # a text is never cut


def test_what_is_open_is_measured(toy, monkeypatch):
    monkeypatch.setattr(devices, "_medians", lambda *_: [1.0, 0.5])
    monkeypatch.setattr(devices, "most_threads", lambda: 2)
    plan = make_plan(toy(), TrainingSettings(device="cpu"), bytes_per_token=1)
    assert (plan.threads, plan.precision) == (2, "bfloat16")
    assert [reason.split(":")[0] for reason in plan.reasons[-2:]] == ["Threads", "Precision"]
