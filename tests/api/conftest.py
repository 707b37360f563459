"""What the tests of `train` share: quick settings, a small corpus, and an undisturbed run on it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from attendo.api import Result, RunSettings, train
from attendo.configuration import from_mapping, to_mapping
from attendo.data import write_corpus
from attendo.training import Loop

TRAINING = {"epochs": 3, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331, "ema": 0.9}


def quick_settings(data: dict | None = None, base: Path | None = None, **training: Any) -> RunSettings:
    """Settings of a run of a second."""
    task = {"model": {"size": "tiny"}, "base": None if base is None else str(base)}
    tree = {"task": task, "training": TRAINING | training, "data": data or {}}
    return from_mapping(RunSettings, tree)


@pytest.fixture(scope="session")
def quick():
    return quick_settings


@pytest.fixture(scope="session")
def often() -> RunSettings:
    """The same, with a checkpoint after each step."""
    return quick_settings(checkpoint_seconds=1e-9)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, "both", size=101)
    return folder


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, corpus: Path, often: RunSettings) -> Result:
    return train("classify", corpus, out=tmp_path_factory.mktemp("undisturbed") / "model", settings=often)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Begins a run that breaks in its fifth step."""

    def begin(*words: Any, **options: Any) -> None:
        step, taken = Loop._step, []

        def breaking(self: Loop, indices: Sequence[int]) -> Any:
            taken.append(1)
            if len(taken) == 5:
                raise RuntimeError("stopped")
            return step(self, indices)

        with monkeypatch.context() as patch:
            patch.setattr(Loop, "_step", breaking)
            with pytest.raises(RuntimeError, match="stopped"):
                train(*words, **options)

    return begin


@pytest.fixture(scope="session")
def same():
    """Asserts that two finished runs came to the same model, to the last bit."""

    def check(one: Path, other: Path) -> None:
        for name in ("model.safetensors", "features.safetensors", "config.json", "vocab.txt", "tokenizer.json"):
            if (other / name).exists():
                assert (one / name).read_bytes() == (other / name).read_bytes(), name
        assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in other.iterdir())

    return check


PROGRAM = """
import json, os, shutil, signal, sys
from pathlib import Path
import torch
from attendo import files
from attendo.api import RunSettings, task_runs, train
from attendo.configuration import from_mapping
from attendo.tasks import linear
from attendo.training import Loop, loop

corpus, out, settings, *moments = sys.argv[1:]
settings = from_mapping(RunSettings, json.loads(settings))
torch.set_num_threads(1)
last = moments.pop()

def stop(moment):
    if moment == last:
        os.kill(os.getpid(), signal.SIGKILL)
    shutil.copytree(Path(out, last), Path(out, moment))  # what a run killed now would leave behind

def stop_at(moment, owner, name, time=1, after=False, when=lambda *args: True):
    called, done = getattr(owner, name), []
    def patched(*args, **kwargs):
        result = called(*args, **kwargs) if after else None
        done.extend([1] if when(*args) else [])
        if len(done) == time and when(*args):
            stop(moment)
        return result if after else called(*args, **kwargs)
    setattr(owner, name, patched)

def named(name):
    return lambda source, target: Path(target).name == name

AT = {
    "linear": (linear, "fit_naive_bayes"),
    "first step": (Loop, "_step", 1, True),
    "within an epoch": (loop, "save_checkpoint", 6, True),
    "writing a checkpoint": (files.os, "replace", 4, False, named("checkpoint.pt")),
    "after an epoch": (Loop, "_score", 2, True),
    "trained": (Loop, "run", 1, True),
    "model.safetensors": (files.os, "replace", 1, False, named("model.safetensors")),
    "attendo.json": (files.os, "replace", 1, False, named("attendo.json")),
    "report": (task_runs, "write_report"),
    "closing": (shutil, "rmtree"),
}

for moment in [*moments, last]:
    stop_at(moment, *AT[moment])
train("classify", corpus, out=Path(out, last), settings=settings)
"""


@pytest.fixture(scope="session")
def kill() -> Callable[..., Path]:
    """Lets a run be killed at the last of some moments; what lay in its folder at each lies under the moment's name."""

    def killed(folder: Path, corpus: Path, settings: RunSettings, moments: Sequence[str]) -> Path:
        if not hasattr(signal, "SIGKILL"):
            pytest.skip("no process can be killed here")
        words = [str(corpus), str(folder), json.dumps(to_mapping(settings)), *moments]
        line = [sys.executable, "-c", PROGRAM, *words]
        ended = subprocess.run(line, capture_output=True, text=True, timeout=120)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        return folder

    return killed


@pytest.fixture
def power_cut(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """A block that a run does not leave by itself: it ends as soon as the run has made so many steps."""

    class PowerCutError(Exception):
        pass

    @contextmanager
    def cut(steps: int) -> Iterator[None]:
        done, step = [], Loop._step

        def stop(self: Loop, indices: Sequence[int]) -> tuple[float, int]:
            done.append(1)
            if len(done) > steps:
                raise PowerCutError
            return step(self, indices)

        with monkeypatch.context() as patch:
            patch.setattr(Loop, "_step", stop)
            with pytest.raises(PowerCutError):
                yield

    return cut
