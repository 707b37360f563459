"""Entities by a linear chain of window features (python-crfsuite): what a tagger has to beat.

    ATTENDO_DATA=/path/to/data python benchmarks/tagging_baseline.py --out runs/tagging [--only ner-resume]

The two penalties are chosen on the dev split; the test split is scored once, with what was chosen. Where a set comes
without a test split, its dev split is the test and every tenth sentence of the training split is the dev split. Each
set is a line of OUT/baseline.jsonl, which benchmarks/tagging.py puts into its table.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from running import add_line

Sentence = tuple[list[str], list[str]]
"""Tokens, and a tag for each."""

PENALTIES = ((0.05, 0.01), (0.2, 0.01), (0.01, 0.1))
"""Pairs of L1 and L2 penalties that are tried."""


@dataclass(frozen=True)
class Set:
    """A data set of tagged sentences: its files, and what to know of them."""

    folder: str
    train: str
    dev: str
    test: str | None = None
    chinese: bool = False
    numbered: bool = False


SETS = (
    Set("ner-resume", "train.char.bmes", "dev.char.bmes", "test.char.bmes", chinese=True),
    Set("ner-weibo", "weiboNER_2nd_conll.train", "weiboNER_2nd_conll.dev", chinese=True, numbered=True),
    Set("ner-wikigold", "train.conll", "dev.conll", "test.conll"),
    Set("ner-wnut17", "train.conll", "dev.conll"),
    Set("ner-msra", "train.conll", "dev.conll", "test.conll", chinese=True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/tagging"))
    parser.add_argument("--only", help="the folder of one data set")
    parser.add_argument("--iterations", type=int, default=100)
    arguments = parser.parse_args()
    data = Path(os.environ["ATTENDO_DATA"])
    for each in SETS:
        if arguments.only in (None, each.folder):
            add_line(arguments.out, chosen_and_scored(each, data, arguments.iterations), "baseline.jsonl")


def chosen_and_scored(chosen: Set, data: Path, iterations: int) -> dict[str, Any]:
    """The penalties chosen, the scores in per cent, and how long a model took to fit."""
    train, dev, test = splits(chosen, data)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, penalties in enumerate(PENALTIES):
            path, started = f"{folder}/{number}", time.perf_counter()
            fit(train, chosen.chinese, penalties, iterations, path)
            seconds = time.perf_counter() - started
            found.append((score(path, dev, chosen.chinese), penalties, seconds, path))
        best, penalties, seconds, path = max(found)
        tested = score(path, test, chosen.chinese)
    return {"set": chosen.folder, "penalties": penalties, "dev": best, "test": tested, "seconds": seconds}


def splits(chosen: Set, data: Path) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
    """The sentences to learn from, to choose on and to score once."""
    names = (chosen.train, chosen.dev, *([chosen.test] if chosen.test else []))
    parts = [read(data / chosen.folder / name, numbered=chosen.numbered) for name in names]
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    train, test = parts
    return [each for i, each in enumerate(train) if i % 10], train[::10], test


def read(path: Path, *, numbered: bool = False) -> list[Sentence]:
    """Sentences of a file with a token and its tag on a line; of a `numbered` token the last digit is left out."""
    sentences: list[Sentence] = []
    tokens, tags = [], []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.strip():
            token, tag = line.rsplit("\t" if "\t" in line else " ", 1)
            tokens.append((token[:-1] or token) if numbered else token)
            tags.append(tag)
        elif tokens:
            sentences.append((tokens, tags))
            tokens, tags = [], []
    return sentences


def spans(tags: Sequence[str]) -> set[tuple[int, int, str]]:
    """Entities as (first token, one past the last, type); IOB1, IOB2, BMES and BIOES alike."""
    found, start, before = set(), 0, "O"
    for place, tag in enumerate([*tags, "O"]):
        fresh = tag[:1] in "BS" or before[:1] in "OES" or tag[2:] != before[2:]
        if before != "O" and (tag == "O" or fresh):
            found.add((start, place, before[2:]))
        if tag != "O" and fresh:
            start = place
        before = tag
    return found


def f1(right: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> float:
    """F1 of exact entities, in per cent."""
    pairs = [(spans(one), spans(other)) for one, other in zip(right, answers, strict=True)]
    total = sum(len(one) + len(other) for one, other in pairs)
    return 200 * sum(len(one & other) for one, other in pairs) / max(total, 1)


def features(tokens: Sequence[str], *, chinese: bool) -> list[list[str]]:
    """What each token is described by: its window, and of a word its shape, beginning and end."""
    edge = ["<s>"] * 3
    low = [*edge, *(token if chinese else token.lower() for token in tokens), *edge]
    shapes = [*edge, *map(shape, tokens), *edge]
    described = []
    for i, token in enumerate(tokens, 3):
        w = low[i - 3 : i + 4]
        own = [f"{k}={w[3 + k]}" for k in (0, -2, -1, 1, 2)]
        own += [f"{k}{k + 1}={w[3 + k]} {w[4 + k]}" for k in (-2, -1, 0, 1)]
        own += [f"3{k}={w[3 + k]} {w[4 + k]} {w[5 + k]}" for k in (-2, -1, 0)]
        own += [f"around={w[2]} {w[4]}", f"shapes={shapes[i - 1]} {shapes[i]} {shapes[i + 1]}"]
        if chinese:
            own += [f"4e={' '.join(w[:4])}", f"4b={' '.join(w[3:])}", f"same={w[3] == w[2]}{w[3] == w[1]}"]
        else:
            own += [f"shape{k}={shapes[i + k]}" for k in (-1, 0, 1)]
            own += [f"<{token.lower()[:n]}" for n in (1, 2, 3, 4)] + [f"{token.lower()[-n:]}>" for n in (1, 2, 3, 4)]
            own.append(f"cased={token}")
        described.append(own)
    return described


def shape(token: str) -> str:
    """The kinds of characters of a token, each run of one kind once: `Paris-2024` is `Aa-0`."""
    kinds = ""
    for c in token:
        kind = "0" if c.isdigit() else "字" if c > "\u2e7f" and c.isalpha() else "A" if c.isupper() else "a"
        kind = kind if c.isalnum() else c if c.isascii() else "。"
        kinds += kind if not kinds.endswith(kind) else ""
    return kinds


def fit(train: list[Sentence], chinese: bool, penalties: tuple[float, float], iterations: int, path: str) -> None:
    """Fit a chain and write it to a file."""
    trainer = crfsuite().Trainer(verbose=False)
    for tokens, tags in train:
        trainer.append(features(tokens, chinese=chinese), tags)
    trainer.set_params({"c1": penalties[0], "c2": penalties[1], "max_iterations": iterations})
    trainer.train(path)


def score(path: str, sentences: list[Sentence], chinese: bool) -> float:
    """F1 of a fitted chain."""
    tagger = crfsuite().Tagger()
    tagger.open(path)
    answers = [tagger.tag(features(tokens, chinese=chinese)) for tokens, _ in sentences]
    return f1([tags for _, tags in sentences], answers)


def crfsuite() -> Any:
    """The peer, whose classes no checker of types can see."""
    return import_module("pycrfsuite")


if __name__ == "__main__":
    main()
