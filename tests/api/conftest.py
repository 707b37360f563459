"""What the tests of `train` share: quick settings, a small corpus, and an undisturbed run on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attendo.api import Result, RunSettings, train
from attendo.configuration import from_mapping
from attendo.data import write_corpus

TRAINING = {"epochs": 3, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331, "ema": 0.9}


def quick_settings(data: dict | None = None, **training: Any) -> RunSettings:
    """Settings of a run of a second."""
    tree = {"task": {"model": {"size": "tiny"}}, "training": TRAINING | training, "data": data or {}}
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


@pytest.fixture(scope="session")
def same():
    """Asserts that two finished runs came to the same model, to the last bit."""

    def check(one: Path, other: Path) -> None:
        for name in ("model.safetensors", "features.safetensors", "config.json"):
            assert (one / name).read_bytes() == (other / name).read_bytes(), name
        assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in other.iterdir())

    return check
