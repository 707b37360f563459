"""Draw what translators look at while they write, beside each other, and write docs/attention-in-translation.md.

    python benchmarks/alignment_pictures.py --out runs/translation

Takes the models that `translation.py run` has trained on Multi30k, and its results. Each model reads the same German
words, made by hand (`word_links.py`), and is asked which English words it looks at before it would write each of them;
the pictures show the mean over heads and layers. Beside them stands what each model writes by itself.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from running import put, read_lines, table
from translation import LENGTHS, MULTI30K, RUNS, folder_of
from word_links import LINKS, Linked

PAGE = Path(__file__).parents[1] / "docs" / "attention-in-translation.md"
PICTURES = PAGE.with_name("pictures")
SHOWN = ("An old man reads a newspaper on a bench.", "A cyclist rides down the street at night.")
"""Sentences whose words do not keep their order."""
MARGIN = 16
"""Around a picture."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/translation"))
    arguments = parser.parse_args()
    lines = {line["name"]: line for line in read_lines(arguments.out)}
    names = [run.name for run in RUNS if run.data == MULTI30K and run.name in lines]
    put("kinds", __file__, kinds_table([lines[name] for name in names]), PAGE)
    models = {kind_of(name): load(arguments.out, name) for name in names}
    put("words", __file__, writings_table(models), PAGE)
    put("pictures", __file__, "\n\n".join(draw(models, linked) for linked in LINKS if linked.source in SHOWN), PAGE)


def kind_of(name: str) -> str:
    """The system of a run."""
    return name.partition(", ")[2]


def load(out: Path, name: str) -> Any:
    import attendo

    return attendo.load(folder_of(out, name))


def kinds_table(lines: Sequence[dict[str, Any]]) -> str:
    """How well each kind translates, by length of the source, and what it took to learn that."""
    rows = []
    for line in lines:
        links = line.get("links", {}).get("all")
        value, low, high = line["scores"]["attendo"]["bleu"]
        rows.append(
            (
                *(kind_of(line["name"]), f"{value:.1f} ({low:.1f} to {high:.1f})"),
                *(f"{bleu:.1f}" for _, bleu in line["lengths"]),
                "–" if links is None else f"{links:.3f}",
                *(f"{line['seconds'] / 60:.0f}", f"{line['cpu_seconds'] / 60:.0f}", f"{line['parameters']:,}"),
            )
        )
    bounds = [*(f"up to {bound} words" for bound in LENGTHS), "longer"]
    titles = ("system", "BLEU", *bounds, "alignment error rate", "minutes", "minutes of a processor", "parameters")
    return table(titles, rows)


def writings_table(models: dict[str, Any]) -> str:
    """What each model writes from the sentences that are shown."""
    linked = [each for each in LINKS if each.source in SHOWN]
    rows = [("by hand", *(each.target for each in linked))]
    rows += [(name, *(model.translate(each.source).text for each in linked)) for name, model in models.items()]
    return table(("written by", *(each.source for each in linked)), rows)


def draw(models: dict[str, Any], linked: Linked) -> str:
    """A picture of each model that looks at its source; what the page says of them."""
    PICTURES.mkdir(exist_ok=True)
    parts = [f"### {linked.source}"]
    for name, model in models.items():
        if not model.writes.cross_attentions:
            continue
        (found,) = model.align(linked.source, linked.target)
        target = PICTURES / f"alignment-{slug(name)}-{slug(linked.source)}.svg"
        target.write_text(standalone(picture(found, f"{name}: {linked.source}")), encoding="utf-8")
        parts.append(f"{name}\n\n![{name}: {linked.source} to {linked.target}](pictures/{target.name})")
    return "\n\n".join(parts)


def picture(found: Any, title: str) -> str:
    """The weights, a row for each word that is written."""
    from attendo.page import heat_map

    return heat_map(
        found.weights,
        title=title,
        row_labels=[found.target[first:last] for first, last in found.target_words],
        column_labels=[found.source[first:last] for first, last in found.source_words],
        row_title="written",
        column_title="looked at",
    )


def standalone(chart: str) -> str:
    """A chart with the style sheet that it has in a page, light and dark."""
    from importlib.resources import files

    sheet = (files("attendo.page") / "style.css").read_text(encoding="utf-8")
    width, height = (float(each) for each in re.findall(r'viewBox="0 0 (\S+) (\S+)"', chart)[0])
    chart = re.sub(r'viewBox="[^"]*" width="\d+" height="\d+"', _frame(width, height), chart, count=1)
    opening, closed, rest = chart.partition(">")
    ground = f'<rect x="{-MARGIN}" y="{-MARGIN}" width="100%" height="100%" style="fill: var(--surface)"/>'
    return f"{opening}{closed}<style>{sheet}</style>{ground}{rest}\n"


def _frame(width: float, height: float) -> str:
    """Room around a chart: where fonts are wider than it was reckoned with, nothing is cut."""
    size = width + 2 * MARGIN, height + 2 * MARGIN
    return f'viewBox="{-MARGIN} {-MARGIN} {size[0]:g} {size[1]:g}" width="{size[0]:.0f}" height="{size[1]:.0f}"'


def slug(text: str) -> str:
    """A name for a file."""
    return "-".join("".join(each if each.isalnum() else " " for each in text.lower()).split())


if __name__ == "__main__":
    main()
