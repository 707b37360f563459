"""A linear-chain CRF over role tags, one chain for each predicate of a sentence: what a network has to beat.

    ATTENDO_DATA=FOLDER python benchmarks/roles_baseline.py [srl-propbank_ewt] [srl-up2_chinese_gsd]

Predicates are given, and nothing but the words is: no parts of speech, no parse. How it is fitted is chosen on a piece
of the training set; then all of it is learned from, and the dev set is scored once. Needs python-crfsuite.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from attendo.data import Frame, FramedSentence, Role, read_frames
from attendo.metrics import RoleScores, score_frames

Choice: TypeAlias = tuple[str, dict[str, float]]

SETS = {
    "srl-propbank_ewt": ("train.gold_conll", "dev.gold_conll"),
    "srl-up2_chinese_gsd": ("zh_gsd-up-train.conllup", "zh_gsd-up-dev.conllup"),
}
CHOICES: dict[str, tuple[Choice, ...]] = {
    "srl-propbank_ewt": (
        ("ap", {"max_iterations": 8}),
        ("ap", {"max_iterations": 16}),
        ("l2sgd", {"max_iterations": 20, "c2": 0.1}),
        ("l2sgd", {"max_iterations": 20, "c2": 1.0}),
    ),
    "srl-up2_chinese_gsd": (
        ("ap", {"max_iterations": 8}),
        ("l2sgd", {"max_iterations": 20, "c2": 1.0}),
        ("lbfgs", {"max_iterations": 60, "c1": 0.1, "c2": 0.1}),
        ("lbfgs", {"max_iterations": 100, "c1": 0.1, "c2": 0.1}),
        ("lbfgs", {"max_iterations": 100, "c1": 0.02, "c2": 1.0}),
    ),
}
"""How a CRF may be fitted: averaged perceptron, stochastic gradients, or L-BFGS, which takes an hour for English."""
CHOICE_SENTENCES, HELD_OUT = 1500, 500
RAREST = 0.001
"""Roles that are a smaller share of all are not learned: time grows with the square of the number of tags."""


def words_of(sentence: FramedSentence) -> list[str]:
    """The words as they stand in the text."""
    return [sentence.text[start:end] for start, end in sentence.words]


def shape(word: str) -> str:
    """Capitals, small letters and digits of a word, runs of them shortened."""
    kinds = re.sub(r"[a-z]+", "x", re.sub(r"[A-Z]+", "X", re.sub(r"\d+", "9", word)))
    return kinds if len(kinds) < 6 else kinds[:6]


def of_word(words: Sequence[str], place: int) -> list[str]:
    """What is seen of the words around a place, whichever the predicate is."""
    lower = [words[at].lower() if 0 <= at < len(words) else "<>" for at in range(place - 2, place + 3)]
    before, left, word, right, behind = lower
    seen = [
        f"w={word}",
        f"w-1={left}",
        f"w+1={right}",
        f"w-2={before}",
        f"w+2={behind}",
        f"shape={shape(words[place])}",
    ]
    seen += [f"s{size}={word[-size:]}" for size in (1, 2, 3) if len(word) > size] + [f"p2={word[:2]}"]
    seen += [f"b-={left}|{word}", f"b+={word}|{right}", f"l-s2={left[-2:]}", f"r-s2={right[-2:]}"]
    return seen


def distance(steps: int) -> str:
    """A number of words, the rougher the larger it is."""
    return str(steps) if abs(steps) < 5 else f"{'+' if steps > 0 else '-'}{'5-9' if abs(steps) < 10 else '10-'}"


def features(words: Sequence[str], around: list[list[str]], frame: Frame) -> Iterator[list[str]]:
    """What is seen of each word, with its place by the predicate."""
    at = frame.predicate
    predicate = words[at].lower()
    neighbours = [words[near].lower() if 0 <= near < len(words) else "<>" for near in (at - 1, at + 1)]
    for place, word in enumerate(words):
        near = distance(place - at)
        side = "=" if place == at else "<" if place < at else ">"
        between = [each.lower() for each in words[min(place, at) + 1 : max(place, at)]]
        marks = sum(not each[0].isalnum() for each in between)
        own = [f"d={near}", f"p={predicate}", f"p,side={predicate}{side}", f"p,d={predicate}{near}"]
        own += [f"p-s={predicate[-3:]}{side}", f"p-1={neighbours[0]}{side}", f"p+1={neighbours[1]}{side}"]
        own += [f"p,w={predicate}|{word.lower()}", f"w,side={word.lower()}{side}", f"w,d={word.lower()}{near}"]
        own += [f"s3,side={word.lower()[-3:]}{side}", f"marks={min(marks, 3)}{side}"]
        own += [f"between={'_'.join(between)}{side}"] if 0 < len(between) < 4 else []
        yield around[place] + own


def tags(size: int, roles: Sequence[Role]) -> list[str]:
    """B-, I- and O for each word."""
    found = ["O"] * size
    for start, end, label in roles:
        found[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return found


def roles_of(found: Sequence[str]) -> tuple[Role, ...]:
    """The roles that tags say; an I- that continues nothing begins a role."""
    roles, start = [], 0
    for place, (tag, after) in enumerate(pairwise([*found, "O"])):
        if tag.startswith("B-") or (place and found[place - 1][2:] != tag[2:]):
            start = place
        if tag != "O" and after != f"I-{tag[2:]}":
            roles.append(Role(start, place + 1, tag[2:]))
    return tuple(roles)


def chains(sentences: Sequence[FramedSentence]) -> Iterator[tuple[list[list[str]], Frame, int]]:
    """One chain for each predicate, in order."""
    for sentence in sentences:
        words = words_of(sentence)
        around = [of_word(words, place) for place in range(len(words))]
        for frame in sentence.frames:
            yield list(features(words, around, frame)), frame, len(words)


def learn(sentences: Sequence[FramedSentence], path: Path, choice: Choice) -> None:
    """Fit a CRF and write it to `path`."""
    pycrfsuite: Any = import_module("pycrfsuite")
    algorithm, params = choice
    frequent = Counter(role.label for sentence in sentences for frame in sentence.frames for role in frame.roles)
    least = RAREST * frequent.total()
    trainer = pycrfsuite.Trainer(algorithm, verbose=False)
    for seen, frame, size in chains(sentences):
        trainer.append(seen, tags(size, [role for role in frame.roles if frequent[role.label] >= least]))
    trainer.set_params(params)
    trainer.train(str(path))


def predict(sentences: Sequence[FramedSentence], path: Path) -> list[list[Frame]]:
    """The frames of each sentence, with predicates given."""
    pycrfsuite: Any = import_module("pycrfsuite")
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    answers = iter([Frame(frame.predicate, None, roles_of(tagger.tag(seen))) for seen, frame, _ in chains(sentences)])
    return [[next(answers) for _ in sentence.frames] for sentence in sentences]


def run(name: str, choices: Sequence[Choice]) -> None:
    """Choose, learn, and say how good it is."""
    train, dev = (read_frames(Path(os.environ["ATTENDO_DATA"]) / name / part).sentences for part in SETS[name])
    train = [sentence for sentence in train if sentence.frames]
    with tempfile.TemporaryDirectory() as folder:
        model, best = Path(folder) / "model", (-1.0, choices[0])
        for choice in choices if len(choices) > 1 else ():
            started = time.perf_counter()
            learn(train[HELD_OUT : HELD_OUT + CHOICE_SENTENCES], model, choice)
            seconds = time.perf_counter() - started
            f1 = scored(train[:HELD_OUT], model).f1.value
            print(f"{name}: {choice} F1 {f1:.4f} on held-out sentences, learned in {seconds:.0f} s", flush=True)
            best = max(best, (f1, choice), key=lambda each: each[0])
        started = time.perf_counter()
        learn(train, model, best[1])
        seconds = time.perf_counter() - started
        print(f"{name}: {len(train):,} sentences learned in {seconds:.0f} s with {best[1]}", flush=True)
        started = time.perf_counter()
        scores = scored(dev, model)
        seconds = time.perf_counter() - started
    f1 = scores.f1
    print(f"{name}: F1 {f1.value:.4f} ({f1.low:.4f}-{f1.high:.4f}), precision {scores.precision.value:.4f}, ", end="")
    print(f"recall {scores.recall.value:.4f}, {len(dev) / seconds:.0f} sentences/s", flush=True)


def scored(sentences: Sequence[FramedSentence], model: Path) -> RoleScores:
    """How well a model does."""
    return score_frames([sentence.frames for sentence in sentences], predict(sentences, model))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS), help=", ".join(SETS))
    parser.add_argument("--choice", type=int, choices=range(4), help="do not choose, but take this one")
    asked = parser.parse_args()
    for each in asked.sets:
        run(each, CHOICES[each] if asked.choice is None else CHOICES[each][asked.choice : asked.choice + 1])
