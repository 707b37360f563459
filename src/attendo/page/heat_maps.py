"""Heat maps: confusion matrices and attention maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attendo.errors import ShapeError
from attendo.page.canvas import FONT, LINE, box, drawing, lettering, tooltip
from attendo.page.markup import Html, Svg, element, joined
from attendo.page.typography import common_digits, format_number, text_width

_MANY_COUNTS, _MANY_SHARES = 16, 8  # columns beyond which values are no longer written into the cells
_LEVELS = 24  # steps of colour in a map of many cells
_LABEL_ROOM = 132


def heat_map(
    values: npt.ArrayLike,
    *,
    title: str,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    row_title: str = "",
    column_title: str = "",
    by_row: bool = False,
    digits: int | None = None,
    description: str = "",
) -> Svg:
    """A cell for each value, the larger the stronger; with `by_row` each row is coloured by its own shares.

    Cells of a small map carry their values; NaN leaves a cell empty. Pool what is larger than 64 × 64 first: a map
    of any size is drawn, but the eye and the file have no use for it.
    """
    cells = np.asarray(values, dtype=np.float64)
    if cells.ndim != 2 or 0 in cells.shape:
        raise ShapeError(f"A heat map needs at least one row and one column, but has shape {cells.shape}.")
    for name, labels, size in (("row", row_labels, cells.shape[0]), ("column", column_labels, cells.shape[1])):
        if len(labels) not in (0, size):
            raise ShapeError(f"The heat map has {size} {name}s, but {len(labels)} {name} labels.")
    shades = _shares(cells) if by_row else _relative(cells)
    written = _written(cells, digits)
    grid = _Grid.of(cells.shape, row_labels, column_labels, row_title, column_title, written)
    body = _written_cells(grid, shades, written, row_labels, column_labels) if written else _painted_cells(grid, shades)
    named = bool(row_labels or column_labels or row_title or column_title)
    key, key_width, key_height = _key(grid, cells, by_row) if named and not written else (Html(), 0.0, 0.0)
    return drawing(
        max(grid.width, key_width),
        grid.bottom + key_height,
        title,
        description or f"{cells.shape[0]} × {cells.shape[1]}",
        _labels(grid, row_labels, column_labels, row_title, column_title),
        body,
        key,
    )


def _written(cells: npt.NDArray[np.float64], digits: int | None) -> list[list[str]] | None:
    """The values as they stand in the cells, unless there are too many of them to be read."""
    if digits is None and common_digits(cells.ravel().tolist()) is not None:
        digits = 2
    many = _MANY_COUNTS if digits is None else _MANY_SHARES
    if max(cells.shape) > many:
        return None
    return [[format_number(value, digits=digits) for value in row] for row in cells.tolist()]


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where the cells lie: the corner of the first, the size of one, how many, and the width of the drawing."""

    left: float
    top: float
    cell_width: float
    cell_height: float
    rows: int
    columns: int
    width: float
    upright: bool

    @property
    def bottom(self) -> float:
        return self.top + self.rows * self.cell_height

    @classmethod
    def of(
        cls,
        shape: tuple[int, ...],
        row_labels: Sequence[str],
        column_labels: Sequence[str],
        row_title: str,
        column_title: str,
        written: list[list[str]] | None,
    ) -> _Grid:
        rows, columns = shape
        names = max((min(text_width(label, FONT), _LABEL_ROOM) for label in row_labels), default=0.0)
        heads = max((min(text_width(label, FONT), _LABEL_ROOM) for label in column_labels), default=0.0)
        smallest = 14.0 if row_labels or column_labels else 3.0
        side = max(smallest, min(46.0, 300 / max(rows, columns)))
        values = max((text_width(value, FONT) for row in written or () for value in row), default=0.0)
        cell_width = max(side, values + 10) if written else side
        upright = heads + 6 <= cell_width
        left = max(names, text_width(row_title, FONT)) + 8 if row_labels or row_title else 0.0
        top = ((LINE if upright else heads + 8) if column_labels else 0) + (LINE + 6 if column_title else 0)
        top = max(top, LINE if row_title else 0)
        width = left + columns * cell_width
        return cls(
            left=left,
            top=top,
            cell_width=cell_width,
            cell_height=max(side, 24.0) if written else side,
            rows=rows,
            columns=columns,
            width=max(width, left + text_width(column_title, FONT)),
            upright=upright,
        )


def _labels(
    grid: _Grid, row_labels: Sequence[str], column_labels: Sequence[str], row_title: str, column_title: str
) -> Html:
    parts = []
    if column_title:
        parts.append(lettering(grid.left, FONT, column_title, class_="strong"))
    if row_title:
        parts.append(lettering(grid.left - 8, grid.top - 6, row_title, anchor="end", class_="strong"))
    for index, label in enumerate(row_labels):
        middle = grid.top + (index + 0.5) * grid.cell_height + 4
        parts.append(lettering(grid.left - 8, middle, label, anchor="end", room=_LABEL_ROOM))
    for index, label in enumerate(column_labels):
        middle = grid.left + (index + 0.5) * grid.cell_width
        if grid.upright:
            parts.append(lettering(middle, grid.top - 6, label, anchor="middle"))
        else:
            parts.append(lettering(middle + 4, grid.top - 6, label, turn=-90, room=_LABEL_ROOM))
    return joined(*parts)


def _written_cells(
    grid: _Grid,
    shades: npt.NDArray[np.float64],
    written: list[list[str]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
) -> Html:
    parts = []
    for row, column in np.ndindex(grid.rows, grid.columns):
        x, y = grid.left + column * grid.cell_width, grid.top + row * grid.cell_height
        value, shade = written[row][column], round(float(np.nan_to_num(shades[row, column])), 3)
        names = [*row_labels[row : row + 1], *column_labels[column : column + 1]]
        words = tooltip(" → ".join(names), value)
        size = grid.cell_width - 2, grid.cell_height - 2
        parts.append(box(x + 1, y + 1, *size, "warm", words, fill_opacity=shade, rx=2))
        middle = x + grid.cell_width / 2, y + grid.cell_height / 2 + 4
        parts.append(lettering(*middle, value, anchor="middle", class_="faint" if value == "0" else "cell"))
    return joined(*parts)


def _painted_cells(grid: _Grid, shades: npt.NDArray[np.float64]) -> Html:
    """All cells of one level as one path, neighbours in a row joined: a 64 × 64 map stays within a few dozen kB."""
    levels = np.rint(np.nan_to_num(shades) * _LEVELS).astype(int)
    strokes: dict[int, list[str]] = {}
    for row, line in enumerate(levels.tolist()):
        start = 0
        for column in range(1, grid.columns + 1):
            if column == grid.columns or line[column] != line[start]:
                strokes.setdefault(line[start], []).append(f"M{start} {row}h{column - start}v1H{start}z")
                start = column
    strokes.pop(0, None)
    paths = [
        element("path", d="".join(parts), class_="hot", fill_opacity=round(level / _LEVELS, 3))
        for level, parts in sorted(strokes.items())
    ]
    place = f"translate({grid.left:.1f} {grid.top:.1f}) scale({grid.cell_width:.6g} {grid.cell_height:.6g})"
    around = box(grid.left, grid.top, grid.columns * grid.cell_width, grid.rows * grid.cell_height, "frame")
    return joined(element("g", *paths, transform=place), around)


def _key(grid: _Grid, cells: npt.NDArray[np.float64], by_row: bool) -> tuple[Html, float, float]:
    """A strip of the colours with the values at its ends, where it ends, and the height it takes."""
    low, high = _ends(cells)
    first, last = ("0%", "100%") if by_row else (format_number(low), format_number(high, digits=common_digits([high])))
    y, x = grid.bottom + 14, grid.left + text_width(first, FONT) + 6
    steps = [box(x + 8 * step, y, 8, 8, "hot", fill_opacity=step / 10) for step in range(11)]
    words = lettering(grid.left, y + 8, first), lettering(x + 94, y + 8, last)
    return joined(*words, *steps), x + 94 + text_width(last, FONT), 28.0


def _shares(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    totals = np.nansum(np.abs(cells), axis=1, keepdims=True)
    return np.divide(np.abs(cells), totals, out=np.zeros_like(cells), where=totals > 0)


def _relative(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    low, high = _ends(cells)
    spread = np.where(np.isfinite(cells), cells - low, 0.0)
    return spread / (high - low) if high > low else np.zeros_like(cells)


def _ends(cells: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The values shown as nothing and as the full colour."""
    finite = cells[np.isfinite(cells)]
    return (min(0.0, float(finite.min())), float(finite.max())) if len(finite) else (0.0, 0.0)
