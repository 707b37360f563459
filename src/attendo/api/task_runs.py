"""`train`: from labelled files to a trained, measured, saved model, with the systems beside it that it must beat."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attendo.api.candidates import Candidate, Judgement
from attendo.api.cost import Meter, operations, versions
from attendo.api.kinds import KINDS, Kind
from attendo.api.run_folder import RunFolder
from attendo.api.runs import Run
from attendo.configuration import from_mapping, to_mapping
from attendo.data import Splits, noun_of
from attendo.errors import ConfigError, InputError
from attendo.models import find_model
from attendo.report import Story, check_language, main_scores, verdict, write_report
from attendo.tasks import Base
from attendo.training import Listener, Loop, Outcome, Plan, Waiting, choose_device, cpu_threads, make_plan, silent


@dataclass(frozen=True, kw_only=True)
class Result:
    """A trained model, where it was saved, and the story of its training."""

    model: Any
    story: Story
    folder: Path


def train(
    task: str,
    data: Path | str,
    *,
    out: Path | str,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    base: Path | str | None = None,
    settings: Any = None,
    overwrite: bool = False,
    language: str = "en",
    tell: Listener = silent,
) -> Result:
    """Train a model on labelled files and save it; a run that was stopped goes on where it was.

    Args:
        task: what is to be learned, a name from `TASKS`.
        data: a labelled file, a folder with train, dev and test files, or one with a folder for each class.
        out: the model folder; it must be new, or hold this very run unfinished.
        base: the folder of a pretrained model to train on, such as BERT's; by default, or as the settings say, none.
        settings: of the task's own class, such as `RunSettings`, or the same as nested mappings, such as
            `{"training": {"epochs": 3}}`; what is not named is open.
        language: of the report, "en" or "zh".
        tell: hears what is chosen, how far the run is, and its scores.
    Raises:
        DataError: if the data cannot be used.
        ConfigError: if there is no such task, or a setting is impossible.
        InputError: if `out` holds something else, or another run is at work in it, or it is the base itself.
        ModelFolderError: if the base is no model that can be trained on.
        DivergedError: if the loss is no longer a number.
        StorageError: if the disk refuses a file; what was finished is kept.
        UnsupportedError: if no report can be in the language.
    """
    check_language(language)
    kind = _kind(task)
    settings = _settings_for(task, kind.settings, settings)
    if base is not None:
        name = str(base.absolute()) if isinstance(base, Path) else base  # a path is never a name on the hub
        settings = replace(settings, task=replace(settings.task, base=name))
    _check_paths(data=data, out=out, dev=dev or "", test=test or "")
    choose_device(settings.training.device)
    settings, found = _with_base(settings, Path(out))
    splits = kind.load(data, dev=dev, test=test, settings=settings.data)
    with RunFolder.claimed(
        Path(out), settings, splits, origin=None if found is None else found.checksums, overwrite=overwrite
    ) as folder:
        run = _TaskRun(
            folder=folder,
            tell=tell,
            meter=Meter(folder),
            task=task,
            kind=kind,
            settings=settings,
            splits=splits,
            base=found,
            language=language,
        )
        return run.go()


def _settings_for(task: str, kind: type[Any], given: Any) -> Any:
    """The settings of a task, which are of a class of its own: those that are given, or all open."""
    if isinstance(given, Mapping):
        return from_mapping(kind, given)
    if given and not isinstance(given, kind):
        raise ConfigError(f"The settings of `{task}` are `{kind.__name__}`, not {type(given).__name__}.")
    return given or kind()


def _with_base(settings: Any, out: Path) -> tuple[Any, Base | None]:
    """The base that settings name, if any, and the settings with its folder, however it was spelled."""
    if settings.task.base is None:
        return settings, None
    found = Base.read(find_model(settings.task.base))
    if found.folder.resolve() == out.resolve():
        raise InputError(f"{out} is the base itself. Choose another folder for the model.")
    return replace(settings, task=replace(settings.task, base=str(found.folder))), found


def _check_paths(**paths: Any) -> None:
    for name, path in paths.items():
        if not isinstance(path, Path | str):
            raise InputError(f"`{name}` must be the path of a file or folder, but is {type(path).__name__}.")


TASKS = tuple(KINDS)
"""What can be trained."""


def settings_of(task: str) -> type[Any]:
    """The class of all settings of a task.

    Raises:
        ConfigError: if there is no such task.
    """
    return _kind(task).settings


def _kind(task: str) -> Kind:
    if not isinstance(task, str):
        known = ", ".join(KINDS)
        raise ConfigError(f"`task` must be the name of a task, but is {type(task).__name__}. There are: {known}.")
    if task not in KINDS:
        near = get_close_matches(task, KINDS, 1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise ConfigError(f"There is no task `{task}`.{hint} There are: {', '.join(KINDS)}.")
    return KINDS[task]


@dataclass(frozen=True, kw_only=True)
class _TaskRun(Run):
    task: str
    kind: Kind
    settings: Any
    splits: Splits[Any]
    base: Base | None
    language: str

    def go(self) -> Result:
        """All stages in turn."""
        self._describe_data()
        candidate = self.kind.begin(self.splits, self.settings, self.base, self.folder.path)
        for note in candidate.notes:
            self.note(note)
        for warning in candidate.warnings:
            self.warn(warning)
        plan = self.settled_plan(lambda: self._new_plan(candidate))
        started = time.monotonic()
        with cpu_threads(plan.threads):
            outcome = Loop(candidate.problem, plan, self.folder.path, self.hear).run()
            seconds = max(outcome.seconds, time.monotonic() - started)
            for note in candidate.settle():
                self.note(note)
            self.hear(Waiting(text=self._to_judge()))
            judgement = candidate.judge(seconds + candidate.seconds)
            story = self._story(candidate, judgement, plan, outcome)
        model = candidate.model
        model.card.update(_card(story, self._columns()) | candidate.origin)
        model.network.cpu()
        model.save(self.folder.out, overwrite=True)
        write_report(story, self.folder.out / "report.html")
        self.folder.close()
        return Result(model=model, story=story, folder=self.folder.out)

    def _describe_data(self) -> None:
        for note in self.splits.notes:
            self.note(note)
        for warning in self.splits.warnings:
            self.warn(warning)
        present = self.splits.present()
        sizes = ", ".join(f"{len(each):,} {name}" for name, each in present.items())
        labels = set() if self.splits.numbers else {label for record in present["train"] for label in record.labels}
        nouns = f"{self._noun()}s".capitalize()
        self.note(f"{nouns}: {sizes}; {len(labels)} labels." if labels else f"{nouns}: {sizes}.")

    def _to_judge(self) -> str:
        """What the systems are measured on, in a sentence."""
        held_out = {name: len(each) for name, each in self.splits.present().items() if name != "train"}
        sizes = " and ".join(f"{size:,} {name}" for name, size in held_out.items())
        return f"Measuring on {sizes} {self._noun()}{'s' if sum(held_out.values()) != 1 else ''}."

    def _noun(self) -> str:
        """What the records of all sets are called."""
        return noun_of([record for each in self.splits.present().values() for record in each])

    def _new_plan(self, candidate: Candidate) -> Plan:
        self.hear(Waiting(text="Measuring how long a step takes on this machine."))
        size, habits = candidate.bytes_per_token, candidate.habits
        return make_plan(candidate.problem, self.settings.training, bytes_per_token=size, habits=habits)

    def _story(self, candidate: Candidate, judgement: Judgement, plan: Plan, outcome: Outcome) -> Story:
        return Story(
            title=f"{self.task}: {self.folder.out.name}",
            labels=judgement.labels,
            sizes={name: len(records) for name, records in self.splits.present().items()},
            class_counts=judgement.class_counts,
            systems=judgement.systems,
            against=judgement.against,
            history=outcome.history,
            best_epoch=outcome.best_epoch,
            hardest=judgement.hardest,
            attention=judgement.attention,
            shares=judgement.shares,
            samples=judgement.samples,
            parameters={part: sum(p.numel() for p in each.parameters()) for part, each in candidate.parts.items()},
            settings=to_mapping(self.settings),
            plan=asdict(plan),
            notes=tuple(self.notes),
            warnings=tuple(self.warnings),
            cost=self.meter.cost(operations(candidate.at_work, outcome.tokens), outcome.tokens),
            versions=versions(),
            noun=self._noun(),
            language=self.language,
        )

    def _columns(self) -> dict[str, Any]:
        """The columns of a table by what they hold."""
        columns = self.splits.columns
        return {} if columns is None else {role: getattr(columns, role, None) for role in ("text", "pair", "label")}


def _card(story: Story, columns: dict[str, Any]) -> dict[str, Any]:
    """What attendo.json and the model card keep of the story, and of the columns of its data."""
    rows = [
        {"set": name, "system": system.name} | main_scores(scores)
        for system in story.systems
        for name, scores in system.scores.items()
    ]
    return {
        "title": story.title,
        "scores": rows,
        "verdict": verdict(story),
        "columns": columns,
        "plan": story.plan,
        "settings": story.settings,
        "cost": asdict(story.cost),
        "versions": story.versions,
    }
