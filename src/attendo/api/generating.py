"""How `generate` begins: a language model for the user's own texts, new or trained on, beside one that only counts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from attendo.api.candidates import BYTES, LOOKED_AT, Candidate, Judgement
from attendo.api.fine_tuning import about_head, bytes_per_token, described
from attendo.api.settings import GenerateRunSettings
from attendo.data import RunningText, Splits
from attendo.errors import DataError
from attendo.report import Sample, System, SystemScores
from attendo.tasks import (
    Base,
    CountingModel,
    Foreseen,
    Generator,
    LanguageModel,
    LanguageProblem,
    LanguageSettings,
    TokenStreams,
    Windows,
    WriteSettings,
    build_language_model,
    build_language_model_on_base,
    chosen_size,
    in_blocks,
    look,
    trained_tokenizer,
)
from attendo.training import Habits, TrainingSettings, arrange_layers, habits_of_language, habits_on_base

SAMPLES, PROMPT, WRITTEN = 5, 60, 300
"""Samples in the report, characters of held-out text that each begins with, and tokens that are written behind."""


def begin_generating(
    splits: Splits[RunningText], settings: GenerateRunSettings, base: Base | None, folder: Path
) -> Candidate:
    """The model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    ends = {"ends_texts": any(each.ends for each in splits.train)}
    if base is None:
        texts = [each.text for each in splits.train]
        tokenizer, why = trained_tokenizer(texts, settings.task)
        size = chosen_size(settings.task, sum(map(len, texts)), settings.training.minutes)
        model = build_language_model(Generator, tokenizer, settings.task, size, **ends)
        notes = (why, about_model(model, settings.task, size))
    else:
        model, new = build_language_model_on_base(Generator, base, settings.task, **ends)
        arrange_layers(model.network, settings.training)
        notes = (described(base, model.writes), about_head(new, "writes on"))
    train, dev = model.streams(splits.train), model.streams(splits.dev)
    return language_candidate(
        model,
        train,
        dev,
        settings,
        base=base,
        judge=_Judge(splits, model, train),
        notes=(*notes, _about(train, dev)),
    )


def about_model(model: LanguageModel, settings: LanguageSettings, size: str) -> str:
    """What a new model is, in a sentence."""
    numbers = settings.model.numbers(size)
    count = sum(each.numel() for each in model.writes.parameters())
    shape = f"{settings.model.family} with {numbers['layers']} layers of width {numbers['width']}"
    return f"Model: {shape}, {count:,} parameters, {settings.max_length:,} tokens at a time."


def language_candidate(
    model: LanguageModel,
    train: TokenStreams,
    dev: TokenStreams,
    settings: Any,
    *,
    base: Base | None,
    judge: Callable[[float], Judgement],
    notes: tuple[str, ...],
    warnings: tuple[str, ...] = (),
) -> Candidate:
    """A model that learns to write on, with all that a run must know of it.

    Raises:
        DataError: if there is nothing to learn or to choose by.
    """
    windows = Windows(train, model.window, settings.training.seed)
    if not len(windows) or not dev.foretold.sum():
        which = "to learn from" if not len(windows) else "to choose by"
        raise DataError(f"There is no text {which} that is longer than a token. Give more text.")
    network = model.writes
    share = settings.task.judged_anew
    return Candidate(
        model=model,
        problem=LanguageProblem(network, windows, dev, model.window, share),
        habits=_habits(network.encoder.width, windows.lengths, settings.training, base),
        bytes_per_token=_bytes_per_token(model, settings.training),
        parts={"embeddings": network.encoder.embedding, "encoder": network.encoder.stack},
        at_work=network.encoder.stack,
        judge=judge,
        notes=notes,
        warnings=warnings,
        origin={} if base is None else base.origin,
    )


def _habits(width: int, lengths: Sequence[int], settings: TrainingSettings, base: Base | None) -> Habits:
    return habits_of_language(width, lengths) if base is None else habits_on_base(width, len(lengths), settings)


def _bytes_per_token(model: LanguageModel, settings: TrainingSettings) -> int:
    """What the blocks keep, and the scores of all tokens with their gradients."""
    return (
        bytes_per_token(model.writes, settings.gradient_checkpointing) + 3 * BYTES * model.encoder.tokenizer.vocab_size
    )


def _about(train: TokenStreams, dev: TokenStreams) -> str:
    return f"Text: {len(train.ids):,} tokens to learn from, {len(dev.ids):,} held out to choose by."


class _Judge:
    """Scores n-grams that were counted, and the trained model."""

    def __init__(self, splits: Splits[RunningText], model: Generator, train: TokenStreams) -> None:
        self._splits, self._model, self._train = splits, model, train

    def __call__(self, seconds: float) -> Judgement:
        model, sets = self._model, self._splits.present()
        del sets["train"]
        streams = {name: model.streams(texts) for name, texts in sets.items()}
        started = time.monotonic()
        counted = CountingModel(self._train, model.encoder.tokenizer.vocab_size)
        counted.choose_order(streams["dev"])
        theirs = {name: foreseen(counted.foretell(streams[name]), streams[name], sets[name]) for name in sets}
        spent = time.monotonic() - started
        ours = {name: foreseen(model.foretell(streams[name]), streams[name], sets[name]) for name in sets}
        systems = (
            System(name="counted n-grams", scores=_scores(theirs), seconds=spent),
            System(name="attendo", scores=_scores(ours), seconds=seconds),
        )
        last = list(sets)[-1]
        beginnings = [text for each in sets["dev"] for text in _cut(each.text, model.window)]
        return Judgement(
            systems=systems,
            against=ours[last].against(theirs[last]),
            attention=look(model.network, model.encoder.view(beginnings[:LOOKED_AT])),
            samples=_samples(model, beginnings),
        )


def foreseen(nats: Any, streams: TokenStreams, texts: Sequence[RunningText]) -> Foreseen:
    """What texts cost, in blocks, from what each token costs."""
    return in_blocks(streams, [each.text for each in texts], nats)


def _scores(found: dict[str, Foreseen]) -> dict[str, SystemScores]:
    return {name: each.scores() for name, each in found.items()}


def _cut(text: str, size: int) -> list[str]:
    """A text in parts, up to as many as are looked at."""
    return [text[start : start + size] for start in range(0, min(len(text), size * LOOKED_AT), size)]


def _samples(model: Generator, texts: Sequence[str]) -> tuple[Sample, ...]:
    """What the model writes behind the beginnings of some held-out texts, spread over all of them."""
    step = math.ceil(len(texts) / SAMPLES) if texts else 1
    prompts = [each[: min(PROMPT, max(1, len(each) // 2))] for each in texts[::step]]
    written = model.predict(prompts, WriteSettings(temperature=0.8, max_new=WRITTEN))
    return tuple(Sample(given=prompt, text=each.text) for prompt, each in zip(prompts, written, strict=True))
