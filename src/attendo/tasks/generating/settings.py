"""What a user may set for a language model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from attendo.errors import ConfigError
from attendo.tasks.pretraining import OBJECTIVES

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"width": 128, "layers": 4, "heads": 2},
    "small": {"width": 256, "layers": 6, "heads": 4},
    "base": {"width": 512, "layers": 8, "heads": 8},
}
"""Width, depth and heads of each named size."""

FAMILIES = OBJECTIVES["causal"].families
Count = Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True)
class LanguageModelSettings:
    """A model that is made anew. What is left open (null) follows from the size."""

    size: Literal["tiny", "small", "base"] | None = None
    """A named size; the numbers below override it one by one. Open: tiny for little text or little time, else small."""
    family: str = "llama"
    """llama or gpt2; llama learns faster, whose positions are turned rather than learned."""
    width: Count | None = None
    """Width of a token's vector."""
    layers: Count | None = None
    """Blocks."""
    heads: Count | None = None
    """Attention heads of a block."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.1
    """Dropout of gpt2, everywhere but on attention weights; llama knows none."""

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ConfigError(f"`family` must be one of {', '.join(FAMILIES)}, but is {self.family}.")

    def numbers(self, size: str) -> dict[str, int]:
        """Width, layers and heads, where the size is chosen.

        Raises:
            ConfigError: if the heads do not divide the width.
        """
        asked = {name: getattr(self, name) for name in SIZES[size]}
        found = SIZES[size] | {name: number for name, number in asked.items() if number is not None}
        if found["width"] % found["heads"] or found["width"] // found["heads"] % 2:
            raise ConfigError(
                f"`heads` must divide `width` ({found['width']}) into even parts, but is {found['heads']}. Take "
                f"{max(1, found['width'] // 64)}."
            )
        return found


@dataclass(frozen=True, kw_only=True)
class LanguageSettings:
    """What all tasks can be told that learn to write on."""

    base: str | None = None
    """Folder of a language model to train on, such as GPT-2's; the settings of `model` and of the tokenizer then play
    no part. Open: train from scratch."""
    tokenizer: Literal["characters", "bytes", "bpe", "unigram", "wordpiece"] | None = None
    """What a token is. Open: chosen by looking at the texts; characters, or pieces of several where there is much text
    of words."""
    vocab_size: Annotated[int, Ge(300)] | None = None
    """Entries of the vocabulary at most. Open: chosen by looking at the texts."""
    max_length: Annotated[int, Ge(8), Le(2**20)] = 256
    """Tokens that are read at once, and that the model looks back on when it writes. A base may have positions for
    less."""
    judged_anew: Annotated[float, Gt(0), Le(1)] = 0.5
    """Share of each window of held-out text that is judged in it; the rest was judged in the window before. The
    smaller, the more each token is known by, and the longer judging takes."""
    model: LanguageModelSettings = field(default_factory=LanguageModelSettings)
    """The model."""


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(LanguageSettings):
    """The task: which texts are learned from, and with which model."""
