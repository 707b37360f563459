"""Labelled texts: reading the user's files, splitting and checking them, and a built-in corpus to start with.

What a text means to a task, and how it becomes tokens, is not decided here.
"""

from attendo.data.columns import Columns, choose_columns
from attendo.data.cuts import split_examples
from attendo.data.examples import Example, read_examples, read_inputs
from attendo.data.formats import FORMATS, Format, read_rows
from attendo.data.rows import ReadOptions, Row
from attendo.data.settings import DataSettings
from attendo.data.splits import Splits, find_splits, load_splits

__all__ = [
    "FORMATS",
    "Columns",
    "DataSettings",
    "Example",
    "Format",
    "ReadOptions",
    "Row",
    "Splits",
    "choose_columns",
    "find_splits",
    "load_splits",
    "read_examples",
    "read_inputs",
    "read_rows",
    "split_examples",
]
