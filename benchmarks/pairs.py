"""Train on the real sets of sentence pairs with default settings, score each test set once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/pairs.py run --out runs/pairs
    python benchmarks/pairs.py table --out runs/pairs

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. The test sets are SICK_trial, the dev set of OCNLI, and the test set of AFQMC; where there is no dev
set left, one is cut from the training set.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from running import add_line, parser_of, put, read_lines, run_missing, table, telling


@dataclass(frozen=True)
class Set:
    """A set of pairs: its files, how its columns are told apart, and what is published for it."""

    name: str
    train: str
    test: str
    options: tuple[str, ...]
    dev: str | None = None
    published: str = ""


_SICK = ("data.text=sentence_A", "data.pair=sentence_B")
SETS = (
    Set(
        "sick entailment",
        "nli-sick/SICK_train.txt",
        "nli-sick/SICK_trial.txt",
        (*_SICK, "data.label=entailment_judgment"),
        published="best of 2014 on the test set: 84.6",
    ),
    Set(
        "sick relatedness",
        "nli-sick/SICK_train.txt",
        "nli-sick/SICK_trial.txt",
        (*_SICK, "data.label=relatedness_score"),
        published="best of 2014 on the test set: Pearson 0.83",
    ),
    Set(
        "ocnli, 10k",
        "nli-ocnli/train.10k.json",
        "nli-ocnli/dev.json",
        ("data.text=sentence1", "data.pair=sentence2", "data.label=label", 'data.skip_labels=["-"]'),
        published="50k: CBOW 56.8, BiLSTM 60.5, ESIM 61.8; 10k: BERT 69.2",
    ),
    Set(
        "afqmc",
        "pairs-afqmc/train.tsv",
        "pairs-afqmc/test.tsv",
        ("data.text=0", "data.pair=1", "data.label=2", "data.header=false"),
        dev="pairs-afqmc/dev.tsv",
        published="BERT 73.7 on the official test set",
    ),
)
STEADY = ("training.threads=1", "training.precision=float32")


def main() -> None:
    arguments = parser_of(__doc__, "runs/pairs", only="the name of one set").parse_args()
    if arguments.what == "one":
        run_one(next(each for each in SETS if each.name == arguments.only), arguments.out)
    elif arguments.what == "run":
        run_missing(__file__, arguments.out, [{"name": each.name} for each in SETS], arguments.only)
    else:
        put("pairs", __file__, table_of(arguments.out))


def run_one(each: Set, out: Path) -> None:
    """Train, score, and add a line to the results."""
    started = time.monotonic()
    from attendo.api import RunSettings, train
    from attendo.configuration import read_settings
    from attendo.report import main_scores

    data = Path(os.environ["ATTENDO_DATA"])
    settings = read_settings(RunSettings, overrides=[*each.options, *STEADY])
    folder = out / each.name.replace(" ", "-").replace(",", "")

    tell = telling(started)
    dev = None if each.dev is None else data / each.dev
    result = train(
        "classify", data / each.train, dev=dev, test=data / each.test, out=folder, settings=settings, tell=tell
    )
    story = result.story
    line = {"name": each.name, "seconds": time.monotonic() - started, "shares": story.shares}
    line |= {"best_epoch": story.best_epoch, "epochs": story.plan["epochs"], "peak_memory": story.cost.peak_memory}
    for system in story.systems:
        line[system.name] = {name: main_scores(scores) for name, scores in system.scores.items()}
    difference = story.against
    assert difference is not None
    line["difference"] = [difference.difference, difference.low, difference.high]
    add_line(out, line)


def table_of(out: Path) -> str:
    """The results as a table."""
    titles = ("pairs", "measure", "majority or mean", "linear n-grams", "**attendo**", "attendo less linear")
    titles += ("seconds", "known")
    lines = read_lines(out)
    found = [rows_of(each, line) for each in SETS for line in lines if line["name"] == each.name]
    return table(titles, [cells for rows in found for cells in rows])


def rows_of(each: Set, line: dict) -> list[list[str]]:
    """A row for each of the two measures; the difference is that of the first."""
    numbers = "mean number" in line
    systems = ("mean number" if numbers else "majority class", "linear n-grams", "attendo")
    factor, digits = (1, 3) if numbers else (100, 1)
    rows = []
    for key in ("pearson", "spearman") if numbers else ("accuracy", "macro_f1"):
        found = [line[system]["test"][key] for system in systems]
        simple, linear, ours = (f"{factor * score['value']:.{digits}f}" for score in found)
        ends = " to ".join(f"{factor * found[-1][end]:.{digits}f}" for end in ("low", "high"))
        cells = [each.name, key.replace("_", " "), simple, linear, f"**{ours}** ({ends})", "", "", ""]
        if not rows:
            difference, low, high = (f"{factor * value:+.{digits}f}" for value in line["difference"])
            cells[5:] = f"{difference} ({low} to {high})", f"{line['seconds']:.0f}", each.published
        rows.append(cells)
    return rows


if __name__ == "__main__":
    main()
