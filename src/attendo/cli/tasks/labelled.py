"""How labelled texts are written: as lines for people, as JSON Lines, or as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from attendo.cli.terminal import console, knows_unicode, one_line

if TYPE_CHECKING:
    from attendo.data import Example
    from attendo.tasks import LabelSet, Prediction

    Labelled: TypeAlias = Iterable[tuple[Example, Prediction]]

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_QUOTED = set('\t\r\n"')
_DIGITS = 6  # what a float32 can tell
_WIDEST = 24  # cells that labels may take on a terminal


def write_lines(labelled: Labelled, file: TextIO, labels: LabelSet, everything: bool) -> None:
    """Label, probability and text on one line of a terminal, coloured by label."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    screen = console(file=file)
    width = min(_WIDEST, max(map(cell_len, labels.names)))
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(labels.names)}
    for example, prediction in labelled:
        colour = colours[prediction.labels[0]] if prediction.labels else "dim"
        name = prediction.label or "none"
        line = Text.assemble(
            (set_cell_size(name, max(width, cell_len(name))), f"bold {colour}"),
            (f" {prediction.probability:7.1%}  ", "" if prediction.probability >= 0.5 else "dim"),
            one_line(example.text if example.pair is None else f"{example.text} | {example.pair}"),
        )
        screen.print(line, no_wrap=True, overflow="ellipsis")
        if everything:
            ranked = sorted(prediction.probabilities.items(), key=lambda item: -item[1])
            shown = ", ".join(f"{label} {chance:.1%}" for label, chance in ranked)
            screen.print(f"{'':{width}}          {shown}", style="dim", soft_wrap=True)


def write_json_lines(labelled: Labelled, file: TextIO, labels: LabelSet, everything: bool) -> None:
    """One object a line, always with the probabilities of all labels."""
    ascii_only = not knows_unicode(file)
    for example, prediction in labelled:
        record: dict[str, Any] = {
            "label": list(prediction.labels) if labels.several else prediction.label,
            "probability": round(prediction.probability, _DIGITS),
            "probabilities": {name: round(chance, _DIGITS) for name, chance in prediction.probabilities.items()},
            "text": example.text,
        }
        if example.pair is not None:
            record["pair"] = example.pair
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")


def write_table(labelled: Labelled, file: TextIO, labels: LabelSet, everything: bool) -> None:
    """Tabs between fields; a text with a tab, a line end or a quotation mark in it stands in quotation marks."""
    names = labels.names if everything else ()
    for number, (example, prediction) in enumerate(labelled):
        texts = [example.text] if example.pair is None else [example.text, example.pair]
        if not number:
            heads = [f"P({name})" for name in names]
            file.write(table_row("label", "probability", *heads, *("text", "pair")[: len(texts)]))
        chances = [prediction.probability, *(prediction.probabilities[name] for name in names)]
        file.write(table_row(prediction.label, *(f"{chance:.{_DIGITS}f}" for chance in chances), *texts))


def table_row(*fields: str) -> str:
    """One record; Python's own writer leaves a lone carriage return unquoted."""
    quoted = (f'"{field.replace(chr(34), chr(34) * 2)}"' if set(field) & _QUOTED else field for field in fields)
    return "\t".join(quoted) + "\n"


WRITERS: dict[str, Callable[[Labelled, TextIO, LabelSet, bool], None]] = {
    "lines": write_lines,
    "jsonl": write_json_lines,
    "tsv": write_table,
}
"""Each takes the labelled texts, where to write them, the model's labels, and whether to show all probabilities."""
