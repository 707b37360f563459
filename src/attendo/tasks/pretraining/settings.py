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


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What can be learned from text alone."""

    head: str
    """The kind of head that it takes."""
    families: tuple[str, ...]
    """The families that are made for it; the first is the usual one."""
    summary: str
    """What a model learns to do."""
    tag: str
    """What the hub calls models that do it."""
    task: str = "classify"
    """A task that such a model is a base for."""
    share: float = 0.15
    """Of the tokens, those that are hidden unless the settings say otherwise."""
    single: str = "[CLS] $A"
    """Where the special tokens of a new tokenizer stand around a text; a decoder's last token must have seen it all."""
    sentinels: int = 0
    """Tokens of a new tokenizer that stand for what was taken out."""

    @property
    def writes(self) -> bool:
        """Whether the model reads one text and writes another."""
        return self.head == "seq2seq"


OBJECTIVES = {
    "masked": Objective(head="masked", families=("modernbert", "bert"), summary="fill masked places", tag="fill-mask"),
    "replaced": Objective(
        head="replaced",
        families=("electra",),
        summary="tell tokens that a small generator has replaced",
        tag="feature-extraction",
    ),
    "causal": Objective(
        head="causal",
        families=("gpt2", "llama"),
        summary="write on, one token after the other",
        tag="text-generation",
    ),
    "infilling": Objective(
        head="seq2seq",
        families=("bart", "mbart"),
        summary="write texts whole again of which parts were taken out",
        tag="text2text-generation",
        task="summarize",
        share=0.3,
        single="[CLS] $A [SEP]",
    ),
    "spans": Objective(
        head="seq2seq",
        families=("t5", "mt5"),
        summary="write the parts that were taken out of texts",
        tag="text2text-generation",
        task="summarize",
        single="$A [SEP]",
        sentinels=100,
    ),
}
"""Every objective by its name."""

Share = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """The objective, and the model that is made where no base is taken on."""

    objective: Literal["masked", "replaced", "causal", "infilling", "spans"] | None = None
    """What is learned from text alone: to fill masked places, to tell replaced tokens, to write on, to write texts
    whole again (infilling), or to write what was taken out (spans). Open: what a base has learned; masked without."""
    base: str | None = None
    """Folder of a model to go on with: its family, tokenizer and weights. Null: a new one is made."""
    family: str | None = None
    """The new model's family. Open: modernbert for masked, electra for replaced, gpt2 for causal, bart for infilling,
    t5 for spans."""
    size: Literal["tiny", "small", "base"] = "small"
    """The new model's named size."""
    tokenizer: Literal["wordpiece", "bpe", "unigram", "char", "characters", "bytes", "word"] | None = None
    """The new model's kind of tokenizer. Open: chosen by looking at the texts."""
    vocab_size: Annotated[int, Ge(100)] | None = None
    """Entries of its vocabulary at most. Open: chosen by looking at the texts."""
    dropout: Share = 0.1
    """The new model's dropout, everywhere but on attention weights."""
    max_length: Annotated[int, Ge(8), Le(2**20)] = 512
    """Tokens that are read at once; longer documents are cut. A base may have positions for less."""
    masked_share: Annotated[float, Gt(0), Lt(1)] | None = None
    """Share of the tokens that are hidden. Open: 0.15 (arXiv 1810.04805); 0.3 is an option (arXiv 2412.13663), and
    usual for infilling (arXiv 1910.13461)."""
    span_length: Annotated[float, Ge(1), Le(100)] = 3.0
    """Mean length of the parts that are taken out: in words for infilling, in tokens for spans (arXiv 1910.10683)."""
    permute_sentences: bool = False
    """Whether infilling shows the sentences of a text in a random order, too (arXiv 1910.13461, section 2.2)."""
    as_mask: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of the hidden tokens that the mask stands for. Open: 0.8 for masked, and all for replaced."""
    as_random: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of the hidden tokens that another token stands for; the rest is shown as it is. Open: 0.1 for masked."""
    whole_words: bool = True
    """Hide all pieces of a word, and of Chinese one to four neighbouring characters, rather than single tokens. What is
    taken out then begins and ends with whole words; each Chinese character is one."""
    generator_width: Annotated[float, Gt(0), Le(1)] = 0.25
    """Width of the generator of a replaced objective, as a share of the model's own."""
    replaced_weight: Annotated[float, Gt(0)] = 50.0
    """How much telling replaced tokens counts beside the generator's filling of masked places."""

    def __post_init__(self) -> None:
        problems = []
        families = self.aim.families
        if self.family is not None and self.family not in families:
            fitting = [name for name, each in OBJECTIVES.items() if self.family in each.families]
            way = f" Its objective is {fitting[0]}." if fitting else ""
            what = f"`family` must be one of {', '.join(families)} for {self.learned}, but is {self.family}.{way}"
            problems.append(what)
        if sum(self.shown) > 1:
            shares = " and ".join(f"{share:g}" for share in self.shown)
            problems.append(f"`as_mask` and `as_random` must come to 1 at most, but are {shares}.")
        if problems:
            raise ConfigError(problems)

    @property
    def learned(self) -> str:
        """The objective's name."""
        return self.objective or next(iter(OBJECTIVES))

    @property
    def aim(self) -> Objective:
        """The objective."""
        return OBJECTIVES[self.learned]

    @property
    def share(self) -> float:
        """Share of the tokens that are hidden."""
        return self.aim.share if self.masked_share is None else self.masked_share

    @property
    def shown(self) -> tuple[float, float]:
        """Shares of the hidden tokens that are shown as the mask, and as another token."""
        usual = (1.0, 0.0) if self.learned == "replaced" else (0.8, 0.1)
        as_mask = usual[0] if self.as_mask is None else self.as_mask
        return as_mask, min(usual[1], 1 - as_mask) if self.as_random is None else self.as_random
