"""Train models of semantic roles on the real data sets with default settings, and score each test set once.

    ATTENDO_DATA=/path/to/data python benchmarks/roles.py run --out runs/roles
    python benchmarks/roles.py table --out runs/roles

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` prints the lines as
docs/results.md shows them. The file that the sets call dev is the test set here; what to choose by is cut from the
training file. The linear chain beside them is benchmarks/roles_baseline.py, which needs no network at all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "one", "table"))
    parser.add_argument("--out", type=Path, default=Path("runs/roles"))
    parser.add_argument("--only", help="the name of one data set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="a setting; see `attendo train`")
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments)
    elif arguments.what == "run":
        run_all(arguments)
    else:
        print(table(arguments.out))


def run_all(arguments: argparse.Namespace) -> None:
    """Each run in a process of its own, so that none helps or hinders the next."""
    done = {(line["name"], line["seed"]) for line in read_lines(arguments.out)}
    for each in SETS:
        if (each.name, arguments.seed) in done or arguments.only not in (None, each.name):
            continue
        command = [sys.executable, __file__, "one", "--only", each.name, "--seed", arguments.seed]
        command += ["--out", arguments.out]
        settings = [word for override in arguments.overrides for word in ("--set", override)]
        subprocess.run([str(word) for word in (*command, *settings)], check=True)


def run_one(each: Set, arguments: argparse.Namespace) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import RoleRunSettings, train
    from attendo.configuration import read_settings
    from attendo.training import Progress

    root, seed = Path(os.environ["ATTENDO_DATA"]) / each.folder, arguments.seed
    settings = read_settings(RoleRunSettings, overrides=[*arguments.overrides, f"training.seed={seed}"])

    def tell(event: object) -> None:
        if not isinstance(event, Progress):
            print(f"{time.monotonic() - started:7.1f} s  {event}", flush=True)

    folder = arguments.out / f"{each.folder}-{seed}"
    story = train("roles", root / each.train, test=root / each.test, out=folder, settings=settings, tell=tell).story
    line = {"name": each.name, "seed": seed, "seconds": time.monotonic() - started, "tokens": story.cost.tokens}
    line |= {"cpu_seconds": story.cost.cpu_seconds, "peak_memory": story.cost.peak_memory}
    line |= {"threads": story.plan["threads"], "epochs": story.plan["epochs"], "best_epoch": story.best_epoch}
    for system in story.systems:
        line[system.name] = {
            name: {measure: value_of(getattr(scores, measure)) for measure in MEASURES}
            for name, scores in system.scores.items()
        }
    with open(arguments.out / "results.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def value_of(interval: object) -> list[float] | None:
    """A score and the ends of its interval."""
    return None if interval is None else [getattr(interval, name) for name in ("value", "low", "high")]


def read_lines(out: Path) -> list[dict]:
    path = out / "results.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def table(out: Path) -> str:
    """The results as rows of a page."""
    titles = ("data set", "usual roles", "linear chain (CRF)", "**attendo**, roles, predicates given")
    titles += ("roles, predicates found", "predicates", "senses", "minutes of one core")
    rows = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
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
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def percent(score: list[float] | None) -> str:
    """A score alone."""
    return "" if score is None else f"{100 * score[0]:.1f}"


if __name__ == "__main__":
    main()
