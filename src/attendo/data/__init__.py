"""Labelled texts: reading the user's files, splitting and checking them, and a built-in corpus to start with.

What a text means to a task, and how it becomes tokens, is not decided here.
"""

from attendo.data.batches import plan_batches, plan_in_order
from attendo.data.columns import Columns, choose_columns
from attendo.data.corpus import built_in_corpus, write_corpus
from attendo.data.cuts import split_examples
from attendo.data.examples import Example, read_examples, read_inputs
from attendo.data.formats import FORMATS, Format, read_rows
from attendo.data.inspect import DataReport, Lengths, SetReport, inspect_data
from attendo.data.records import AnyRecord, Record, content
from attendo.data.rows import ReadOptions, Row
from attendo.data.sets import SUFFIXES, Splits, find_splits, load_sets
from attendo.data.settings import DataSettings
from attendo.data.splits import familiar_settings, load_splits
from attendo.data.tag_settings import TAG_FORMATS, TagDataSettings
from attendo.data.tagged import TaggedReading, read_tag_inputs, read_tagged
from attendo.data.tagged_text import TaggedText, join_words
from attendo.data.texts import Documents, TextSettings, load_documents

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "TAG_FORMATS",
    "AnyRecord",
    "Columns",
    "DataReport",
    "DataSettings",
    "Documents",
    "Example",
    "Format",
    "Lengths",
    "ReadOptions",
    "Record",
    "Row",
    "SetReport",
    "Splits",
    "TagDataSettings",
    "TaggedReading",
    "TaggedText",
    "TextSettings",
    "built_in_corpus",
    "choose_columns",
    "content",
    "familiar_settings",
    "find_splits",
    "inspect_data",
    "join_words",
    "load_documents",
    "load_sets",
    "load_splits",
    "plan_batches",
    "plan_in_order",
    "read_examples",
    "read_inputs",
    "read_rows",
    "read_tag_inputs",
    "read_tagged",
    "split_examples",
    "write_corpus",
]
