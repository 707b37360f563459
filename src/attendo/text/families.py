"""What the tokenizers of a family do that their vocabulary files do not say; a new family is a line of `FAMILIES`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.errors import ModelFolderError
from attendo.text.vocabularies import read_merges, read_unigram, read_word_pieces

if TYPE_CHECKING:
    import tokenizers
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.processors import TemplateProcessing

Settings = Mapping[str, Any]
"""What the settings files of a folder say, by their own keys."""

Names = Mapping[str, str | None]
"""Special tokens by their roles: "bos", "eos", "unk", "sep", "pad", "cls", "mask"."""

_QWEN2_PARTS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",  # the ends of contractions
    r"[^\r\n\p{L}\p{N}]?\p{L}+",  # letters, with one blank or sign before them
    r"\p{N}",  # each digit alone
    r" ?[^\s\p{L}\p{N}]+[\r\n]*",  # signs
    r"\s*[\r\n]+|\s+(?!\S)|\s+",  # white space, its last blank left to what follows
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """What tokenizers of a family do that their vocabulary does not say."""

    aliases: str
    """What `tokenizer_class` (without "Tokenizer") and `model_type` may call it."""
    specials: Mapping[str, str]
    single: str = ""
    """Where special tokens go, by their roles; "" if only where the settings want one."""
    pair: str = ""


_BERT = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"}
_FAIRSEQ = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "sep": "</s>", "pad": "<pad>", "cls": "<s>", "mask": "<mask>"}
FAMILIES = {
    "bert": Family(
        aliases="bert distilbert electra ernie mobilebert",
        specials=_BERT,
        single="cls $A sep",
        pair="cls $A sep $B:1 sep:1",
    ),
    "roberta": Family(aliases="roberta", specials=_FAIRSEQ, single="cls $A sep", pair="cls $A sep sep $B sep"),
    "gpt2": Family(aliases="gpt2 gpt_neo gptj opt", specials=dict.fromkeys(("bos", "eos", "unk"), "<|endoftext|>")),
    "qwen2": Family(
        aliases="qwen2 qwen2_moe qwen3 qwen3_moe", specials=dict.fromkeys(("eos", "unk", "pad"), "<|endoftext|>")
    ),
    "xlm-roberta": Family(
        aliases="xlm-roberta xlmroberta", specials=_FAIRSEQ, single="bos $A eos", pair="bos $A eos eos $B eos"
    ),
}


def family_called(name: str) -> str:
    """The family of a `tokenizer_class` or `model_type`; "" if it is none of `FAMILIES`."""
    alias = name.removesuffix("Fast").removesuffix("Tokenizer").lower()
    return next((key for key, family in FAMILIES.items() if alias in family.aliases.split()), "")


def frame(backend: tokenizers.Tokenizer, family: str, settings: Settings, names: Names) -> TemplateProcessing:
    """The rule for where special tokens go."""
    from tokenizers.processors import TemplateProcessing

    single, pair = FAMILIES[family].single, FAMILIES[family].pair
    if not single:
        wanted = [role for role in ("bos", "eos") if _flag(settings, f"add_{role}_token", False)]
        single = " ".join(role for role in ("bos", "$A", "eos") if role == "$A" or role in wanted)
        pair = f"{single} " + " ".join(f"{role}:1" for role in single.replace("A", "B").split())
    tokens = {role: name for role, name in names.items() if name is not None}

    def pieces(template: str) -> list[str]:
        parts = [part.partition(":") for part in template.split()]
        known = [(role, number) for role, _, number in parts if role[0] == "$" or role in tokens]
        return [f"{tokens.get(role, role)}:{number or 0}" for role, number in known]

    ids = [(name, backend.token_to_id(name)) for name in tokens.values()]
    return TemplateProcessing(single=pieces(single), pair=pieces(pair), special_tokens=ids)


def read_json(files: list[Path], family: str, settings: Settings, names: Names) -> tokenizers.Tokenizer:
    """What the file says, except for the options of a family, where the settings count.

    A class in the settings that cuts in another way than the file (transformers 5 has such a one for Llama, which
    takes a blank at the start of a text for its own) changes nothing: the model was trained with the file.
    """
    from tokenizers import Tokenizer, normalizers, pre_tokenizers

    backend = Tokenizer.from_str(files[0].read_text(encoding="utf-8"))
    if family == "bert" and isinstance(backend.normalizer, normalizers.BertNormalizer):
        backend.normalizer = _bert_normalizer(settings)
    if family in ("roberta", "gpt2") and isinstance(backend.pre_tokenizer, pre_tokenizers.ByteLevel):
        backend.pre_tokenizer.add_prefix_space = _flag(settings, "add_prefix_space", False)
    return backend


def read_bert(files: list[Path], family: str, settings: Settings, names: Names) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, decoders, pre_tokenizers

    backend = Tokenizer(read_word_pieces(files[0], names.get("unk")))
    backend.normalizer = _bert_normalizer(settings)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(prefix="##")
    return backend


def _bert_normalizer(settings: Settings) -> BertNormalizer:
    from tokenizers.normalizers import BertNormalizer

    return BertNormalizer(
        clean_text=True,
        handle_chinese_chars=_flag(settings, "tokenize_chinese_chars", True),
        strip_accents=_flag(settings, "strip_accents", None),
        lowercase=_flag(settings, "do_lower_case", True),
    )


def read_byte_pairs(files: list[Path], family: str, settings: Settings, names: Names) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers

    backend = Tokenizer(read_merges(*files))
    own_parts = family == "qwen2"
    cutter = pre_tokenizers.ByteLevel(
        add_prefix_space=_flag(settings, "add_prefix_space", False), use_regex=not own_parts
    )
    if own_parts:
        backend.normalizer = normalizers.NFC()
        cutter = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex("|".join(_QWEN2_PARTS)), "isolated"), cutter])
    backend.pre_tokenizer = cutter
    backend.decoder = decoders.ByteLevel()
    return backend


def read_xlm_roberta(files: list[Path], family: str, settings: Settings, names: Names) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers

    model, table = read_unigram(files[0])
    backend = Tokenizer(model)
    if table:
        backend.normalizer = normalizers.Precompiled(table)
    scheme = "always" if _flag(settings, "add_prefix_space", True) else "never"
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme=scheme)]
    )
    backend.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return backend


def _flag(settings: Settings, name: str, default: bool | None) -> Any:
    value = settings.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ModelFolderError(f"`{name}` in tokenizer_config.json must be true or false, but is {value!r}.")
    return value
