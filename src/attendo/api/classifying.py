"""`train`: from labelled files to a trained, measured, saved model, with the models beside it that it must beat."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.api.cost import Meter, versions
from attendo.api.run_folder import RunFolder
from attendo.api.settings import RunSettings
from attendo.api.stages import (
    Linear,
    Prepared,
    against,
    class_counts,
    fit_linear,
    linear_probabilities,
    majority_scores,
    prepare,
)
from attendo.configuration import to_mapping
from attendo.data import Columns, Example, Splits, load_splits
from attendo.errors import ConfigError
from attendo.models import TextClassifier
from attendo.report import Story, System, hardest_cases, verdict, write_report
from attendo.tasks import Classifier, ClassifyProblem, LabelledTexts, build_model, encode_examples, look, score_chances
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
    settings: RunSettings | None = None,
    overwrite: bool = False,
    tell: Listener = silent,
) -> Result:
    """Train a model on labelled files and save it; a run that was stopped goes on where it was.

    Args:
        task: "classify".
        data: a labelled file, a folder with train, dev and test files, or one with a folder for each class.
        out: the model folder; it must be new, or hold this very run unfinished.
        tell: hears what is chosen, how far the run is, and its scores.
    Raises:
        DataError: if the data cannot be used.
        ConfigError: if there is no such task, or a setting is impossible.
        InputError: if `out` holds something else, or another run is at work in it.
        DivergedError: if the loss is no longer a number.
        StorageError: if the disk refuses a file; what was finished is kept.
    """
    if task not in TASKS:
        raise ConfigError(f"There is no task `{task}`. There are: {', '.join(TASKS)}.")
    settings = settings or RunSettings()
    choose_device(settings.training.device)
    splits = load_splits(data, dev=dev, test=test, settings=settings.data)
    with RunFolder.claimed(Path(out), settings, splits, overwrite=overwrite) as folder:
        return _Run(folder=folder, settings=settings, splits=splits, tell=tell, meter=Meter(folder)).go()


TASKS = ("classify",)


@dataclass(frozen=True, kw_only=True)
class _Run:
    folder: RunFolder
    settings: RunSettings
    splits: Splits
    tell: Listener
    meter: Meter
    notes: list[str] = field(default_factory=list)

    def go(self) -> Result:
        """All stages in turn."""
        self._describe_data()
        prepared = prepare(self.splits, self.settings.task)
        linear = fit_linear(prepared, self.folder.path, self.settings.training.seed)
        problem, model = self._problem(prepared, linear)
        plan = self._plan(problem, model)
        started = time.monotonic()
        with cpu_threads(plan.threads):
            outcome = Loop(problem, plan, self.folder.path, self._hear).run()
            seconds = max(outcome.seconds, time.monotonic() - started)
            story = self._story(prepared, linear, model, plan, outcome, seconds)
        model.card.update(_card(story, self.splits.columns))
        model.network.cpu()
        model.save(self.folder.out)
        write_report(story, self.folder.out / "report.html")
        self.folder.close()
        return Result(model=model, story=story, folder=self.folder.out)

    def _describe_data(self) -> None:
        for note in self.splits.notes:
            self._note(note)
        for warning in self.splits.warnings:
            self._hear(Warned(text=warning))
        sizes = ", ".join(f"{len(each):,} {name}" for name, each in self._sets().items())
        labels = {label for example in self.splits.train for label in example.labels}
        self._note(f"Texts: {sizes}; {len(labels)} labels.")

    def _problem(self, prepared: Prepared, linear: Linear) -> tuple[ClassifyProblem, Classifier]:
        torch.manual_seed(self.settings.training.seed)
        task = self.settings.task
        built = build_model(prepared.encoder, prepared.labels, linear.path, task, prepared.train.texts)
        model = Classifier(model=built, encoder=prepared.encoder, labels=prepared.labels)
        network, shape = _network(model), built.shape
        problem = ClassifyProblem(network, prepared.labels, prepared.train, prepared.dev, task)
        self._note(
            f"Model: {shape.num_layers} layers of width {shape.d_model}, {shape.num_rows:,} word and n-gram rows, "
            f"{shape.num_features:,} linear features."
        )
        return problem, model

    def _plan(self, problem: ClassifyProblem, model: Classifier) -> Plan:
        plan = self.folder.read_plan()
        if plan is not None:
            choose_device(plan.device)  # it may go on on another machine
        else:
            width = model.model.shape.num_layers * (20 * model.model.shape.d_model + 4 * model.model.shape.d_ff)
            plan = make_plan(problem, self.settings.training, bytes_per_token=4 * width)
            self.folder.write_plan(plan)
        for reason in plan.reasons:
            self._note(reason)
        return plan

    def _story(
        self, prepared: Prepared, linear: Linear, model: Classifier, plan: Plan, outcome: Outcome, seconds: float
    ) -> Story:
        """Score all systems on the dev texts, and once on the test texts."""
        sets = self._sets()
        del sets["train"]
        labels, network = prepared.labels, _network(model)
        systems: dict[str, System] = {
            "majority class": System(name="majority class", scores={}, seconds=0.0),
            "linear n-grams": System(name="linear n-grams", scores={}, seconds=linear.seconds[0]),
            "attendo": System(name="attendo", scores={}, seconds=seconds + linear.seconds[1]),
        }
        for name, examples in sets.items():
            texts = prepared.dev if name == "dev" else encode_examples(prepared.encoder, labels, examples)
            chances = self._chances(prepared, linear, model, texts, examples)
            for system, found in zip(systems.values(), chances, strict=True):
                system.scores[name] = score_chances(texts.labels, found, labels)
        parameters = {
            "deep path": sum(p.numel() for p in network.deep.parameters()),
            "linear path": sum(p.numel() for p in network.linear.parameters()),
        }
        operations = (
            6.0
            * outcome.tokens
            * sum(p.numel() for name, p in network.deep.named_parameters() if not name.startswith("embedding"))
        )
        shares = network.shares.tolist()
        return Story(
            title=f"classify: {self.folder.out.name}",
            labels=labels.names,
            sizes={name: len(examples) for name, examples in self._sets().items()},
            class_counts=class_counts(self._sets()),
            systems=tuple(systems.values()),
            against_linear=against(texts.labels, chances[2], chances[1], labels.several),
            history=outcome.history,
            best_epoch=outcome.best_epoch,
            hardest=hardest_cases(examples, texts.labels, chances[2], labels.names),
            attention=look(network, prepared.encoder, sets["dev"][:LOOKED_AT]),
            shares=(shares[0], shares[1]),
            parameters=parameters,
            settings=to_mapping(self.settings),
            plan=asdict(plan),
            notes=tuple(self.notes),
            warnings=self.splits.warnings,
            cost=self.meter.cost(operations, outcome.tokens),
            versions=versions(),
        )

    def _chances(
        self, prepared: Prepared, linear: Linear, model: Classifier, texts: LabelledTexts, examples: list[Example]
    ) -> tuple[Floats, Floats, Floats]:
        """What the majority class, the linear model and the trained model say."""
        several = prepared.labels.several
        return (
            majority_scores(prepared.train, len(examples), prepared.labels),
            linear_probabilities(linear.baseline, texts, several),
            model.chances(texts.texts),
        )

    def _sets(self) -> dict[str, list[Example]]:
        splits = self.splits
        sets = {"train": list(splits.train), "dev": list(splits.dev), "test": list(splits.test)}
        return {name: examples for name, examples in sets.items() if examples}

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._hear(Note(text=text))

    def _hear(self, event: Event) -> None:
        self.meter.keep()
        self.tell(event)


def _network(model: Classifier) -> TextClassifier:
    """The network that is trained from scratch, with its two paths."""
    assert isinstance(model.network, TextClassifier)
    return model.network


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
