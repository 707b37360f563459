"""Train taggers on the real data sets with default settings, score each test split once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/tagging.py run --out runs/tagging
    python benchmarks/tagging.py table --out runs/tagging

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. The linear chain beside them is benchmarks/tagging_baseline.py, whose lines (`--out`) are read too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from running import (
    add_line,
    add_settings,
    by_seed,
    parser_of,
    put,
    read_lines,
    run_missing,
    settings_again,
    spent,
    table,
    telling,
)

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
    parser = parser_of(__doc__, "runs/tagging")
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments)
    elif arguments.what == "run":
        settings = settings_again(arguments.overrides)
        run_missing(__file__, arguments.out, by_seed(SETS), arguments.only, options=settings)
    else:
        put("tag", __file__, table_of(arguments.out))


def run_one(each: Set, arguments: argparse.Namespace) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import TagRunSettings, train
    from attendo.configuration import read_settings

    root, seed = Path(os.environ["ATTENDO_DATA"]), arguments.seed
    dev, test = (None if name is None else root / name for name in (each.dev, each.test))
    settings = read_settings(TagRunSettings, overrides=[*arguments.overrides, f"training.seed={seed}"])
    folder = arguments.out / f"{each.train.partition('/')[0]}-{seed}"
    tell = telling(started)
    story = train("tag", root / each.train, dev=dev, test=test, out=folder, settings=settings, tell=tell).story
    line = {"name": each.name, "seed": seed} | spent(started, story)
    for system in story.systems:
        line[system.name] = {
            name: {measure: scores.as_dict()[measure] for measure in MEASURES} for name, scores in system.scores.items()
        }
    add_line(arguments.out, line)


def table_of(out: Path) -> str:
    """The results as a table, with those of the linear chain."""
    lines = read_lines(out)
    chains = {line["set"]: line for line in read_lines(out, "baseline.jsonl")}
    titles = ("data set", "known names", "linear chain (CRF)", "**attendo**, F1 on test", "precision", "recall")
    titles += ("F1 on dev", "minutes in all")
    rows = []
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
        rows.append(cells)
    return table(titles, rows)


def percent(intervals: list[dict[str, float]]) -> str:
    """The mean over seeds with all of them, or one value with its interval."""
    values = [100 * each["value"] for each in intervals]
    if len(values) > 1:
        return f"{statistics.mean(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"
    (each,) = intervals
    return f"{values[0]:.2f} ({100 * each['low']:.1f} to {100 * each['high']:.1f})"


if __name__ == "__main__":
    main()
