"""What a user may set for a model that gives vectors of texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Gt

from attendo.data import PairKind
from attendo.tasks.encoding import FeatureSettings
from attendo.tasks.settings import Count, ModelSettings

Pooling = Literal["mean", "first", "last", "max"]


@dataclass(frozen=True, kw_only=True)
class EmbedSettings:
    """The task: what likeness is learned from, and with which model."""

    base: str | None = None
    """Folder of a pretrained model to train on, such as BERT's; the settings of `model` then play no part. Open: train
    from scratch."""
    learn: PairKind | None = None
    """What is learned from: "numbers" that say how alike two texts are, "pairs" that mean the same, or "texts" by
    themselves, each twice under other dropout (arXiv 2104.08821). Open: the first of these that the data have."""
    loss: Literal["value", "order"] = "value"
    """What is learned from numbers: "value" asks that the cosine be the number, put between 0 and 1, "order" that a
    pair with a larger number be more alike than one with a smaller."""
    temperature: Annotated[float, Gt(0)] = 0.05
    """What cosines are divided by before they compete; a small one looks at the hardest texts only."""
    pooling: Pooling = "mean"
    """What becomes of the vectors of tokens: their mean or maximum, or the first or last one."""
    sizes: tuple[Count, ...] | None = None
    """Numbers to which vectors may be cut, all of which are learned together (arXiv 2205.13147). Open: the whole
    vector, its half and its quarter."""
    first_vectors: bool = True
    """Give words first vectors from the company that they keep in the training texts."""
    features: FeatureSettings = field(default_factory=FeatureSettings)
    """What a word is described by."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The network."""
