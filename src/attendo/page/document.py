"""A report or any other page in one file: no network, no script but its own, readable on paper, phone and screen."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from attendo.errors import UnsupportedError
from attendo.files import write_text
from attendo.page.highlights import Span, highlighted
from attendo.page.markup import Html, element, joined
from attendo.page.tables import Cell, Column, data_table

_WORDS = {
    "en": {"lang": "en", "note": "Note", "warning": "Warning", "contents": "Contents"},
    "zh": {"lang": "zh-Hans", "note": "说明", "warning": "注意", "contents": "目录"},
}
_NO_WAY_OUT = "base-uri 'none'; form-action 'none'"
_ENOUGH_SECTIONS = 3  # from which on a page has a table of contents


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number to be seen first, with what it is and the range that it may lie in."""

    value: str
    caption: str
    interval: str = ""


class _Block(NamedTuple):
    kind: Literal["section", "figure", "other"]
    markup: Html


class Page:
    """A page written from top to bottom; all text is escaped, only `Html` and `Svg` are taken as they are."""

    def __init__(self, title: str, *, language: str = "en", subtitle: str = "") -> None:
        if language not in _WORDS:
            raise UnsupportedError(f"A page can be in {' or '.join(map(repr, _WORDS))}, but not in {language!r}.")
        self.title = title
        self.subtitle = subtitle
        self._words = _WORDS[language]
        self._open: list[list[_Block]] = [[]]  # the page itself and the folded parts being written
        self._sections: list[str] = []

    def section(self, title: str) -> None:
        """Begin a section; it ends where the next one begins."""
        if len(self._open) > 1:
            raise UnsupportedError("A section cannot begin inside folded details; leave the `with` block first.")
        self._sections.append(title)
        self._add(element("h2", title, id=f"section-{len(self._sections)}"), "section")

    def paragraph(self, *pieces: str) -> None:
        """A paragraph of text."""
        self._add(element("p", *pieces, dir="auto"))

    def tiles(self, tiles: Sequence[Tile]) -> None:
        """A row of large numbers."""
        shown = [
            element(
                "div",
                element("dt", tile.caption),
                element("dd", tile.value, class_="value"),
                element("dd", tile.interval, class_="interval") if tile.interval else Html(),
            )
            for tile in tiles
        ]
        self._add(element("dl", *shown, class_="tiles"))

    def table(
        self,
        columns: Sequence[Column | str],
        rows: Sequence[Sequence[Cell]],
        *,
        caption: str = "",
        sortable: bool = True,
    ) -> None:
        """A table; a cell may hold text, a number, None or markup."""
        self._add(data_table(columns, rows, caption=caption, sortable=sortable))

    def figure(self, chart: Html, caption: str = "", *, wide: bool = False) -> None:
        """A chart under its caption; figures that follow each other share a row unless they are `wide`."""
        title = [element("figcaption", caption)] if caption else []
        self._add(
            element("figure", *title, element("div", chart, class_="canvas"), class_="wide" if wide else None), "figure"
        )

    def highlight(self, text: str, spans: Sequence[Span], *, strongest: float | None = None) -> None:
        """A text of its own block with weighted spans; see `highlighted`."""
        self._add(element("div", highlighted(text, spans, strongest=strongest), class_="passage"))

    def note(self, *pieces: str) -> None:
        """Something good to know."""
        self._aside("note", pieces)

    def warning(self, *pieces: str) -> None:
        """Something to be careful about."""
        self._aside("warning", pieces)

    @contextmanager
    def details(self, summary: str, *, unfolded: bool = False) -> Iterator[None]:
        """What is added within the `with` block is folded away under a summary; it is printed in full."""
        self._open.append([])
        try:
            yield
        finally:
            inside = _flowing(self._open.pop())
            body = element("div", inside, class_="folded")
            self._add(element("details", element("summary", summary), body, open="" if unfolded else None))

    def html(self) -> str:
        """The whole page."""
        script = _shipped("script.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        # Nothing may be fetched, and no script but this very one may run, whatever text the page holds.
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; {_NO_WAY_OUT}"
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="color-scheme", content="light dark"),
            element("title", self.title),
            element("style", Html(_shipped("style.css"))),
        )
        subtitle = [element("p", self.subtitle, class_="subtitle", dir="auto")] if self.subtitle else []
        body = element(
            "body",
            element("header", element("h1", self.title, dir="auto"), *subtitle),
            self._contents(),
            element("main", _in_sections(self._open[0])),
            element("script", Html(script)),
        )
        return f"<!doctype html>\n{element('html', head, body, lang=self._words['lang'])}\n"

    def write(self, path: Path | str) -> None:
        """Save the page; the file is there whole or, if the disk refuses, as it was before."""
        write_text(path, self.html())

    def _add(self, markup: Html, kind: Literal["section", "figure", "other"] = "other") -> None:
        self._open[-1].append(_Block(kind, markup))

    def _aside(self, kind: str, pieces: Sequence[str]) -> None:
        label = element("strong", self._words[kind], class_="label")
        self._add(element("aside", label, element("p", *pieces, dir="auto"), class_=kind, role="note"))

    def _contents(self) -> Html:
        if len(self._sections) < _ENOUGH_SECTIONS:
            return Html()
        links = [
            element("li", element("a", title, href=f"#section-{number}"))
            for number, title in enumerate(self._sections, 1)
        ]
        return element("nav", element("ul", *links), aria_label=self._words["contents"])


def _in_sections(blocks: Sequence[_Block]) -> Html:
    parts, pending = [], []
    for block in [*blocks, _Block("section", Html())]:
        if block.kind == "section" and pending:
            parts.append(element("section", _flowing(pending)))
            pending = []
        pending.append(block)
    return joined(*parts)


def _flowing(blocks: Sequence[_Block]) -> Html:
    """Blocks one under the other, neighbouring figures beside each other."""
    parts = []
    for together, group in groupby(blocks, key=lambda block: block.kind == "figure"):
        markup = joined(*(block.markup for block in group))
        parts.append(element("div", markup, class_="figures") if together else markup)
    return joined(*parts)


@functools.cache
def _shipped(name: str) -> str:
    return resources.files("attendo.page").joinpath(name).read_text(encoding="utf-8")
