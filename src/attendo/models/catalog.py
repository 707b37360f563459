"""The one table of model families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from attendo.models.families import attendo


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of model: the numbers it is made of, and how it is built from them."""

    name: str
    summary: str
    shape: type[Any]
    build: Callable[[Any], nn.Module]


FAMILIES: dict[str, Family] = {
    "attendo": Family(
        name="attendo",
        summary="word and n-gram embeddings, a small Transformer, and a linear path; trained from scratch",
        shape=attendo.Shape,
        build=attendo.build,
    ),
}
