"""The table of file formats, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attendo.data.encodings import byte_chunks, detect_encoding, first_lines
from attendo.data.formats.conll import WORD_SUFFIXES
from attendo.data.formats.delimited import has_named_columns, has_tab_columns, read_csv, read_tsv
from attendo.data.formats.folders import is_class_folder, read_folder
from attendo.data.formats.json_lines import read_json_lines
from attendo.data.formats.parquet import read_parquet
from attendo.data.formats.plain import begins_with_labels, read_labelled, read_texts
from attendo.data.formats.tmx import read_tmx
from attendo.data.rows import OnProblem, Reader, ReadOptions, Row, stop_at_first
from attendo.errors import ConfigError, DataError


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to write rows into a file."""

    name: str
    suffixes: tuple[str, ...]
    description: str
    reader: Reader
    is_text: bool = True
    fits: Callable[[Sequence[str], bool], bool] = lambda lines, labelled: True
    """Whether the first lines look like it, where formats share a suffix; `labelled` says that labels must be there."""


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            name="tsv",
            suffixes=(".tsv", ".tab", ".txt"),
            description="fields separated by tabs, with or without a first row of names",
            reader=read_tsv,
            fits=lambda lines, labelled: has_tab_columns(lines),
        ),
        Format(
            name="csv",
            suffixes=(".csv", ".txt"),
            description="fields separated by commas (or ; or |), in quotation marks where needed",
            reader=read_csv,
            fits=lambda lines, labelled: has_named_columns(lines),
        ),
        Format(
            name="jsonl",
            suffixes=(".jsonl", ".ndjson", ".json"),
            description="one JSON object a line",
            reader=read_json_lines,
        ),
        Format(
            name="parquet",
            suffixes=(".parquet", ".pq"),
            description="Apache Parquet",
            reader=read_parquet,
            is_text=False,
        ),
        Format(
            name="tmx",
            suffixes=(".tmx",),
            description="translation memories (TMX 1.4), a column for each language",
            reader=read_tmx,
            is_text=False,
        ),
        Format(
            name="labelled",
            suffixes=(".txt",),
            description="the label, a blank, and the text on each line, also fastText's `__label__name text`",
            reader=read_labelled,
            fits=begins_with_labels,
        ),
        Format(
            name="lines",
            suffixes=(".txt",),
            description="one text a line, without labels",
            reader=read_texts,
        ),
        Format(
            name="folder",
            suffixes=(),
            description="a folder for each class, holding one text a file",
            reader=read_folder,
            is_text=False,
        ),
    )
}


def read_rows(
    path: Path | str,
    *,
    format: str | None = None,
    options: ReadOptions | None = None,
    labelled: bool = False,
    on_problem: OnProblem = stop_at_first,
) -> Iterator[Row]:
    """Yield the rows of a file of any size, keeping only a few of them in memory.

    Args:
        format: a name from `FORMATS`; `None` goes by the suffix and, for `.txt`, by the first lines.
        labelled: whether rows must have labels; decides what an ambiguous `.txt` is taken for.
        on_problem: told of each line that cannot be used; by default the first one is raised.
    """
    path, options = Path(path), options or ReadOptions()
    chosen = FORMATS[detect_format(path, format=format, options=options, labelled=labelled)]
    if chosen.is_text and options.encoding is None:
        options = replace(options, encoding=detect_encoding(path))
    return chosen.reader(path, options, on_problem)


def detect_format(
    path: Path, *, format: str | None = None, options: ReadOptions | None = None, labelled: bool = False
) -> str:
    """The name of the format that a file is in."""
    options = options or ReadOptions()
    if format is not None:
        if format not in FORMATS:
            raise ConfigError(f"`format` is `{format}`; it may be {', '.join(FORMATS)}.")
        return format
    if path.is_dir():
        if not is_class_folder(path):
            raise DataError("this folder holds neither a readable file nor a folder for each class.", path=path)
        return "folder"
    suffix = plain_suffix(path)
    candidates = [entry for entry in FORMATS.values() if suffix in entry.suffixes]
    if not candidates:
        next(byte_chunks(path), b"")  # a missing file is the better thing to say
        raise DataError(_unknown_suffix(suffix), path=path)
    if len(candidates) == 1:
        return candidates[0].name
    if options.delimiter is not None:
        return "csv"
    lines = first_lines(path, options.encoding or detect_encoding(path))
    return next(entry.name for entry in candidates if entry.fits(lines, labelled))


def plain_suffix(path: Path) -> str:
    """The suffix that names the format, so without `.gz`, in small letters."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _unknown_suffix(suffix: str) -> str:
    if suffix in (".xlsx", ".xls", ".ods"):
        return "a spreadsheet cannot be read; save it as CSV in UTF-8 first."
    if suffix in WORD_SUFFIXES or "conll" in suffix:
        return f"files with the suffix {suffix} have a word a line, for the tasks `tag` and `roles`, and no texts."
    known = sorted({known for entry in FORMATS.values() for known in entry.suffixes})
    what = f"the suffix {suffix} is not known" if suffix else "there is no suffix to tell the format by"
    return f"{what}. Known are {' '.join(known)}, each also with .gz; or name the format with `format`."
