"""Train, dev and test sets: found in a folder, named one by one, or cut from one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from attendo.data.checks import check_classes, comparison_notes
from attendo.data.columns import Columns
from attendo.data.cuts import split_examples
from attendo.data.examples import Example, read_file
from attendo.data.formats import FORMATS, plain_suffix, read_rows
from attendo.data.formats.folders import is_class_folder, visible
from attendo.data.settings import DataSettings
from attendo.errors import DataError

_ROLES = {
    "train": ("train", "training"),
    "dev": ("dev", "devel", "development", "valid", "validation", "val", "trial"),
    "test": ("test", "testing"),
}
_PEEK = 100  # rows that show which columns a file has


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Examples to learn from, to choose by, and to be judged by; `test` is empty where there is none."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...] = ()
    columns: Columns | None = None
    """The columns of the training set."""
    notes: tuple[str, ...] = ()
    """What was guessed, left out and cut, as sentences."""
    warnings: tuple[str, ...] = ()
    """What is doubtful, as sentences."""


def load_splits(
    data: Path | str,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    settings: DataSettings | None = None,
) -> Splits:
    """Read the data of a training run.

    Args:
        data: a labelled file, a folder with train, dev and test sets, or a folder of one folder for each class. A dev
            set that is missing is cut from the training set, and then a missing test set too.

    Raises:
        DataError: a file cannot be used, or the training set cannot be learnt from.
        ConfigError: a column is missing, or cannot be guessed.
    """
    settings = settings or DataSettings()
    paths = find_splits(data, dev=dev, test=test)
    sets, columns, notes = _read_sets(paths, settings)
    check_classes(sets["train"], paths["train"])
    if "dev" not in sets:
        test_fraction = 0.0 if "test" in sets else settings.test_fraction
        train, cut_dev, cut_test = split_examples(
            sets["train"], dev_fraction=settings.dev_fraction, test_fraction=test_fraction, seed=settings.seed
        )
        left = {label for example in train for label in example.labels}
        if not cut_dev or (test_fraction and not cut_test) or len(left) < 2:
            raise DataError(
                f"{len(sets['train'])} rows are too few to set some apart; add rows, or give a dev set.",
                path=paths["train"],
            )
        sets = {"train": train, "dev": cut_dev, "test": sets.get("test", cut_test)}
        test_too = f" and {len(cut_test):,} for test" if cut_test else ""
        notes.append(f"Set apart {len(cut_dev):,} of the rows of {paths['train']} for dev{test_too}.")
    present = {name: sets[name] for name in _ROLES if sets.get(name)}
    return Splits(
        train=tuple(sets["train"]),
        dev=tuple(sets["dev"]),
        test=tuple(sets.get("test", ())),
        columns=columns,
        notes=tuple(notes),
        warnings=tuple(comparison_notes(present)),
    )


def find_splits(data: Path | str, *, dev: Path | str | None = None, test: Path | str | None = None) -> dict[str, Path]:
    """The files, or folders of class folders, that hold the sets, by the names `train`, `dev` and `test`.

    Raises:
        DataError: a folder holds no training set, or several that could be it.
    """
    data = Path(data)
    given = {name: Path(path) for name, path in (("dev", dev), ("test", test)) if path is not None}
    if not data.is_dir():
        return {"train": data} | given
    candidates = {name: _candidates(data, name) for name in _ROLES}
    if candidates["train"]:
        return {name: _only(paths, name) for name, paths in candidates.items() if paths and name not in given} | given
    if is_class_folder(data):
        return {"train": data} | given
    held = ", ".join(entry.name for entry in visible(data)[:10]) or "nothing"
    raise DataError(
        f"this folder has neither a train file nor a folder for each class; it holds {held}. "
        "Name the file, or call it train, with one of the known suffixes.",
        path=data,
    )


def later_settings(settings: DataSettings, columns: Columns) -> DataSettings:
    """The settings for the sets after the first, so that nothing is guessed twice."""
    header = False if columns.numbered and settings.header is None else settings.header
    return replace(settings, text=columns.text, pair=columns.pair, label=columns.label, header=header)


def familiar_settings(
    settings: DataSettings, path: Path, before: Mapping[str, str | None], *, labelled: bool = True
) -> DataSettings:
    """The settings with the columns of an earlier file, where this one has them and none are given.

    Args:
        before: the earlier columns by what they held: `text`, `pair`, `label`. The texts go together.
        labelled: whether rows must have labels.
    """
    given = {role: getattr(settings, role) for role in ("text", "pair", "label")}
    taken = {str(column) for column in given.values() if column is not None}
    spare = _column_names(path, settings, labelled) - taken
    for roles in (("text", "pair"), ("label",)):
        known = {role: before[role] for role in roles if before.get(role) is not None}
        if all(given[role] is None for role in roles) and spare.issuperset(known.values()):
            settings = replace(settings, **known)
    return settings


def _column_names(path: Path, settings: DataSettings, labelled: bool) -> set[str]:
    """The columns of a file's first rows; what is wrong with it is said when it is read."""
    options = settings.read_options
    rows = read_rows(path, format=settings.format, options=options, labelled=labelled, on_problem=lambda _: None)
    return {name for row in islice(rows, _PEEK) for name in row.values}


def _read_sets(
    paths: Mapping[str, Path], settings: DataSettings
) -> tuple[dict[str, list[Example]], Columns | None, list[str]]:
    sets: dict[str, list[Example]] = {}
    columns, notes = None, []
    for name, path in paths.items():
        reading = read_file(path, settings)
        reading.problems.raise_if_any()
        notes += reading.notes(path, settings)
        sets[name] = reading.examples
        if columns is None and reading.columns is not None:
            columns = reading.columns
            settings = later_settings(settings, columns)
    return sets, columns, notes


def _candidates(folder: Path, role: str) -> list[Path]:
    """What may be the set: those called so exactly, or else those with the word in their names."""
    suffixes = {suffix for entry in FORMATS.values() for suffix in entry.suffixes}
    words = _ROLES[role]
    exact, part = [], []
    for entry in visible(folder):
        if entry.is_dir() or plain_suffix(entry) in suffixes:
            stem = entry.name.lower().removesuffix(".gz")
            stem = stem if entry.is_dir() else stem.removesuffix(plain_suffix(entry))
            if stem in words:
                exact.append(entry)
            elif set(words) & set(re.split(r"[^a-z]+", stem)) and entry.is_file():
                part.append(entry)
    return exact or part


def _only(paths: list[Path], role: str) -> Path:
    if len(paths) > 1:
        named = ", ".join(path.name for path in paths)
        raise DataError(
            f"several files may be the {role} set: {named}. Name the training file, and `dev` and `test`, one by one.",
            path=paths[0].parent,
        )
    return paths[0]
