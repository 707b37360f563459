"""The built-in corpus: reviews in English and Chinese whose labels and deciding words are known, since we wrote both.

Opinions are denied, outweighed, put into other people's mouths or turned into proper names, so that counting words does
not get far.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Literal

from attendo.data.chinese import CHINESE
from attendo.data.english import ENGLISH
from attendo.data.examples import Example
from attendo.data.grammar import NEGATIVE, NEUTRAL, POSITIVE, Grammar, write_sentence
from attendo.data.sets import Splits
from attendo.errors import ConfigError
from attendo.files import write_text

Language = Literal["en", "zh", "both"]
_GRAMMARS: dict[str, tuple[Grammar, ...]] = {"en": (ENGLISH,), "zh": (CHINESE,), "both": (ENGLISH, CHINESE)}
_LABELS = {NEGATIVE: "negative", NEUTRAL: "neutral", POSITIVE: "positive"}
_SMALLEST, _LARGEST = 30, 100_000


def built_in_corpus(language: Language = "both", *, size: int = 5000, seed: int = 0) -> Splits:
    """Write different sentences, the classes and languages in equal parts: 80 % to learn from, 10 % each for the rest.

    The same arguments give the same sentences on any machine.
    """
    if language not in _GRAMMARS:
        raise ConfigError(f"`language` is `{language}`; it may be {', '.join(_GRAMMARS)}.")
    if not _SMALLEST <= size <= _LARGEST:
        raise ConfigError(f"`size` must lie between {_SMALLEST} and {_LARGEST:,}, but is {size}.")
    rng = Random(seed)
    written: dict[str, Example] = {}
    while len(written) < size:
        polarity = (NEGATIVE, NEUTRAL, POSITIVE)[len(written) % 3]
        grammars = _GRAMMARS[language]
        text, rationale = write_sentence(grammars[len(written) // 3 % len(grammars)], rng, polarity)
        written.setdefault(text, Example(text, labels=(_LABELS[polarity],), rationale=rationale))
    examples = list(written.values())
    held_out = max(3, size // 10)
    return Splits(
        train=tuple(examples[: -2 * held_out]),
        dev=tuple(examples[-2 * held_out : -held_out]),
        test=tuple(examples[-held_out:]),
    )


def write_corpus(folder: Path | str, language: Language = "both", *, size: int = 5000, seed: int = 0) -> list[Path]:
    """Write the built-in corpus as train.jsonl, dev.jsonl and test.jsonl, and say where."""
    corpus = built_in_corpus(language, size=size, seed=seed)
    folder = Path(folder)
    sets = {"train": corpus.train, "dev": corpus.dev, "test": corpus.test}
    for name, examples in sets.items():
        write_text(folder / f"{name}.jsonl", "".join(_line(example) for example in examples))
    return [folder / f"{name}.jsonl" for name in sets]


def _line(example: Example) -> str:
    record = {"text": example.text, "label": example.labels[0], "rationale": example.rationale}
    return json.dumps(record, ensure_ascii=False) + "\n"
