"""One folder for each class, holding one text a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attendo.data.encodings import read_lines
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.errors import DataError


def read_folder(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield a row of `text` and `label` for each file, classes and files in the order of their names."""
    for folder in class_folders(path):
        for file in visible(folder):
            if file.is_file():
                text = "".join(read_lines(file, options.encoding))
                yield Row({"text": text.removesuffix("\n"), "label": folder.name}, file, 1)


def is_class_folder(path: Path) -> bool:
    """Whether a folder holds folders with files in them."""
    return bool(class_folders(path))


def class_folders(path: Path) -> list[Path]:
    return [entry for entry in visible(path) if entry.is_dir() and any(file.is_file() for file in visible(entry))]


def visible(path: Path) -> list[Path]:
    """What is in a folder, in the order of names, without hidden files."""
    try:
        return sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"this folder cannot be read ({error.strerror or error}).", path=path) from None
