"""What a user may set for self-pretraining, and the sizes of the models that are made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from attendo.errors import ConfigError

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"width": 128, "layers": 2, "heads": 2},
    "small": {"width": 256, "layers": 4, "heads": 4},
    "base": {"width": 512, "layers": 8, "heads": 8},
}
"""Width, depth and heads of each named size, for text that one machine can read many times."""

MASKED_SHARE = 0.15


@dataclass(frozen=True)
class Objective:
    """What can be learned from text alone: which head it takes, and the families that are made for it."""

    head: str
    families: tuple[str, ...]
    summary: str


OBJECTIVES = {
    "masked": Objective("masked", ("modernbert", "bert"), "fill masked places"),
    "replaced": Objective("replaced", ("electra",), "tell tokens that a small generator has replaced"),
    "causal": Objective("causal", ("gpt2", "llama"), "write on, one token after the other"),
}
"""Every objective by its name; the first of its families is the usual one."""

Share = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """The objective, and the model that is made where no base is taken on."""

    objective: Literal["masked", "replaced", "causal"] = "masked"
    """What is learned from text alone: to fill masked places, to tell replaced tokens, or to write on."""
    base: str | None = None
    """Folder of a model to go on with: its family, tokenizer and weights. Null: a new one is made."""
    family: str | None = None
    """The new model's family. Open: modernbert for masked, electra for replaced, gpt2 for causal."""
    size: Literal["tiny", "small", "base"] = "small"
    """The new model's named size."""
    tokenizer: Literal["wordpiece", "bpe", "unigram", "char", "word"] | None = None
    """The new model's kind of tokenizer. Open: chosen by looking at the texts."""
    vocab_size: Annotated[int, Ge(100)] | None = None
    """Entries of its vocabulary at most. Open: chosen by looking at the texts."""
    dropout: Share = 0.1
    """The new model's dropout, everywhere but on attention weights."""
    max_length: Annotated[int, Ge(8), Le(2**20)] = 512
    """Tokens that are read at once; longer documents are cut. A base may have positions for less."""
    masked_share: Annotated[float, Gt(0), Lt(1)] | None = None
    """Share of the tokens that are hidden. Open: 0.15 (arXiv 1810.04805); 0.3 is an option (arXiv 2412.13663)."""
    as_mask: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of the hidden tokens that the mask stands for. Open: 0.8 for masked, and all for replaced."""
    as_random: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of the hidden tokens that another token stands for; the rest is shown as it is. Open: 0.1 for masked."""
    whole_words: bool = True
    """Hide all pieces of a word, and of Chinese one to four neighbouring characters, rather than single tokens."""
    generator_width: Annotated[float, Gt(0), Le(1)] = 0.25
    """Width of the generator of a replaced objective, as a share of the model's own."""
    replaced_weight: Annotated[float, Gt(0)] = 50.0
    """How much telling replaced tokens counts beside the generator's filling of masked places."""

    def __post_init__(self) -> None:
        problems = []
        families = OBJECTIVES[self.objective].families
        if self.family is not None and self.family not in families:
            what = f"`family` must be one of {', '.join(families)} for {self.objective}, but is {self.family}."
            problems.append(what)
        if sum(self.shown) > 1:
            shares = " and ".join(f"{share:g}" for share in self.shown)
            problems.append(f"`as_mask` and `as_random` must come to 1 at most, but are {shares}.")
        if problems:
            raise ConfigError(problems)

    @property
    def share(self) -> float:
        """Share of the tokens that are hidden."""
        return MASKED_SHARE if self.masked_share is None else self.masked_share

    @property
    def shown(self) -> tuple[float, float]:
        """Shares of the hidden tokens that are shown as the mask, and as another token."""
        usual = (1.0, 0.0) if self.objective == "replaced" else (0.8, 0.1)
        as_mask = usual[0] if self.as_mask is None else self.as_mask
        return as_mask, min(usual[1], 1 - as_mask) if self.as_random is None else self.as_random
