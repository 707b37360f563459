"""Rows of tables whose columns are texts that belong together, with the names that such columns have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from attendo.data.columns import is_known_name, plain_name
from attendo.data.formats import detect_format, read_rows
from attendo.data.numbers import as_number
from attendo.data.parallel_settings import ParallelDataSettings
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.data.sides import names_sides
from attendo.errors import ConfigError

_PEEK = 50  # rows by which a header is told from data
_DELIMITED = ("tsv", "csv")
_DOCUMENT_NAMES = ("documentid", "docid")


def read_side_rows(path: Path, settings: ParallelDataSettings, on_problem: OnProblem) -> Iterator[Row]:
    """The rows of a table, `{"translation": {"en": …, "de": …}}` as columns `en` and `de`."""
    format = detect_format(path, format=settings.format, options=settings.read_options)
    options = settings.read_options
    if format in _DELIMITED and options.header is None:
        options = replace(options, header=_has_header(path, format, options, settings))
    for row in read_rows(path, format=format, options=options, on_problem=on_problem):
        yield row._replace(values=_flat(row.values, settings))


def values_of(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """What stands in each column."""
    names = dict.fromkeys(name for row in rows for name in row.values)
    return {name: [row.values.get(name) for row in rows] for name in names}


def find_document(
    values: Mapping[str, Sequence[Any]], path: Path, settings: ParallelDataSettings
) -> tuple[str | None, list[str]]:
    """The column that says of which document a row is part, if there is one, and what is to be said of it.

    Raises:
        ConfigError: if a column is given that is not there.
    """
    names, wanted = list(values), settings.document
    if wanted is None:
        found = next((name for name in names if plain_name(name) in _DOCUMENT_NAMES), None)
        return found, [] if found is None else [f"Rows of the same `{found}` stay together."]
    if str(wanted) in names:
        return str(wanted), []
    if re.fullmatch(r"\d+", str(wanted)) and int(wanted) < len(names):
        return names[int(wanted)], []
    held = ", ".join(f"`{name}`" for name in names)
    raise ConfigError(f"`document` names column `{wanted}`, which {path} does not have. It has {held}.")


def _has_header(path: Path, format: str, options: ReadOptions, settings: ParallelDataSettings) -> bool:
    """Whether the first row names the columns; stricter than for labelled texts, as sources may repeat or be short."""
    plain = replace(options, header=False)
    rows = list(islice(read_rows(path, format=format, options=plain, on_problem=lambda _: None), _PEEK))
    if not rows:
        return False
    cells = [str(cell).strip() for cell in rows[0].values.values()]
    if names_sides(cells, settings.side_names) or not set(options.names).isdisjoint(cells):
        return True
    if all(map(is_known_name, cells)):
        return True
    below = values_of(rows[1:]).values()
    return any(
        as_number(cell) is None and all(as_number(str(value)) is not None for value in column)
        for cell, column in zip(cells, below, strict=False)
    )


def _flat(values: Mapping[str, Any], settings: ParallelDataSettings) -> Mapping[str, Any]:
    """The row without an object of languages in it, but with what is in that object."""
    for name, inner in values.items():
        if isinstance(inner, dict) and names_sides(list(map(str, inner)), settings.side_names):
            return {key: value for key, value in values.items() if key != name} | inner
    return values
