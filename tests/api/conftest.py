"""What the tests of `train` share: quick settings, a small corpus, and an undisturbed run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
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
from attendo.tasks import Classifier, linear
from attendo.training import Loop, loop

corpus, out, settings, *moments = sys.argv[1:]
settings = from_mapping(RunSettings, json.loads(settings))
torch.set_num_threads(1)

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(owner, name, time=1, after=False, when=lambda *args: True):
    called, done = getattr(owner, name), []
    def patched(*args, **kwargs):
        result = called(*args, **kwargs) if after else None
        done.extend([1] if when(*args) else [])
        if len(done) == time:
            die()
        return result if after else called(*args, **kwargs)
    setattr(owner, name, patched)

def named(name):
    return lambda source, target: Path(target).name == name

AT = {
    "linear": lambda: die_at(linear, "fit_naive_bayes"),
    "first step": lambda: die_at(Loop, "_step", after=True),
    "within an epoch": lambda: die_at(loop, "save_checkpoint", 6, after=True),
    "writing a checkpoint": lambda: die_at(files.os, "replace", 4, when=named("checkpoint.pt")),
    "after an epoch": lambda: die_at(Loop, "_score", 2, after=True),
    "trained": lambda: die_at(Loop, "run", after=True),
    "model.safetensors": lambda: die_at(files.os, "replace", when=named("model.safetensors")),
    "attendo.json": lambda: die_at(files.os, "replace", when=named("attendo.json")),
    "report": lambda: die_at(task_runs, "write_report"),
    "closing": lambda: die_at(shutil, "rmtree"),
}

train("classify", corpus, out=Path(out, "whole"), settings=settings)  # imports once what all children need
for moment in moments:
    child = os.fork()
    if not child:
        AT[moment]()
        train("classify", corpus, out=Path(out, moment), settings=settings)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (moment, status)
"""


@pytest.fixture(scope="session")
def kill() -> Callable[..., Path]:
    """Lets a run begin for each moment, and be killed then; what it left behind lies under the moment's name."""

    def killed(folder: Path, corpus: Path, settings: RunSettings, moments: Sequence[str]) -> Path:
        if not hasattr(os, "fork"):
            pytest.skip("there is no fork here")
        words = [str(corpus), str(folder), json.dumps(to_mapping(settings)), *moments]
        line = [sys.executable, "-c", PROGRAM, *words]
        alone = os.environ | {"CUDA_VISIBLE_DEVICES": ""}  # a process with a GPU must not fork
        ended = subprocess.run(line, capture_output=True, text=True, timeout=120, env=alone)
        assert ended.returncode == 0, ended.stderr
        return folder

    return killed
