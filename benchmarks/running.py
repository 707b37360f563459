"""What benchmarks that train have in common: a process for each run, a line for each result, tables in docs/results.md.

A run is told by some fields of its line, such as its name and seed. These are also what its process is started with:
`one --only NAME --seed 0 --out OUT`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from attendo.report import Story

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
RESULTS = "results.jsonl"

Line = dict[str, Any]


class Seeded(Protocol):
    """A data set that is trained on with some seeds."""

    @property
    def name(self) -> str: ...

    @property
    def seeds(self) -> Sequence[int]: ...


def parser_of(description: str | None, out: str, only: str = "the name of one data set") -> argparse.ArgumentParser:
    """The options that all of these benchmarks have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "one", "table"))
    parser.add_argument("--out", type=Path, default=Path(out))
    parser.add_argument("--only", help=only)
    return parser


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options of benchmarks that take a seed and settings."""
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="a setting; see `attendo train`")


def settings_again(overrides: Sequence[str]) -> list[str]:
    """The same settings for another process."""
    return [word for override in overrides for word in ("--set", override)]


def by_seed(sets: Iterable[Seeded]) -> list[Line]:
    """A run for each set and seed: all sets once, before any set twice."""
    runs = [{"name": each.name, "seed": seed} for each in sets for seed in each.seeds]
    return sorted(runs, key=lambda run: run["seed"])


def run_missing(
    script: str,
    out: Path,
    runs: Iterable[Mapping[str, Any]],
    only: str | None = None,
    *,
    options: Sequence[object] = (),
    file: str = RESULTS,
) -> None:
    """Each run that has no line yet in a process of its own, so that none helps or hinders the next.

    Args:
        runs: what each run's line says of it, its `name` and perhaps more; what is `None` is not given to the process.
        only: the name of the runs to start; all if none is given.
        options: what every process is given besides.
    """
    done = read_lines(out, file)
    for run in runs:
        if only in (None, run["name"]) and not any(run.items() <= line.items() for line in done):
            more = [word for key, value in run.items() if key != "name" and value is not None
                    for word in (f"--{key}", value)]  # fmt: skip
            command = [sys.executable, script, "one", "--only", run["name"], *more, "--out", out, *options]
            subprocess.run([str(word) for word in command], check=True)


def telling(started: float) -> Callable[[object], None]:
    """Prints all that training tells but its pace, with the seconds since the start."""
    from attendo.training import Progress

    def tell(event: object) -> None:
        if not isinstance(event, Progress):
            print(f"{time.monotonic() - started:7.1f} s  {event}", flush=True)

    return tell


def spent(started: float, story: Story) -> Line:
    """What a run took, for its line."""
    return {
        "seconds": time.monotonic() - started,
        "tokens": story.cost.tokens,
        "cpu_seconds": story.cost.cpu_seconds,
        "peak_memory": story.cost.peak_memory,
        "threads": story.plan["threads"],
        "epochs": story.plan["epochs"],
        "best_epoch": story.best_epoch,
    }


def read_lines(out: Path, file: str = RESULTS) -> list[Line]:
    """What was found so far."""
    path = out / file
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def add_line(out: Path, line: Line, file: str = RESULTS) -> None:
    """Keep what was found, and print it."""
    out.mkdir(parents=True, exist_ok=True)
    with open(out / file, "a", encoding="utf-8") as kept:
        kept.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a page shows them."""
    return "\n".join([row(titles), "|---" * len(titles) + "|", *map(row, rows)])


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def put(name: str, script: str, shown: str, page: Path = PAGE) -> None:
    """Put a table between its marks in docs/results.md, in place of what stands there."""
    begin, end = marks(name, script)
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} has no place for this table: {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{shown}\n\n{end}{after}", encoding="utf-8")


def marks(name: str, script: str) -> tuple[str, str]:
    """What stands before and behind a table in docs/results.md."""
    return f"<!-- {name}: written by benchmarks/{Path(script).name} -->", f"<!-- end of {name} -->"
