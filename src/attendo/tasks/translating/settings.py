"""What a user may set for models that write a text from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, Lt

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"d_model": 128, "num_layers": 4, "num_heads": 4, "d_ff": 256},
    "small": {"d_model": 256, "num_layers": 4, "num_heads": 4, "d_ff": 1024},
    "base": {"d_model": 512, "num_layers": 6, "num_heads": 8, "d_ff": 2048},
}
"""Width, depth of either side, heads of a block and feed-forward width of each named size."""

Share = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True)
class WriterModelSettings:
    """A model that is made anew. What is left open (null) follows from the size."""

    family: Literal["marian", "bart", "mbart", "attendo-recurrent"] = "marian"
    """A Transformer that is built as Marian's, with norms behind each part; as BART's, whose positions are learned
    besides; or as mBART's, with norms before each part. Or the recurrent network that attention came from."""
    cell: Literal["gru", "lstm"] = "gru"
    """What a layer of a recurrent network is made of."""
    attention: Literal["additive", "multiplicative", "none"] = "additive"
    """How a recurrent network looks at the source while it writes: as in arXiv 1409.0473, as in arXiv 1508.04025, or
    not at all."""
    size: Literal["tiny", "small", "base"] = "tiny"
    """A named size; the numbers below override it one by one."""
    d_model: Count | None = None
    """Width of a token's vector."""
    num_layers: Count | None = None
    """Blocks of either side."""
    num_heads: Count | None = None
    """Attention heads of a block."""
    d_ff: Count | None = None
    """Width of the feed-forward part."""
    dropout: Share = 0.1
    """Dropout on what each part adds."""
    attention_dropout: Share = 0.0
    """Dropout on attention weights."""

    def numbers(self) -> dict[str, int]:
        """Width, depth, heads and feed-forward width."""
        asked = {name: getattr(self, name) for name in SIZES[self.size]}
        return SIZES[self.size] | {name: number for name, number in asked.items() if number is not None}


@dataclass(frozen=True, kw_only=True)
class VocabularySettings:
    """What a token of a model that is made anew is."""

    kind: Literal["bpe", "unigram", "characters", "bytes"] = "bpe"
    """How texts are cut. None of these loses a character."""
    size: Annotated[int, Ge(300)] | None = None
    """Entries of a vocabulary at most. Open: the more, the more pairs there are."""
    shared: bool | None = None
    """Whether sources and targets have one vocabulary and one table of vectors. Open: if they are written in the same
    script."""
    lower: bool = False
    """Whether capitals are made small on both sides; what is written has none then."""


@dataclass(frozen=True, kw_only=True)
class RewriteSettings:
    """What all tasks can be told that learn to write a text from another."""

    base: str | None = None
    """Folder of a model to train on, such as Marian's, BART's or T5's; the settings of `model` and `vocabulary` then
    play no part. Open: train from scratch."""
    label_smoothing: Share = 0.1
    """Share of the target that is spread over all words."""
    max_length: Annotated[int, Ge(8), Le(2**20)] = 256
    """Tokens that are read, or written, at most. A base may have positions for less."""
    copy: bool | None = None
    """Whether placeholders, tags, addresses and codes are copied to the letter, by marks that stand for them. With
    true it is also taught by words of the pairs that translate each other. Open: if enough training pairs show how."""
    context: Annotated[int, Ge(0)] = 0
    """How many texts before a text, in its document, are read with it."""
    vocabulary: VocabularySettings = field(default_factory=VocabularySettings)
    """What a token is."""
    model: WriterModelSettings = field(default_factory=WriterModelSettings)
    """The network."""


@dataclass(frozen=True, kw_only=True)
class TranslateSettings(RewriteSettings):
    """The task: texts are translated."""


@dataclass(frozen=True, kw_only=True)
class SummarizeSettings(RewriteSettings):
    """The task: documents are summed up."""

    max_length: Annotated[int, Ge(8), Le(2**20)] = 512
    """Tokens that are read, or written, at most. A base may have positions for less."""
