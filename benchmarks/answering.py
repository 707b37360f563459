"""Train models that answer questions on real data, score each test set once, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/answering.py run --out runs/answering
    python benchmarks/answering.py table --out runs/answering

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. A run with its own pretraining first learns to fill masked words in the passages of the training
questions, and of no others; beside it stands the same network that has read next to nothing, so that what pretraining
adds can be told from what the network is.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from running import add_line, parser_of, put, read_lines, run_missing, table


@dataclass(frozen=True)
class Run:
    """A data set, by its files, and how a model for it is made."""

    name: str
    train: str
    test: str | None = None
    options: tuple[str, ...] = ()
    minutes: float = 0
    """How long it reads the passages first; 0 for attendo's own network from scratch."""


SQUAD = "qa-squad11_devonly"
CMRC = ("qa-cmrc2018/cmrc2018_train.json", "qa-cmrc2018/cmrc2018_dev.json")
WIDE = ("task.window=512", "task.stride=256")
SAME = ("training.threads=1", "training.precision=float32")
QUESTIONS = {"squad": (SQUAD, None, "training.epochs=6"), "cmrc2018": (*CMRC, "training.epochs=3", *WIDE)}
READING = {"from scratch": 0.0, "own pretraining": 15.0, "without the pretraining": 0.02}
"""Minutes of reading."""
RUNS = (
    *(
        Run(f"{name}, {how}", train, test, ("task.model.size=tiny", *options) if minutes == 0 else options, minutes)
        for name, (train, test, *options) in QUESTIONS.items()
        for how, minutes in READING.items()
    ),
    Run("squad, from scratch, size small", SQUAD, options=("task.model.size=small", "training.epochs=10")),
)


def main() -> None:
    parser = parser_of(__doc__, "runs/answering", only="the name of one run")
    parser.add_argument("--base", type=Path, help="a model that was pretrained before on the training passages")
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in RUNS if each.name == arguments.only), arguments.out, arguments.base)
    elif arguments.what == "run":
        base = [] if arguments.base is None else ["--base", arguments.base]
        run_missing(__file__, arguments.out, [{"name": each.name} for each in RUNS], arguments.only, options=base)
    else:
        put("answer", __file__, table_of(arguments.out))


def run_one(run: Run, out: Path, base: Path | None) -> None:
    """Train, score, and add a line to the results."""
    out.mkdir(parents=True, exist_ok=True)
    from attendo.api import AnswerRunSettings, train
    from attendo.configuration import read_settings

    folder = Path(os.environ["ATTENDO_DATA"])
    test = None if run.test is None else folder / run.test
    settings = read_settings(AnswerRunSettings, overrides=[*SAME, *run.options])
    place, started = out / run.name.replace(", ", "-").replace(" ", "-"), time.monotonic()
    if run.minutes and base is None:
        base = pretrained(run, folder, place)
    found = train(
        "answer",
        folder / run.train,
        test=test,
        out=place,
        base=base if run.minutes else None,
        settings=settings,
        overwrite=True,
        tell=lambda event: print(getattr(event, "text", ""), end="\n" * hasattr(event, "text"), flush=True),
    )
    scores = {
        system.name: {name: [each.rules, each.exact_match.value, each.f1.value, each.f1.low, each.f1.high]}
        for system in found.story.systems
        for name, each in system.scores.items()
    }  # the last set of each system, which is the test set
    add_line(out, {"name": run.name, "scores": scores, "seconds": time.monotonic() - started})


def pretrained(run: Run, folder: Path, place: Path) -> Path:
    """A small model that has read the passages of the training questions."""
    from attendo.api import PretrainRunSettings, pretrain
    from attendo.api.answering import load_questions
    from attendo.configuration import read_settings
    from attendo.data import QuestionDataSettings

    splits = load_questions(folder / run.train, dev=None, test=None, settings=QuestionDataSettings(test_fraction=0))
    passages = dict.fromkeys(each.context.replace("\n", " ") for each in splits.train)
    texts = place.with_name(f"{place.name}-passages.txt")
    texts.write_text("\n\n".join(passages), encoding="utf-8")
    options = ["task.size=tiny", "data.documents=paragraphs", f"training.minutes={run.minutes}", *SAME]
    language = place.with_name(f"{place.name}-language")
    pretrain([texts], out=language, settings=read_settings(PretrainRunSettings, overrides=options), overwrite=True)
    return language


def table_of(out: Path) -> str:
    """The results as a table."""
    rows = []
    for line in read_lines(out):
        simple, ours = line["scores"]["word overlap"]["test"], line["scores"]["attendo"]["test"]
        shown = f"{100 * ours[1]:.1f} / **{100 * ours[2]:.1f}** [{100 * ours[3]:.1f}, {100 * ours[4]:.1f}]"
        before = f"{100 * simple[1]:.1f} / {100 * simple[2]:.1f}"
        rows.append((line["name"], ours[0], before, shown, f"{line['seconds']:.0f}"))
    return table(("run", "rules", "word overlap: EM / F1", "**attendo**: EM / F1", "seconds"), rows)


if __name__ == "__main__":
    main()
