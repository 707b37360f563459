"""Train on the real data sets with default settings, score each test split once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/results.py run --out runs/results
    python benchmarks/results.py table --out runs/results

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARKS = ("<!-- classify: written by benchmarks/results.py -->", "<!-- end of classify -->")


@dataclass(frozen=True)
class Set:
    """A data set, how its columns are told apart, and what was asked of it."""

    name: str
    folder: str
    goal: float
    known_linear: float
    minutes: int = 8
    seeds: tuple[int, ...] = (0,)
    options: tuple[str, ...] = ()


SETS = (
    Set("trec", "cls-trec", 92.0, 90.2, seeds=(0, 1, 2), options=("data.label_until=:",)),
    Set("hotel reviews", "sent-chnsenticorp_hotel", 91.0, 89.2, seeds=(0, 1, 2)),
    Set("sst2", "sent-sst2", 84.0, 82.5, seeds=(0, 1, 2)),
    Set("takeaway reviews", "sent-waimai10k", 91.0, 89.7),
    Set("agnews", "cls-agnews", 88.5, 86.8),
    Set("sst5", "sent-sst5", 45.5, 43.9),
    Set("shopping categories", "cls-online_shopping", 90.0, 88.2, options=("data.label=cat", "data.text=review")),
    Set("imdb", "sent-imdb", 90.0, 89.5),
    Set("thucnews", "cls-thucnews", 92.0, 90.8, minutes=20),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "one", "table"))
    parser.add_argument("--out", type=Path, default=Path("runs/results"))
    parser.add_argument("--only", help="the name of one data set")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments.seed, arguments.out)
    elif arguments.what == "run":
        run_all(arguments.out, arguments.only)
    else:
        write_table(arguments.out)


def run_all(out: Path, only: str | None) -> None:
    """Each run in a process of its own, so that none helps or hinders the next."""
    done = {(line["name"], line["seed"]) for line in read_lines(out)}
    runs = [(seed, each) for each in SETS for seed in each.seeds]
    for seed, each in sorted(runs, key=lambda run: run[0]):  # all sets once, before any set twice
        if (each.name, seed) in done or only not in (None, each.name):
            continue
        command = [sys.executable, __file__, "one", "--only", each.name, "--seed", str(seed), "--out", str(out)]
        subprocess.run(command, check=True)


def run_one(each: Set, seed: int, out: Path) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import RunSettings, train
    from attendo.configuration import read_settings
    from attendo.training import Progress

    data = Path(os.environ["ATTENDO_DATA"]) / each.folder
    settings = read_settings(RunSettings, overrides=[*each.options, f"training.seed={seed}"])
    folder = out / f"{each.folder}-{seed}"

    def tell(event: object) -> None:
        if not isinstance(event, Progress):
            print(f"{time.monotonic() - started:7.1f} s  {event}", flush=True)

    story = train("classify", data, out=folder, settings=settings, tell=tell).story
    line = {"name": each.name, "seed": seed, "seconds": time.monotonic() - started, "tokens": story.cost.tokens}
    line |= {"cpu_seconds": story.cost.cpu_seconds, "peak_memory": story.cost.peak_memory}
    line |= {"threads": story.plan["threads"], "epochs": story.plan["epochs"], "best_epoch": story.best_epoch}
    for system in story.systems:
        line[system.name] = {name: scores.as_dict()["accuracy"] for name, scores in system.scores.items()}
        line[system.name]["macro_f1"] = system.scores["test"].macro_f1.value
    difference = story.against
    assert difference is not None
    line["difference"] = [difference.difference, difference.low, difference.high]
    with open(out / "results.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def read_lines(out: Path) -> list[dict]:
    path = out / "results.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def write_table(out: Path) -> None:
    """Put the results between the marks in docs/results.md."""
    lines = read_lines(out)
    titles = ("data set", "majority", "linear, published", "linear here", "**attendo**", "goal")
    titles += ("attendo less linear, points", "seconds in all", "peak memory")
    rows = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for each in SETS:
        mine = [line for line in lines if line["name"] == each.name]
        if mine:
            rows.append(row_of(each, mine))
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n\n" + "\n".join(rows) + f"\n\n{MARKS[1]}{after}", encoding="utf-8")


def row_of(each: Set, lines: list[dict]) -> str:
    def test(system: str) -> list[float]:
        return [100 * line[system]["test"]["value"] for line in lines]

    ours = test("attendo")
    mean = f"**{statistics.mean(ours):.2f}**"
    if len(ours) > 1:
        mean += f" (seeds: {', '.join(f'{value:.2f}' for value in ours)})"
    difference, low, high = (100 * value for value in lines[0]["difference"])
    interval = lines[0]["attendo"]["test"]
    mean += f" [{100 * interval['low']:.1f}, {100 * interval['high']:.1f}]"
    seconds = max(line["seconds"] for line in lines)
    memory = max(line["peak_memory"] for line in lines) / 2**30
    majority, linear = test("majority class")[0], test("linear n-grams")[0]
    return (
        f"| {each.name} | {majority:.1f} | {each.known_linear:.1f} | {linear:.2f} | "
        f"{mean} | {each.goal:.1f} | {difference:+.2f} ({low:+.2f} to {high:+.2f}) | {seconds:.0f} of "
        f"{60 * each.minutes} | {memory:.1f} GiB |"
    )


if __name__ == "__main__":
    main()
