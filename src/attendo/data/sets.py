"""Train, dev and test sets of records of any kind: found in a folder, named one by one, or cut from one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from attendo.data.checks import comparison_notes
from attendo.data.columns import Columns
from attendo.data.cuts import CutSettings, split_examples
from attendo.data.formats import FORMATS, plain_suffix
from attendo.data.formats.folders import is_class_folder, visible
from attendo.data.frame_formats.catalog import FRAME_SUFFIXES
from attendo.data.readings import Reading
from attendo.data.records import AnyRecord, Record, noun_of
from attendo.data.tag_settings import TAGGED_SUFFIXES
from attendo.errors import DataError

_ROLES = {
    "train": ("train", "training"),
    "dev": ("dev", "devel", "development", "valid", "validation", "val", "trial"),
    "test": ("test", "testing"),
}

SUFFIXES = frozenset(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
"""What files with rows of texts and labels are called."""

TELLING_SUFFIXES = {
    "tag": frozenset(TAGGED_SUFFIXES) - SUFFIXES - frozenset(FRAME_SUFFIXES),
    "roles": frozenset(FRAME_SUFFIXES) - SUFFIXES - frozenset(TAGGED_SUFFIXES),
}
"""What files of one task alone are called."""


Joined = Callable[[Path], Mapping[Path, Collection[Path]]]
"""Finds the sets of a folder that are several files each, by the path that stands for them."""


@dataclass(frozen=True, kw_only=True)
class Splits(Generic[AnyRecord]):
    """Records to learn from, to choose by, and to be judged by; `test` is empty where there is none."""

    train: tuple[AnyRecord, ...]
    dev: tuple[AnyRecord, ...]
    test: tuple[AnyRecord, ...] = ()
    columns: Columns | None = None
    """The columns of the training set, where the records are rows of a table."""
    notes: tuple[str, ...] = ()
    """What was guessed, left out and cut, as sentences."""
    warnings: tuple[str, ...] = ()
    """What is doubtful, as sentences."""
    numbers: bool = False
    """Whether labels are numbers to be predicted as such, rather than classes."""

    def present(self) -> dict[str, list[AnyRecord]]:
        """The sets that are not empty, by their names."""
        sets = {"train": self.train, "dev": self.dev, "test": self.test}
        return {name: list(records) for name, records in sets.items() if records}


def load_sets(
    paths: Mapping[str, Path],
    read: Callable[[Path], Reading[AnyRecord]],
    cutting: CutSettings,
    check: Callable[[Sequence[AnyRecord], Path], None] = lambda records, path: None,
    compare: Callable[[Mapping[str, Sequence[AnyRecord]]], list[str]] = comparison_notes,
    classes: Callable[[], bool] = lambda: True,
) -> Splits[AnyRecord]:
    """Read the sets that are there, and cut those that are missing from the training set.

    Args:
        paths: of the sets by the names `train`, `dev` and `test`, in this order.
        read: reads a file, gathering what is wrong with it.
        check: raises where the training set, whole or cut, cannot be learnt from.
        compare: what is doubtful about the sets, as sentences.
        classes: whether labels are classes rather than numbers; asked after the check.
    Raises:
        DataError: a file cannot be used, or there is too little to cut sets from.
    """
    sets: dict[str, list[AnyRecord]] = {}
    notes: list[str] = []
    columns: dict[str, Columns | None] = {}
    for name, path in paths.items():
        reading = read(path)
        sets[name], columns[name] = reading.sound(), reading.columns
        notes += reading.notes(path)
    check(sets["train"], paths["train"])
    if "dev" not in sets:
        test_fraction = 0.0 if "test" in sets else cutting.test_fraction
        train, dev, test = split_examples(
            sets["train"],
            dev_fraction=cutting.dev_fraction,
            test_fraction=test_fraction,
            seed=cutting.seed,
            classes=classes(),
        )
        had, left = ({label for record in records for label in record.labels} for records in (sets["train"], train))
        if not dev or not train or (test_fraction and not test) or len(left) < min(2, len(had)):
            raise DataError(
                f"{_counted(sets['train'])} too few to set some apart{_repeats(sets['train'])}, or give a dev set.",
                path=paths["train"],
            )
        sets = {"train": train, "dev": dev, "test": sets.get("test", test)}
        test_too = f" and {len(test):,} for test" if test else ""
        nouns = f"{noun_of([*train, *dev, *test])}s"
        notes.append(f"Set apart {len(dev):,} of the {nouns} of {paths['train']} for dev{test_too}.")
    present = {name: sets[name] for name in _ROLES if sets.get(name)}
    return Splits(
        train=tuple(sets["train"]),
        dev=tuple(sets["dev"]),
        test=tuple(sets.get("test", ())),
        columns=columns["train"],
        notes=tuple(notes),
        warnings=tuple(compare(present)),
    )


def _counted(rows: Sequence[object]) -> str:
    return "1 row is" if len(rows) == 1 else f"{len(rows):,} rows are"


def _repeats(records: Sequence[Record]) -> str:
    """How many different records there are, where some repeat, and what to add."""
    groups, different = len({record.group for record in records}), len({record.key for record in records})
    if groups == len(records):
        return "; add rows"
    if groups < different:
        held = f"{groups:,} group{'s' if groups > 1 else ''} that stay{'s' * (groups == 1)} together"
        such = "all questions about a passage" if noun_of(records) == "question" else "all of the same source"
        return f", as they fall into only {held}, such as {such}; add others"
    held = f"{different:,} different {noun_of(records)}{'s' if different > 1 else ''}"
    return f", as they hold only {held} and equal ones stay together; add others"


def find_splits(
    data: Path | str,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    suffixes: Collection[str] = SUFFIXES,
    joined: Joined = lambda folder: {},
) -> dict[str, Path]:
    """The files, or folders of class folders, that hold the sets, by the names `train`, `dev` and `test`.

    Args:
        suffixes: what files of a folder may be called to be taken for sets.
        joined: the sets of a folder that are several files each, by the path that stands for them; if there is one
            alone, it is the training set whatever its name.
    Raises:
        DataError: a folder holds no training set, or several that could be it.
    """
    data = Path(data)
    given = {name: Path(path) for name, path in (("dev", dev), ("test", test)) if path is not None}
    if not data.is_dir():
        return {"train": data} | given
    several = joined(data)
    candidates = {name: _candidates(data, name, suffixes, several) for name in _ROLES}
    if candidates["train"]:
        return {name: _only(paths, name) for name, paths in candidates.items() if paths and name not in given} | given
    if len(several) == 1 and not any(candidates.values()):
        return {"train": next(iter(several))} | given
    if is_class_folder(data):
        return {"train": data} | given
    raise DataError(_no_training_set(data, suffixes), path=data)


def _no_training_set(folder: Path, suffixes: Collection[str]) -> str:
    """What is missing, and for which task the training file that is there seems to be."""
    for entry in _candidates(folder, "train", None, {}):
        meant = [task for task, names in TELLING_SUFFIXES.items() if plain_suffix(entry) in names]
        if meant:
            return f"{entry.name} is called like a file of another task; did you mean the task `{meant[0]}`?"
    held = ", ".join(entry.name for entry in visible(folder)[:10]) or "nothing"
    known = ", ".join(sorted(suffixes))
    return (
        f"this folder has neither a train file nor a folder for each class; it holds {held}. "
        f"Name the file, or call it train, with one of the known suffixes: {known}."
    )


def find_test_set(path: Path, suffixes: Collection[str] = SUFFIXES, joined: Joined = lambda folder: {}) -> Path:
    """The file to be judged on: itself, or the test set of a folder that has one."""
    return find_splits(path, suffixes=suffixes, joined=joined).get("test", path) if path.is_dir() else path


def _candidates(
    folder: Path, role: str, suffixes: Collection[str] | None, joined: Mapping[Path, Collection[Path]]
) -> list[Path]:
    """What may be the set: those called so exactly, or else those with the word in their names.

    Args:
        suffixes: what files may be called; `None` if that is open.
    """
    words = _ROLES[role]
    inside = {file for files in joined.values() for file in files}
    stems = {entry: _stem(entry) for entry in visible(folder) if _may_be_set(entry, suffixes) and entry not in inside}
    folders = {entry for entry in stems if entry.is_dir()}
    stems |= {path: path.name.lower() for path in joined}
    exact = [entry for entry, stem in stems.items() if stem in words]
    named = {entry: set(re.split(r"[^a-z]+", stem)) for entry, stem in stems.items() if entry not in folders}
    return exact or [entry for entry, parts in named.items() if parts.intersection(words)]


def _may_be_set(entry: Path, suffixes: Collection[str] | None) -> bool:
    return entry.is_dir() or suffixes is None or plain_suffix(entry) in suffixes


def _stem(entry: Path) -> str:
    name = entry.name.lower().removesuffix(".gz")
    return name if entry.is_dir() else name.removesuffix(plain_suffix(entry))


def _only(paths: list[Path], role: str) -> Path:
    if len(paths) > 1:
        named = ", ".join(path.name for path in paths)
        raise DataError(
            f"several files may be the {role} set: {named}. Name the training file, and `dev` and `test`, one by one.",
            path=paths[0].parent,
        )
    return paths[0]
