"""How `classify` begins where labels are numbers: a model of attendo's own, or a base under a head for one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import (
    about_head,
    about_lengths,
    candidate_on_base,
    check_segments,
)
from attendo.api.settings import RunSettings
from attendo.api.stages import BASELINE, PATH, Linear, kept
from attendo.data import Example, Splits, noun_of
from attendo.metrics import paired_bootstrap, pearson_or_none, score_regression
from attendo.models import Reader, TextClassifier
from attendo.report import System, hardest_ratings
from attendo.tasks import (
    Base,
    EncodedTexts,
    NumberScale,
    PieceEncoder,
    RatedTexts,
    Rater,
    RatingOnBase,
    RatingProblem,
    TextEncoder,
    build_rater,
    build_rater_on_base,
    encode_rated,
    fit_ridge_path,
    fit_ridge_reference,
    last_layer,
    look,
    texts_of,
)
from attendo.training import Habits, arrange_layers


@dataclass(frozen=True, kw_only=True, eq=False)
class _Prepared:
    """The data of a run as the linear models and attendo's own model read them."""

    encoder: TextEncoder
    scale: NumberScale
    train: RatedTexts[EncodedTexts]
    dev: RatedTexts[EncodedTexts]


def begin_rating(splits: Splits[Example], settings: RunSettings, base: Base | None, folder: Path) -> Candidate:
    """Numbers from texts, the model that is to be trained, and the linear model that it must beat."""
    encoder = TextEncoder.train(*texts_of(splits.train), settings.task.features)
    train, dev = (encode_rated(encoder, each) for each in (splits.train, splits.dev))
    prepared = _Prepared(encoder=encoder, scale=NumberScale.of(train.values), train=train, dev=dev)
    judge = _Judge(splits, prepared)
    if base is None:
        candidate = _from_scratch(prepared, settings, folder, judge)
    else:
        candidate = _on_base(base, splits, settings, judge)
    assert isinstance(candidate.model, Rater)
    judge.fit(candidate.model, folder)
    return candidate


def _from_scratch(
    prepared: _Prepared, settings: RunSettings, folder: Path, judge: Callable[[float], Judgement]
) -> Candidate:
    """attendo's own model, with its linear path fitted and first vectors for its words."""
    train, scale, seed = prepared.train, prepared.scale, settings.training.seed
    path = kept(folder / PATH, lambda: fit_ridge_path(train.texts.features, scale.standardised(train.values), seed))
    torch.manual_seed(seed)
    built = build_rater(prepared.encoder, path.model, settings.task, train.texts)
    shape, network = built.shape, built.network
    assert isinstance(network, TextClassifier)
    problem = RatingProblem(network, scale, train, prepared.dev)
    note = (
        f"Model: {shaped(shape)}, {shape.num_rows:,} word and n-gram rows, "
        f"{shape.num_features:,} linear features; it gives numbers."
    )
    return Candidate(
        model=Rater(model=built, encoder=prepared.encoder),
        problem=problem,
        habits=Habits(),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"deep path": network.deep, "linear path": network.linear},
        at_work=network.deep,
        judge=judge,
        seconds=path.seconds,
        notes=(note, _about(scale)),
        settle=lambda: _settled(problem),
    )


def _on_base(
    base: Base, splits: Splits[Example], settings: RunSettings, judge: Callable[[float], Judgement]
) -> Candidate:
    """A pretrained model under a head for one number."""
    torch.manual_seed(settings.training.seed)
    paired = any(example.pair is not None for example in splits.train)
    model, new = build_rater_on_base(base, paired=paired)
    network, encoder = model.network, model.encoder
    assert isinstance(network, Reader)
    assert isinstance(encoder, PieceEncoder)
    train, dev = (encode_rated(encoder, each) for each in (splits.train, splits.dev))
    for each in (train, dev):
        check_segments(base, network, each.texts)
    arrange_layers(network, settings.training)
    scale = NumberScale.of(train.values, centred=last_layer(network).bias is not None)
    problem = RatingOnBase(network, scale, train, dev)
    return candidate_on_base(
        base,
        model,
        problem,
        settings.training,
        texts=len(splits.train),
        judge=judge,
        notes=(about_head(new), _about(scale)),
        warnings=about_lengths(train.texts, encoder, noun_of(splits.train)),
        settle=lambda: _settled(problem),
    )


def _about(scale: NumberScale) -> str:
    return f"Numbers are learned as so many times {scale.scale:.4g} from {scale.mean:.4g}."


def _settled(problem: RatingProblem | RatingOnBase) -> tuple[str, ...]:
    problem.settle()
    return ("The scale of the numbers is folded into the last layer: the model gives numbers as they are.",)


class _Judge:
    """Scores the mean, the linear model and the trained model on dev texts, and once on test texts."""

    def __init__(self, splits: Splits[Example], prepared: _Prepared) -> None:
        self._splits, self._prepared = splits, prepared

    def fit(self, model: Rater, folder: Path) -> None:
        """Fit the linear model that must be beaten."""
        train, dev, scale = self._prepared.train, self._prepared.dev, self._prepared.scale
        self._model = model
        self._linear: Linear = kept(
            folder / BASELINE,
            lambda: fit_ridge_reference(
                train.texts.features,
                scale.standardised(train.values),
                dev.texts.features,
                scale.standardised(dev.values),
            ),
        )

    def __call__(self, seconds: float) -> Judgement:
        sets = self._splits.present()
        del sets["train"]
        systems = (
            System(name="mean number", scores={}, seconds=0.0),
            System(name="linear n-grams", scores={}, seconds=self._linear.seconds),
            System(name="attendo", scores={}, seconds=seconds),
        )
        for name, examples in sets.items():
            gold, found = self._answers(name, examples)
            for system, numbers in zip(systems, found, strict=True):
                system.scores[name] = score_regression(gold, numbers)
        network: Any = self._model.network
        shares = network.shares.tolist() if isinstance(network, TextClassifier) else None
        return Judgement(
            systems=systems,
            against=paired_bootstrap(pearson_or_none, gold, found[2], found[1]),
            hardest=hardest_ratings(examples, gold, found[2]),
            attention=look(network, self._model.encoder.view(*texts_of(sets["dev"][:LOOKED_AT]))),
            shares=None if shares is None else (shares[0], shares[1]),
        )

    def _answers(self, name: str, examples: list[Example]) -> tuple[np.ndarray, list[np.ndarray]]:
        """What is right, and what each system says."""
        prepared, model = self._prepared, self._model
        texts = prepared.dev if name == "dev" else encode_rated(prepared.encoder, examples)
        own = texts.texts if model.encoder is prepared.encoder else model.encoder.encode(*texts_of(examples))
        scale = prepared.scale
        linear = scale.mean + scale.scale * self._linear.model(texts.texts.features)[:, 0]
        return texts.values, [np.full(len(examples), prepared.train.values.mean()), linear, model.values(own)]
