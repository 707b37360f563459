"""How `roles` begins: attendo's own network under a chain of tags, or a base under a head for words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import about_head, candidate_on_base
from attendo.api.settings import RoleRunSettings
from attendo.data import FRAME_SUFFIXES, FramedSentence, RoleDataSettings, Splits, find_splits, load_sets, read_frames
from attendo.errors import DataError
from attendo.metrics import paired_roles
from attendo.models import DeepPath
from attendo.report import System, hardest_framings
from attendo.tasks import (
    Base,
    FrameProblem,
    RoleLabeller,
    TagSet,
    UsualRoles,
    View,
    build_labeller,
    build_labeller_on_base,
    encode_framed,
    look,
    role_tags,
    score_both,
)
from attendo.training import arrange_layers, habits_of_roles


def load_framed(
    data: Path | str, *, dev: Path | str | None, test: Path | str | None, settings: RoleDataSettings
) -> Splits[FramedSentence]:
    """Read the sets of a training run.

    Raises:
        DataError: if a file cannot be used.
    """
    paths = find_splits(data, dev=dev, test=test, suffixes=FRAME_SUFFIXES)
    return load_sets(paths, lambda path: read_frames(path, settings), settings)


def begin_framing(
    splits: Splits[FramedSentence], settings: RoleRunSettings, base: Base | None, folder: Path
) -> Candidate:
    """The roles, the model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    tags, rare = role_tags(splits.train, settings.task.rarest)
    if not tags.labels:
        raise DataError("No predicate of the training sentences has a role, so there is nothing to learn.")
    begun = _from_scratch(splits, settings, tags) if base is None else _on_base(base, splits, settings, tags)
    model = begun.model
    assert isinstance(model, RoleLabeller)
    model.card["arguments"] = _arguments(splits.train)
    return begun if not rare else _noted(begun, rare)


def _from_scratch(splits: Splits[FramedSentence], settings: RoleRunSettings, tags: TagSet) -> Candidate:
    """attendo's own network, with first vectors for its words."""
    model = build_labeller(splits.train, tags, settings.task)
    shape, network = model.model.shape, model.network
    assert isinstance(network, DeepPath)
    note = (
        f"Model: {shaped(shape)}, {shape.num_rows:,} rows for words, neighbours and "
        f"places by the predicate, {len(tags.labels)} roles, decoding {model.finder.decoding}."
    )
    problem = _problem(model, splits)
    return Candidate(
        model=model,
        problem=problem,
        habits=habits_of_roles(len(problem.lengths)),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"network": network, "chain": model.finder.scorer.chain},
        at_work=network,
        judge=_Judge(splits, model),
        notes=(note,),
    )


def _on_base(base: Base, splits: Splits[FramedSentence], settings: RoleRunSettings, tags: TagSet) -> Candidate:
    """A pretrained model under a head for the roles at hand."""
    model, new = build_labeller_on_base(base, splits.train, tags, settings.task)
    arrange_layers(model.network, settings.training)
    problem = _problem(model, splits)
    return candidate_on_base(
        base,
        model,
        problem,
        settings.training,
        texts=len(problem.lengths),
        judge=_Judge(splits, model),
        notes=(about_head(new),),
    )


def _problem(model: RoleLabeller, splits: Splits[FramedSentence]) -> FrameProblem:
    train = encode_framed(model.encoder, model.finder.tags, splits.train)
    return FrameProblem(model.finder, model.encoder, train, splits.dev)


def _arguments(sentences: tuple[FramedSentence, ...]) -> Literal["spans", "heads"]:
    """Head words where every role is a single word."""
    roles = (role for sentence in sentences for frame in sentence.frames for role in frame.roles)
    return "heads" if all(role.end - role.start == 1 for role in roles) else "spans"


def _noted(candidate: Candidate, rare: dict[str, int]) -> Candidate:
    named = ", ".join(sorted(rare)[:10]) + (" and others" if len(rare) > 10 else "")
    note = f"Too rare to be learned: {named}; they occur {sum(rare.values()):,} times in all."
    return replace(candidate, notes=(*candidate.notes, note))


class _Judge:
    """Scores what words usually are, and the trained model."""

    def __init__(self, splits: Splits[FramedSentence], model: RoleLabeller) -> None:
        self._splits, self._model = splits, model

    def __call__(self, seconds: float) -> Judgement:
        sets, model = self._splits.present(), self._model
        counts = {name: _label_counts(sentences) for name, sentences in sets.items()}
        usual = UsualRoles.of(sets.pop("train"))
        systems = (
            System(name="usual roles", scores={}, seconds=0.0),
            System(name="attendo", scores={}, seconds=seconds),
        )
        for name, sentences in sets.items():
            theirs = [[usual.find(each, given=given) for each in sentences] for given in (True, False)]
            ours = [model.found(sentences, given=given) for given in (True, False)]
            for system, (given, found) in zip(systems, (theirs, ours), strict=True):
                system.scores[name] = score_both(sentences, given, found, model.arguments)
        gold = [each.frames for each in sentences]
        framed = [each for each in sentences if each.frames]
        return Judgement(
            systems=systems,
            against=paired_roles(gold, ours[0], theirs[0], arguments=model.arguments),
            hardest=hardest_framings(framed, model.predict_examples(framed)),
            labels=model.finder.tags.labels,
            class_counts=counts,
            attention=look(model.network, _asked(model, sets["dev"])),
        )


def _asked(model: RoleLabeller, sentences: list[FramedSentence]) -> View:
    """Sentences with predicates, each asked about one of them: the first, or the second, and so on in turn."""
    framed = [each for each in sentences if each.frames][:LOOKED_AT]
    predicates = [each.frames[number % len(each.frames)].predicate for number, each in enumerate(framed)]
    return model.encoder.view([each.text for each in framed], [each.words for each in framed], predicates)


def _label_counts(sentences: list[FramedSentence]) -> dict[str, int]:
    """How many roles have each label."""
    roles = (role for sentence in sentences for frame in sentence.frames for role in frame.roles)
    return dict(Counter(role.label for role in roles).most_common())
