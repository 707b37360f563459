"""Apache Parquet, read in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attendo.data.encodings import byte_chunks
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.errors import DataError

_BATCH = 1024


def read_parquet(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield the rows; nothing in `options` applies, and a broken file has no single line to report."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    if not next(byte_chunks(path), b""):
        return
    number = 0
    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(values, path, number)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"this is no readable Parquet file ({str(error).partition('.')[0]}).", path=path) from None
