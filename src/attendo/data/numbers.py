"""Whether labels are numbers to be predicted as such, or the names of classes."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from attendo.data.records import Record
from attendo.errors import DataError

FEW_FRACTIONS, FEW_WHOLE = 5, 50
"""Different labels up to which numbers are taken for the names of classes: where some have a fraction, and where all
are whole."""

MOSTLY = 0.9
"""Share of cells that must be numbers for the others to be mistakes."""

_SHOWN = 5  # mistakes that are named


def as_number(label: str) -> float | None:
    """The number that a label is; None if it is none, or not finite."""
    try:
        number = float(label)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in label else None


def no_number(cell: str) -> str:
    """What is wrong with a cell that is no number, as the end of a sentence."""
    try:
        finite = not math.isinf(float(cell))
    except ValueError:
        finite = True
    return "is not a number" if finite else "is not a finite number"


def look_like_numbers(records: Sequence[Record]) -> bool:
    """Whether labels mean amounts: numbers that are not a few classes, nor classes numbered one after the other."""
    if any(len(record.labels) != 1 for record in records):
        return False
    numbers = [as_number(record.labels[0]) for record in records]
    known = {number for number in numbers if number is not None}
    return len(numbers) == sum(number is not None for number in numbers) and _are_amounts(known)


def check_mostly_numbers(records: Sequence[Record], path: Path) -> None:
    """Refuse labels that would be taken for numbers but for a few of them, and say where these stand.

    Raises:
        DataError: if at least nine tenths of the rows, but not all, have a number, and these mean amounts.
    """
    if any(len(record.labels) != 1 for record in records):
        return
    numbers = [as_number(record.labels[0]) for record in records]
    others = [record for record, number in zip(records, numbers, strict=True) if number is None]
    if not others or len(others) > (1 - MOSTLY) * len(records):
        return
    if _are_amounts({number for number in numbers if number is not None}):
        named = ", ".join(f"`{record.labels[0]}` ({record.place})" for record in others[:_SHOWN])
        more = f" and {len(others) - _SHOWN:,} others" if len(others) > _SHOWN else ""
        raise DataError(
            f"the labels look like numbers but for {named}{more}. Put these right, or leave them out with "
            "`skip_labels`; if labels are the names of classes, set `numbers` to false.",
            path=path,
        )


def _are_amounts(found: Collection[float]) -> bool:
    numbers = sorted(found)
    if not numbers:
        return False
    if any(number != int(number) for number in numbers):
        return len(numbers) > FEW_FRACTIONS
    in_a_row = numbers[-1] - numbers[0] == len(numbers) - 1 and numbers[0] in (0, 1)
    return len(numbers) > FEW_WHOLE and not in_a_row


def check_numbers(records: Sequence[Record], path: Path) -> None:
    """Refuse a training set whose labels are not numbers, one for each text, or are all the same.

    Raises:
        DataError: naming the first label that is none.
    """
    for record in records:
        if len(record.labels) != 1 or as_number(record.labels[0]) is None:
            shown = ", ".join(record.labels)
            raise DataError(
                f"the label `{shown}` ({record.place}) is no number. Without `numbers`, labels are taken for classes.",
                path=path,
            )
    if len({as_number(record.labels[0]) for record in records}) == 1:
        raise DataError(
            f"all {len(records):,} rows have the number {records[0].labels[0]}; there is nothing to learn.", path=path
        )


def numbers_note(records: Sequence[Record], path: Path, *, asked: bool) -> str:
    """What the labels were taken for."""
    numbers = {as_number(record.labels[0]) or 0.0 for record in records}
    why = "as asked" if asked else "`numbers` set to false takes each of them for a class"
    return (
        f"{path}: labels are {len(numbers):,} different numbers from {min(numbers):g} to {max(numbers):g}, and numbers "
        f"are predicted ({why})."
    )
