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
SETTINGS = "settings.yaml"
HISTORY = "history.jsonl"

_STEMS = ("run", "plan", "settings", "history", "linear", "checkpoint")
"""What the files of a run are called; a dot before it and more behind it mark one that was not written whole."""

_MODEL_FILES = ("config.json", "model.safetensors", "features.safetensors", "README.md", CARD, "report.html")


class RunFolder:
    """Where a run keeps what it needs to go on: `OUT/run`, removed when the model is whole.

    Raises:
        InputError: if the folder holds a model, other files, or another run; nothing in it is touched.
    """

    def __init__(self, out: Path, settings: RunSettings, splits: Splits, *, overwrite: bool = False) -> None:
        self.out, self.path = out, out / RUN
        identity = {"settings": to_mapping(settings), "data": _fingerprint(splits)}
        if not self._goes_on(identity):
            self._claim(overwrite)
            write_json(self.path / IDENTITY, identity)
            write_text(self.path / SETTINGS, to_yaml(settings))

    def _goes_on(self, identity: dict[str, Any]) -> bool:
        """Whether an earlier attempt at this very run is there to go on from."""
        if not (self.path / IDENTITY).exists():
            return False
        before = self._read(IDENTITY)
        if before == identity:
            return True
        what = "settings" if before.get("data") == identity["data"] else "data"
        raise InputError(
            f"{self.out} holds an unfinished run with other {what}. Repeat its command to go on with it, choose "
            f"another folder, or remove {self.path} to give it up."
        )

    def _claim(self, overwrite: bool) -> None:
        """Make sure that nothing of anybody else is there; a model that is to be replaced stays until the new one."""
        whole = (self.out / CARD).exists()
        if whole and not overwrite:
            raise InputError(f"{self.out} already holds a model. Choose another folder, or give --overwrite.")
        others = self.out.is_file() or (self.out.is_dir() and any(each.name != RUN for each in self.out.iterdir()))
        left = list(self.path.iterdir()) if self.path.is_dir() else []
        if (others and not whole) or any(each.name.strip(".").split(".")[0] not in _STEMS for each in left):
            raise InputError(f"{self.out} is not empty and not a model of attendo. Choose another folder.")
        for each in left:  # of a run that was stopped while it was being removed, or before it had begun
            each.unlink()

    def _read(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} cannot be read ({error}). Remove {self.path} to start this run again.") from None

    def read_plan(self) -> Plan | None:
        """The plan that was settled before the first step, if the run came that far."""
        return from_mapping(Plan, self._read(PLAN)) if (self.path / PLAN).exists() else None

    def write_plan(self, plan: Plan) -> None:
        """Settle the plan."""
        write_json(self.path / PLAN, asdict(plan))

    def close(self) -> None:
        """Keep the history and the settings beside the model, and remove what was only for going on."""
        for source in (self.path / HISTORY, self.path / SETTINGS):
            if source.exists():
                source.replace(self.out / source.name)
        (self.path / IDENTITY).unlink()  # before the rest: without it there is no run to go on with
        shutil.rmtree(self.path)
        for path in self.out.iterdir():  # of an attempt that was killed while it saved the model
            if path.is_file() and path.name.startswith(tuple(f".{name}." for name in _MODEL_FILES)):
                path.unlink()


def _fingerprint(splits: Splits) -> str:
    digest = hashlib.sha256()
    sets: Sequence[Sequence[Example]] = (splits.train, splits.dev, splits.test)
    for examples in sets:
        for example in examples:
            digest.update(repr((example.text, example.pair, example.labels)).encode("utf-8", "surrogatepass"))
        digest.update(b"|")
    return digest.hexdigest()
