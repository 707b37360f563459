"""Train, dev and test sets of texts with what is to be written from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from attendo.data.checks import comparison_notes
from attendo.data.parallel import ParallelReading, read_parallel
from attendo.data.parallel_settings import ParallelDataSettings
from attendo.data.records import noun_of
from attendo.data.sets import SUFFIXES, Splits, find_splits, find_test_set, load_sets
from attendo.data.side_files import joined_files
from attendo.data.sides import Sides
from attendo.data.source_target import SourceTarget


@dataclass(frozen=True, kw_only=True)
class ParallelSplits(Splits[SourceTarget]):
    """The sets, and what is known of both sides."""

    sides: Sides


def load_parallel(
    data: Path | str,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    settings: ParallelDataSettings | None = None,
) -> ParallelSplits:
    """Read the data of a training run; all sets are read in the direction of the training set.

    Args:
        data: what `read_parallel` reads, or a folder with train, dev and test sets of it. A dev set that is missing is
            cut from the training set, and then a missing test set too.

    Raises:
        DataError: a file cannot be used, or there is too little to cut sets from.
        ConfigError: a side is missing, or several could be meant.
    """
    settings = settings or ParallelDataSettings()
    paths = find_splits(data, dev=dev, test=test, joined=lambda folder: joined_files(folder, settings))
    sides: list[Sides] = []

    def read(path: Path) -> ParallelReading:
        reading = read_parallel(path, settings, before=sides[0] if sides else None)
        sides.append(reading.sides)
        return reading

    splits = load_sets(paths, read, settings, compare=_compare)
    return ParallelSplits(**{each.name: getattr(splits, each.name) for each in fields(splits)}, sides=sides[0])


def find_parallel_test_set(path: Path, settings: ParallelDataSettings | None = None) -> Path:
    """What is to be judged on: itself, or the test set of a folder that has one."""
    chosen = settings or ParallelDataSettings()
    return find_test_set(path, SUFFIXES, lambda folder: joined_files(folder, chosen))


def _compare(sets: Mapping[str, Sequence[SourceTarget]]) -> list[str]:
    """What is doubtful, also sources that stand in another set with another target."""
    notes = comparison_notes(sets, classes=False)
    names = list(sets)
    for index, name in enumerate(names):
        for earlier in names[:index]:
            notes += _shared_sources(name, sets[name], earlier, sets[earlier])
    return notes


def _shared_sources(
    name: str, pairs: Sequence[SourceTarget], earlier: str, others: Sequence[SourceTarget]
) -> list[str]:
    whole = {other.key for other in others}
    sources = {other.text.strip(): other for other in reversed(others)}
    shared = [pair for pair in pairs if pair.key not in whole and pair.text.strip() in sources]
    if not shared:
        return []
    such = f"such as {shared[0].place}, like {sources[shared[0].text.strip()].place}"
    count = f"{len(shared):,} of {len(pairs):,}"
    return [f"{name}: {noun_of(pairs)}s whose source has another target in {earlier}: {count} ({such})."]
