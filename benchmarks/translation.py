"""Train models that write a text from another on real pairs, score what they write, and write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/translation.py run --out runs/translation
    python benchmarks/translation.py table --out runs/translation

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. The test set is written from once, by the weights that did best on dev. Published scores of Multi30k
are of tokenised text without capitals: where sacremoses is installed, both texts are cut by it, made small, and scored
so; sacreBLEU's own figure, of the texts as they are, stands beside it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import add_line, parser_of, put, read_lines, run_missing, spent, table, telling
from word_links import LINKS

RECURRENT = ("task.model.family=attendo-recurrent", "task.model.dropout=0.2", "training.epochs=7")
KINDS = {
    "GRU, additive attention": ("additive", 0.002),
    "GRU, multiplicative attention": ("multiplicative", 0.001),
    "GRU without attention": ("none", 0.001),
}
"""Recurrent networks, each with its attention and its learning rate."""
MULTI30K = "mt-multi30k_en-de"


@dataclass(frozen=True)
class Run:
    """A data set, how long a model learns from it, and with which settings.

    Attributes:
        minutes: None where the options say how many epochs there are.
        train: the file within the folder, where it is not the folder that is trained on.
    """

    name: str
    data: str
    minutes: float | None
    task: str = "translate"
    options: tuple[str, ...] = ()


RUNS = (
    Run(
        "Multi30k en-de, Transformer",
        MULTI30K,
        60,
        options=(
            *("training.batch_tokens=2048", "training.learning_rate=0.003", "training.ema=0.999"),
            *("task.model.dropout=0.25", "training.threads=1"),
        ),
    ),
    *(
        Run(
            f"Multi30k en-de, {name}",
            MULTI30K,
            None,
            options=(*RECURRENT, f"task.model.attention={attention}", f"training.learning_rate={rate}"),
        )
        for name, (attention, rate) in KINDS.items()
    ),
    Run("Tatoeba en-zh", "mt-tatoeba_en-zh", 15, options=("data.source=en", "data.target=zh")),
    Run("Tatoeba zh-en", "mt-tatoeba_en-zh", 15, options=("data.source=zh", "data.target=en")),
    Run("Titles of Chinese abstracts", "sum-csl/val.tsv", 15, task="summarize"),
)
LENGTHS = (8, 11, 14)
"""Words of a source up to which it belongs to a group of its own; longer ones are the last group."""


def main() -> None:
    arguments = parser_of(__doc__, "runs/translation", only="the name of one run").parse_args()
    if arguments.what == "one":
        run_one(next(each for each in RUNS if each.name == arguments.only), arguments.out)
    elif arguments.what == "run":
        run_missing(__file__, arguments.out, [{"name": each.name} for each in RUNS], arguments.only)
    else:
        lines = read_lines(arguments.out)
        put("translate", __file__, scores_table(lines))
        put("lengths", __file__, lengths_table(lines))
        put("links", __file__, links_table(lines))


def run_one(run: Run, out: Path) -> None:
    """Train, write from the test set, and add a line to the results."""
    from attendo.api import settings_of, train
    from attendo.configuration import read_settings

    out.mkdir(parents=True, exist_ok=True)
    data = Path(os.environ["ATTENDO_DATA"]) / run.data
    limit = [] if run.minutes is None else [f"training.minutes={run.minutes}"]
    settings = read_settings(settings_of(run.task), overrides=[*limit, *run.options])
    place, started = folder_of(out, run.name), time.monotonic()
    found = train(run.task, data, out=place, settings=settings, overwrite=True, tell=telling(started))
    line = {"name": run.name, "task": run.task, "parameters": sum(found.story.parameters.values())}
    add_line(out, line | spent(started, found.story) | judged(found, data))


def folder_of(out: Path, name: str) -> Path:
    """Where the model of a run is."""
    return out / re.sub(r"\W+", "-", name)


def judged(found: Any, data: Path) -> dict[str, Any]:
    """All scores on the last set, of the model and of what was found without one."""
    story, model = found.story, found.model
    last = story.last_set
    scores = {system.name: plain(system.scores[last].as_dict()) for system in story.systems}
    line: dict[str, Any] = {"set": last, "scores": scores, "parameters": count(model)}
    if last == "test":
        pairs = model.read(data)
        written = [each.text for each in model.predict_examples(pairs)]
        targets = [pair.target for pair in pairs]
        line["lengths"] = by_length(model, pairs, written)
        if model.sides.target_language == "de":
            line["lowercase"] = lowercase_bleu(written, targets)
    if model.sides.target_language == "de" and model.writes.cross_attentions:
        line["links"] = link_errors(model)
    return line


def plain(scores: dict[str, Any]) -> dict[str, Any]:
    """Values with their intervals, and signatures."""
    return {
        name: [value["value"], value["low"], value["high"]] if isinstance(value, dict) else value
        for name, value in scores.items()
        if isinstance(value, dict | str)
    }


def count(model: Any) -> int:
    """Numbers that the model has learned; those that are shared count once."""
    return sum(each.numel() for each in model.network.parameters())


def lowercase_bleu(written: Sequence[str], targets: Sequence[str]) -> float | None:
    """BLEU of tokenised text without capitals, as Multi30k's published scores are; None without sacremoses."""
    if importlib.util.find_spec("sacremoses") is None:
        return None
    from sacrebleu import corpus_bleu
    from sacremoses import MosesTokenizer

    cut = MosesTokenizer(lang="de").tokenize
    ours, theirs = (
        [str(cut(text, return_str=True, escape=False)).lower() for text in texts] for texts in (written, targets)
    )
    return corpus_bleu(ours, [theirs], tokenize="none", force=True).score


def by_length(model: Any, pairs: Sequence[Any], written: Sequence[str]) -> list[list[float]]:
    """Texts and BLEU of each group of sources, from short to long."""
    from bisect import bisect_left

    from attendo.text import split_words

    groups: list[list[int]] = [[] for _ in range(len(LENGTHS) + 1)]
    for number, pair in enumerate(pairs):
        groups[bisect_left(LENGTHS, len(split_words(pair.text)))].append(number)
    found = []
    for group in groups:
        scores = model.score([written[n] for n in group], [pairs[n].target for n in group]) if group else None
        found.append([len(group), getattr(scores, "bleu", None) and scores.bleu.value])
    return found


def link_errors(model: Any) -> dict[str, float]:
    """Alignment error rates on hand-made links: of each layer, and of the mean over all."""
    from attendo.metrics import score_alignment

    sources, targets = [each.source for each in LINKS], [each.target for each in LINKS]
    layers = range(len(model.writes.cross_attentions))
    chosen = {"all": None} | {str(layer): [layer] for layer in layers}
    return {
        name: score_alignment(
            [each.links for each in model.align(sources, targets, own)],
            [each.sure for each in LINKS],
            [each.possible for each in LINKS],
        ).alignment_error_rate.value
        for name, own in chosen.items()
    }


def scores_table(lines: Sequence[dict[str, Any]]) -> str:
    """The results of all runs."""
    rows = []
    for line in lines:
        for system, scores in line["scores"].items():
            own = system == "attendo"
            main, other = ("rouge_l", "rouge_1") if "rouge_l" in scores else ("bleu", "chrf")
            factor = 100 if main == "rouge_l" else 1
            value, low, high = (factor * each for each in scores[main])
            lower = f"{line['lowercase']:.2f}" if own and line.get("lowercase") else "–"
            rows.append(
                (
                    *(
                        line["name"],
                        system,
                        f"{value:.1f} ({low:.1f} to {high:.1f})",
                        f"{factor * scores[other][0]:.1f}",
                    ),
                    *(lower, f"{line['parameters']:,}" if own else "–"),
                    *((f"{line['seconds'] / 60:.0f}", f"{line['cpu_seconds'] / 60:.0f}") if own else ("–", "–")),
                )
            )
    titles = ("pairs", "system", "BLEU or ROUGE-L", "chrF or ROUGE-1", "BLEU, tokenised, lower case")
    return table((*titles, "parameters", "minutes", "minutes of a processor"), rows)


def lengths_table(lines: Sequence[dict[str, Any]]) -> str:
    """BLEU by the length of the source, of the runs on Multi30k."""
    bounds = [*(f"up to {bound} words" for bound in LENGTHS), "longer"]
    rows = [
        (line["name"], *(f"{bleu:.1f} ({number:.0f})" for number, bleu in line["lengths"]))
        for line in lines
        if line["name"].startswith("Multi30k")
    ]
    return table(("system", *(f"{bound} (texts)" for bound in bounds)), rows)


def links_table(lines: Sequence[dict[str, Any]]) -> str:
    """Alignment error rates on hand-made links."""
    rows = [
        (line["name"], name if name == "all" else f"layer {int(name) + 1}", f"{error:.3f}")
        for line in lines
        for name, error in line.get("links", {}).items()
    ]
    return table(("system", "attention of", "alignment error rate"), rows)


if __name__ == "__main__":
    main()
