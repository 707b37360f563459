"""CSV and TSV: finding out the delimiter, the quotation marks and the header, and reading record by record."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attendo.data.columns import is_known_name, is_text_name
from attendo.data.encodings import detect_encoding, first_lines, read_lines
from attendo.data.numbers import MOSTLY
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.errors import ConfigError, DataError

_DELIMITERS = (",", ";", "\t", "|")
_FIELD_LIMIT = 1 << 30  # the csv module's own, 131,072 characters, is short for a book
_RECORD_LINES = 10_000  # a quoted field over more lines than this is one whose closing mark is missing
_NAME = re.compile(r"[^\W\d][\w .()\-/#]{0,39}")
_WRAPPED = re.compile(r'".*"', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the fields of one file are told apart, and how many there are."""

    delimiter: str
    quoted: bool
    header: bool
    names: tuple[str, ...]


def read_csv(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield the rows of a file separated by commas, or by what `delimiter` says, or by what fits best."""
    return _read(path, options, on_problem, options.delimiter)


def read_tsv(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield the rows of a file separated by tabs."""
    return _read(path, options, on_problem, options.delimiter or "\t")


def has_tab_columns(lines: Sequence[str]) -> bool:
    """Whether most lines have the same number of tabs; the others are ragged, not a sign of another format."""
    counts = Counter(line.count("\t") for line in lines if line.strip())
    if not counts:
        return False
    tabs, times = counts.most_common(1)[0]
    return tabs > 0 and times > counts.total() / 2


def has_named_columns(lines: Sequence[str]) -> bool:
    """Whether the first line is a header: prose has commas too, but does not begin with `text,label`."""
    for delimiter in _DELIMITERS:
        names = lines[0].strip().split(delimiter) if lines else []
        if len(names) > 1 and any(map(is_text_name, names)) and all(_NAME.fullmatch(name.strip()) for name in names):
            return True
    return False


def sniff_dialect(lines: Sequence[str], options: ReadOptions, delimiter: str | None, *, cut: bool) -> Dialect:
    """Find the dialect in the first lines; where more follow, `cut`, the last record may not be whole."""
    if delimiter is not None and len(delimiter) != 1:
        raise ConfigError(f"`delimiter` must be one character, but is {delimiter!r}.")
    delimiter = delimiter or max(_DELIMITERS, key=lambda candidate: _agreement(*_parse(lines, candidate, True, cut)))
    quoted = delimiter != "\t" or _needs_quotes(lines, cut)
    records, _ = _parse(lines, delimiter, quoted, cut)
    if not records:
        return Dialect(delimiter=delimiter, quoted=quoted, header=False, names=())
    header = has_header(records, options.names) if options.header is None else options.header
    width = Counter(map(len, records)).most_common(1)[0][0]
    heads = [cell.strip() for cell in records[0]] if header else [""] * width
    # An unnamed column, such as the row numbers that data frames write, goes by its number.
    names = tuple(head or str(index) for index, head in enumerate(heads))
    return Dialect(delimiter=delimiter, quoted=quoted, header=header, names=names)


def has_header(records: Sequence[Sequence[str]], wanted: Collection[str] = ()) -> bool:
    """Whether the first record names the columns.

    It does if one of its cells is `wanted`, a name that was asked for. Otherwise its cells are short and distinct, and
    one of them is a usual name, or stands over numbers, or over a few values that it is not one of. Where cells are not
    distinct, a usual name that stands there twice and nowhere below says so.
    """
    first, rest = records[0], records[1:]
    names = [cell.strip() for cell in first]
    if not set(wanted).isdisjoint(names):
        return True
    if not any(names) or not all(_NAME.fullmatch(name) for name in names if name):
        return False
    if len(set(names)) < len(names):
        below = {cell.strip() for record in rest for cell in record}
        return any(is_known_name(name) and name not in below for name in _twice(names))
    for index, name in enumerate(names):
        values = [record[index].strip() for record in rest if len(record) == len(first)]
        if name in values:
            continue
        if is_known_name(name):
            return True
        few = len(values) >= 4 and len(set(values)) <= len(values) // 2
        if len(names) > 1 and (few or _are_numbers(values)):
            return True
    return False


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _read(path: Path, options: ReadOptions, on_problem: OnProblem, delimiter: str | None) -> Iterator[Row]:
    encoding = options.encoding or detect_encoding(path)
    limit = 1000
    sample = first_lines(path, encoding, limit=limit)
    dialect = sniff_dialect(sample, options, delimiter, cut=len(sample) == limit)
    if repeated := _twice(dialect.names):
        raise DataError(f"the header names `{repeated[0]}` twice; rename one of the columns.", path=path, line=1)
    skip = dialect.header
    for line, fields in _records(path, encoding, dialect, on_problem):
        if _is_blank(fields):
            continue  # an empty line, or the `,,,` that spreadsheets leave at the end
        if skip:
            skip = False
        elif len(fields) != len(dialect.names):
            on_problem(DataError(_ragged(len(fields), dialect), path=path, line=line))
        else:
            yield Row(dict(zip(dialect.names, fields, strict=True)), path, line)


def _records(path: Path, encoding: str, dialect: Dialect, on_problem: OnProblem) -> Iterator[tuple[int, Sequence[str]]]:
    """Records with the lines on which they begin; a quoted field may be several lines long."""
    begin = 1

    def guarded() -> Iterator[str]:
        for number, line in enumerate(read_lines(path, encoding), start=1):
            if number - begin > _RECORD_LINES:
                raise DataError("a quotation mark is opened here but not closed.", path=path, line=begin)
            yield line

    records = _reader(guarded(), dialect.delimiter, dialect.quoted)
    while True:
        begin = records.line_num + 1
        try:
            fields = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            on_problem(DataError(_malformed(error), path=path, line=begin))
            continue
        yield begin, fields


def _reader(lines: Iterator[str], delimiter: str, quoted: bool):
    if csv.field_size_limit() < _FIELD_LIMIT:
        csv.field_size_limit(_FIELD_LIMIT)
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)


def _parse(lines: Sequence[str], delimiter: str, quoted: bool, cut: bool) -> tuple[list[list[str]], int]:
    """The sound records among the first lines, and the number of others."""
    reader, records, malformed = _reader(iter(lines), delimiter, quoted), [], 0
    while True:
        try:
            records.append(next(reader))
        except StopIteration:
            break
        except csv.Error:
            malformed += 1
    if cut and len(records) > 1:
        records.pop()
    return [record for record in records if not _is_blank(record)], malformed


def _agreement(records: Sequence[Sequence[str]], malformed: int) -> float:
    """Share of records with the usual number of fields, if that is more than one."""
    if not records:
        return 0.0
    width, times = Counter(map(len, records)).most_common(1)[0]
    return times / (len(records) + malformed) if width > 1 else 0.0


def _needs_quotes(lines: Sequence[str], cut: bool) -> bool:
    """Whether a tab-separated file quotes its fields; published ones mostly do not, and have texts with stray marks.

    It does if quoting gives an even table, and either hides a tab, a line or a mark, or wraps every value of a column.
    """
    if not any('"' in line for line in lines):
        return False
    quoted, malformed = _parse(lines, "\t", True, cut)
    if _agreement(quoted, malformed) < 1.0:
        return False
    literal, _ = _parse(lines, "\t", False, cut)
    changed = [field for record in quoted if record not in literal for field in record]
    hidden = any(mark in field for field in changed for mark in '\t\n"')
    return hidden or any(all(_WRAPPED.fullmatch(cell) for cell in column) for column in zip(*literal, strict=False))


def _is_blank(fields: Sequence[str]) -> bool:
    return not any(map(str.strip, fields))


def _are_numbers(values: Sequence[str]) -> bool:
    """Whether these are numbers, but for a few mistakes."""
    count = sum(map(_is_number, values))
    return count > 0 and count >= MOSTLY * len(values)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _ragged(found: int, dialect: Dialect) -> str:
    plural = "field" if found == 1 else "fields"
    message = f"{found} {plural} where {len(dialect.names)} were expected."
    if dialect.quoted and found > len(dialect.names):
        message += " A field that holds the delimiter needs quotation marks."
    return message


def _malformed(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark is opened here but not closed."
    return "a quoted field is not followed by a delimiter; inside quotation marks, a quotation mark is written twice."
