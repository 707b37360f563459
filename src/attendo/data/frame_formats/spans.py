"""CoNLL-U Plus files of Universal PropBank 2: a predicate's roles stand in its own line, as numbers of words."""

from __future__ import annotations

from pathlib import Path

from attendo.data.frame_formats.columns import HEADS, Layout, Line, read_sentence
from attendo.data.frame_formats.marks import EMPTY
from attendo.data.frame_formats.records import PREDICATE_LABEL, Draft, Frame, Repairs, Role
from attendo.errors import DataError

_MARK = "# global.columns"
_NEEDED = ("ID", "FORM", "UP:PRED")


def global_columns(lines: list[str]) -> list[str] | None:
    """The names of the columns, where a file names them."""
    named = [line for line in lines if line.startswith(_MARK)]
    return named[0].partition("=")[2].split() if named else None


def read_spans(rows: list[Line], names: list[str], path: Path, repairs: Repairs) -> Draft:
    """A sentence of such a file; spans are preferred to heads.

    Raises:
        DataError: if a column is missing, or says what cannot be.
    """
    if missing := [name for name in _NEEDED if name not in names]:
        raise DataError(f"`{_MARK}` does not name {' and '.join(missing)}.", path=path, line=rows[0].number)
    at = {name: number for number, name in enumerate(names)}
    layout = Layout(
        index=at["ID"],
        word=at["FORM"],
        misc=at.get("MISC"),
        sense=at["UP:PRED"],
        roles=len(names),
        read=HEADS.read,
    )
    for row in rows:
        if len(row.cells) != len(names):
            raise DataError(f"{len(row.cells)} columns, but {len(names)} are named.", path=path, line=row.number)
    frames = _frames(rows, at, path, repairs)
    words = [[*row.cells[: at["UP:PRED"]], "_", *row.cells[at["UP:PRED"] + 1 :]] for row in rows]
    draft = read_sentence(
        [Line(row.number, cells) for row, cells in zip(rows, words, strict=True)], layout, path, repairs
    )
    return draft._replace(frames=frames)


def _frames(rows: list[Line], at: dict[str, int], path: Path, repairs: Repairs) -> list[Frame]:
    ids = [row.cells[at["ID"]] for row in rows if row.cells[at["ID"]].isdigit()]
    places = {name: number for number, name in enumerate(ids)}
    frames = []
    for row in rows:
        sense = row.cells[at["UP:PRED"]]
        if sense in EMPTY:
            continue
        if (place := places.get(row.cells[at["ID"]])) is None:
            repairs["left out {predicate} on nodes that are no words"] += 1
            continue
        spans, heads = (row.cells[at[name]] if name in at else "_" for name in ("UP:ARGSPANS", "UP:ARGHEADS"))
        roles = [_role(part, places, row, path) for part in (spans if spans not in EMPTY else heads).split("|")]
        frames.append(Frame(place, sense, tuple(role for role in roles if role is not None)))
    return frames


def _role(part: str, places: dict[str, int], row: Line, path: Path) -> Role | None:
    if part in EMPTY:
        return None
    label, _, where = part.rpartition(":")
    first, _, last = where.partition("-")
    start, end = places.get(first), places.get(last or first)
    if not label or start is None or end is None or end < start:
        message = f"`{part}` is no role of this sentence; `A0:3-5` or `A0:4` with numbers of its words is."
        raise DataError(message, path=path, line=row.number)
    return None if label == PREDICATE_LABEL else Role(start, end + 1, label)
