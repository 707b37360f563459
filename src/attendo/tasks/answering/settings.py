"""What a user may set for a model that answers questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Ge

from attendo.tasks.encoding import FeatureSettings
from attendo.tasks.settings import ModelSettings

Count = Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True)
class AnswerSettings:
    """The task: what is learned from questions and passages, and with which model."""

    base: str | None = None
    """Folder of a pretrained model to train on, such as BERT's; the settings of `model` and `features` then play no
    part. Open: train from scratch."""
    window: Annotated[int, Ge(8)] = 384
    """Tokens of question and passage that are read at once; a longer passage is read in windows that overlap, each
    with the question before it. A base may have positions for less."""
    stride: Count = 192
    """Tokens of the passage between the starts of two windows."""
    max_answer: Count | None = None
    """Tokens of the longest answer. Open: as many as 99 of 100 training answers have at most."""
    first_vectors: bool = True
    """Give words first vectors from the company that they keep in the training texts."""
    features: FeatureSettings = field(default_factory=FeatureSettings)
    """What a word is described by."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The network."""
