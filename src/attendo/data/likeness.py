"""How alike two texts are, as a column of a table says it: by a number, or by a label that means the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from attendo.data.columns import ColumnName, Columns, choose_columns
from attendo.data.numbers import MOSTLY, as_number, no_number
from attendo.data.rows import Row
from attendo.errors import ConfigError, DataError

SCORE_NAMES = (
    *("relatednessscore", "similarity", "similarityscore", "relatedness", "sim", "score", "goldscore", "sts"),
    *("相似度", "相关度", "得分", "分数"),
)
"""What columns are called that say how alike two texts are."""

SAME_LABELS = (
    *("entailment", "same", "duplicate", "paraphrase", "equivalent", "similar", "yes", "true", "positive"),
    *("相同", "相似", "同义", "蕴含", "是"),
)
"""Labels that say that two texts mean the same."""


@dataclass(frozen=True)
class LikenessColumn:
    """The column that says how alike two texts are: by a number, or by a label of which one means the same."""

    name: str
    same: str | None = None

    @classmethod
    def find(
        cls,
        sample: Sequence[Row],
        columns: Columns,
        *,
        label: ColumnName | None,
        same: str | None,
        skipped: Collection[str],
        said: list[str],
    ) -> LikenessColumn | None:
        """The column, if there is one.

        Args:
            label: the column, where it is given.
            same: the label that means the same, where it is given.
            skipped: labels whose rows are left out.
            said: gets what was guessed, as sentences.
        Raises:
            ConfigError: if a column is given that holds neither numbers nor a label that means the same.
        """
        if columns.pair is None:
            if label is not None:
                said.append(f"`{label}` is left aside: a single text is not like another.")
            return None
        cells = {name: _known(sample, name, skipped) for name in columns.names}
        name = _named(sample, columns, cells, label)
        if name is None:
            return None
        if same is None and _holds_numbers(name, cells[name]):
            said.extend([] if label is not None else [f"Guessed: likeness is column `{name}`."])
            return cls(name)
        labels = sorted({str(value).strip() for value in cells[name]})
        meant = same or next((each for each in labels if each.lower() in SAME_LABELS), None)
        if meant is not None and (same is None or same in labels):
            said.append(f"Label `{meant}` of column `{name}` is taken for the same meaning, every other for another.")
            return cls(name, meant)
        if label is None and same is None:
            return None  # it is about something else
        found = ", ".join(f"`{each}`" for each in labels[:5])
        raise ConfigError(
            f"`same` must name the label of column `{name}` that says that both texts mean the same, but is "
            f"{same or 'open'}. The column holds {found}."
        )

    def value(self, row: Row) -> float | None:
        """How alike the texts of a row are; None where nothing is said.

        Raises:
            DataError: if it is no number, and should be.
        """
        given = row.values.get(self.name)
        if _is_nothing(given):
            return None
        if self.same is not None:
            return float(str(given).strip() == self.same)
        number = _number(given)
        if number is None:
            message = f"`{given}` in column `{self.name}` {no_number(str(given))}."
            raise DataError(message, path=row.path, line=row.line)
        return number


def _named(
    sample: Sequence[Row], columns: Columns, cells: dict[str, list[Any]], label: ColumnName | None
) -> str | None:
    """The column that is given, or named or filled like a score, or looks like a label."""
    texts = {"text": columns.text, "pair": columns.pair}
    if label is not None:
        return choose_columns(sample, label=label, **texts).label
    numbers = [name for name in columns.names if name not in texts.values() and _holds_numbers(name, cells[name])]
    scores = [name for name in numbers if _is_score_name(name)]
    if scores:
        return scores[0]
    broken = [name for name in numbers if any(not (_number(cell) or 0.0).is_integer() for cell in cells[name])]
    if len(broken) == 1:
        return broken[0]
    try:
        return choose_columns(sample, **texts).label
    except ConfigError:
        return None


def _holds_numbers(name: str, cells: Sequence[Any]) -> bool:
    """Whether a column means numbers, though some cells may be none: by its name, or as nearly all cells are some."""
    count = sum(_number(cell) is not None for cell in cells)
    return count > 0 and (_is_score_name(name) or count >= MOSTLY * len(cells))


def _is_score_name(name: str) -> bool:
    return "".join(c for c in name.lower() if c not in " _-.") in SCORE_NAMES


def _known(sample: Sequence[Row], name: str, skipped: Collection[str]) -> list[Any]:
    values = (row.values.get(name) for row in sample)
    return [value for value in values if not _is_nothing(value) and str(value).strip() not in skipped]


def _is_nothing(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, bool) else as_number(str(value))
