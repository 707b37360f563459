"""Tables: numbers to the right, optional bars behind them, sorted by a click on a heading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TypeAlias

from attendo.errors import ShapeError
from attendo.page.markup import Html, element
from attendo.page.typography import common_digits, format_number

Cell: TypeAlias = str | float | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """How a column is shown: decimals of its numbers, shares as percentages, a bar behind each number."""

    title: str
    digits: int | None = None
    percent: bool = False
    bar: bool = False


def data_table(
    columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]], *, caption: str = "", sortable: bool = True
) -> Html:
    """Rows under headings; None and NaN are shown as "–"; the first cell of a row is its heading."""
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise ShapeError(f"Row {number} of the table has {len(row)} cells, but there are {len(columns)} columns.")
    styles = [
        _Style.of(column if isinstance(column, Column) else Column(title=column), [row[place] for row in rows])
        for place, column in enumerate(columns)
    ]
    headings = [
        element(
            "th",
            element("button", style.title, type="button") if sortable else style.title,
            scope="col",
            class_="number" if style.numeric else None,
            aria_sort="none" if sortable else None,
        )
        for style in styles
    ]
    body = [
        element("tr", *(_cell(value, styles[place], heading=place == 0) for place, value in enumerate(row)))
        for row in rows
    ]
    title = [element("caption", caption)] if caption else []
    table = element("table", *title, element("thead", element("tr", *headings)), element("tbody", *body))
    name = caption or ", ".join(style.title for style in styles)
    return element("div", table, class_="table", role="region", aria_label=name, tabindex="0")


@dataclass(frozen=True, kw_only=True)
class _Style:
    """How the cells of one column are shown, given all of them; `longest` is the number whose bar fills the cell."""

    title: str
    digits: int | None
    percent: bool
    numeric: bool
    longest: float

    @classmethod
    def of(cls, column: Column, cells: Sequence[Cell]) -> _Style:
        numbers = [number for cell in cells if (number := _number(cell)) is not None and math.isfinite(number)]
        numeric = any(map(_is_number, cells)) and all(cell is None or _is_number(cell) for cell in cells)
        digits = column.digits
        if digits is None and numeric and not column.percent:
            digits = common_digits(numbers)
        longest = max(map(abs, numbers), default=0.0) if column.bar else 0.0
        return cls(title=column.title, digits=digits, percent=column.percent, numeric=numeric, longest=longest)


def _cell(value: Cell, style: _Style, *, heading: bool) -> Html:
    number = _number(value)
    is_text = value is not None and not _is_number(value)
    share = abs(number) / style.longest if number is not None and style.longest and math.isfinite(number) else None
    return element(
        "th" if heading else "td",
        value if is_text else format_number(number, digits=style.digits, percent=style.percent),
        scope="row" if heading else None,
        class_=" ".join(["number"] * style.numeric + ["bar"] * (share is not None)) or None,
        style=None if share is None else f"--share:{share:.3f}",
        data_value=None if number is None else repr(number),
        dir="auto" if is_text else None,
    )


def _is_number(value: Cell) -> bool:
    """Whether a cell holds a number, NaN included; truth values are words."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _number(value: Cell) -> float | None:
    if value is None or isinstance(value, str) or not _is_number(value) or math.isnan(value):
        return None
    return float(value)
