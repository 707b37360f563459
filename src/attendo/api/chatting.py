"""How `chat` begins: a language model that learns answers, beside the answers of those who were asked alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement
from attendo.api.fine_tuning import about_head, described
from attendo.api.generating import about_model, language_candidate
from attendo.api.settings import ChatRunSettings
from attendo.data import (
    DIALOGUE_SUFFIXES,
    Dialogue,
    DialogueDataSettings,
    Splits,
    find_splits,
    load_sets,
    read_dialogues,
)
from attendo.report import Sample, System
from attendo.tasks import (
    Base,
    Chatter,
    CountingModel,
    NearestAnswers,
    TokenStreams,
    build_chatter,
    build_chatter_on_base,
    chosen_answers,
    chosen_size,
    dialogue_scores,
    in_blocks,
    look,
)
from attendo.training import arrange_layers

SAMPLES = 8


def load_dialogues(
    data: Path | str, *, dev: Path | str | None, test: Path | str | None, settings: DialogueDataSettings
) -> Splits[Dialogue]:
    """Read the sets of a training run.

    Raises:
        DataError: if a file cannot be used.
    """
    paths = find_splits(data, dev=dev, test=test, suffixes=DIALOGUE_SUFFIXES)
    return load_sets(paths, lambda path: read_dialogues(path, settings), settings)


def begin_chatting(splits: Splits[Dialogue], settings: ChatRunSettings, base: Base | None, folder: Path) -> Candidate:
    """The model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    if base is None:
        characters = sum(len(turn.content) for each in splits.train for turn in each.turns)
        size = chosen_size(settings.task, characters, settings.training.minutes)
        model, why = build_chatter(splits.train, settings.task, size)
        notes = (why, about_model(model, settings.task, size))
    else:
        model, new = build_chatter_on_base(base, settings.task)
        arrange_layers(model.network, settings.training)
        notes = (described(base, model.writes), about_head(new, "writes on"))
    (train, texts), (dev, _) = model.streams(splits.train), model.streams(splits.dev)
    assert train.asked is not None
    about = f"Text: {len(train.ids):,} tokens, of which {int(train.asked.sum()):,} belong to answers and are learned."
    cut = len(texts) - len(splits.train)
    return language_candidate(
        model,
        train,
        dev,
        settings,
        base=base,
        judge=_Judge(splits, model, train, settings.task.judged_answers),
        notes=(*notes, about),
        warnings=_warnings(cut, model),
    )


def _warnings(cut: int, model: Chatter) -> tuple[str, ...]:
    if not cut:
        return ()
    what = f"longer than the {model.window:,} tokens that are read at once"
    return (f"Some training dialogues are {what}; they were cut between turns into {cut:,} more parts.",)


class _Judge:
    """Scores nearest answers together with n-grams that were counted, and the trained model."""

    def __init__(self, splits: Splits[Dialogue], model: Chatter, train: TokenStreams, most: int) -> None:
        self._splits, self._model, self._train, self._most = splits, model, train, most

    def __call__(self, seconds: float) -> Judgement:
        model, sets = self._model, self._splits.present()
        train = sets.pop("train")
        asked = {name: chosen_answers(each, self._most) for name, each in sets.items()}
        right = {name: [said for _, said in each] for name, each in asked.items()}
        streams = {name: model.streams(each) for name, each in sets.items()}
        started = time.monotonic()
        counted = CountingModel(self._train, model.encoder.tokenizer.vocab_size)
        counted.choose_order(streams["dev"][0])
        theirs = {name: in_blocks(*each, counted.foretell(each[0])) for name, each in streams.items()}
        nearest = NearestAnswers(train)
        found = {name: nearest.find([history for history, _ in each]) for name, each in asked.items()}
        spent = time.monotonic() - started
        ours = {name: in_blocks(*each, model.foretell(each[0])) for name, each in streams.items()}
        written = {name: [each.text for each in model.written_answers(asked[name])] for name in sets}
        both = (("nearest answer, counted n-grams", theirs, found, spent), ("attendo", ours, written, seconds))
        systems = tuple(
            System(
                name=name,
                scores={
                    each: dialogue_scores(cost[each], answers[each], right[each], len(sets[each])) for each in sets
                },
                seconds=took,
            )
            for name, cost, answers, took in both
        )
        last = list(sets)[-1]
        histories = [history for history, _ in asked[last]]
        return Judgement(
            systems=systems,
            against=ours[last].against(theirs[last]),
            attention=look(model.network, model.encoder.view([said for _, said in asked["dev"][:LOOKED_AT]])),
            samples=_samples(histories, written[last], right[last]),
        )


def _samples(histories: Sequence[Dialogue], written: Sequence[str], right: Sequence[str]) -> tuple[Sample, ...]:
    """Some answers beside those of people."""
    step = max(1, -(-len(histories) // SAMPLES))
    rows = zip(histories[::step], written[::step], right[::step], strict=True)
    return tuple(
        Sample(given="\n".join(f"– {turn.content}" for turn in history.turns), text=text, right=said)
        for history, text, said in rows
    )
