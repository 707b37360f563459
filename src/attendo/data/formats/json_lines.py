"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from attendo.data.encodings import read_lines
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.errors import DataError


def read_json_lines(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield one row for each line that is not blank."""
    for number, line in enumerate(read_lines(path, options.encoding), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == 1 and line.strip()[0] in "[{" and len(line.strip()) == 1:
                raise _one_document(path) from None
            on_problem(DataError(_reason(error), path=path, line=number))
            continue
        if isinstance(values, dict):
            yield Row(values, path, number)
        elif number == 1 and isinstance(values, list) and values and isinstance(values[0], dict):
            raise _one_document(path)
        else:
            on_problem(DataError('a JSON object such as {"text": …, "label": …} was expected.', path=path, line=number))


def _one_document(path: Path) -> DataError:
    return DataError("this is one JSON document; write one object a line (`jq -c '.[]' FILE` does it).", path=path)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg.removesuffix(' at')} at column {error.colno}."
    return "not valid JSON: nested too deeply, or a number too long."
