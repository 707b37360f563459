"""A model that is ready to be trained, with all that a run must know of it; and how one is made from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attendo.api.settings import RunSettings
from attendo.api.stages import Prepared, fit_path
from attendo.models import TextClassifier
from attendo.tasks import Classifier, ClassifyProblem, Problem, build_model
from attendo.training import Habits

BYTES = 4
"""Of a number that is kept for the gradients."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A model before its training.

    Attributes:
        habits: what to do where the settings are open.
        bytes_per_token: memory that a training step needs for each token, about.
        parts: what the report counts the parameters of.
        at_work: the part whose matrices every token is multiplied with.
        seconds: what was spent on fitting parts that the loop does not train.
        notes: what it is, in sentences.
        warnings: what the user should look at.
        settle: what is left to do when the loop is done; returns what it did, in sentences.
        origin: what attendo.json keeps of where it comes from.
    """

    model: Classifier
    problem: Problem
    habits: Habits
    bytes_per_token: int
    parts: dict[str, nn.Module]
    at_work: nn.Module
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    settle: Callable[[], tuple[str, ...]] = tuple
    origin: dict[str, Any] = field(default_factory=dict)

    def operations(self, tokens: int) -> float:
        """Floating-point operations of training on so many tokens: two for each weight, and four more to learn it."""
        weights = [(name, p) for name, p in self.at_work.named_parameters() if "embedding" not in name.split(".")]
        return float(tokens) * sum(p.numel() * (6 if p.requires_grad else 2) for _, p in weights)

    @property
    def shares(self) -> tuple[float, float] | None:
        """How much the deep and the linear path count, where there are two."""
        network = self.model.network
        if not isinstance(network, TextClassifier):
            return None
        deep, linear = network.shares.tolist()
        return deep, linear


def from_scratch(prepared: Prepared, settings: RunSettings, folder: Path) -> Candidate:
    """attendo's own model, with its linear path fitted and first vectors for its words."""
    path = fit_path(prepared, folder, settings.training.seed)
    torch.manual_seed(settings.training.seed)
    built = build_model(prepared.encoder, prepared.labels, path.model, settings.task, prepared.train.texts)
    shape, network = built.shape, built.network
    assert isinstance(network, TextClassifier)
    note = (
        f"Model: {shape.num_layers} layers of width {shape.d_model}, {shape.num_rows:,} word and n-gram rows, "
        f"{shape.num_features:,} linear features."
    )
    return Candidate(
        model=Classifier(model=built, encoder=prepared.encoder, labels=prepared.labels),
        problem=ClassifyProblem(network, prepared.labels, prepared.train, prepared.dev, settings.task),
        habits=Habits(),
        bytes_per_token=BYTES * shape.num_layers * (20 * shape.d_model + 4 * shape.d_ff),
        parts={"deep path": network.deep, "linear path": network.linear},
        at_work=network.deep,
        seconds=path.seconds,
        notes=(note,),
    )
