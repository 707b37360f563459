"""How `embed` begins: attendo's own network, or a base, under a pooling that gives each text a vector."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import bytes_per_token, described
from attendo.api.settings import EmbedRunSettings
from attendo.data import PairDataSettings, Splits, TextPair, find_splits, load_sets, read_pairs
from attendo.errors import DataError
from attendo.models import DeepPath, TokenModel
from attendo.report import System, SystemScores, hardest_likenesses, main_scores
from attendo.tasks import (
    AveragedVectors,
    Base,
    Embedder,
    EmbedProblem,
    Judged,
    TfIdfVectors,
    build_embedder,
    build_embedder_on_base,
    compare_judged,
    judge_vectors,
    look,
    score_judged,
    texts_in,
)
from attendo.training import Habits, arrange_layers, habits_on_base

LEARNED_FROM = {
    "numbers": "numbers that say how alike two texts are",
    "pairs": "pairs of texts that mean the same; all others of a batch are rivals",
    "texts": "texts by themselves, each read twice under other dropout",
}


def load_pairs(
    data: Path | str, *, dev: Path | str | None, test: Path | str | None, settings: PairDataSettings
) -> Splits[TextPair]:
    """Read the sets of a training run.

    Raises:
        DataError: if a file cannot be used.
    """
    return load_sets(find_splits(data, dev=dev, test=test), lambda path: read_pairs(path, settings), settings, _check)


def _check(pairs: Sequence[TextPair], path: Path) -> None:
    """Refuse a training set that says nothing of likeness."""
    if len(texts_in(pairs)) < 2:
        raise DataError("it holds one text; at least two are needed.", path=path)


def begin_embedding(splits: Splits[TextPair], settings: EmbedRunSettings, base: Base | None, folder: Path) -> Candidate:
    """The model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    return _from_scratch(splits, settings) if base is None else _on_base(base, splits, settings)


def _from_scratch(splits: Splits[TextPair], settings: EmbedRunSettings) -> Candidate:
    """attendo's own network, with first vectors for its words."""
    model = build_embedder(splits.train, settings.task)
    shape, network = model.model.shape, model.model.network
    assert isinstance(network, DeepPath)
    problem = EmbedProblem(model.vectors, model.encoder, splits.train, splits.dev, settings.task)
    note = f"Model: {shaped(shape)}, {shape.num_rows:,} word and n-gram rows, {model.pooling} pooling."
    return Candidate(
        model=model,
        problem=problem,
        habits=Habits(),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"network": network},
        at_work=network,
        judge=_Judge(splits, model),
        notes=(note, _about(problem)),
        warnings=_warnings(problem),
    )


def _on_base(base: Base, splits: Splits[TextPair], settings: EmbedRunSettings) -> Candidate:
    """A pretrained model under a pooling."""
    model, _ = build_embedder_on_base(base, settings.task)
    network = model.model.network
    assert isinstance(network, TokenModel)
    arrange_layers(model.vectors, settings.training)
    problem = EmbedProblem(model.vectors, model.encoder, splits.train, splits.dev, settings.task)
    encoder = network.encoder
    parts: dict[str, nn.Module] = {"embeddings": encoder.embedding, "encoder": encoder.stack}
    if len(model.vectors.further):
        parts["head"] = model.vectors.further
    return Candidate(
        model=model,
        problem=problem,
        habits=habits_on_base(encoder.width, len(problem.lengths), settings.training),
        bytes_per_token=bytes_per_token(network, settings.training.gradient_checkpointing),
        parts=parts,
        at_work=encoder,
        judge=_Judge(splits, model),
        notes=(
            described(base, network),
            f"Pooling: {model.pooling}.",
            _about(problem),
        ),
        warnings=_warnings(problem),
        origin=base.origin,
    )


def _about(problem: EmbedProblem) -> str:
    sizes = ", ".join(map(str, problem.sizes))
    return f"Learned from {len(problem.lengths):,} {LEARNED_FROM[problem.kind]}. Vectors may be cut to {sizes} numbers."


def _warnings(problem: EmbedProblem) -> tuple[str, ...]:
    cut = problem.inputs.cut
    if not cut:
        return ()
    return (f"Of {cut:,} training texts that are longer than the model reads, only the beginning is learned from.",)


class _Judge:
    """Scores weighted n-grams, averaged word vectors, and the trained model."""

    def __init__(self, splits: Splits[TextPair], model: Embedder) -> None:
        self._splits, self._model = splits, model

    def __call__(self, seconds: float) -> Judgement:
        sets = self._splits.present()
        texts = texts_in(sets.pop("train"))
        systems, judged = [], []
        for name, make in (("tf-idf", TfIdfVectors.of), ("averaged word vectors", AveragedVectors.of)):
            started = time.monotonic()
            vectorise = make(texts)
            judged.append({name: judge_vectors(pairs, vectorise) for name, pairs in sets.items()})
            systems.append(System(name=name, scores=_scores(judged[-1]), seconds=time.monotonic() - started))
        judged.append({name: judge_vectors(pairs, self._model.encode) for name, pairs in sets.items()})
        order = sorted(range(2), key=lambda number: _main(judged[number]["dev"]))  # the better one is to be beaten
        systems, judged = [systems[number] for number in order], [judged[number] for number in order] + judged[2:]
        systems.append(System(name="attendo", scores=_scores(judged[-1]), seconds=seconds))
        last = list(sets)[-1]
        ours, theirs = judged[-1][last], judged[-2][last]
        return Judgement(
            systems=tuple(systems),
            against=compare_judged(ours, theirs),
            hardest=hardest_likenesses(ours),
            attention=look(self._model.model.network, self._model.encoder.view(texts_in(sets["dev"])[:LOOKED_AT])),
        )


def _main(judged: Judged) -> float:
    """The score that a system is judged by; below all others where it says nothing, as of cosines that are all one."""
    value = next(iter(main_scores(score_judged(judged, resamples=1)).values()))["value"]
    return -math.inf if math.isnan(value) else value


def _scores(judged: dict[str, Judged]) -> dict[str, SystemScores]:
    return {name: score_judged(each) for name, each in judged.items()}
