"""How `classify` begins: a model of attendo's own with a linear path beside it, or a base under a new head."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import (
    about_head,
    about_lengths,
    candidate_on_base,
    check_segments,
)
from attendo.api.rating import begin_rating
from attendo.api.settings import RunSettings
from attendo.api.stages import (
    Linear,
    Prepared,
    against,
    class_counts,
    fit_path,
    fit_reference,
    linear_probabilities,
    majority_scores,
    prepare,
)
from attendo.data import Example, Splits, noun_of
from attendo.models import Reader, TextClassifier
from attendo.report import System, hardest_cases
from attendo.tasks import (
    Base,
    Classifier,
    ClassifyProblem,
    FineTuning,
    PieceEncoder,
    build_classifier_on_base,
    build_model,
    encode_examples,
    encode_pieces,
    look,
    score_chances,
    texts_of,
)
from attendo.training import Habits, arrange_layers


def begin_classifying(splits: Splits[Example], settings: RunSettings, base: Base | None, folder: Path) -> Candidate:
    """Numbers from texts, the model that is to be trained, and the linear model that it must beat."""
    if splits.numbers:
        return begin_rating(splits, settings, base, folder)
    prepared = prepare(splits, settings.task, base)
    judge = _Judge(splits, prepared)
    if base is None:
        candidate = _from_scratch(prepared, settings, folder, judge)
    else:
        candidate = _on_base(base, prepared, splits, settings, judge)
    judge.fit(candidate.model, folder, settings.training.seed)
    return candidate


def _from_scratch(
    prepared: Prepared, settings: RunSettings, folder: Path, judge: Callable[[float], Judgement]
) -> Candidate:
    """attendo's own model, with its linear path fitted and first vectors for its words."""
    path = fit_path(prepared, folder, settings.training.seed)
    torch.manual_seed(settings.training.seed)
    built = build_model(prepared.encoder, prepared.labels, path.model, settings.task, prepared.train.texts)
    shape, network = built.shape, built.network
    assert isinstance(network, TextClassifier)
    note = f"Model: {shaped(shape)}, {shape.num_rows:,} word and n-gram rows, {shape.num_features:,} linear features."
    return Candidate(
        model=Classifier(model=built, encoder=prepared.encoder, labels=prepared.labels),
        problem=ClassifyProblem(network, prepared.labels, prepared.train, prepared.dev, settings.task),
        habits=Habits(),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"deep path": network.deep, "linear path": network.linear},
        at_work=network.deep,
        judge=judge,
        seconds=path.seconds,
        notes=(note,),
    )


def _on_base(
    base: Base,
    prepared: Prepared,
    splits: Splits[Example],
    settings: RunSettings,
    judge: Callable[[float], Judgement],
) -> Candidate:
    """A pretrained model under a head for the labels at hand."""
    torch.manual_seed(settings.training.seed)
    paired = any(example.pair is not None for example in splits.train)
    model, new = build_classifier_on_base(base, prepared.labels, paired=paired)
    network, encoder = model.network, model.encoder
    assert isinstance(network, Reader)
    assert isinstance(encoder, PieceEncoder)
    train, dev = (encode_pieces(encoder, prepared.labels, each) for each in (splits.train, splits.dev))
    for each in (train, dev):
        check_segments(base, network, each.texts)
    arrange_layers(network, settings.training)
    problem = FineTuning(network, prepared.labels, train, dev, settings.task)
    return candidate_on_base(
        base,
        model,
        problem,
        settings.training,
        texts=len(splits.train),
        judge=judge,
        notes=(about_head(new),),
        warnings=about_lengths(train.texts, encoder, noun_of(splits.train)),
        settle=lambda: _settled(problem),
    )


def _settled(problem: FineTuning) -> tuple[str, ...]:
    return (f"The scores count {problem.settle():.2f} times, so that the model is as sure as the dev set bears out.",)


class _Judge:
    """Scores the majority class, the linear model and the trained model on dev texts, and once on test texts."""

    def __init__(self, splits: Splits[Example], prepared: Prepared) -> None:
        self._splits, self._prepared = splits, prepared

    def fit(self, model: Any, folder: Path, seed: int) -> None:
        """Fit the linear model that must be beaten."""
        self._model: Classifier = model
        self._linear: Linear = fit_reference(self._prepared, folder, seed)

    def __call__(self, seconds: float) -> Judgement:
        sets = self._splits.present()
        counts = class_counts(sets)
        del sets["train"]
        labels, model = self._prepared.labels, self._model
        systems = (
            System(name="majority class", scores={}, seconds=0.0),
            System(name="linear n-grams", scores={}, seconds=self._linear.seconds),
            System(name="attendo", scores={}, seconds=seconds),
        )
        for name, examples in sets.items():
            prepared = self._prepared
            texts = prepared.dev if name == "dev" else encode_examples(prepared.encoder, labels, examples)
            own = texts.texts if model.encoder is prepared.encoder else model.encoder.encode(*texts_of(examples))
            chances = (
                majority_scores(prepared.train, len(examples), labels),
                linear_probabilities(self._linear.model, texts, labels.several),
                model.chances(own),
            )
            for system, found in zip(systems, chances, strict=True):
                system.scores[name] = score_chances(texts.labels, found, labels)
        network = model.network
        shares = network.shares.tolist() if isinstance(network, TextClassifier) else None
        return Judgement(
            systems=systems,
            against=against(texts.labels, chances[2], chances[1], labels.several),
            hardest=hardest_cases(examples, texts.labels, chances[2], labels.names),
            labels=labels.names,
            class_counts=counts,
            attention=look(network, model.encoder.view(*texts_of(sets["dev"][:LOOKED_AT]))),
            shares=None if shares is None else (shares[0], shares[1]),
        )
