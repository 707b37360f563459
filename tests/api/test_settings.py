"""What runs can be told: each key with its explanation, and what all loops share said once."""

from dataclasses import fields

import pytest

from attendo.api.pretraining_settings import PretrainTraining
from attendo.configuration import documentation
from attendo.data import (
    FORMATS,
    FRAME_FORMATS,
    QUESTION_FORMATS,
    DataSettings,
    QuestionDataSettings,
    RoleDataSettings,
    TagDataSettings,
)
from attendo.data.texts import TextSettings
from attendo.spans import SCHEMES
from attendo.training import LoopSettings, TrainingSettings

SHARED = {"schedule", "clip", "precision", "device", "threads", "seed", "checkpoint_seconds"}


@pytest.mark.parametrize("kind", [TrainingSettings, PretrainTraining])
def test_every_key_is_explained(kind):
    told = documentation(kind)
    assert set(told) == {field.name for field in fields(kind)}
    assert {field.name for field in fields(LoopSettings)} == SHARED
    assert {name: told[name] for name in SHARED} == documentation(LoopSettings)


@pytest.mark.parametrize(
    ("kind", "key", "names"),
    [
        *[(DataSettings, "format", FORMATS), (QuestionDataSettings, "format", QUESTION_FORMATS)],
        *[(RoleDataSettings, "format", FRAME_FORMATS), (TagDataSettings, "scheme", SCHEMES)],
        (TextSettings, "format", FORMATS),
    ],
)
def test_names_that_may_be_given_are_named(kind, key, names):
    told = documentation(kind)[key].replace(",", " ").replace(";", " ").split()
    assert set(names) <= set(told)


def test_the_loop_takes_what_pretraining_was_told():
    told = PretrainTraining(epochs=3, warmup=0.25, clip=None, seed=7, device="cpu", threads=2, patience=5)
    filled, _ = told.filled(tokens=1009, width=24, begun=False)
    assert type(filled) is TrainingSettings
    assert all(getattr(filled, name) == getattr(told, name) for name in (*SHARED, "warmup", "patience", "epochs"))
