"""Parts of a training report on where the model comes from: data, decisions, settings, cost, versions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attendo.page import Column, Page, Tile
from attendo.report.amounts import duration, memory, power_of_ten
from attendo.report.measures import labelled_noun
from attendo.report.score_sections import folded_if_long
from attendo.report.story import Story
from attendo.report.words import Words


def add_data(page: Page, story: Story, words: Words) -> None:
    """How many records there are, and how they, or their labelled parts, spread over the classes."""
    page.section(words.data)
    page.tiles([Tile(value=f"{size:,}", caption=words.those_of(name)) for name, size in story.sizes.items()])
    sets = list(story.class_counts)
    labels = list(dict.fromkeys(label for counts in story.class_counts.values() for label in counts))
    columns: list[Column | str] = [words.label]
    for name in sets:
        columns += [Column(title=words.name(name), bar=True), Column(title=words.share, percent=True)]
    whole = labelled_noun(story.systems[-1].scores[story.last_set], story.noun) == story.noun
    totals = {name: story.sizes.get(name, 0) if whole else sum(story.class_counts[name].values()) for name in sets}
    rows = []
    for label in labels:
        counts = [story.class_counts[name].get(label, 0) for name in sets]
        shares = [count / max(totals[name], 1) for name, count in zip(sets, counts, strict=True)]
        rows.append((label, *(cell for pair in zip(counts, shares, strict=True) for cell in pair)))
    if not labels:  # numbers, for which there are none to count
        return
    with folded_if_long(page, words.class_balance.format(count=len(labels)), len(labels)):
        page.table(columns, rows)


def add_decisions(page: Page, story: Story, words: Words) -> None:
    """What was chosen and why, the parts of the model, and, folded, every setting."""
    page.section(words.decisions)
    _add_list(page, words.reason, story.plan.get("reasons", ()))
    if story.parameters:
        parts = [(words.name(part), count) for part, count in story.parameters.items()]
        page.table((words.part, words.parameters), parts, sortable=False)
    with page.details(words.all_settings):
        chosen = {key: value for key, value in story.plan.items() if key not in ("reasons", "settings")}
        page.table((words.decided, words.value), list(_flat(chosen)))
        page.table((words.setting, words.value), list(_flat(story.settings)))


def add_cost(page: Page, story: Story, words: Words) -> None:
    """What the run used up, and what it was made with."""
    page.section(words.cost)
    cost = story.cost
    page.tiles(
        [
            Tile(value=duration(cost.seconds, words), caption=words.wall_clock),
            Tile(value=duration(cost.cpu_seconds, words), caption=words.cpu_time),
            Tile(value=memory(cost.peak_memory), caption=words.peak_memory),
        ]
    )
    page.paragraph(words.work.format(tokens=f"{cost.tokens:,}", operations=power_of_ten(cost.operations)))
    if story.versions:
        made_with = ", ".join(f"{name} {version}" for name, version in story.versions.items())
        page.paragraph(words.made_with.format(versions=made_with))


def add_notes(page: Page, story: Story, words: Words) -> None:
    """What the run noted besides its decisions and warnings."""
    elsewhere = {*story.warnings, *story.plan.get("reasons", ())}
    notes = [text for text in story.notes if text not in elsewhere]
    if notes:
        page.section(words.notes)
        _add_list(page, words.noted, notes)


def _add_list(page: Page, title: str, sentences: Sequence[str]) -> None:
    if sentences:
        page.table((title,), [(text,) for text in sentences], sortable=False)


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every value with its path, as a configuration file writes them: "training.epochs", "null"."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            yield f"{path}{key}", written
