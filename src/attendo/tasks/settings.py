"""What a user may set for a classifier."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Lt

from attendo.tasks.encoding import FeatureSettings

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"d_model": 64, "num_layers": 1, "num_heads": 2, "d_ff": 128},
    "small": {"d_model": 128, "num_layers": 2, "num_heads": 4, "d_ff": 256},
    "base": {"d_model": 256, "num_layers": 4, "num_heads": 4, "d_ff": 1024},
}
"""Width, depth, heads and feed-forward width of each named size."""

MANY = 20_000
FEW_TEXTS = {"embedding_dropout": 0.4, "token_dropout": 0.2}
MANY_TEXTS = {"embedding_dropout": 0.2, "token_dropout": 0.1}
"""From MANY training texts on, less needs to be hidden to keep a model from learning them by heart."""

Share = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """The deep path. What is left open (null) follows from the size."""

    size: Literal["tiny", "small", "base"] = "small"
    """A named size; the numbers below override it one by one."""
    d_model: Count | None = None
    """Width of a token's vector."""
    num_layers: Count | None = None
    """Blocks."""
    num_heads: Count | None = None
    """Attention heads of a block."""
    d_ff: Count | None = None
    """Width of the feed-forward part."""
    local_width: Annotated[int, Ge(0)] = 3
    """Neighbouring tokens mixed before each attention; 0 for none."""
    dropout: Share = 0.2
    """Dropout on what each part adds."""
    attention_dropout: Share = 0.0
    """Dropout on attention weights."""
    embedding_dropout: Share | None = None
    """Dropout on the vectors of tokens. Open: 0.4, and 0.2 from 20,000 training texts on."""
    head_dropout: Share = 0.3
    """Dropout on the pooled vector."""
    token_dropout: Share | None = None
    """Share of tokens hidden in training. Open: 0.2, and 0.1 from 20,000 training texts on."""
    ngram_dropout: Share = 0.2
    """Share of n-grams hidden in training."""

    def numbers(self, num_texts: int) -> dict[str, int | float]:
        """What a family's shape takes of these settings, for so many training texts."""
        open_shares = FEW_TEXTS if num_texts < MANY else MANY_TEXTS
        names = ("local_width", "dropout", "attention_dropout", "head_dropout", "ngram_dropout")
        fixed = {name: getattr(self, name) for name in names}
        chosen = {name: getattr(self, name) for name in (*SIZES[self.size], *open_shares)}
        return SIZES[self.size] | open_shares | fixed | {k: v for k, v in chosen.items() if v is not None}


@dataclass(frozen=True, kw_only=True)
class ClassifySettings:
    """The task: what is learned from the labels, and with which model."""

    base: str | None = None
    """Folder of a pretrained model to train on, such as BERT's; the settings of `model` then play no part. Open: train
    from scratch."""
    label_smoothing: Share | None = None
    """Share of the target that is spread over all labels. Open: 0.05; none with a base."""
    class_weights: Literal["none", "balanced"] = "none"
    """Whether a text of a rare class counts more; "balanced" makes all classes count alike."""
    first_vectors: bool = True
    """Give words first vectors from the company that they keep in the training texts."""
    features: FeatureSettings = field(default_factory=FeatureSettings)
    """What a text is described by."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The deep path."""
