"""How files become rows: one format a file, and the table of them. What a row means is decided in `data`, not here."""

from attendo.data.formats.catalog import FORMATS, Format, detect_format, plain_suffix, read_rows

__all__ = ["FORMATS", "Format", "detect_format", "plain_suffix", "read_rows"]
