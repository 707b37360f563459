"""`predict` and `evaluate` for models that label texts or pairs of texts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from attendo.cli.input_texts import STANDARD_INPUT, given_texts, input_lines
from attendo.cli.options import setting_values
from attendo.cli.tasks import Answered, rated
from attendo.cli.tasks import labelled as writing
from attendo.configuration import read_settings
from attendo.data import DataSettings, Example, familiar_settings, find_test_set, read_examples, read_inputs
from attendo.report import HardCase, hardest_cases, hardest_ratings
from attendo.tasks import Classifier, Rater

_LABEL_KEYS = ("label_separator", "label_until", "skip_labels")
"""Settings that say what a label is, rather than where it stands."""


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: DataSettings = field(default_factory=DataSettings)
    """How files are read."""


def example(model: Classifier | Rater, folder: str) -> str:
    """A command that uses the model of a folder."""
    second = ' --pair "its second text"' if model.encoder.paired else ""
    return f'attendo predict {folder} "a text"{second}'


def given(options: Namespace, model: Classifier | Rater) -> Iterator[Example]:
    """The texts of the command line, each with the one second text if there is one."""
    pair = reading_settings(options).pair
    second = None if pair is None else str(pair)
    for text in given_texts(options.texts, second):
        yield Example(text, second)


def lines(options: Namespace, model: Classifier | Rater) -> Iterator[Example]:
    """The lines of standard input."""
    for number, text in input_lines():
        yield Example(text, path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Classifier | Rater) -> Iterator[Example]:
    """The texts of a file, from the columns that the model was trained on where these are there."""
    return read_inputs(path, familiar_settings(reading_settings(options), path, model.columns, labelled=False))


def to_score(path: Path, options: Namespace, model: Classifier | Rater) -> tuple[Path, list[Example]]:
    """Labelled texts; of a folder of sets those of the test set."""
    settings = _with_meaning(reading_settings(options), model.card)
    path = find_test_set(path)
    return path, read_examples(path, familiar_settings(settings, path, model.columns))


def judged(
    model: Classifier | Rater, records: Sequence[Example], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the texts that were labelled most wrongly."""
    scores, cases = model.evaluate(records), ()
    if isinstance(model, Rater):
        if hardest:
            found = [each.value for each in model.predict_examples(records)]
            cases = hardest_ratings(records, [float(example.labels[0]) for example in records], found)
        return scores, cases, {}
    if hardest:
        chances = np.array([tuple(each.probabilities.values()) for each in model.predict_examples(records)])
        gold = model.labels.encode([example.labels for example in records])
        cases = hardest_cases(records, gold, chances, model.labels.names)
    return scores, cases, {"labels": model.labels.names}


def _writer(name: str) -> Any:
    def write(answered: Answered, file: TextIO, model: Classifier | Rater, options: Namespace) -> None:
        if isinstance(model, Rater):
            rated.WRITERS[name](answered, file)
            return
        writing.WRITERS[name](answered, file, model.labels, options.all)

    return write


WRITERS = {name: _writer(name) for name in writing.WRITERS}


def reading_settings(options: Namespace) -> DataSettings:
    """The settings that the options of `add_reading` come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data


def _with_meaning(settings: DataSettings, card: Mapping[str, Any]) -> DataSettings:
    """Labels are read as they were for training, as far as the command line does not say otherwise."""
    before = card.get("settings", {}).get("data", {})
    kept = {key: before[key] for key in _LABEL_KEYS if before.get(key) and not getattr(settings, key)}
    if "skip_labels" in kept:
        kept["skip_labels"] = tuple(kept["skip_labels"])  # JSON knows only lists
    return replace(settings, **kept)
