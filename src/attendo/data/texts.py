"""Plain texts to learn a language from, without labels: documents out of files of any known format.

A document is what belongs together: a line or a paragraph of plain text, a row of a table, a file of a folder of
classes. Nothing that is learned looks from one document into another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from attendo.data.columns import Columns, choose_columns
from attendo.data.cuts import split_examples
from attendo.data.encodings import read_lines
from attendo.data.examples import Example
from attendo.data.formats import FORMATS, detect_format, plain_suffix, read_rows
from attendo.data.rows import ReadOptions, Row
from attendo.data.sets import find_splits
from attendo.data.settings import DataSettings
from attendo.errors import ConfigError, DataError

_SAMPLE = 1000  # rows by which columns are guessed
_BLANK_SHARE = 0.02  # of the lines: with more blank ones, these are what separates paragraphs


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How texts without labels are read. What is `None` is found out from the data, and told."""

    text: str | int | None = None
    """Column of the text, where files have columns: its name, or its number counted from 0."""
    documents: Literal["auto", "lines", "paragraphs", "file"] = "auto"
    """What belongs together in plain text: each line, what lies between blank lines, or the whole file. "auto" looks
    for blank lines."""
    format: str | None = None
    """File format, tsv, csv, jsonl, parquet, tmx, labelled, lines or folder; found by suffix and content otherwise."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    header: bool | None = None
    """Whether the first row of a CSV or TSV file names the columns."""
    delimiter: str | None = None
    """The character between two fields of a CSV file."""
    dev_fraction: float = 0.05
    """Share of the documents that is held out to choose by, where no held-out text is given."""
    seed: int = 0
    """Decides which documents are held out."""

    def __post_init__(self) -> None:
        shared = ("text", "format", "encoding", "header", "delimiter", "dev_fraction", "seed")
        problems = []
        try:
            DataSettings(**{name: getattr(self, name) for name in shared}, test_fraction=0.0)
        except ConfigError as error:
            problems = error.problems
        if self.documents not in ("auto", "lines", "paragraphs", "file"):
            problems.append(f"`documents` is `{self.documents}`; it may be auto, lines, paragraphs or file.")
        if problems:
            raise ConfigError(problems)

    @property
    def read_options(self) -> ReadOptions:
        """What the readers of single files take."""
        return ReadOptions(encoding=self.encoding, header=self.header, delimiter=self.delimiter)


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Texts to learn from, and texts held out."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    notes: tuple[str, ...] = ()
    """What was read, guessed and held out, as sentences."""


def load_documents(
    data: Path | str | Sequence[Path | str], *, dev: Path | str | None = None, settings: TextSettings | None = None
) -> Documents:
    """The documents of a file, of several, or of a folder.

    Of a folder with a training set, as `attendo train` finds it, only that is learned from: its dev set is held out,
    and its test set is left alone. Of any other folder all files are read.

    Raises:
        DataError: if a file cannot be read, or there is no text, or too little of it to hold some out.
        ConfigError: if a column is missing.
    """
    settings = settings or TextSettings()
    paths = [Path(data)] if isinstance(data, str | Path) else [Path(each) for each in data]
    if not paths:
        raise DataError("There is no file to read: give at least one.")
    sets = find_files(paths)
    if dev is not None:
        sets["dev"] = [Path(dev)]
    notes: list[str] = []
    train = read_documents(sets["train"], settings, notes)
    if "dev" in sets:
        held_out = read_documents(sets["dev"], settings, notes)
        return Documents(train=tuple(train), dev=tuple(held_out), notes=tuple(notes))
    kept, cut, _ = split_examples(train, dev_fraction=settings.dev_fraction, test_fraction=0.0, seed=settings.seed)
    if not cut:
        raise DataError(
            "there is only one document, so that none can be held out. Give more text, part it by blank lines or line "
            "ends, or give a held-out text of its own with `dev`.",
            path=sets["train"][0],
        )
    notes.append(f"Held out {len(cut):,} of {len(train):,} documents.")
    return Documents(train=tuple(kept), dev=tuple(cut), notes=tuple(notes))


def find_files(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """The files to learn from, and where a folder has them those of its dev and test sets, by the names of the sets.

    Raises:
        DataError: if a folder holds no file that can be read.
    """
    if len(paths) > 1 or not paths[0].is_dir():
        return {"train": [file for path in paths for file in (_files(path) if path.is_dir() else [path])]}
    folder = paths[0]
    try:
        sets = find_splits(folder)
    except DataError:
        return {"train": _files(folder)}
    if sets["train"] == folder and any(
        path.is_file() and plain_suffix(path) in _suffixes() for path in folder.iterdir()
    ):
        return {"train": _files(folder)}  # files, and folders beside them, which are no classes
    return {name: [path] for name, path in sets.items()}


def _suffixes() -> set[str]:
    return {suffix for entry in FORMATS.values() for suffix in entry.suffixes}


def _files(folder: Path) -> list[Path]:
    """The files of a folder, and of those in it, that can be read, in the order of their names."""
    suffixes = _suffixes()
    every = sorted(path for path in folder.rglob("*") if path.is_file() and plain_suffix(path) in suffixes)
    files = [path for path in every if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not files:
        raise DataError(
            f"this folder holds no file that can be read: none with {' '.join(sorted(suffixes))}.", path=folder
        )
    return files


def read_documents(paths: Sequence[Path], settings: TextSettings, notes: list[str]) -> list[Example]:
    """The documents of some files.

    Args:
        notes: gets what was guessed, in sentences.
    Raises:
        DataError: if a file cannot be read, or there is no text.
        ConfigError: if a column is missing.
    """
    examples: list[Example] = []
    for path in paths:
        found = [example for example in _read(path, settings, notes) if example.text.strip()]
        if not found and len(paths) == 1:
            raise DataError("it holds no text.", path=path)
        examples += found
    if not examples:
        raise DataError(f"none of {len(paths):,} files holds any text.", path=paths[0].parent)
    return examples


def _read(path: Path, settings: TextSettings, notes: list[str]) -> Iterator[Example]:
    name = detect_format(path, format=settings.format, options=settings.read_options)
    if name == "lines":
        yield from _plain(path, settings, notes)
        return
    rows = read_rows(path, format=name, options=settings.read_options)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        return
    columns = choose_columns(sample, text=settings.text, labelled=False)
    notes += [f"{path}: {note}" for note in columns.notes]
    yield from chain.from_iterable(_of_row(row, columns) for row in chain(sample, rows))


def _of_row(row: Row, columns: Columns) -> Iterator[Example]:
    """The text of a row, and its second one, each a document; what is no text is none."""
    for column in (columns.text, columns.pair):
        value = None if column is None else row.values.get(column)
        if isinstance(value, str):
            yield Example(value, path=row.path, line=row.line)


def _plain(path: Path, settings: TextSettings, notes: list[str]) -> Iterator[Example]:
    """The file, its lines, or paragraphs where blank lines part them."""
    lines = list(read_lines(path, settings.encoding))
    if settings.documents == "file":
        yield Example("".join(lines), path=path, line=1)
        return
    blank = sum(not line.strip() for line in lines[:-1])
    kind = settings.documents
    if kind == "auto":
        kind = "paragraphs" if blank > _BLANK_SHARE * len(lines) else "lines"
        what = "what lies between blank lines" if kind == "paragraphs" else "each line"
        notes.append(f"{path}: {what} is a document.")
    parts: list[str] = []
    first = 1
    for number, line in enumerate([*lines, ""], start=1):
        if kind == "paragraphs" and line.strip():
            first = first if parts else number
            parts.append(line)
            continue
        text = "".join(parts) if kind == "paragraphs" else line
        if text.strip():
            yield Example(text.strip("\n"), path=path, line=first if parts else number)
        parts = []
