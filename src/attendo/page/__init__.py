"""Self-contained HTML pages and charts as inline SVG: one file, no network, light and dark, screen, phone and paper.

Knows no task and no model: it is given titles, texts and numbers, and escapes whatever is not markup of its own.
"""

from attendo.page.bar_charts import Bar, bar_chart, histogram
from attendo.page.document import Page, Tile
from attendo.page.heat_maps import heat_map
from attendo.page.highlights import Span, Stretch, highlighted, marked
from attendo.page.line_charts import Mark, Series, line_chart
from attendo.page.markup import Html, Svg, element
from attendo.page.multiples import small_multiples
from attendo.page.reliability_diagrams import reliability_diagram
from attendo.page.scales import Axis
from attendo.page.tables import Column, data_table
from attendo.page.typography import format_number

__all__ = [
    "Axis",
    "Bar",
    "Column",
    "Html",
    "Mark",
    "Page",
    "Series",
    "Span",
    "Stretch",
    "Svg",
    "Tile",
    "bar_chart",
    "data_table",
    "element",
    "format_number",
    "heat_map",
    "highlighted",
    "histogram",
    "line_chart",
    "marked",
    "reliability_diagram",
    "small_multiples",
]
