"""Plain text files whose lines belong together, such as `train.en` and `train.de`: found by one of them, and read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from attendo.data.columns import plain_name
from attendo.data.encodings import read_fed_lines
from attendo.data.formats import plain_suffix
from attendo.data.formats.folders import visible
from attendo.data.languages import language_named
from attendo.data.parallel_settings import ParallelDataSettings
from attendo.data.sides import Sides, choose_sides
from attendo.errors import DataError
from attendo.metrics.sums import Floats

_TEXT = ".txt"  # which may also be the suffix of a table
_SAMPLE = 1000  # lines by which languages are guessed
_QUOTED = 40  # characters of a line that messages show
_SURE = 3.0  # how much better lines must fit when parted at a place for it to be named, in steps of e to one


def joined_files(folder: Path, settings: ParallelDataSettings) -> dict[Path, list[Path]]:
    """The files of a folder that belong together, by the path that they share before their endings."""
    found: dict[Path, list[Path]] = defaultdict(list)
    for entry in visible(folder):
        if entry.is_file() and (parted := _parted(entry, settings)):
            found[entry.with_name(parted[0])].append(entry)
    return {prefix: files for prefix, files in found.items() if len(files) > 1}


def find_side_files(path: Path, settings: ParallelDataSettings) -> dict[str, Path] | None:
    """The files that belong together by their endings, given one of them or what they share; None where it is a table.

    Raises:
        DataError: if a file stands alone that is called like one of two.
    """
    if path.is_dir() or settings.format is not None:
        return None
    parted = _parted(path, settings)
    if path.exists() and parted is None:
        return None
    prefix = path if parted is None or not path.exists() else path.with_name(parted[0])
    files = joined_files(prefix.parent, settings).get(prefix, []) if prefix.parent.is_dir() else []
    if files:
        return _by_ending(files, settings)
    if not path.exists() or parted is None or plain_suffix(path) == _TEXT:
        return None  # what it is, or that it is not there, the reader of tables says
    ending = parted[1]
    other = f"{parted[0]}.{'en' if language_named(ending) != 'en' else 'de'}"
    raise DataError(
        f"by its name this is one of two files, but there is no other one beside it that is called "
        f"{parted[0]} with another ending, such as {other}. Put both into one folder.",
        path=path,
    )


def is_one_side(path: Path, settings: ParallelDataSettings) -> bool:
    """Whether a file is called like one of two."""
    return path.is_file() and settings.format is None and _parted(path, settings) is not None


def choose_side_files(
    files: Mapping[str, Path], path: Path, settings: ParallelDataSettings, before: Sides | None
) -> Sides:
    """Which of the files holds sources and which targets; the one that was given by its name is the source.

    Unless it is called like targets, or the settings say otherwise.
    """
    sample = {ending: list(islice(read_fed_lines(file, settings.encoding), _SAMPLE)) for ending, file in files.items()}
    given = next((ending for ending, file in files.items() if file == path), None)
    if given is not None and before is None:
        if settings.source is not None:
            settings = settings if _is(given, settings.source) or settings.target else replace(settings, target=given)
        elif settings.target is not None:
            settings = settings if _is(given, settings.target) else replace(settings, source=given)
        elif len(files) == 2 and plain_name(given) not in {target for _, target in settings.side_names}:
            before = Sides(source=given, target=next(ending for ending in files if ending != given))
    return choose_sides(sample, path, settings, before)


def read_side_files(source: Path, target: Path, encoding: str | None) -> tuple[list[str], list[str], int]:
    """The lines of both, as many of each, and how many blank ones at the end of the longer one were left aside.

    Raises:
        DataError: if both are one file, or one is empty, or lines have no partner.
    """
    if source.samefile(target):
        raise DataError(f"source and target are the same file, {target.name}.", path=source)
    ours, theirs = (list(read_fed_lines(path, encoding)) for path in (source, target))
    for path, lines in ((source, ours), (target, theirs)):
        if not any(map(str.strip, lines)):
            raise DataError("it is empty.", path=path)
    size = min(len(ours), len(theirs))
    if any(line.strip() for line in (*ours[size:], *theirs[size:])):
        raise DataError(_unequal(ours, theirs, source, target))
    return ours[:size], theirs[:size], max(len(ours), len(theirs)) - size


def where_they_part(ours: Sequence[str], theirs: Sequence[str]) -> int | None:
    """The first line, counted from 0, behind which the lengths of lines fit better if the surplus of one is left out.

    Lines that belong together are long or short together. One gap is sought; None where no place is clearly better.
    """
    short, long = sorted((_log_lengths(ours), _log_lengths(theirs)), key=len)
    surplus = len(long) - len(short)
    if not surplus or not len(short):
        return None
    before = _misfit(short, long[: len(short)])
    after = _misfit(short, long[surplus:])
    # cost[k]: the first k lines belong together as they stand, the others as if the surplus stood at k
    cost = np.concatenate([[0.0], np.cumsum(before)]) + np.concatenate([np.cumsum(after[::-1])[::-1], [0.0]])
    best = int(cost.argmin())
    return best if best < len(short) and cost[-1] - cost[best] > _SURE else None


def _is(ending: str, wanted: str | int) -> bool:
    """Whether an ending is what was asked for, or of the language that was."""
    language = language_named(str(wanted))
    return ending == wanted or (language is not None and language == language_named(ending))


def _by_ending(files: Sequence[Path], settings: ParallelDataSettings) -> dict[str, Path]:
    """The files by their endings.

    Raises:
        DataError: if two have the same, such as `a.en` and `a.en.gz`.
    """
    found: dict[str, Path] = {}
    for file in files:
        parted = _parted(file, settings)
        ending = parted[1] if parted else ""
        if ending in found:
            raise DataError(f"{found[ending].name} and {file.name} may both be meant; keep one.", path=file.parent)
        found[ending] = file
    return found


def _parted(path: Path, settings: ParallelDataSettings) -> tuple[str, str] | None:
    """What a file shares with others, and its ending, if it is called like one of two."""
    name = path.name
    for suffix in (".gz", _TEXT):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    stem, _, ending = name.rpartition(".")
    known = {side for pair in settings.side_names for side in pair}
    return (stem, ending) if stem and (language_named(ending) or plain_name(ending) in known) else None


def _unequal(ours: Sequence[str], theirs: Sequence[str], source: Path, target: Path) -> str:
    said = (
        f"{source} has {_counted(ours)} and {target} {_counted(theirs)}, but each line of the one must belong to the "
        "same line of the other."
    )
    place = where_they_part(ours, theirs)
    if place is None:
        longer = source if len(ours) > len(theirs) else target
        return f"{said} Remove the lines of {longer.name} that have no partner, or give those that are missing."
    shown = " beside ".join(f"“{line.strip()[:_QUOTED]}”" for line in (ours[place], theirs[place]))
    return f"{said} By their lengths they part near line {place + 1:,}: {shown}. Put that right and try again."


def _counted(lines: Sequence[str]) -> str:
    return "1 line" if len(lines) == 1 else f"{len(lines):,} lines"


def _log_lengths(lines: Sequence[str]) -> Floats:
    return np.log1p(np.array([len(line.strip()) for line in lines], dtype=np.float64))


def _misfit(short: Floats, long: Floats) -> Floats:
    """How far each two lengths are from the usual ratio of such two."""
    ratios = short - long
    return np.abs(ratios - np.median(ratios))
