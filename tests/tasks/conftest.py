"""What the tests of tasks share: small trained models of single texts, of pairs, and of several labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from attendo.data import Example, built_in_corpus
from attendo.models import TextClassifier
from attendo.tasks import (
    Classifier,
    ClassifySettings,
    LabelSet,
    ModelSettings,
    TextEncoder,
    build_model,
    encode_examples,
    fit_linear_path,
    fit_multilabel_path,
    texts_of,
)

TINY = ClassifySettings(model=ModelSettings(size="tiny"))


def make_classifier(examples: Sequence[Example]) -> Classifier:
    """A model with its linear path fitted, and a deep path that says something, without the time to train it."""
    labels = LabelSet.of(example.labels for example in examples)
    encoder = TextEncoder.train(*texts_of(examples), TINY.features)
    train = encode_examples(encoder, labels, examples)
    if labels.several:
        linear = fit_multilabel_path(train.texts.features, train.labels)
    else:
        linear, _ = fit_linear_path(train.texts.features, train.labels, len(labels.names))
    torch.manual_seed(5)
    model = build_model(encoder, labels, linear, TINY, train.texts)
    with torch.no_grad():
        network = model.network
        assert isinstance(network, TextClassifier)
        for parameter in network.deep.head.parameters():
            parameter.normal_(std=0.1)
        network.shares.copy_(torch.tensor([0.5, 0.75]))
    network.eval()
    return Classifier(model=model, encoder=encoder, labels=labels)


@pytest.fixture(scope="session")
def examples() -> tuple[Example, ...]:
    return built_in_corpus("both", size=113).train


@pytest.fixture(scope="session")
def single(examples: tuple[Example, ...]) -> Classifier:
    return make_classifier(examples)


@pytest.fixture(scope="session")
def paired() -> Classifier:
    words = ("good", "bad", "很 好", "很差")
    return make_classifier(
        [Example(f"soup {a}", f"the {b}", ("yes" if a == b else "no",)) for a in words for b in words]
    )


@pytest.fixture(scope="session")
def several() -> Classifier:
    rows = [("great plot", ("good", "剧情")), ("dull plot", ("剧情",)), ("great cast", ("good",)), ("无聊", ())]
    return make_classifier([Example(f"{text} {n}", None, labels) for n in range(7) for text, labels in rows])


@pytest.fixture
def saved(single: Classifier, tmp_path: Path) -> Path:
    single.save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def classifier() -> Callable[[Sequence[Example]], Classifier]:
    return make_classifier
