"""Train models that answer in dialogues on real data, score each test set once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/dialogue.py run --out runs/dialogue
    python benchmarks/dialogue.py table --out runs/dialogue

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. Beside each model stands the answer that was given to the most similar turns of the training dialogues,
and, for how answers are foreseen, n-grams that were counted in them.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from running import add_line, parser_of, put, read_lines, run_missing, spent, table, telling


@dataclass(frozen=True)
class Run:
    """Dialogues, by their files, and how long a model learns from them."""

    name: str
    train: str
    test: str | None
    minutes: float
    options: tuple[str, ...] = ()


DAILY = "dialogue-xdailydialog"
RUNS = (
    Run("XDailyDialog, English", f"{DAILY}/en_train.txt", f"{DAILY}/en_dev_human.txt", 15),
    Run("XDailyDialog, Chinese", f"{DAILY}/zh_train.txt", f"{DAILY}/zh_dev_human.txt", 15),
    Run("chatterbot, English conversations", "dialogue-chatterbot/english/conversations.corpus.json", None, 1),
)


def main() -> None:
    arguments = parser_of(__doc__, "runs/dialogue", only="the name of one run").parse_args()
    if arguments.what == "one":
        run_one(next(each for each in RUNS if each.name == arguments.only), arguments.out)
    elif arguments.what == "run":
        run_missing(__file__, arguments.out, [{"name": each.name} for each in RUNS], arguments.only)
    else:
        put("chat", __file__, table_of(arguments.out))


def run_one(run: Run, out: Path) -> None:
    """Train, score, and add a line to the results."""
    from attendo.api import ChatRunSettings, train
    from attendo.configuration import read_settings

    out.mkdir(parents=True, exist_ok=True)
    folder, started = Path(os.environ["ATTENDO_DATA"]), time.monotonic()
    settings = read_settings(ChatRunSettings, overrides=[f"training.minutes={run.minutes}", *run.options])
    found = train(
        "chat",
        folder / run.train,
        test=None if run.test is None else folder / run.test,
        out=out / re.sub(r"\W+", "-", run.name),
        settings=settings,
        overwrite=True,
        tell=telling(started),
    )
    last = found.story.last_set
    scores = {
        system.name: {
            name: [value["value"], value["low"], value["high"]]
            for name, value in system.scores[last].as_dict().items()
            if isinstance(value, dict)
        }
        for system in found.story.systems
    }
    samples = [[each.given, each.text, each.right] for each in found.story.samples]
    add_line(out, {"name": run.name, "set": last, "scores": scores, "samples": samples, **spent(started, found.story)})


def table_of(out: Path) -> str:
    """The results as a table."""
    rows = []
    for line in read_lines(out):
        for system, scores in line["scores"].items():
            shown = (f"{scores[name][0]:.{digits}f}" for name, digits in SHOWN.items())
            rows.append((line["name"], line["set"], system, *shown, f"{line['seconds']:.0f}"))
    return table(("dialogues", "set", "system", *SHOWN, "seconds"), rows)


SHOWN = {"bits_per_character": 3, "perplexity": 2, "bleu": 2, "chrf": 2, "distinct_1": 3, "distinct_2": 3}
"""Scores, and with how many decimals they are shown."""


if __name__ == "__main__":
    main()
