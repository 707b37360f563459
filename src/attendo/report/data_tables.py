"""What is in the user's data, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attendo.data import DataReport, Lengths, SetReport
from attendo.report.amounts import percent
from attendo.report.cells import add_row, empty_table, plain_text
from attendo.report.words import Words

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

_MOST_CLASSES = 30
_LONGEST_BAR = 24


def data_table(report: DataReport, *, language: str = "en") -> Group:
    """The sets, the classes, the texts, and what was noted or looks wrong."""
    from rich.console import Group

    words = Words(language, report.noun)
    tables = [_sets(report, words), _classes(report, words), _texts(report, words)]
    parts: list[RenderableType] = []
    for table in tables:
        if table.row_count:
            parts += [table, plain_text("")]
    for kind, sentences, style in (
        (words.note, report.notes, ""),
        (words.warning, report.warnings, "yellow"),
        (words.problem, report.problems, "bold red"),
    ):
        parts += [plain_text(words.named.format(name=kind, value=text), style) for text in sentences]
    return Group(*parts)


def _sets(report: DataReport, words: Words) -> Table:
    """A row for each file; what nothing was left out for has no column."""
    reasons = [
        (title, [getattr(one, field) for one in report.sets])
        for field, title in (("empty", words.empty), ("unlabelled", words.unlabelled), ("skipped", words.skipped))
    ]
    reasons = [(title, counts) for title, counts in reasons if any(counts)]
    names = (words.set_name, words.file, words.format, words.rows, words.usable, *(title for title, _ in reasons))
    table = empty_table(*names, numbers=2 + len(reasons))
    for place, one in enumerate(report.sets):
        left_out = (f"{counts[place]:,}" for _, counts in reasons)
        add_row(table, one.name, one.path.name, _format(one), f"{one.rows:,}", f"{one.examples:,}", *left_out)
    return table


def _classes(report: DataReport, words: Words) -> Table:
    """The classes from large to small; of very many only the largest."""
    table = empty_table(words.label, words.support, words.share, "", numbers=3)
    table.columns[-1].justify = "left"
    largest = max(report.classes.values(), default=1)
    shares = report.shares
    for label, count in list(report.classes.items())[:_MOST_CLASSES]:
        bar = "█" * max(1, round(_LONGEST_BAR * count / largest))
        add_row(table, label, f"{count:,}", percent(shares[label]), bar)
    rest = list(report.classes.values())[_MOST_CLASSES:]
    if rest:
        add_row(table, words.other_classes.format(count=len(rest)), f"{sum(rest):,}")
    return table


def _texts(report: DataReport, words: Words) -> Table:
    table = empty_table("", "")
    columns = next((one.columns for one in report.sets if one.columns is not None), None)
    if columns is not None:
        chosen = (columns.text, columns.pair)
        add_row(table, words.text_column, ", ".join(name for name in chosen if name is not None))
        add_row(table, words.label_column, columns.label or "–")
    for title, lengths in ((words.characters, report.characters), (words.words_counted, report.units)):
        if lengths is not None:
            add_row(table, title, _lengths(lengths, words))
    if report.scripts:
        shares = [f"{script} {percent(share)}" for script, share in report.scripts.items()]
        add_row(table, words.scripts, ", ".join(shares))
        add_row(table, words.duplicates, f"{report.duplicates:,}")
        if report.classes:
            add_row(table, words.conflicts, f"{report.conflicts:,}")
    return table


def _format(one: SetReport) -> str:
    return ", ".join(part for part in (one.format, one.encoding) if part) or "–"


def _lengths(lengths: Lengths, words: Words) -> str:
    return words.lengths.format(median=f"{lengths.median:,}", most=f"{lengths.most:,}", longest=f"{lengths.longest:,}")
