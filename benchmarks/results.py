"""Train on the real data sets with default settings, score each test split once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/results.py run --out runs/results
    python benchmarks/results.py table --out runs/results

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from running import add_line, by_seed, parser_of, put, read_lines, run_missing, spent, table, telling


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
    parser = parser_of(__doc__, "runs/results")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments.seed, arguments.out)
    elif arguments.what == "run":
        run_missing(__file__, arguments.out, by_seed(SETS), arguments.only)
    else:
        put("classify", __file__, table_of(arguments.out))


def run_one(each: Set, seed: int, out: Path) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import RunSettings, train
    from attendo.configuration import read_settings

    data = Path(os.environ["ATTENDO_DATA"]) / each.folder
    settings = read_settings(RunSettings, overrides=[*each.options, f"training.seed={seed}"])
    folder = out / f"{each.folder}-{seed}"
    story = train("classify", data, out=folder, settings=settings, tell=telling(started)).story
    line = {"name": each.name, "seed": seed} | spent(started, story)
    for system in story.systems:
        line[system.name] = {name: scores.as_dict()["accuracy"] for name, scores in system.scores.items()}
        line[system.name]["macro_f1"] = system.scores["test"].macro_f1.value
    difference = story.against
    assert difference is not None
    line["difference"] = [difference.difference, difference.low, difference.high]
    add_line(out, line)


def table_of(out: Path) -> str:
    """The results as a table."""
    lines = read_lines(out)
    titles = ("data set", "majority", "linear, published", "linear here", "**attendo**", "goal")
    titles += ("attendo less linear, points", "seconds in all", "peak memory")
    found = [(each, [line for line in lines if line["name"] == each.name]) for each in SETS]
    return table(titles, [cells_of(each, mine) for each, mine in found if mine])


def cells_of(each: Set, lines: list[dict]) -> list[str]:
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
    return [
        each.name,
        f"{majority:.1f}",
        f"{each.known_linear:.1f}",
        f"{linear:.2f}",
        mean,
        f"{each.goal:.1f}",
        f"{difference:+.2f} ({low:+.2f} to {high:+.2f})",
        f"{seconds:.0f} of {60 * each.minutes}",
        f"{memory:.1f} GiB",
    ]


if __name__ == "__main__":
    main()
