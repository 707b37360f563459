"""The state of an unfinished run inside the folder that will hold the model."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attendo.api.settings import RunSettings
from attendo.configuration import from_mapping, to_mapping, to_yaml
from attendo.data import Example, Splits
from attendo.errors import InputError
from attendo.files import write_json, write_text
from attendo.tasks import CARD
from attendo.training import Plan

RUN = "run"
IDENTITY = "run.json"
PLAN = "plan.json"


class RunFolder:
    """Where a run keeps what it needs to go on: `OUT/run`, removed when the model is whole.

    Raises:
        InputError: if the folder holds a model, other files, or another run; nothing in it is touched.
    """

    def __init__(self, out: Path, settings: RunSettings, splits: Splits, *, overwrite: bool = False) -> None:
        self.out, self.path = out, out / RUN
        identity = {"settings": to_mapping(settings), "data": _fingerprint(splits)}
        if overwrite and (out / CARD).exists():
            _remove_model(out)
        self.resumed = self._claim(identity)
        if not self.resumed:
            write_json(self.path / IDENTITY, identity)
            write_text(self.path / "settings.yaml", to_yaml(settings))

    def _claim(self, identity: dict[str, Any]) -> bool:
        """Whether an earlier attempt at this very run is there to go on from."""
        held = self.path / IDENTITY
        if held.exists():
            before = json.loads(held.read_text(encoding="utf-8"))
            if before == identity:
                return True
            what = "settings" if before["data"] == identity["data"] else "data"
            raise InputError(
                f"{self.out} holds an unfinished run with other {what}. Repeat its command to go on with it, choose "
                f"another folder, or remove {self.path} to give it up."
            )
        if (self.out / CARD).exists():
            raise InputError(f"{self.out} already holds a model. Choose another folder, or give --overwrite.")
        if self.out.is_file() or (self.out.is_dir() and any(each.name != RUN for each in self.out.iterdir())):
            raise InputError(f"{self.out} is not empty and not a model of attendo. Choose another folder.")
        return False

    def read_plan(self) -> Plan | None:
        """The plan that was settled before the first step, if the run came that far."""
        path = self.path / PLAN
        return from_mapping(Plan, json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def write_plan(self, plan: Plan) -> None:
        """Settle the plan."""
        write_json(self.path / PLAN, asdict(plan))

    def close(self) -> None:
        """Keep the history and the settings beside the model, and remove what was only for going on."""
        for name in ("history.jsonl", "settings.yaml"):
            source = self.path / name
            if source.exists():
                source.replace(self.out / name)
        shutil.rmtree(self.path)


def _fingerprint(splits: Splits) -> str:
    digest = hashlib.sha256()
    sets: Sequence[Sequence[Example]] = (splits.train, splits.dev, splits.test)
    for examples in sets:
        for example in examples:
            digest.update(repr((example.text, example.pair, example.labels)).encode("utf-8", "surrogatepass"))
        digest.update(b"|")
    return digest.hexdigest()


def _remove_model(out: Path) -> None:
    """Remove the files of a model, and nothing else."""
    names = ["config.json", "model.safetensors", "features.safetensors", "README.md", "report.html", "history.jsonl"]
    (out / CARD).unlink()  # first: without it the rest is no model
    for name in [*names, "settings.yaml"]:
        (out / name).unlink(missing_ok=True)
