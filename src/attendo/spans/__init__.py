"""Parts of a sequence with a label, and the tagging schemes that write them as one tag for each word.

Knows no file, no model and no score. Conversion between two schemes is `write_tags(read_tags(...))`.
"""

from attendo.spans.constraints import allowed
from attendo.spans.detecting import detect_scheme, unknown_tags
from attendo.spans.reading import LabelledSpan, read_tags, read_tags_strictly, write_tags
from attendo.spans.schemes import NO_LABEL, OUTSIDE, SCHEMES, Scheme, find_scheme

__all__ = [
    "NO_LABEL",
    "OUTSIDE",
    "SCHEMES",
    "LabelledSpan",
    "Scheme",
    "allowed",
    "detect_scheme",
    "find_scheme",
    "read_tags",
    "read_tags_strictly",
    "unknown_tags",
    "write_tags",
]
