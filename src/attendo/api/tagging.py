"""How `tag` begins: attendo's own network under a chain of tags, or a base under a head for words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch

from attendo.api.candidates import LOOKED_AT, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import about_head, candidate_on_base
from attendo.api.settings import TagRunSettings
from attendo.data import TAGGED_SUFFIXES, Splits, TagDataSettings, TaggedText, find_splits, load_sets, read_tagged
from attendo.errors import DataError
from attendo.metrics import paired_f1
from attendo.models import DeepPath
from attendo.report import System, hardest_taggings
from attendo.tasks import (
    Base,
    NameList,
    Tagger,
    TagProblem,
    TagSet,
    build_tagger,
    build_tagger_on_base,
    encode_tagged,
    gold_spans,
    look,
    score_found,
)
from attendo.training import arrange_layers, habits_of_tagging


def load_tagged(
    data: Path | str, *, dev: Path | str | None, test: Path | str | None, settings: TagDataSettings
) -> Splits[TaggedText]:
    """Read the sets of a training run.

    Raises:
        DataError: if a file cannot be used.
    """
    paths = find_splits(data, dev=dev, test=test, suffixes=TAGGED_SUFFIXES)
    return load_sets(paths, lambda path: read_tagged(path, settings), settings, _check)


def _check(texts: Sequence[TaggedText], path: Path) -> None:
    if not any(text.labels for text in texts):
        raise DataError("no word in it has a tag but O, so there is nothing to learn.", path=path)


def begin_tagging(splits: Splits[TaggedText], settings: TagRunSettings, base: Base | None, folder: Path) -> Candidate:
    """The tags, the model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    return _from_scratch(splits, settings) if base is None else _on_base(base, splits, settings)


def _from_scratch(splits: Splits[TaggedText], settings: TagRunSettings) -> Candidate:
    """attendo's own network, with first vectors for its words."""
    tags = TagSet.of(splits.train, "BIOES")
    model = build_tagger(splits.train, tags, settings.task)
    shape, network = model.model.shape, model.network
    assert isinstance(network, DeepPath)
    note = (
        f"Model: {shaped(shape)}, {shape.num_rows:,} word and n-gram rows, "
        f"{len(tags.names)} tags ({tags.scheme}), decoding {model.decoding}."
    )
    return Candidate(
        model=model,
        problem=_problem(model, splits),
        habits=habits_of_tagging(len(splits.train)),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"network": network, "chain": model.tagger.chain},
        at_work=network,
        judge=_Judge(splits, model),
        notes=(note,),
    )


def _on_base(base: Base, splits: Splits[TaggedText], settings: TagRunSettings) -> Candidate:
    """A pretrained model under a head for the tags at hand."""
    model, new = build_tagger_on_base(base, TagSet.of(splits.train, "BIO"), settings.task)
    arrange_layers(model.network, settings.training)
    return candidate_on_base(
        base,
        model,
        _problem(model, splits),
        settings.training,
        texts=len(splits.train),
        judge=_Judge(splits, model),
        notes=(about_head(new),),
    )


def _problem(model: Tagger, splits: Splits[TaggedText]) -> TagProblem:
    train, dev = (encode_tagged(model.encoder, model.tags, each) for each in (splits.train, splits.dev))
    return TagProblem(model.tagger, model.tags, train, dev, constrained=model.decoding != "plain")


class _Judge:
    """Scores the names of the training texts, found again, and the trained model."""

    def __init__(self, splits: Splits[TaggedText], model: Tagger) -> None:
        self._splits, self._model = splits, model

    def __call__(self, seconds: float) -> Judgement:
        sets = self._splits.present()
        counts = {name: _label_counts(texts) for name, texts in sets.items()}
        names = NameList.of(sets.pop("train"))
        systems = (
            System(name="known names", scores={}, seconds=0.0),
            System(name="attendo", scores={}, seconds=seconds),
        )
        for name, texts in sets.items():
            found = ([names.find(text) for text in texts], self._model.found(texts))
            for system, spans in zip(systems, found, strict=True):
                system.scores[name] = score_found(texts, spans, self._model.tags.labels)
        last = [gold_spans(text) for text in texts]
        return Judgement(
            systems=systems,
            against=paired_f1(last, found[1], found[0]),
            hardest=hardest_taggings(texts, self._model.predict_examples(texts)),
            labels=self._model.tags.labels,
            class_counts=counts,
            attention=look(self._model.network, self._model.encoder.view(*_words(sets["dev"][:LOOKED_AT]))),
        )


def _label_counts(texts: list[TaggedText]) -> dict[str, int]:
    """How many spans have each label."""
    return dict(Counter(span.label for text in texts for span in text.spans).most_common())


def _words(texts: list[TaggedText]) -> tuple[list[str], list[Sequence[tuple[int, int]]]]:
    """The texts, and the places of their words."""
    return [each.text for each in texts], [each.words for each in texts]
