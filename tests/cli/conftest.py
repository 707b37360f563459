"""What the tests of the command line share: a way to run it, a small corpus, and a model trained on it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from attendo.cli.main import run

QUICK = ("--size", "tiny", "--epochs", "1", "--set", "training.precision=float32", "--set", "training.threads=1")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ended]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command line in this process."""

    def call(*words: object, stdin: bytes | None = None) -> Ended:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = run([str(word) for word in words])
        return Ended(code, *capsys.readouterr())

    return call


def run_process(*words: object, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a command line through the real entry point."""
    line = [sys.executable, "-m", "attendo", *map(str, words)]
    return subprocess.run(line, input=stdin, capture_output=True, env=os.environ | environment, timeout=120)


@pytest.fixture(scope="session")
def process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    return run_process


@pytest.fixture(scope="session")
def quick() -> tuple[str, ...]:
    """Options that make a training run short."""
    return QUICK


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small train, dev and test sets in English and Chinese."""
    from attendo.data import write_corpus

    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, "both", size=193)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    """The folder of a model trained on the corpus by the command itself."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    assert run(["train", "classify", str(corpus), "--out", str(folder), "--quiet", *QUICK]) == 0
    return folder


@pytest.fixture(scope="session")
def pair_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of pairs of texts."""
    folder = tmp_path_factory.mktemp("pairs")
    data = folder / "pairs.tsv"
    rows = [
        f"the {thing} is {a}\tthe {thing} is {b}\t{'same' if a == b else 'other'}"
        for thing in ("soup", "汤", "room")
        for a in ("good", "bad", "cold", "热")
        for b in ("good", "bad", "cold", "热")
    ]
    data.write_text("text1\ttext2\tlabel\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert run(["train", "classify", str(data), "--out", str(folder / "model"), "--quiet", *QUICK]) == 0
    return folder / "model"
