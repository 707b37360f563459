"""Many small charts of one kind beside each other, as many to a row as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from attendo.page.markup import Html, Svg, element


def small_multiples(panels: Sequence[tuple[str, Svg]], *, panel_width: int = 150) -> Html:
    """Charts with their names above them; give all of them the same axis ends, so that they can be compared."""
    shown = [element("figure", element("figcaption", name), chart) for name, chart in panels]
    return element("div", *shown, class_="multiples", style=f"--panel:{panel_width}px")
