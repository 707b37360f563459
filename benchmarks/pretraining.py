"""What self-pretraining is worth: fine-tune a model that has read the training texts, and one that has not.

    ATTENDO_DATA=/path/to/data python benchmarks/pretraining.py run --out runs/pretraining
    python benchmarks/pretraining.py table --out runs/pretraining

The model reads the training texts alone, without labels. Both models have the same tokenizer, family and size. Every
step is one line of OUT/pretraining.jsonl; a step that is there already is not repeated, one that was stopped goes on.
`--what pretrain` does the first half only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from running import add_line, read_lines, run_missing, table

FILE = "pretraining.jsonl"
SEEDS = (0, 1, 2)
STARTS = ("pretrained", "first weights")


@dataclass(frozen=True)
class Set:
    """A data set, its training file, and how its labels are told."""

    name: str
    folder: str
    train: str
    options: tuple[str, ...] = ()


SETS = (
    Set("trec", "cls-trec", "train.txt", ("data.label_until=:",)),
    Set("sst2", "sent-sst2", "train.txt"),
    Set("hotel reviews", "sent-chnsenticorp_hotel", "train.csv"),
)


@dataclass(frozen=True)
class Step:
    """One piece of work: pretraining of a set with a seed, or fine-tuning from one of the two starts."""

    name: str
    seed: int
    start: str | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "one", "table"))
    parser.add_argument("--out", type=Path, default=Path("runs/pretraining"))
    parser.add_argument("--objective", default="masked", help="masked, replaced, causal, infilling or spans")
    parser.add_argument("--size", default="small")
    parser.add_argument("--epochs", type=int, help="of pretraining; chosen by the library if not given")
    parser.add_argument("--what", choices=("all", "pretrain"), default="all")
    parser.add_argument("--only", help="the name of one data set")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--start", choices=STARTS)
    arguments = parser.parse_args()
    if arguments.command == "one":
        run_one(Step(arguments.only, arguments.seed, arguments.start), arguments)
    elif arguments.command == "run":
        run_all(arguments)
    else:
        print_table(arguments.out)


def steps(what: str) -> Iterator[Step]:
    """All work, every set once before any set twice."""
    for seed in SEEDS:
        for each in SETS:
            yield Step(each.name, seed)
            if what == "all":
                yield from (Step(each.name, seed, start) for start in STARTS)


def run_all(arguments: argparse.Namespace) -> None:
    """Each step that has no line yet."""
    chosen = [asdict(step) for step in steps(arguments.what) if arguments.seed in (None, step.seed)]
    options = ["--objective", arguments.objective, "--size", arguments.size]
    options += ["--epochs", arguments.epochs] if arguments.epochs else []
    run_missing(__file__, arguments.out, chosen, arguments.only, options=options, file=FILE)


def run_one(step: Step, arguments: argparse.Namespace) -> None:
    """One step, and its line."""
    each = next(each for each in SETS if each.name == step.name)
    model = arguments.out / f"{each.folder}-{step.seed}"
    started = time.monotonic()
    line = pretrain_texts(each, step.seed, model, arguments) if step.start is None else fine_tune(each, step, model)
    line = {"name": step.name, "seed": step.seed, "start": step.start, **line}
    line |= {"seconds": round(time.monotonic() - started, 1), "objective": arguments.objective}
    add_line(arguments.out, line, FILE)


def pretrain_texts(each: Set, seed: int, model: Path, arguments: argparse.Namespace) -> dict:
    """Read the training texts, without their labels, and leave the model in its folder."""
    import attendo
    from attendo.configuration import read_settings

    overrides = [f"task.objective={arguments.objective}", f"task.size={arguments.size}", f"training.seed={seed}"]
    overrides += [f"training.epochs={arguments.epochs}"] if arguments.epochs else []
    settings = read_settings(attendo.PretrainRunSettings, overrides=overrides)
    if not (model / "attendo.json").exists():
        attendo.pretrain(data_folder(each) / each.train, out=model, settings=settings, tell=tell)
    card = json.loads((model / "attendo.json").read_text(encoding="utf-8"))
    cost = {name: card["cost"][name] for name in ("cpu_seconds", "tokens", "peak_memory")}
    return {"scores": card["scores"], "parameters": card["parameters"], **cost}


def fine_tune(each: Set, step: Step, model: Path) -> dict:
    """Teach the task to the pretrained model, or to the same model with first weights, and score it."""
    import attendo
    from attendo.configuration import read_settings

    base = model if step.start == "pretrained" else first_weights(model, step.seed)
    settings = read_settings(attendo.RunSettings, overrides=[*each.options, f"training.seed={step.seed}"])
    out = model.with_name(f"{model.name}-{'tuned' if step.start == 'pretrained' else 'tuned-first'}")
    story = attendo.train("classify", data_folder(each), base=base, out=out, settings=settings, tell=tell).story
    scores = {system.name: {name: found.as_dict()["accuracy"] for name, found in system.scores.items()}
              for system in story.systems}  # fmt: skip
    return {"systems": scores, "cpu_seconds": story.cost.cpu_seconds, "tokens": story.cost.tokens}


def first_weights(model: Path, seed: int) -> Path:
    """The same model, as it was before it had read anything."""
    import torch

    from attendo.models import new_model, read_config
    from attendo.tasks import OBJECTIVES
    from attendo.text import TOKENIZER_FILES

    folder = model.with_name(f"{model.name}-first")
    card = json.loads((model / "attendo.json").read_text(encoding="utf-8"))
    torch.manual_seed(seed)
    new_model(read_config(model), OBJECTIVES[card["objective"]].head).save(folder)
    for name in TOKENIZER_FILES:
        if (model / name).is_file():
            shutil.copy(model / name, folder / name)
    return folder


def data_folder(each: Set) -> Path:
    """Where a data set lies."""
    return Path(os.environ["ATTENDO_DATA"]) / each.folder


def tell(event: object) -> None:
    """Everything but the pace."""
    from attendo.training import Progress

    if not isinstance(event, Progress):
        print(f"  {event}", flush=True)


def print_table(out: Path) -> None:
    """Means over the seeds of what was measured, in percent; the last row of a set is the linear model beside it."""
    lines, rows = read_lines(out, FILE), []
    titles = ("data set", "start", "dev accuracy", "test accuracy", "seeds", "seconds of pretraining", "of fine-tuning")
    for each in SETS:
        mine = [line for line in lines if line["name"] == each.name]
        before = [line["seconds"] for line in mine if line["start"] is None]
        for start in STARTS:
            tuned = [line for line in mine if line["start"] == start]
            if tuned:
                cells = [each.name, start, *(accuracy(tuned, "attendo", name) for name in ("dev", "test"))]
                spent = f"{statistics.mean(before):.0f}" if before and start == "pretrained" else "0"
                cells += [str(len(tuned)), spent, f"{statistics.mean(line['seconds'] for line in tuned):.0f}"]
                rows.append(cells)
        tuned = [line for line in mine if line["start"] is not None]
        if tuned:
            cells = [each.name, "linear n-grams", *(accuracy(tuned, "linear n-grams", n) for n in ("dev", "test"))]
            rows.append([*cells, "", "", ""])
    print(table(titles, rows))


def accuracy(lines: list[dict], system: str, name: str) -> str:
    """The mean, and the least and the most."""
    found = [100 * line["systems"][system][name]["value"] for line in lines if system in line["systems"]]
    if not found:
        return ""
    return f"{statistics.mean(found):.2f} ({min(found):.2f} to {max(found):.2f})"


if __name__ == "__main__":
    main()
