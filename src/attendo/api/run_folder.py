"""The state of an unfinished run inside the folder that will hold the model."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attendo.configuration import from_mapping, to_mapping, to_yaml
from attendo.data import Splits, content
from attendo.errors import InputError
from attendo.files import held_alone, write_json, write_text
from attendo.models import CONFIG, WEIGHTS
from attendo.tasks import CARD
from attendo.text import TOKENIZER_FILES
from attendo.training import HISTORY, Plan

RUN, LOCK = "run", "run.lock"
IDENTITY = "run.json"
PLAN = "plan.json"
SPENT = "spent.json"
SETTINGS = "settings.yaml"

_STEMS = ("run", "plan", "spent", "settings", "history", "linear", "checkpoint")
"""What the files of a run are called; a dot before it and more behind it mark one that was not written whole."""

_MODEL_FILES = (CONFIG, WEIGHTS, "features.safetensors", "README.md", CARD, "report.html", *TOKENIZER_FILES)

_SAID = {"data": "data", "settings": "settings", "base": "files in its base"}
"""What makes a run another one, as a sentence says it."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Wall-clock and CPU seconds, and the peak memory in bytes."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0


class RunFolder:
    """Where a run keeps what it needs to go on: `OUT/run`, removed when the model is whole."""

    def __init__(self, out: Path) -> None:
        self.out, self.path = out, out / RUN

    @classmethod
    @contextlib.contextmanager
    def claimed(
        cls,
        out: Path,
        settings: Any,
        splits: Splits[Any],
        *,
        origin: Mapping[str, str] | None = None,
        overwrite: bool = False,
    ) -> Iterator[RunFolder]:
        """The folder for one run, and while the block runs for this process alone.

        Args:
            origin: the checksums of what the model is trained on, if it is not trained from scratch.
        Raises:
            InputError: if the folder holds a model, other files, or another run, or a run is at work in it; nothing
                in it is touched. One that is raised in the block before there is a plan undoes a new run.
        """
        folder = cls(out)
        folder._check(overwrite)
        busy = f"Another run is at work in {out}. Wait until it has finished, or choose another folder."
        identity: dict[str, Any] = {"data": _fingerprint(splits), "settings": to_mapping(settings)}
        if origin is not None:
            identity["base"] = dict(origin)
        there = out.exists()
        try:
            with held_alone(out / LOCK, busy):
                new = folder._begin(identity, settings, overwrite)
                try:
                    yield folder
                except InputError:
                    if new and not (folder.path / PLAN).exists():
                        shutil.rmtree(folder.path)  # what could not begin leaves nothing behind
                    raise
        except InputError:
            if not there and out.is_dir() and not _inside(out):
                out.rmdir()
            raise

    def _begin(self, identity: dict[str, Any], settings: Any, overwrite: bool) -> bool:
        """Go on with an earlier attempt, or put down what the run is; whether it is new."""
        self._check(overwrite)
        if self._goes_on(identity):
            return False
        for each in _inside(self.path):  # by a run that was stopped while it was being removed, or before it had begun
            each.unlink()
        write_json(self.path / IDENTITY, identity)
        write_text(self.path / SETTINGS, to_yaml(settings))
        return True

    def _check(self, overwrite: bool) -> None:
        """Make sure that nothing of anybody else is there; a model that is to be replaced stays until the new one."""
        if (self.path / IDENTITY).exists():
            return
        if self.out.is_file():
            raise InputError(f"{self.out} is a file. Choose another folder for the model.")
        whole = (self.out / CARD).exists()
        if whole and not overwrite:
            raise InputError(f"{self.out} already holds a model. Choose another folder, or give --overwrite.")
        others = any(each.name not in (RUN, LOCK) for each in _inside(self.out))
        strange = any(each.name.strip(".").split(".")[0] not in _STEMS for each in _inside(self.path))
        if strange or (others and not whole):
            raise InputError(f"{self.out} is not empty and not a model of attendo. Choose another folder.")

    def _goes_on(self, identity: dict[str, Any]) -> bool:
        """Whether an earlier attempt at this very run is there to go on from."""
        if not (self.path / IDENTITY).exists():
            return False
        before = self._read(IDENTITY)
        if before == identity:
            return True
        what = next((_SAID[part] for part in identity if before.get(part) != identity[part]), "settings")
        raise InputError(
            f"{self.out} holds an unfinished run with other {what}. Repeat its command to go on with it, choose "
            f"another folder, or remove {self.path} to give it up."
        )

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

    def read_spent(self) -> Spent:
        """What the attempts before this one have used up."""
        return from_mapping(Spent, self._read(SPENT)) if (self.path / SPENT).exists() else Spent()

    def write_spent(self, spent: Spent) -> None:
        """Put down what all attempts have used up until now."""
        write_json(self.path / SPENT, asdict(spent))

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
        self._remove_strange()

    def _remove_strange(self) -> None:
        """A model of another kind that was replaced leaves no vocabulary behind."""
        own = json.loads((self.out / CARD).read_text(encoding="utf-8")).get("checksums", {})
        for name in ("features.safetensors", *TOKENIZER_FILES):
            if name not in own:
                (self.out / name).unlink(missing_ok=True)


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _fingerprint(splits: Splits[Any]) -> str:
    digest = hashlib.sha256()
    for records in (splits.train, splits.dev, splits.test):
        for record in records:
            digest.update(repr(content(record)).encode("utf-8", "surrogatepass"))
        digest.update(b"|")
    return digest.hexdigest()
