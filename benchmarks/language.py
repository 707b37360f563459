"""Train language models on real texts, see how they foresee held-out text and what they write, write docs/results.md.

    ATTENDO_DATA=/path/to/data python benchmarks/language.py run --out runs/language
    python benchmarks/language.py table --out runs/language

Every run is one line of OUT/results.jsonl; a run that is there already is not repeated. `table` puts the lines into
docs/results.md. Of tinyshakespeare the last tenth is held out, as in published runs, and chose the weights, too. Poems
are judged by those set apart for that, and what the model writes by its form; beside it stand poems of people that it
has not seen, and these with their lines' last characters drawn anew, so that chance can be told from rhyme.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import add_line, parser_of, put, read_lines, run_missing, spent, table, telling


@dataclass(frozen=True)
class Run:
    """A text, how long a model learns from it, and whether what it writes is judged by its form."""

    name: str
    data: str
    minutes: float
    poems: bool = False
    options: tuple[str, ...] = ()


RUNS = (
    Run("tinyshakespeare, 3 minutes", "lm-tinyshakespeare/input.txt", 3),
    Run("tinyshakespeare, 30 minutes", "lm-tinyshakespeare/input.txt", 30),
    Run("Tang poems, 15 minutes", "gen-chinese_poetry/poet.tang", 15, poems=True, options=("task.max_length=128",)),
    Run("Song ci, 15 minutes", "gen-chinese_poetry/ci.song", 15, poems=True, options=("task.max_length=192",)),
)
POEMS = 300
"""Poems that are written to be judged."""
SEED = 0
_CLAUSE = re.compile(r"[，。？！；、：]+")
_ENDS = re.compile(r"\w(?=[，。？！])")


def main() -> None:
    arguments = parser_of(__doc__, "runs/language", only="the name of one run").parse_args()
    if arguments.what == "one":
        run_one(next(each for each in RUNS if each.name == arguments.only), arguments.out)
    elif arguments.what == "run":
        run_missing(__file__, arguments.out, [{"name": each.name} for each in RUNS], arguments.only)
    else:
        put("language", __file__, table_of(arguments.out))
        put("poems", __file__, forms_table(arguments.out))


def run_one(run: Run, out: Path) -> None:
    """Train, score, look at what is written, and add a line to the results."""
    from attendo.api import GenerateRunSettings, train
    from attendo.configuration import read_settings

    out.mkdir(parents=True, exist_ok=True)
    place = out / re.sub(r"\W+", "-", run.name)
    data = Path(os.environ["ATTENDO_DATA"]) / run.data
    source = poems_as_lines(data, place.with_name(f"{place.name}-data")) if run.poems else data
    overrides = [f"training.minutes={run.minutes}", *run.options]
    started = time.monotonic()
    settings = read_settings(GenerateRunSettings, overrides=overrides)
    found = train("generate", source, out=place, settings=settings, overwrite=True, tell=telling(started))
    last = found.story.last_set
    scores = {
        system.name: {
            name: value["value"] for name, value in system.scores[last].as_dict().items() if isinstance(value, dict)
        }
        for system in found.story.systems
    }
    line: dict[str, Any] = {"name": run.name, "set": last, "scores": scores, **spent(started, found.story)}
    if run.poems:
        line["forms"] = forms_of(found.model, source)
    add_line(out, line)


def poems_as_lines(data: Path, folder: Path) -> Path:
    """A folder with the poems of each set as JSON Lines, a line of a poem on a line."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("train", "dev", "test"):
        poems = json.loads(Path(f"{data}.{name}.json").read_text(encoding="utf-8"))
        texts = ["\n".join(each["paragraphs"]) for each in poems]
        lines = [json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts if text.strip()]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def forms_of(model: Any, folder: Path) -> dict[str, dict[str, float]]:
    """How regular poems are, and how often their lines rhyme: written ones, those of people, and shuffled ones."""
    from attendo.tasks import WriteSettings

    train, test = (_texts(folder / f"{name}.jsonl") for name in ("train", "test"))
    asked = WriteSettings(temperature=0.9, max_new=400, seed=SEED)
    written = [each.text for each in model.predict([""] * POEMS, asked)]
    rhymes = Rhymes(train)
    known = {clause for text in train for clause in clauses(text)}
    rows = {"written": written, "by people": test, "by people, ends shuffled": shuffled(test)}
    usual = Counter(len(clause) for text in test for clause in clauses(text))
    return {
        name: {
            "poems": len(texts),
            "even": share(len(set(map(len, clauses(text)))) == 1 for text in texts if clauses(text)),
            "lengths": overlap(Counter(len(clause) for text in texts for clause in clauses(text)), usual),
            "rhymes": rhymes.rate(texts),
            "copied": share(clause in known for text in texts for clause in clauses(text)),
        }
        for name, texts in rows.items()
    }


def _texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def clauses(text: str) -> list[str]:
    """What stands between signs."""
    return [part for part in _CLAUSE.split(re.sub(r"\s|（.*?）", "", text)) if part]


def ends(text: str) -> list[str]:
    """The last characters of sentences, which rhyme: in regular verse those of every second clause."""
    return re.findall(r"(\w)[。！？]", re.sub(r"\s|（.*?）", "", text))


class Rhymes:
    """Characters that rhyme, as far as poems show it: pairs that have ended neighbouring couplets of some poem."""

    def __init__(self, poems: Sequence[str]) -> None:
        counts: Counter[str] = Counter(end for text in poems for end in set(ends(text)))
        pairs: Counter[tuple[str, str]] = Counter()
        for text in poems:
            own = sorted(set(ends(text)))
            pairs.update((one, other) for place, one in enumerate(own) for other in own[place + 1 :])
        # far oftener together than chance would have it: by chance two characters meet as often as they are frequent
        self._pairs = {
            pair for pair, count in pairs.items() if count * len(poems) > 4 * counts[pair[0]] * counts[pair[1]]
        }

    def rate(self, poems: Sequence[str]) -> float:
        """The share of neighbouring ends that rhyme; an end that is repeated is no rhyme."""
        return share(
            tuple(sorted(pair)) in self._pairs
            for text in poems
            for pair in zip(ends(text), ends(text)[1:], strict=False)
        )


def shuffled(poems: Sequence[str]) -> list[str]:
    """The poems with the last characters of all clauses dealt out anew."""
    last = [found for text in poems for found in _ENDS.findall(text)]
    random.Random(SEED).shuffle(last)
    dealt = iter(last)
    return [_ENDS.sub(lambda found: next(dealt), text) for text in poems]


def overlap(one: Counter[int], other: Counter[int]) -> float:
    """How much of two distributions is the same, from 0 to 1."""
    totals = one.total() or 1, other.total() or 1
    return sum(min(one[key] / totals[0], other[key] / totals[1]) for key in one)


def share(flags: Any) -> float:
    """How many of them are true, from 0 to 1."""
    held = [bool(each) for each in flags]
    return sum(held) / len(held) if held else 0.0


def table_of(out: Path) -> str:
    """The likelihoods as a table."""
    rows = []
    for line in read_lines(out):
        simple, ours = line["scores"]["counted n-grams"], line["scores"]["attendo"]
        shown = (f"{each['nats_per_token']:.3f} / {each['bits_per_character']:.3f} / {each['perplexity']:.2f}"
                 for each in (simple, ours))  # fmt: skip
        rows.append((line["name"], line["set"], *shown, f"{line['seconds']:.0f}", str(line["threads"])))
    titles = (
        "run",
        "set",
        "n-grams: nats a token / bits a character / perplexity",
        "**attendo**",
        "seconds",
        "threads",
    )
    return table(titles, rows)


def forms_table(out: Path) -> str:
    """The forms as a table."""
    rows = []
    for line in read_lines(out):
        for name, form in line.get("forms", {}).items():
            shares = (f"{100 * form[each]:.1f}" for each in ("even", "lengths", "rhymes", "copied"))
            rows.append((line["name"], name, f"{form['poems']:,}", *shares))
    titles = (
        "run",
        "poems",
        "number",
        "all clauses of one length",
        "lengths as in the corpus",
        "rhymes",
        "clauses copied",
    )
    return table(titles, rows)


if __name__ == "__main__":
    main()
