"""Models that no folder holds yet, made from numbers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from attendo.errors import UnsupportedError
from attendo.models.catalog import FAMILIES, Family
from attendo.models.encoder import TokenModel
from attendo.models.folder import FamilyModel
from attendo.models.seq2seq import Seq2SeqModel
from attendo.models.shapes import read_shape
from attendo.nn import Scale, initialise

_STD = 0.02


def new_model(config: Mapping[str, Any], head: str) -> FamilyModel:
    """A model with first weights, drawn from PyTorch's random numbers.

    Args:
        config: what its config.json will hold; `model_type` names the family.
    Raises:
        UnsupportedError: if the family has no such head.
        ConfigError: naming every number that cannot be.
    """
    family = FAMILIES[config["model_type"]]
    _check_head(family, config["model_type"], head)
    shape = read_shape(family.shape, config)
    network = family.build(shape, head)
    _begin(network)
    return FamilyModel(network=network.eval(), family=family, head=head, shape=shape, config=dict(config))


def _check_head(family: Family, name: str, head: str) -> None:
    if head not in family.heads:
        having = ", ".join(each for each, other in FAMILIES.items() if head in other.heads)
        raise UnsupportedError(f"A model of type `{name}` has no `{head}` head. Models that have one: {having}.")


def _begin(network: nn.Module) -> None:
    """First weights by the house's rule; words that are scored as they are read begin as vectors, not as a layer.

    Where these are scaled down before they are scored, as T5's are, they begin as large: otherwise all words stay alike
    for hundreds of steps.
    """
    initialise(network)
    if isinstance(network, TokenModel):
        table = network.encoder.embedding.tokens.weight
        output = None if network.head is None else network.head.output
        if isinstance(output, nn.Linear) and output.weight is not table:
            nn.init.normal_(output.weight, std=_STD)
        with torch.no_grad():
            nn.init.normal_(table, std=_STD)
    if isinstance(network, Seq2SeqModel) and network.head is not None:
        table, scale = network.decoder.embedding.tokens.weight, network.head.hidden
        if network.head.output.weight is table:
            nn.init.normal_(table, std=1.0 if isinstance(scale, Scale) and scale.factor < 1 else _STD)
