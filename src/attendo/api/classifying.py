"""`train`: from labelled files to a trained, measured, saved model, with the models beside it that it must beat."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attendo.api.candidates import Candidate, from_scratch
from attendo.api.cost import Meter, versions
from attendo.api.fine_tuning import find_base, on_base
from attendo.api.run_folder import RunFolder
from attendo.api.settings import RunSettings
from attendo.api.stages import (
    Linear,
    Prepared,
    against,
    class_counts,
    fit_reference,
    linear_probabilities,
    majority_scores,
    prepare,
)
from attendo.configuration import to_mapping
from attendo.data import Columns, Example, Splits, load_splits
from attendo.errors import ConfigError, InputError
from attendo.report import Story, System, hardest_cases, verdict, write_report
from attendo.tasks import (
    Base,
    Classifier,
    EncodedTexts,
    LabelledTexts,
    encode_examples,
    look,
    score_chances,
    texts_of,
)
from attendo.training import (
    Event,
    Listener,
    Loop,
    Note,
    Outcome,
    Plan,
    Warned,
    choose_device,
    cpu_threads,
    make_plan,
    silent,
)

LOOKED_AT = 500
"""Dev texts over which the report says what attention looks at."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Result:
    """A trained model, where it was saved, and the story of its training."""

    model: Classifier
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
    settings: RunSettings | None = None,
    overwrite: bool = False,
    tell: Listener = silent,
) -> Result:
    """Train a model on labelled files and save it; a run that was stopped goes on where it was.

    Args:
        task: "classify".
        data: a labelled file, a folder with train, dev and test files, or one with a folder for each class.
        out: the model folder; it must be new, or hold this very run unfinished.
        base: the folder of a pretrained model to train on, such as BERT's; by default, or as the settings say, none.
        tell: hears what is chosen, how far the run is, and its scores.
    Raises:
        DataError: if the data cannot be used.
        ConfigError: if there is no such task, or a setting is impossible.
        InputError: if `out` holds something else, or another run is at work in it, or it is the base itself.
        ModelFolderError: if the base is no model that can be trained on.
        DivergedError: if the loss is no longer a number.
        StorageError: if the disk refuses a file; what was finished is kept.
    """
    if task not in TASKS:
        raise ConfigError(f"There is no task `{task}`. There are: {', '.join(TASKS)}.")
    settings = settings or RunSettings()
    if base is not None:
        name = str(base.absolute()) if isinstance(base, Path) else base  # a path is never a name on the hub
        settings = replace(settings, task=replace(settings.task, base=name))
    choose_device(settings.training.device)
    found = find_base(settings)
    if found is not None:  # however it was spelled
        settings = replace(settings, task=replace(settings.task, base=str(found.folder)))
    if found is not None and found.folder.resolve() == Path(out).resolve():
        raise InputError(f"{out} is the base itself. Choose another folder for the model.")
    splits = load_splits(data, dev=dev, test=test, settings=settings.data)
    with RunFolder.claimed(
        Path(out), settings, splits, origin=None if found is None else found.checksums, overwrite=overwrite
    ) as folder:
        run = _Run(folder=folder, settings=settings, splits=splits, base=found, tell=tell, meter=Meter(folder))
        return run.go()


TASKS = ("classify",)


@dataclass(frozen=True, kw_only=True)
class _Run:
    folder: RunFolder
    settings: RunSettings
    splits: Splits
    base: Base | None
    tell: Listener
    meter: Meter
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def go(self) -> Result:
        """All stages in turn."""
        self._describe_data()
        prepared = prepare(self.splits, self.settings.task, self.base)
        linear = fit_reference(prepared, self.folder.path, self.settings.training.seed)
        candidate = self._candidate(prepared)
        plan = self._plan(candidate)
        started = time.monotonic()
        with cpu_threads(plan.threads):
            outcome = Loop(candidate.problem, plan, self.folder.path, self._hear).run()
            seconds = max(outcome.seconds, time.monotonic() - started)
            for note in candidate.settle():
                self._note(note)
            story = self._story(prepared, linear, candidate, plan, outcome, seconds)
        model = candidate.model
        model.card.update(_card(story, self.splits.columns) | candidate.origin)
        model.network.cpu()
        model.save(self.folder.out, overwrite=True)
        write_report(story, self.folder.out / "report.html")
        self.folder.close()
        return Result(model=model, story=story, folder=self.folder.out)

    def _describe_data(self) -> None:
        for note in self.splits.notes:
            self._note(note)
        for warning in self.splits.warnings:
            self._warn(warning)
        sizes = ", ".join(f"{len(each):,} {name}" for name, each in self._sets().items())
        labels = {label for example in self.splits.train for label in example.labels}
        self._note(f"Texts: {sizes}; {len(labels)} labels.")

    def _candidate(self, prepared: Prepared) -> Candidate:
        if self.base is None:
            candidate = from_scratch(prepared, self.settings, self.folder.path)
        else:
            candidate = on_base(self.base, prepared, self.splits, self.settings)
        for note in candidate.notes:
            self._note(note)
        for warning in candidate.warnings:
            self._warn(warning)
        return candidate

    def _plan(self, candidate: Candidate) -> Plan:
        plan = self.folder.read_plan()
        if plan is not None:
            choose_device(plan.device)  # it may go on on another machine
        else:
            size, habits = candidate.bytes_per_token, candidate.habits
            plan = make_plan(candidate.problem, self.settings.training, bytes_per_token=size, habits=habits)
            self.folder.write_plan(plan)
        for reason in plan.reasons:
            self._note(reason)
        return plan

    def _story(
        self, prepared: Prepared, linear: Linear, candidate: Candidate, plan: Plan, outcome: Outcome, seconds: float
    ) -> Story:
        """Score all systems on the dev texts, and once on the test texts."""
        sets = self._sets()
        del sets["train"]
        labels, model = prepared.labels, candidate.model
        systems = (
            System(name="majority class", scores={}, seconds=0.0),
            System(name="linear n-grams", scores={}, seconds=linear.seconds),
            System(name="attendo", scores={}, seconds=seconds + candidate.seconds),
        )
        for name, examples in sets.items():
            texts = prepared.dev if name == "dev" else encode_examples(prepared.encoder, labels, examples)
            chances = self._chances(prepared, linear, model, texts, examples)
            for system, found in zip(systems, chances, strict=True):
                system.scores[name] = score_chances(texts.labels, found, labels)
        return Story(
            title=f"classify: {self.folder.out.name}",
            labels=labels.names,
            sizes={name: len(examples) for name, examples in self._sets().items()},
            class_counts=class_counts(self._sets()),
            systems=systems,
            against_linear=against(texts.labels, chances[2], chances[1], labels.several),
            history=outcome.history,
            best_epoch=outcome.best_epoch,
            hardest=hardest_cases(examples, texts.labels, chances[2], labels.names),
            attention=look(model.network, model.encoder, sets["dev"][:LOOKED_AT]),
            shares=candidate.shares,
            parameters={part: sum(p.numel() for p in each.parameters()) for part, each in candidate.parts.items()},
            settings=to_mapping(self.settings),
            plan=asdict(plan),
            notes=tuple(self.notes),
            warnings=tuple(self.warnings),
            cost=self.meter.cost(candidate.operations(outcome.tokens), outcome.tokens),
            versions=versions(),
        )

    def _chances(
        self,
        prepared: Prepared,
        linear: Linear,
        model: Classifier,
        texts: LabelledTexts[EncodedTexts],
        examples: list[Example],
    ) -> tuple[Floats, Floats, Floats]:
        """What the majority class, the linear model and the trained model say."""
        several, encoder = prepared.labels.several, model.encoder
        own = texts.texts if encoder is prepared.encoder else encoder.encode(*texts_of(examples))
        return (
            majority_scores(prepared.train, len(examples), prepared.labels),
            linear_probabilities(linear.model, texts, several),
            model.chances(own),
        )

    def _sets(self) -> dict[str, list[Example]]:
        splits = self.splits
        sets = {"train": list(splits.train), "dev": list(splits.dev), "test": list(splits.test)}
        return {name: examples for name, examples in sets.items() if examples}

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._hear(Note(text=text))

    def _warn(self, text: str) -> None:
        self.warnings.append(text)
        self._hear(Warned(text=text))

    def _hear(self, event: Event) -> None:
        self.meter.keep()
        self.tell(event)


def _card(story: Story, columns: Columns | None) -> dict:
    """What attendo.json and the model card keep of the story, and of the columns of its data."""
    rows = [
        {"set": name, "system": system.name} | {key: value for key, value in scores.as_dict().items() if key in _KEPT}
        for system in story.systems
        for name, scores in system.scores.items()
    ]
    return {
        "title": story.title,
        "scores": rows,
        "verdict": verdict(story),
        "columns": {role: getattr(columns, role, None) for role in ("text", "pair", "label")},
        "plan": story.plan,
        "settings": story.settings,
        "cost": asdict(story.cost),
        "versions": story.versions,
    }


_KEPT = ("accuracy", "exact_match", "macro_f1", "micro_f1", "matthews_correlation", "calibration_error")
