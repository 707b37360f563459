"""What a user may set for a tagger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from attendo.tasks.encoding import FeatureSettings
from attendo.tasks.settings import ModelSettings, Share

Decoding = Literal["crf", "constrained", "plain"]


@dataclass(frozen=True, kw_only=True)
class TagModelSettings(ModelSettings):
    """The network, with what is good for judging words one by one."""

    embedding_dropout: Share = 0.4
    """Dropout on the vectors of tokens."""
    token_dropout: Share = 0.1
    """Share of tokens hidden in training."""
    ngram_dropout: Share = 0.3
    """Share of n-grams hidden in training."""


@dataclass(frozen=True, kw_only=True)
class TagSettings:
    """The task: what is learned from the tags, and with which model."""

    base: str | None = None
    """Folder of a pretrained model to train on, such as BERT's; the settings of `model` then play no part. Open: train
    from scratch."""
    decoding: Decoding | None = None
    """How tags are chosen: "crf" learns which tags follow each other (a linear-chain conditional random field),
    "constrained" only leaves out what the scheme forbids, "plain" takes each word's best. Open: crf; constrained with
    a base."""
    first_vectors: bool = True
    """Give words first vectors from the company that they keep in the training texts."""
    features: FeatureSettings = field(default_factory=FeatureSettings)
    """What a word is described by."""
    model: TagModelSettings = field(default_factory=TagModelSettings)
    """The network."""
