"""Train models of semantic roles on the real data sets with default settings, and score each test set once.

    ATTENDO_DATA=/path/to/data python benchmarks/roles.py run --out runs/roles
    python benchmarks/roles.py table --out runs/roles

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. The file that the sets call dev is the test set here; what to choose by is cut from the training file.
The linear chain beside them is benchmarks/roles_baseline.py, which needs no network at all.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

from running import (
    add_line,
    add_settings,
    parser_of,
    put,
    read_lines,
    run_missing,
    settings_again,
    spent,
    table,
    telling,
)

MEASURES = ("f1", "precision", "recall", "found_f1", "predicate_f1", "sense_accuracy")
CHAINS = {"English, PropBank": 60.8, "Chinese, Universal PropBank": 27.5}
"""F1 of the linear chain with given predicates, as benchmarks/roles_baseline.py says it."""


@dataclass(frozen=True)
class Set:
    """A data set: its name, its folder, and its files."""

    name: str
    folder: str
    train: str
    test: str


SETS = (
    Set("English, PropBank", "srl-propbank_ewt", "train.gold_conll", "dev.gold_conll"),
    Set(
        "Chinese, Universal PropBank",
        "srl-up2_chinese_gsd",
        "zh_gsd-up-train.conllup",
        "zh_gsd-up-dev.conllup",
    ),
)


def main() -> None:
    parser = parser_of(__doc__, "runs/roles")
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments)
    elif arguments.what == "run":
        runs = [{"name": each.name, "seed": arguments.seed} for each in SETS]
        settings = settings_again(arguments.overrides)
        run_missing(__file__, arguments.out, runs, arguments.only, options=settings)
    else:
        put("roles", __file__, table_of(arguments.out))


def run_one(each: Set, arguments: argparse.Namespace) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import RoleRunSettings, train
    from attendo.configuration import read_settings

    root, seed = Path(os.environ["ATTENDO_DATA"]) / each.folder, arguments.seed
    settings = read_settings(RoleRunSettings, overrides=[*arguments.overrides, f"training.seed={seed}"])

    tell = telling(started)
    folder = arguments.out / f"{each.folder}-{seed}"
    story = train("roles", root / each.train, test=root / each.test, out=folder, settings=settings, tell=tell).story
    line = {"name": each.name, "seed": seed} | spent(started, story)
    for system in story.systems:
        line[system.name] = {
            name: {measure: value_of(getattr(scores, measure)) for measure in MEASURES}
            for name, scores in system.scores.items()
        }
    add_line(arguments.out, line)


def value_of(interval: object) -> list[float] | None:
    """A score and the ends of its interval."""
    return None if interval is None else [getattr(interval, name) for name in ("value", "low", "high")]


def table_of(out: Path) -> str:
    """The results as a table."""
    titles = ("data set", "usual roles", "linear chain (CRF)", "**attendo**, roles, predicates given")
    titles += ("roles, predicates found", "predicates", "senses", "minutes of one core")
    rows = []
    for line in read_lines(out):
        ours, usual = line["attendo"]["test"], line["usual roles"]["test"]
        low, high = (100 * end for end in ours["f1"][1:])
        cells = [
            line["name"],
            percent(usual["f1"]),
            f"{CHAINS[line['name']]:.1f}",
            f"**{percent(ours['f1'])}** ({low:.1f} to {high:.1f})",
            *(percent(ours[name]) for name in ("found_f1", "predicate_f1", "sense_accuracy")),
            f"{line['cpu_seconds'] / 60:.1f}",
        ]
        rows.append(cells)
    return table(titles, rows)


def percent(score: list[float] | None) -> str:
    """A score alone."""
    return "" if score is None else f"{100 * score[0]:.1f}"


if __name__ == "__main__":
    main()
