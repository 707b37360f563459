"""Tokenizers built from the files of a family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attendo.errors import ModelFolderError
from attendo.text.sentencepieces import BLANK, PieceTable, read_piece_table
from attendo.text.vocabularies import read_merges, read_word_pieces

if TYPE_CHECKING:
    import tokenizers
    from tokenizers.normalizers import BertNormalizer

Settings = Mapping[str, Any]
"""What the settings files of a folder say, by their own keys."""

Names = Mapping[str, str | None]
"""Special tokens by their roles: "bos", "eos", "unk", "sep", "pad", "cls", "mask", and "lang" where texts bear one."""

Side = Literal["source", "target"]
"""Whether texts are read from, or what is to be written."""

_QWEN2_PARTS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",  # the ends of contractions
    r"[^\r\n\p{L}\p{N}]?\p{L}+",  # letters, with one blank or sign before them
    r"\p{N}",  # each digit alone
    r" ?[^\s\p{L}\p{N}]+[\r\n]*",  # signs
    r"\s*[\r\n]+|\s+(?!\S)|\s+",  # white space, its last blank left to what follows
)

MBART = (
    "ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM ne_NP nl_XX "
    "ro_RO ru_RU si_LK tr_TR vi_VN zh_CN"
)
"""The languages of mBART, in the order of their numbers."""
MBART50 = (
    f"{MBART} af_ZA az_AZ bn_IN fa_IR he_IL hr_HR id_ID ka_GE km_KH mk_MK ml_IN mn_MN mr_IN pl_PL ps_AF pt_XX sv_SE "
    "sw_KE ta_IN te_IN th_TH tl_XX uk_UA ur_PK xh_ZA gl_ES sl_SI"
)
"""The languages of mBART-50, in the order of their numbers."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a tokenizer is read from."""

    files: list[Path]
    family: str
    """A name in `FAMILIES`, or ""."""
    settings: Settings
    names: Names
    side: Side = "source"

    def flag(self, name: str, default: bool | None) -> Any:
        """A setting that is true, false, or left to its default.

        Raises:
            ModelFolderError: if it is anything else.
        """
        return flag(self.settings, name, default)


def read_json(sources: Sources) -> tokenizers.Tokenizer:
    """What the file says, except for the options of a family, where the settings count.

    A class in the settings that cuts in another way than the file (transformers 5 has such a one for Llama, which
    takes a blank at the start of a text for its own) changes nothing: the model was trained with the file.
    """
    from tokenizers import Tokenizer, normalizers, pre_tokenizers

    backend = Tokenizer.from_str(sources.files[0].read_text(encoding="utf-8"))
    if sources.family == "bert" and isinstance(backend.normalizer, normalizers.BertNormalizer):
        backend.normalizer = _bert_normalizer(sources)
    if sources.family in ("roberta", "gpt2") and isinstance(backend.pre_tokenizer, pre_tokenizers.ByteLevel):
        backend.pre_tokenizer.add_prefix_space = sources.flag("add_prefix_space", False)
    return backend


def read_bert(sources: Sources) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, decoders, pre_tokenizers

    backend = Tokenizer(read_word_pieces(sources.files[0], sources.names.get("unk")))
    backend.normalizer = _bert_normalizer(sources)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(prefix="##")
    return backend


def _bert_normalizer(sources: Sources) -> BertNormalizer:
    from tokenizers.normalizers import BertNormalizer

    return BertNormalizer(
        clean_text=True,
        handle_chinese_chars=sources.flag("tokenize_chinese_chars", True),
        strip_accents=sources.flag("strip_accents", None),
        lowercase=sources.flag("do_lower_case", True),
    )


def read_byte_pairs(sources: Sources) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers

    backend = Tokenizer(read_merges(*sources.files))
    own_parts = sources.family == "qwen2"
    cutter = pre_tokenizers.ByteLevel(add_prefix_space=sources.flag("add_prefix_space", False), use_regex=not own_parts)
    if own_parts:
        backend.normalizer = normalizers.NFC()
        cutter = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex("|".join(_QWEN2_PARTS)), "isolated"), cutter])
    backend.pre_tokenizer = cutter
    backend.decoder = decoders.ByteLevel()
    return backend


def read_fairseq(sources: Sources) -> tokenizers.Tokenizer:
    """sentencepiece.bpe.model with the numbers of fairseq: four special tokens, the pieces, languages, <mask>."""
    table = read_piece_table(sources.files[0])
    languages = {"mbart": MBART, "mbart50": MBART50}.get(sources.family, "").split()
    entries = [*((name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")), *table.entries()[3:]]
    entries += [(name, 0.0) for name in (*languages, "<mask>")]
    backend = _unigram(table, entries, 3, sources.flag("add_prefix_space", True))
    backend.add_special_tokens(languages)
    return backend


def read_t5(sources: Sources) -> tokenizers.Tokenizer:
    """spiece.model with its own numbers, and behind them the marks for what was left out, the last one first."""
    table = read_piece_table(sources.files[0])
    count = sources.settings.get("extra_ids", 100)
    if type(count) is not int or count < 0:
        raise ModelFolderError(f"`extra_ids` in tokenizer_config.json must be a whole number, but is {count!r}.")
    marks = [f"<extra_id_{number}>" for number in range(count)][::-1]
    backend = _unigram(table, [*table.entries(), *((mark, 0.0) for mark in marks)], table.unknown, True)
    backend.add_special_tokens(marks)
    return backend


def _unigram(table: PieceTable, entries: list[tuple[str, float]], unknown: int, opened: bool) -> tokenizers.Tokenizer:
    """The likeliest pieces of each word, with a blank before every text if `opened`."""
    from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers

    backend = Tokenizer(table.unigram(entries, unknown))
    if steps := table.replacements():
        backend.normalizer = normalizers.Sequence(steps)
    scheme = "always" if opened else "never"
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme=scheme)]
    )
    joined = decoders.Metaspace(prepend_scheme=scheme)
    backend.decoder = decoders.Sequence([decoders.ByteFallback(), joined]) if table.byte_fallback else joined
    _cut_out_first(backend, table)
    return backend


def read_llama(sources: Sources) -> tokenizers.Tokenizer:
    """tokenizer.model: pairs of pieces joined, bytes for what is unknown, and a blank before every text.

    As SentencePiece does, a blank that the text begins with stays beside the one put before it. The setting `legacy`
    tells what becomes of blanks behind special tokens in a text; there are none here, so it changes nothing.
    """
    from tokenizers import Regex, Tokenizer, decoders, normalizers

    table = read_piece_table(sources.files[0])
    backend = Tokenizer(table.byte_pairs())
    opened = sources.flag("add_prefix_space", table.opens_with_blank)
    steps = table.replacements()
    steps += (
        [normalizers.Replace(Regex("^ +| +$"), ""), normalizers.Replace(Regex(" +"), " ")] if table.joins_blanks else []
    )
    steps += [normalizers.Prepend(BLANK)] if opened else []
    backend.normalizer = normalizers.Sequence([*steps, normalizers.Replace(" ", BLANK)])
    parts = [decoders.Replace(BLANK, " "), decoders.ByteFallback(), decoders.Fuse()]
    backend.decoder = decoders.Sequence([*parts, *([decoders.Strip(" ", 1, 0)] if opened else [])])
    _cut_out_first(backend, table)
    return backend


def _cut_out_first(backend: tokenizers.Tokenizer, table: PieceTable) -> None:
    from tokenizers import AddedToken

    backend.add_tokens([AddedToken(piece, normalized=False) for piece in table.user_defined])


def flag(settings: Settings, name: str, default: bool | None) -> Any:
    """A setting that is true, false, or left to its default."""
    value = settings.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ModelFolderError(f"`{name}` in tokenizer_config.json must be true or false, but is {value!r}.")
    return value
