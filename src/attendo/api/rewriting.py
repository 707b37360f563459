"""How `translate` and `summarize` begin: an encoder-decoder, new or trained on, beside what was found, not written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement
from attendo.api.fine_tuning import bytes_per_token, described
from attendo.data import SourceTarget, Splits
from attendo.metrics import paired_bleu, paired_rouge
from attendo.report import Sample, System, hardest_writings
from attendo.tasks import (
    Base,
    MostAlike,
    Reach,
    RewriteProblem,
    Rewriter,
    Summarizer,
    Translator,
    build_rewriter,
    build_rewriter_on_base,
    look,
    taught_to_copy,
)
from attendo.training import Habits, habits_of_rewriting, habits_on_base

SAMPLES = 8
"""Held-out texts that the report shows with what was written from them."""


def begin_translating(splits: Any, settings: Any, base: Base | None, folder: Path) -> Candidate:
    """A translator that is to be trained, and what it must beat."""
    return _begin(Translator, splits, settings, base)


def begin_summarizing(splits: Any, settings: Any, base: Base | None, folder: Path) -> Candidate:
    """A summariser that is to be trained, and what it must beat."""
    return _begin(Summarizer, splits, settings, base)


def _begin(kind: type[Any], splits: Any, settings: Any, base: Base | None) -> Candidate:
    torch.manual_seed(settings.training.seed)
    task = settings.task
    train = taught_to_copy(splits.train, settings.training.seed) if task.copy else splits.train
    if base is None:
        model, notes = build_rewriter(kind, train, splits.sides, task)
    else:
        model = build_rewriter_on_base(kind, base, splits.sides, task)
        notes = (described(base, model.writes),)
    problem = RewriteProblem(
        model,
        train,
        splits.dev,
        smoothing=task.label_smoothing,
        max_length=min(task.max_length, model.max_length),
    )
    model = replace(model, reach=Reach.of(problem.pairs.sources, problem.pairs.targets))
    network = model.writes
    return Candidate(
        model=model,
        problem=problem,
        habits=_habits(network.encoder.width, problem.lengths, settings, base),
        bytes_per_token=bytes_per_token(network, settings.training.gradient_checkpointing),
        parts={
            "embeddings": network.encoder.embedding,
            "encoder": network.encoder.stack,
            "decoder": network.decoder.stack,
        },
        at_work=network,
        judge=_Judge(splits, model),
        notes=notes,
        warnings=_about_cut(problem),
        origin={} if base is None else base.origin,
    )


def _habits(width: int, lengths: Sequence[int], settings: Any, base: Base | None) -> Habits:
    if base is None:
        return habits_of_rewriting(width, lengths)
    return habits_on_base(width, len(lengths), settings.training)


def _about_cut(problem: RewriteProblem) -> tuple[str, ...]:
    """How many training texts are cut, in sentences."""
    named = zip(("source", "target"), problem.pairs.cut, strict=True)
    return tuple(
        f"{number:,} training {side}{'s are' if number > 1 else ' is'} longer than the model takes, and cut."
        for side, number in named
        if number
    )


class _Judge:
    """Scores the target of the training source that is most alike, and what the trained model writes."""

    paired: ClassVar[dict[type, Callable[..., Any]]] = {Translator: paired_bleu, Summarizer: paired_rouge}

    def __init__(self, splits: Splits[SourceTarget], model: Rewriter) -> None:
        self._splits, self._model = splits, model

    def __call__(self, seconds: float) -> Judgement:
        model, sets = self._model, self._splits.present()
        train = sets.pop("train")
        started = time.monotonic()
        alike = MostAlike([pair.text for pair in train])
        found = {
            name: [train[number].target for number in alike.find([pair.text for pair in pairs])]
            for name, pairs in sets.items()
        }
        spent = time.monotonic() - started
        written = {name: [each.text for each in model.predict_examples(pairs)] for name, pairs in sets.items()}
        last = list(sets)[-1]
        targets = [pair.target for pair in sets[last]]
        paired = self.paired[type(model)](targets, written[last], found[last], language=model.sides.target_language)
        return Judgement(
            systems=(
                System(name="most alike", scores=self._scores(found), seconds=spent),
                System(name="attendo", scores=self._scores(written), seconds=seconds),
            ),
            against=paired,
            hardest=hardest_writings(sets[last], written[last]),
            attention=look(model.network, model.encoder.view([pair.text for pair in sets["dev"][:LOOKED_AT]])),
            samples=_samples(sets["dev"], written["dev"]),
        )

    def _scores(self, outputs: dict[str, list[str]]) -> dict[str, Any]:
        sets = self._splits.present()
        return {name: self._model.score(texts, [pair.target for pair in sets[name]]) for name, texts in outputs.items()}


def _samples(pairs: Sequence[SourceTarget], written: Sequence[str]) -> tuple[Sample, ...]:
    """Some held-out texts with what is written from them, spread over all of them."""
    step = max(1, len(pairs) // SAMPLES)
    return tuple(
        Sample(given=pair.text, text=text, right=pair.target)
        for pair, text in list(zip(pairs, written, strict=True))[::step][:SAMPLES]
    )
