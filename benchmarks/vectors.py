"""Train vectors of texts on real pairs, and compare them with averaged word vectors and tf-idf.

    ATTENDO_DATA=/path/to/data python benchmarks/vectors.py run --out runs/vectors
    python benchmarks/vectors.py table --out runs/vectors

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. Spearman correlation of cosines
with the numbers of held-out pairs; one thread. `table` puts the lines into docs/results.md.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import add_line, parser_of, put, read_lines, run_missing, table


@dataclass(frozen=True)
class Trial:
    """Files, and what is learned from them."""

    name: str
    files: dict[str, str]
    task: dict[str, Any]
    epochs: int


SICK = {"data": "nli-sick/SICK_train.txt", "test": "nli-sick/SICK_trial.txt"}
AFQMC = {role: f"pairs-afqmc/{name}.tsv" for role, name in (("data", "train"), ("dev", "dev"), ("test", "test"))}
TRIALS = (
    Trial("SICK, from numbers", SICK, {"learn": "numbers"}, 8),
    Trial("SICK, from texts alone", SICK, {"learn": "texts"}, 10),
    Trial("AFQMC, from numbers", AFQMC, {"learn": "numbers"}, 4),
    Trial("AFQMC, from texts alone", AFQMC, {"learn": "texts"}, 2),
)


def main() -> None:
    parser = parser_of(__doc__, "runs/vectors", only="the name of one run")
    parser.add_argument("--loss", help="another loss for numbers than the usual one, for comparisons on dev")
    arguments = parser.parse_args()
    if arguments.what == "one":
        run_one(next(each for each in TRIALS if each.name == arguments.only), arguments.loss, arguments.out)
    elif arguments.what == "run":
        loss = [] if arguments.loss is None else ["--loss", arguments.loss]
        run_missing(__file__, arguments.out, [{"name": each.name} for each in TRIALS], arguments.only, options=loss)
    else:
        put("embed", __file__, table_of(arguments.out))


def run_one(trial: Trial, loss: str | None, out: Path) -> None:
    """Train in this process, and add a line to the results."""
    from attendo.api import EmbedRunSettings, train
    from attendo.configuration import from_mapping

    folder = Path(os.environ["ATTENDO_DATA"])
    training = {"threads": 1, "precision": "float32", "device": "cpu", "epochs": trial.epochs}
    task = trial.task | ({} if loss is None else {"loss": loss})
    settings = from_mapping(EmbedRunSettings, {"task": task, "training": training})
    paths = {role: folder / name for role, name in trial.files.items()}
    started = time.monotonic()
    place = out / f"{trial.name}-{loss or 'usual'}".replace(" ", "-").replace(",", "")
    result = train("embed", paths.pop("data"), out=place, settings=settings, overwrite=True, **paths)
    scores = {
        system.name: {name: each.as_dict() for name, each in system.scores.items()} for system in result.story.systems
    }
    line = {
        "name": trial.name,
        "loss": settings.task.loss,
        "scores": scores,
        "sizes": by_size(result.model, place, trial, folder),
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(result.story.cost.cpu_seconds, 1),
    }
    add_line(out, line)


def by_size(model: Any, place: Path, trial: Trial, folder: Path) -> dict[str, float]:
    """The test score of vectors that are cut."""
    from attendo.data import read_pairs
    from attendo.metrics import spearman

    pairs = read_pairs(folder / trial.files["test"]).pairs
    found = {}
    for size in (model.width, model.width // 2, model.width // 4, model.width // 8):
        one, other = (model.encode(texts, size) for texts in zip(*((p.text, p.pair or "") for p in pairs), strict=True))
        found[str(size)] = spearman([p.value or 0.0 for p in pairs], (one * other).sum(1))
    return found


def table_of(out: Path) -> str:
    """Test scores of all systems, with their intervals."""
    names = ("averaged word vectors", "tf-idf", "attendo")
    titles = ("learned from", *names, "dev", "cut to a quarter", "CPU seconds")
    rows = []
    for line in read_lines(out):
        cells = []
        for name in names:
            found = line["scores"][name]["test"]["spearman"]
            cells.append(f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})")
        dev = line["scores"]["attendo"]["dev"]["spearman"]["value"]
        rows.append(
            (line["name"], *cells, f"{dev:.3f}", f"{list(line['sizes'].values())[2]:.3f}", f"{line['cpu_seconds']:.0f}")
        )
    return table(titles, rows)


if __name__ == "__main__":
    main()
