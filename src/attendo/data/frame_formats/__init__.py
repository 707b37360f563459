"""How files become sentences with predicates and their roles: one kind of file a module, and the table of them."""

from attendo.data.frame_formats.catalog import (
    FRAME_FORMATS,
    FRAME_SUFFIXES,
    FrameFormat,
    Source,
    detect_frame_format,
    frame_format_of_inputs,
)
from attendo.data.frame_formats.records import (
    Draft,
    Frame,
    FramedSentence,
    Repairs,
    Role,
    place_words,
    without_overlaps,
)

__all__ = [
    "FRAME_FORMATS",
    "FRAME_SUFFIXES",
    "Draft",
    "Frame",
    "FrameFormat",
    "FramedSentence",
    "Repairs",
    "Role",
    "Source",
    "detect_frame_format",
    "frame_format_of_inputs",
    "place_words",
    "without_overlaps",
]
