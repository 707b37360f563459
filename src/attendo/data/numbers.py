"""Whether labels are numbers to be predicted as such, or the names of classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from attendo.data.records import Record
from attendo.errors import DataError

FEW_FRACTIONS, FEW_WHOLE = 5, 50
"""Different labels up to which numbers are taken for the names of classes: where some have a fraction, and where all
are whole."""


def as_number(label: str) -> float | None:
    """The number that a label is; None if it is none, or not finite."""
    try:
        number = float(label)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in label else None


def look_like_numbers(records: Sequence[Record]) -> bool:
    """Whether labels mean amounts: numbers that are not a few classes, nor classes numbered one after the other."""
    if any(len(record.labels) != 1 for record in records):
        return False
    found = {as_number(record.labels[0]) for record in records}
    numbers = sorted(number for number in found if number is not None)
    if not numbers or len(numbers) < len(found):
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
