"""What the tokenizers of a family do that their vocabulary files do not say; a new family is a line of `FAMILIES`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attendo.errors import ModelFolderError
from attendo.text.readers import MBART, MBART50, Settings, Sources

if TYPE_CHECKING:
    import tokenizers
    from tokenizers.processors import TemplateProcessing


@dataclass(frozen=True, kw_only=True)
class Family:
    """What tokenizers of a family do that their vocabulary does not say."""

    aliases: str
    """What `tokenizer_class` (without "Tokenizer") and `model_type` may call it."""
    specials: Mapping[str, str]
    single: str = ""
    """Where special tokens go, by their roles; "" if only where the settings want one."""
    pair: str = ""
    wanted: str = ""
    """Roles that open or close a text unless the settings say otherwise, where `single` is ""."""
    languages: str = ""
    """Names of languages, if every text bears that of its own."""
    fixed: tuple[tuple[str, object], ...] = ()
    """Settings that are understood with one value only."""


_BERT = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"}
_FAIRSEQ = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "sep": "</s>", "pad": "<pad>", "cls": "<s>", "mask": "<mask>"}
_SEQ2SEQ = {"eos": "</s>", "unk": "<unk>", "pad": "<pad>"}
_OPENED = (("add_prefix_space", True),)
FAMILIES = {
    "bert": Family(
        aliases="bert distilbert electra ernie mobilebert",
        specials=_BERT,
        single="cls $A sep",
        pair="cls $A sep $B:1 sep:1",
    ),
    "roberta": Family(aliases="roberta bart", specials=_FAIRSEQ, single="cls $A sep", pair="cls $A sep sep $B sep"),
    "gpt2": Family(aliases="gpt2 gpt_neo gptj opt", specials=dict.fromkeys(("bos", "eos", "unk"), "<|endoftext|>")),
    "qwen2": Family(
        aliases="qwen2 qwen2_moe qwen3 qwen3_moe", specials=dict.fromkeys(("eos", "unk", "pad"), "<|endoftext|>")
    ),
    "llama": Family(
        aliases="llama mistral mixtral", specials={"bos": "<s>", "eos": "</s>", "unk": "<unk>"}, wanted="bos"
    ),
    "xlm-roberta": Family(
        aliases="xlm-roberta xlmroberta", specials=_FAIRSEQ, single="bos $A eos", pair="bos $A eos eos $B eos"
    ),
    "mbart": Family(
        aliases="mbart",
        specials=_FAIRSEQ,
        single="$A eos lang",
        pair="$A $B eos lang",
        languages=MBART,
        fixed=_OPENED,
    ),
    "mbart50": Family(
        aliases="mbart50",
        specials=_FAIRSEQ,
        single="lang $A eos",
        pair="lang $A $B eos",
        languages=MBART50,
        fixed=_OPENED,
    ),
    "t5": Family(aliases="t5 mt5 umt5", specials=_SEQ2SEQ, single="$A eos", pair="$A eos $B eos", fixed=_OPENED),
    "marian": Family(
        aliases="marian",
        specials=_SEQ2SEQ,
        single="$A eos",
        pair="$A $B eos",
        fixed=(("sp_model_kwargs", {}),),  # else texts would be cut at random
    ),
}


def family_called(name: str) -> str:
    """The family of a `tokenizer_class` or `model_type`; "" if it is none of `FAMILIES`."""
    alias = name.removesuffix("Fast").removesuffix("Tokenizer").lower()
    return next((key for key, family in FAMILIES.items() if alias in family.aliases.split()), "")


def frame(backend: tokenizers.Tokenizer, sources: Sources) -> TemplateProcessing:
    """The rule for where special tokens go.

    Raises:
        ModelFolderError: if the vocabulary lacks one of them.
    """
    from tokenizers.processors import TemplateProcessing

    tokens = {role: name for role, name in sources.names.items() if name is not None}
    single, pair = _templates(sources)
    ids: dict[str, int] = {}

    def pieces(template: str) -> list[str]:
        parts = [part.partition(":") for part in template.split()]
        known = [(role, number) for role, _, number in parts if role[0] == "$" or role in tokens]
        for role, _ in known:
            if role[0] != "$":
                ids[tokens[role]] = _number(backend, sources, role, tokens[role])
        return [f"{tokens.get(role, role)}:{number or 0}" for role, number in known]

    return TemplateProcessing(single=pieces(single), pair=pieces(pair), special_tokens=list(ids.items()))


def _templates(sources: Sources) -> tuple[str, str]:
    """Where special tokens go around a text and around a pair."""
    family = FAMILIES[sources.family]
    if family.single:
        return family.single, family.pair
    wanted = [role for role in ("bos", "eos") if sources.flag(f"add_{role}_token", role in family.wanted.split())]
    single = " ".join(role for role in ("bos", "$A", "eos") if role == "$A" or role in wanted)
    return single, f"{single} " + " ".join(f"{role}:1" for role in single.replace("A", "B").split())


def _number(backend: tokenizers.Tokenizer, sources: Sources, role: str, token: str) -> int:
    number = backend.token_to_id(token)
    if number is None:
        what = f"the language {token!r}" if role == "lang" else f"the special token {token!r}"
        languages = [
            name for name in FAMILIES[sources.family].languages.split() if backend.token_to_id(name) is not None
        ]
        way_out = f" Take one of {', '.join(languages)}." if role == "lang" and languages else ""
        raise ModelFolderError(f"{sources.files[0]} must hold {what}, which texts are marked with.{way_out}")
    return number


def language_of(family: str, settings: Settings, side: str, chosen: str | None) -> str | None:
    """The name of the language that texts bear: what was chosen, else what the settings say, else English."""
    if not FAMILIES[family].languages:
        return None
    said = [chosen, settings.get("tgt_lang") if side == "target" else None, settings.get("src_lang"), "en_XX"]
    return next(language for language in said if language is not None)
