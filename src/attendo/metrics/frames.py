"""Predicates and roles scored twice: with the predicates given, and with those that a model has found itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from attendo.metrics.bootstrap import Interval, PairedDifference
from attendo.metrics.classification import ClassScore
from attendo.metrics.roles import ARGUMENTS, FrameLike, RoleScores
from attendo.metrics.tagging import paired_f1
from attendo.spans import LabelledSpan

Frames = Sequence[Sequence[FrameLike]]


@dataclass(frozen=True, kw_only=True)
class FrameScores:
    """Scores of roles with the right predicates given, and with found ones; what is per role is of given ones."""

    given: RoleScores
    found: RoleScores

    @property
    def num_examples(self) -> int:
        """Sentences."""
        return self.given.num_examples

    @property
    def f1(self) -> Interval:
        """Of arguments, predicates given."""
        return self.given.f1

    @property
    def precision(self) -> Interval:
        """Of arguments, predicates given."""
        return self.given.precision

    @property
    def recall(self) -> Interval:
        """Of arguments, predicates given."""
        return self.given.recall

    @property
    def sense_accuracy(self) -> Interval | None:
        """Share of given predicates with the right sense; none where no sense is known."""
        return self.given.sense_accuracy

    @property
    def found_f1(self) -> Interval:
        """Of arguments, predicates found."""
        return self.found.f1

    @property
    def found_precision(self) -> Interval:
        """Of arguments, predicates found."""
        return self.found.precision

    @property
    def found_recall(self) -> Interval:
        """Of arguments, predicates found."""
        return self.found.recall

    @property
    def predicate_f1(self) -> Interval:
        """Of the predicates that were found."""
        return self.found.predicate_f1

    @property
    def predicate_precision(self) -> Interval:
        """Of the predicates that were found."""
        return self.found.predicate_precision

    @property
    def predicate_recall(self) -> Interval:
        """Of the predicates that were found."""
        return self.found.predicate_recall

    @property
    def classes(self) -> tuple[ClassScore, ...]:
        """Role by role, predicates given."""
        return self.given.classes

    @property
    def class_f1(self) -> tuple[Interval, ...]:
        """Role by role, predicates given."""
        return self.given.class_f1

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        return {"given": self.given.as_dict(), "found": self.found.as_dict()}


def paired_roles(
    gold: Frames, ours: Frames, theirs: Frames, *, arguments: Literal["spans", "heads"] = "spans"
) -> PairedDifference:
    """By how much the F1 of our arguments is above that of theirs, in the same sentences."""
    read = ARGUMENTS[arguments]

    def listed(frames: Frames) -> list[list[LabelledSpan]]:
        return [
            [
                LabelledSpan(*places[0], f"{frame.predicate} {label} {places}")
                for frame in sentence
                for label, places in read(frame.roles)
            ]
            for sentence in frames
        ]

    return paired_f1(listed(gold), listed(ours), listed(theirs))
