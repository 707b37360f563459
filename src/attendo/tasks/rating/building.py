"""Models that give numbers, before their training: attendo's own, and one on a base."""

from __future__ import annotations

from attendo.models import FamilyModel
from attendo.tasks.bases import Base, build_on_base
from attendo.tasks.classify import build_network
from attendo.tasks.encoding import EncodedTexts, TextEncoder
from attendo.tasks.linear import LinearModel
from attendo.tasks.rating.model import Rater
from attendo.tasks.rating.numbers import CONFIG_OF_NUMBERS
from attendo.tasks.settings import ClassifySettings


def build_rater(
    encoder: TextEncoder, linear: LinearModel, settings: ClassifySettings, train: EncodedTexts
) -> FamilyModel:
    """A model with its linear path fitted and first vectors for its words."""
    return build_network(encoder, linear, settings, train, CONFIG_OF_NUMBERS)


def build_rater_on_base(base: Base, *, paired: bool | None = None) -> tuple[Rater, tuple[str, ...]]:
    """A model with the base's weights under a new head, and the names of the weights that are new.

    Args:
        paired: whether it learns from pairs of texts, and will rate nothing else.
    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for such a model.
    """
    changes = CONFIG_OF_NUMBERS | {"num_labels": 1, "dtype": "float32"}
    model, encoder, new = build_on_base(base, "sequence", changes, paired=paired)
    return Rater(model=model, encoder=encoder), new
