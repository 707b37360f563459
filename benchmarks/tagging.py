"""Train taggers on the real data sets with default settings, score each test split once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/tagging.py run --out runs/tagging
    python benchmarks/tagging.py table --out runs/tagging

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. The linear chain beside them is benchmarks/tagging_baseline.py, whose lines (`--out`) are read too.
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
MARKS = ("<!-- tag: written by benchmarks/tagging.py -->", "<!-- end of tag -->")
MEASURES = ("f1", "precision", "recall")


@dataclass(frozen=True)
class Set:
    """A data set: its files, and the seeds that it is trained with."""

    name: str
    train: str
    dev: str | None = None
    test: str | None = None
    seeds: tuple[int, ...] = (0,)


SETS = (
    Set("Chinese resumes", "ner-resume", seeds=(0, 1, 2)),
    Set("MSRA, Chinese news", "ner-msra"),
    Set("Weibo", "ner-weibo/weiboNER_2nd_conll.train", test="ner-weibo/weiboNER_2nd_conll.dev"),
    Set("WNUT-17, tweets", "ner-wnut17/train.conll", test="ner-wnut17/dev.conll"),
    Set("Wikigold", "ner-wikigold"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "one", "table"))
    parser.add_argument("--out", type=Path, default=Path("runs/tagging"))
    parser.add_argument("--only", help="the name of one data set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="a setting; see `attendo train`")
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments)
    elif arguments.what == "run":
        run_all(arguments)
    else:
        write_table(arguments.out)


def run_all(arguments: argparse.Namespace) -> None:
    """Each run in a process of its own, so that none helps or hinders the next."""
    done = {(line["name"], line["seed"]) for line in read_lines(arguments.out)}
    runs = [(seed, each) for each in SETS for seed in each.seeds]
    for seed, each in sorted(runs, key=lambda run: run[0]):  # all sets once, before any set twice
        if (each.name, seed) in done or arguments.only not in (None, each.name):
            continue
        command = [sys.executable, __file__, "one", "--only", each.name, "--seed", str(seed), "--out", arguments.out]
        settings = [word for override in arguments.overrides for word in ("--set", override)]
        subprocess.run([str(word) for word in (*command, *settings)], check=True)


def run_one(each: Set, arguments: argparse.Namespace) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import TagRunSettings, train
    from attendo.configuration import read_settings
    from attendo.training import Progress

    root, seed = Path(os.environ["ATTENDO_DATA"]), arguments.seed
    dev, test = (None if name is None else root / name for name in (each.dev, each.test))
    settings = read_settings(TagRunSettings, overrides=[*arguments.overrides, f"training.seed={seed}"])
    folder = arguments.out / f"{each.train.partition('/')[0]}-{seed}"

    def tell(event: object) -> None:
        if not isinstance(event, Progress):
            print(f"{time.monotonic() - started:7.1f} s  {event}", flush=True)

    story = train("tag", root / each.train, dev=dev, test=test, out=folder, settings=settings, tell=tell).story
    line = {"name": each.name, "seed": seed, "seconds": time.monotonic() - started, "tokens": story.cost.tokens}
    line |= {"cpu_seconds": story.cost.cpu_seconds, "peak_memory": story.cost.peak_memory}
    line |= {"threads": story.plan["threads"], "epochs": story.plan["epochs"], "best_epoch": story.best_epoch}
    for system in story.systems:
        line[system.name] = {
            name: {measure: scores.as_dict()[measure] for measure in MEASURES} for name, scores in system.scores.items()
        }
    with open(arguments.out / "results.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def read_lines(out: Path, name: str = "results.jsonl") -> list[dict]:
    path = out / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def write_table(out: Path) -> None:
    """Put the results between the marks in docs/results.md."""
    lines = read_lines(out)
    chains = {line["set"]: line for line in read_lines(out, "baseline.jsonl")}
    titles = ("data set", "known names", "linear chain (CRF)", "**attendo**, F1 on test", "precision", "recall")
    titles += ("F1 on dev", "minutes in all")
    rows = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for each in SETS:
        mine = [line for line in lines if line["name"] == each.name]
        if not mine:
            continue
        chain = chains.get(each.train.partition("/")[0])
        cells = [
            each.name,
            percent([line["known names"]["test"]["f1"] for line in mine[:1]]),
            "" if chain is None else f"{chain['test']:.2f}",
            f"**{percent([line['attendo']['test']['f1'] for line in mine])}**",
            *(percent([line["attendo"]["test"][name] for line in mine]) for name in ("precision", "recall")),
            percent([line["attendo"]["dev"]["f1"] for line in mine]),
            f"{statistics.median(line['seconds'] for line in mine) / 60:.1f}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    begin, end = MARKS
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(begin, 1)
    PAGE.write_text(before + begin + "\n\n" + "\n".join(rows) + "\n\n" + end + rest.split(end, 1)[1], encoding="utf-8")


def percent(intervals: list[dict[str, float]]) -> str:
    """The mean over seeds with all of them, or one value with its interval."""
    values = [100 * each["value"] for each in intervals]
    if len(values) > 1:
        return f"{statistics.mean(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"
    (each,) = intervals
    return f"{values[0]:.2f} ({100 * each['low']:.1f} to {100 * each['high']:.1f})"


if __name__ == "__main__":
    main()
