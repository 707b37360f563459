"""Texts that a model learns to write: of any length, held out whole where there are many, or else by their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from attendo.data.checks import comparison_notes
from attendo.data.cuts import CutSettings, split_examples
from attendo.data.examples import Example
from attendo.data.records import TextRecord
from attendo.data.sets import Splits
from attendo.data.texts import TextSettings, find_files, read_documents
from attendo.errors import ConfigError, DataError

FEW = 20
"""Of fewer texts each gives its end to the other sets, so that all of them are learned from."""


@dataclass(frozen=True, kw_only=True)
class RunningTextSettings(TextSettings):
    """How texts to be learned are read. What is `None` is found out from the data, and told."""

    documents: Literal["auto", "lines", "paragraphs", "file"] = "auto"
    """What is a text of its own in plain text: each line, what lies between blank lines, or the whole file. "auto" is
    the file: what follows a line or a paragraph is learned with it."""
    dev_fraction: float = 0.1
    """Share that is held out to choose by, where no dev set is given: of the texts, or of few texts of each its end."""
    test_fraction: float = 0.0
    """The same for the final test, behind what is held out to choose by; none by default, so that held-out losses
    compare with published ones."""

    def __post_init__(self) -> None:
        try:
            super().__post_init__()
            problems = []
        except ConfigError as error:
            problems = error.problems
        problems += [each for each in self.cutting.cut_problems() if each not in problems]
        if problems:
            raise ConfigError(problems)

    @property
    def cutting(self) -> CutSettings:
        """How much is held out."""
        return CutSettings(dev_fraction=self.dev_fraction, test_fraction=self.test_fraction, seed=self.seed)


@dataclass(frozen=True, slots=True)
class RunningText(TextRecord):
    """A text to learn from, or a part of one."""

    text: str
    path: Path | None = None
    line: int | None = None
    ends: bool = True
    """Whether it is known to end where it ends; not so for a part."""

    @property
    def labels(self) -> tuple[str, ...]:
        """There are no classes."""
        return ()


def load_running_texts(
    data: Path | str,
    *,
    dev: Path | str | None = None,
    test: Path | str | None = None,
    settings: RunningTextSettings | None = None,
) -> Splits[RunningText]:
    """Read the sets of a training run, and cut those that are missing.

    Raises:
        DataError: if a file cannot be read, or there is no text, or too little to hold some out.
        ConfigError: if a column is missing.
    """
    settings = settings or RunningTextSettings()
    files = find_files([Path(data)]) | {name: [Path(path)] for name, path in (("dev", dev), ("test", test)) if path}
    notes: list[str] = []
    sets = {name: _texts(paths, settings, notes) for name, paths in files.items()}
    if "dev" not in sets:
        cutting = replace(settings.cutting, test_fraction=0.0) if "test" in sets else settings.cutting
        sets = sets | cut_running_texts(sets["train"], cutting, notes)
    return Splits(
        train=tuple(sets["train"]),
        dev=tuple(sets["dev"]),
        test=tuple(sets.get("test", ())),
        notes=tuple(notes),
        warnings=tuple(comparison_notes(sets)),
    )


def read_running_texts(path: Path | str, settings: RunningTextSettings | None = None) -> list[RunningText]:
    """The texts of a file, or of the test set of a folder, or of all files in it.

    Raises:
        DataError: if a file cannot be read, or there is no text.
        ConfigError: if a column is missing.
    """
    files = find_files([Path(path)])
    return _texts(files.get("test", files["train"]), settings or RunningTextSettings(), [])


def cut_running_texts(
    texts: Sequence[RunningText], cutting: CutSettings, notes: list[str]
) -> dict[str, list[RunningText]]:
    """Train, dev and where it is asked for test sets.

    Args:
        notes: gets what was held out, in a sentence.
    Raises:
        DataError: if there is too little text.
    """
    if len({text.group for text in texts}) < FEW:
        parts = zip(*(_ends(text, cutting) for text in texts), strict=True)
        sets = [[text for text in part if text.text.strip()] for part in parts]
        what = "the text's end" if len(texts) == 1 else "the end of each text"
        notes.append(f"Held out {what}: {_shares(cutting)}.")
    else:
        shares = {"dev_fraction": cutting.dev_fraction, "test_fraction": cutting.test_fraction}
        sets = split_examples(texts, **shares, seed=cutting.seed, classes=False)
        notes.append(f"Held out whole texts: {_shares(cutting)} of {len(texts):,}.")
    if not sets[0] or not sets[1]:
        raise DataError("there is too little text to hold some out. Give more, or a dev set.", path=texts[0].path)
    return {name: each for name, each in zip(("train", "dev", "test"), sets, strict=True) if each}


def _texts(paths: Sequence[Path], settings: RunningTextSettings, notes: list[str]) -> list[RunningText]:
    whole = settings.documents == "auto"
    found = read_documents(paths, replace(settings, documents="file") if whole else settings, notes)
    if whole and _is_file(found, paths):
        what = f"{paths[0]} is one text" if len(paths) == 1 else "each file is one text"
        notes.append(f"{what}; `data.documents` may be lines or paragraphs instead.")
    return [RunningText(each.text, each.path, each.line) for each in found]


def _is_file(found: Sequence[Example], paths: Sequence[Path]) -> bool:
    """Whether every text is a file."""
    return len(found) == len(paths) and all(each.line == 1 for each in found)


def _ends(text: RunningText, cutting: CutSettings) -> tuple[RunningText, RunningText, RunningText]:
    """A text up to what is held out, its end, and behind that the very end for the test."""
    size = len(text.text)
    borders = [
        0,
        int(size * (1 - cutting.dev_fraction - cutting.test_fraction)),
        int(size * (1 - cutting.test_fraction)),
        size,
    ]
    first = 1 if text.line is None else text.line
    parts = []
    for start, end in pairwise(borders):
        line = first + text.text.count("\n", 0, start)
        parts.append(replace(text, text=text.text[start:end], line=line, ends=False))
    return parts[0], parts[1], parts[2]


def _shares(cutting: CutSettings) -> str:
    said = [f"{cutting.dev_fraction:.0%} to choose by"]
    return ", ".join(said + [f"{cutting.test_fraction:.0%} for the test"] * (cutting.test_fraction > 0))
