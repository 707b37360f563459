"""attendo's own network for a task: with first weights, and first vectors for the words of the training texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from attendo.models import FAMILIES, FamilyModel
from attendo.tasks.vectors import company_vectors
from attendo.text import RowTokens

FIRST_VECTOR_SCALE = 0.5
"""Size of first vectors: above that of the table's random rows, so that words count more than n-grams at first."""


def own_model(head: str, numbers: Mapping[str, Any], answers: Mapping[str, Any] | None = None) -> FamilyModel:
    """The network with first weights.

    Args:
        numbers: of its shape.
        answers: how config.json describes what the head says.
    """
    family = FAMILIES["attendo"]
    shape = family.shape(**numbers)
    network = family.build(shape, head)
    config = {"model_type": "attendo", "architectures": [family.heads[head].architecture], **asdict(shape)}
    return FamilyModel(network=network, family=family, head=head, shape=shape, config=config | dict(answers or {}))


def give_first_vectors(table: Tensor, tokens: RowTokens) -> None:
    """Let words that keep the same company begin alike.

    Args:
        table: the vectors of rows, (rows, width).
        tokens: of the training texts.
    """
    rows, vectors = company_vectors(tokens, table.shape[1])
    with torch.no_grad():
        table[torch.from_numpy(rows)] = torch.from_numpy(vectors) * FIRST_VECTOR_SCALE
