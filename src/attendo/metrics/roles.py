"""How well the roles of predicates are found: whole arguments as in CoNLL-2005, or their head words as in CoNLL-2009.

Sentences are sequences of frames: anything with a `predicate` (the number of its word), a `sense`, and `roles` of
`(start, end, label)` in words, `end` exclusive. An argument counts as found where predicate, words and label all agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from attendo.errors import ConfigError, ShapeError
from attendo.metrics.bootstrap import Interval, intervals
from attendo.metrics.classification import ClassScore, ratio
from attendo.metrics.sums import Floats, SumMetric

RolePieces: TypeAlias = Iterable[tuple[int, int, str]]
Argument: TypeAlias = tuple[str, tuple[tuple[int, int], ...]]
"""A label, and the pieces that make up the argument."""

_PREDICATE = "V"
_CONTINUED = "C-"


class FrameLike(Protocol):
    """A predicate with its roles."""

    @property
    def predicate(self) -> int:
        """The number of its word."""
        ...

    @property
    def sense(self) -> str | None:
        """Its roleset, where known."""
        ...

    @property
    def roles(self) -> Sequence[tuple[int, int, str]]:
        """Words from `start` up to, but not including, `end`, and their label."""
        ...


@dataclass(frozen=True, kw_only=True)
class RoleScores:
    """Scores of arguments, and of the predicates that they belong to; what is per role is in the order of `classes`."""

    num_examples: int
    num_predicates: int
    precision: Interval
    recall: Interval
    f1: Interval
    predicate_precision: Interval
    predicate_recall: Interval
    predicate_f1: Interval
    sense_accuracy: Interval | None
    """Share of the predicates with a known sense that were found with that sense; `None` where none is predicted."""
    class_f1: tuple[Interval, ...]
    classes: tuple[ClassScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        fields = asdict(self)
        return fields | {name: list(fields[name]) for name in ("class_f1", "classes")}


def joined_arguments(roles: RolePieces) -> list[Argument]:
    """Arguments as CoNLL-2005 counts them.

    A piece labelled `C-X` continues the last argument `X` that begins before it, and is an argument `X` where there is
    none. The predicate itself, `V`, is no argument.
    """
    pieces: list[tuple[str, list[tuple[int, int]]]] = []
    last: dict[str, list[tuple[int, int]]] = {}
    for start, end, label in sorted(roles, key=lambda role: (role[0], -role[1])):
        name = label.removeprefix(_CONTINUED)
        if name != label and name in last:
            last[name].append((start, end))
        else:
            last[name] = [(start, end)]
            pieces.append((name, last[name]))
    return [(name, tuple(places)) for name, places in pieces if name != _PREDICATE]


def separate_arguments(roles: RolePieces) -> list[Argument]:
    """Arguments as CoNLL-2009 counts them: each marked word is one, under the label that it has."""
    return [(label, ((start, end),)) for start, end, label in roles if label != _PREDICATE]


ARGUMENTS: dict[str, Callable[[RolePieces], list[Argument]]] = {
    "spans": joined_arguments,
    "heads": separate_arguments,
}


def score_frames(
    gold: Sequence[Sequence[FrameLike]],
    predicted: Sequence[Sequence[FrameLike]],
    *,
    arguments: Literal["spans", "heads"] = "spans",
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> RoleScores:
    """Score predicted frames, one sequence of them for each sentence.

    The arguments of a predicate that was not found are missed, and those of one that is none are wrong. (The program of
    CoNLL-2005 leaves the latter out; the two agree wherever predicates are given.) Intervals are over sentences.

    Args:
        arguments: `spans` joins pieces to discontinuous arguments; `heads` is for roles marked on head words.
    """
    if arguments not in ARGUMENTS:
        raise ConfigError(f"`arguments` is `{arguments}`; it may be {' or '.join(ARGUMENTS)}.")
    if len(gold) != len(predicted):
        raise ShapeError(f"There are {len(gold)} gold sentences, but {len(predicted)} predicted ones.")
    read = ARGUMENTS[arguments]
    pairs = [_counted(true, guess, read) for true, guess in zip(gold, predicted, strict=True)]
    labels = sorted({label for hits, guessed, true in pairs for label in (*guessed, *true)})
    table = _Table(labels)
    columns = [np.array([table.row(counts) for counts in pairs]).reshape(len(gold), 3, len(labels))]
    columns.append(np.array([_found(true, guess) for true, guess in zip(gold, predicted, strict=True)], dtype=float))
    measures = _METRICS | {f"class {number}": _class_f1(number) for number in range(len(labels))}
    with_sense = any(frame.sense is not None for guess in predicted for frame in guess)
    if not with_sense:
        measures = {name: metric for name, metric in measures.items() if name != "sense_accuracy"}
    found = intervals(measures, *columns, resamples=resamples, seed=seed, level=level)
    return RoleScores(
        num_examples=len(gold),
        num_predicates=sum(map(len, gold)),
        classes=table.scores(columns[0].sum(axis=0)),
        class_f1=tuple(found.pop(f"class {number}") for number in range(len(labels))),
        sense_accuracy=found.pop("sense_accuracy") if with_sense else None,
        **found,
    )


Counts: TypeAlias = tuple[Counter[str], Counter[str], Counter[str]]
"""For each label how many arguments were found, how many predicted, and how many there are."""


def _counted(
    gold: Sequence[FrameLike], predicted: Sequence[FrameLike], read: Callable[[RolePieces], list[Argument]]
) -> Counts:
    true = Counter((place, argument) for place, frame in _numbered(gold) for argument in read(frame.roles))
    guessed = Counter((place, argument) for place, frame in _numbered(predicted) for argument in read(frame.roles))
    return _by_label(true & guessed), _by_label(guessed), _by_label(true)


def _numbered(frames: Sequence[FrameLike]) -> list[tuple[tuple[int, int], FrameLike]]:
    """Each frame with its predicate, told apart from others of the same word by their order."""
    seen: defaultdict[int, int] = defaultdict(int)
    numbered = []
    for frame in frames:
        numbered.append(((frame.predicate, seen[frame.predicate]), frame))
        seen[frame.predicate] += 1
    return numbered


def _by_label(arguments: Counter[tuple[tuple[int, int], Argument]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (_, (label, _)), count in arguments.items():
        counts[label] += count
    return counts


def _found(gold: Sequence[FrameLike], predicted: Sequence[FrameLike]) -> list[int]:
    """Predicates found, predicted, and there; those with a sense that was found, and with one at all."""
    true, guess = dict(_numbered(gold)), dict(_numbered(predicted))
    senses = {place: frame.sense for place, frame in true.items() if frame.sense is not None}
    right = sum(place in guess and guess[place].sense == sense for place, sense in senses.items())
    return [len(true.keys() & guess.keys()), len(guess), len(true), right, len(senses)]


@dataclass(frozen=True)
class _Table:
    labels: list[str]

    def row(self, counts: Counts) -> list[list[float]]:
        return [[float(count[label]) for label in self.labels] for count in counts]

    def scores(self, sums: Floats) -> tuple[ClassScore, ...]:
        hits, guessed, true = sums
        parts = ratio(hits, guessed), ratio(hits, true), ratio(2 * hits, guessed + true), true
        rows = zip(self.labels, *(part.tolist() for part in parts), strict=True)
        return tuple(
            ClassScore(label=label, precision=precision, recall=recall, f1=f1, support=int(support))
            for label, precision, recall, f1, support in rows
        )


def _terms(arguments: Floats, predicates: Floats) -> Floats:
    """One row a sentence: the five numbers of its predicates, then those of its arguments, label by label."""
    arguments = np.asarray(arguments, dtype=np.float64)
    return np.concatenate([predicates, arguments.reshape(len(arguments), -1)], axis=1)


def _totals(sums: Floats) -> tuple[Floats, Floats, Floats]:
    hits, guessed, true = (part.sum(-1) for part in np.split(sums[..., 5:], 3, axis=-1))
    return hits, guessed, true


def _class_f1(number: int) -> SumMetric[[Floats, Floats]]:
    def f1_of_class(sums: Floats) -> Floats:
        hits, guessed, true = (part[..., number] for part in np.split(sums[..., 5:], 3, axis=-1))
        return ratio(2 * hits, guessed + true)

    return SumMetric(_terms, f1_of_class)


def _precision(sums: Floats) -> Floats:
    hits, guessed, _ = _totals(sums)
    return ratio(hits, guessed)


def _recall(sums: Floats) -> Floats:
    hits, _, true = _totals(sums)
    return ratio(hits, true)


def _f1(sums: Floats) -> Floats:
    hits, guessed, true = _totals(sums)
    return ratio(2 * hits, guessed + true)


_METRICS = {
    "precision": SumMetric(_terms, _precision),
    "recall": SumMetric(_terms, _recall),
    "f1": SumMetric(_terms, _f1),
    "predicate_precision": SumMetric(_terms, lambda sums: ratio(sums[..., 0], sums[..., 1])),
    "predicate_recall": SumMetric(_terms, lambda sums: ratio(sums[..., 0], sums[..., 2])),
    "predicate_f1": SumMetric(_terms, lambda sums: ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])),
    "sense_accuracy": SumMetric(_terms, lambda sums: ratio(sums[..., 3], sums[..., 4])),
}
