"""What a user may set for a model of semantic roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Lt

from attendo.tasks.settings import ModelSettings


@dataclass(frozen=True, kw_only=True)
class FrameFeatures:
    """What a word is described by."""

    max_words: Annotated[int, Ge(2)] = 384
    """A longer sentence is read in windows."""
    min_count: Annotated[int, Ge(1)] = 2
    """Times that a word, a part of one, or a word with its neighbour must occur to get a row."""
    min_marked: Annotated[int, Ge(1)] = 4
    """The same for what a word is to its predicate."""


@dataclass(frozen=True, kw_only=True)
class RoleSettings:
    """The task: what is learned from the roles, and with which model."""

    base: str | None = None
    """Folder of a pretrained model to train on, such as BERT's; the settings of `model` then play no part. Open: train
    from scratch."""
    decoding: Literal["crf", "constrained", "plain"] | None = None
    """How roles are chosen: "crf" learns which tags follow each other (a linear-chain conditional random field),
    "constrained" only leaves out what tags forbid, "plain" takes each word's best. Open: crf; constrained with a
    base."""
    rarest: Annotated[float, Ge(0), Lt(1)] = 2e-4
    """Share of all roles below which a role is not learned: time grows with the number of roles."""
    first_vectors: bool = True
    """Give words first vectors from the company that they keep in the training sentences."""
    features: FrameFeatures = field(default_factory=FrameFeatures)
    """What a word is described by."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The network."""
