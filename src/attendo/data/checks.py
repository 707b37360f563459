"""What must hold before anything can be learnt, and what is only worth knowing: repeats, leaks and contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from attendo.data.examples import Example
from attendo.data.joined_labels import joining_sign
from attendo.data.records import AnyRecord, Record, noun_of
from attendo.errors import DataError


def check_classes(examples: Sequence[Example], path: Path) -> None:
    """Refuse a training set of one class, or with a class of one example.

    Raises:
        DataError: naming the classes and where they stand.
    """
    counts = Counter(label for example in examples for label in example.labels)
    if len(counts) < 2 and all(len(example.labels) == 1 for example in examples):
        raise DataError(
            f"all {len(examples):,} rows have the label `{next(iter(counts), '')}`; at least two labels are needed.",
            path=path,
        )
    single = [label for label, count in counts.items() if count == 1]
    if single:
        found = {label: example for example in examples for label in example.labels}
        named = ", ".join(f"`{label}` ({found[label].place})" for label in single[:5])
        more = f" and {len(single) - 5:,} others" if len(single) > 5 else ""
        if len(single) > max(5, len(counts) / 2):
            way_out = "Is this the right column? Name another one with `label`."
        elif (found[single[0]].path, found[single[0]].line) == (path, 1):
            way_out = "If line 1 names the columns, set `header` to true."
        elif (sign := joining_sign(counts)) is not None:
            way_out = f"If a text may have several labels, set `label_separator` to `{sign}`."
        else:
            way_out = "Add rows, join classes, or leave them out with `skip_labels`."
        raise DataError(f"only one row has the label {named}{more}. {way_out}", path=path)


def comparison_notes(sets: Mapping[str, Sequence[Record]], *, classes: bool = True) -> list[str]:
    """Sentences on records that repeat within a set, between sets, or with another label, and on unknown classes.

    Args:
        classes: whether labels are classes, which the training set must know all.
    """
    notes = [note for name, examples in sets.items() for note in _repeats(name, examples)]
    names = list(sets)
    for index, name in enumerate(names):
        for earlier in names[:index]:
            notes += _leaks(name, sets[name], earlier, sets[earlier])
    notes += _contradictions([example for examples in sets.values() for example in examples])
    if not classes:
        return notes
    known = {label for example in sets.get("train", ()) for label in example.labels}
    for name in names[1:]:
        unknown = Counter(label for example in sets[name] for label in example.labels if label not in known)
        nouns = f"{noun_of(sets[name])}s"
        for label, count in unknown.items():
            notes.append(f"{name}: {count:,} of its {nouns} have the label `{label}`, which train does not have.")
    return notes


def repeated(examples: Sequence[AnyRecord]) -> list[tuple[AnyRecord, AnyRecord]]:
    """Each example whose text came before, after the one it repeats."""
    first: dict[tuple[str, str | None], AnyRecord] = {}
    return [
        (first[key], example) for example in examples if first.setdefault(key := example.key, example) is not example
    ]


def contradicting(examples: Sequence[AnyRecord]) -> list[tuple[AnyRecord, AnyRecord]]:
    """The texts that occur with different labels: the first example of each, and the first that differs from it."""
    found: dict[tuple[str, str | None], tuple[AnyRecord, AnyRecord]] = {}
    for first, second in repeated(examples):
        if set(first.labels) != set(second.labels):
            found.setdefault(first.key, (first, second))
    return list(found.values())


def _repeats(name: str, examples: Sequence[Record]) -> list[str]:
    pairs = repeated(examples)
    if not pairs:
        return []
    return [f"{name}: {noun_of(examples)}s that repeat an earlier one: {len(pairs):,} ({_such(*pairs[0])})."]


def _leaks(name: str, examples: Sequence[Record], earlier: str, others: Sequence[Record]) -> list[str]:
    known = {example.key: example for example in reversed(others)}
    shared = [(known[key], example) for example in examples if (key := example.key) in known]
    if not shared:
        return []
    nouns, count = f"{noun_of(examples)}s", f"{len(shared):,} of {len(examples):,}"
    return [f"{name}: {nouns} that stand in {earlier} too: {count} ({_such(*shared[0])}). They flatter the score."]


def _contradictions(records: Sequence[Record]) -> list[str]:
    pairs = contradicting(records)
    if not pairs:
        return []
    first, second = pairs[0]
    said = " and ".join(f"{_shown(example.labels)} in {example.place}" for example in (first, second))
    nouns = f"{noun_of(records)}s".capitalize()
    return [f"{nouns} that occur with different labels: {len(pairs):,} (such as {said})."]


def _shown(labels: Sequence[str]) -> str:
    return f"`{', '.join(labels)}`" if labels else "none"


def _such(first: Record, second: Record) -> str:
    return f"such as {second.place}, equal to {first.place}"
