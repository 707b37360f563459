"""Which language texts are in: by what a file or column is called, or for a few languages by the texts themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attendo.metrics import primary_language, written_language

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
    "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
    "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu"
)
_CODES = frozenset(_ISO_639_1.split())

_NAMES = {
    **dict.fromkeys(("english", "eng", "英文", "英语", "英語"), "en"),
    **dict.fromkeys(("chinese", "mandarin", "zho", "chi", "cmn", "中文", "汉语", "漢語"), "zh"),
    **dict.fromkeys(("japanese", "jpn", "日文", "日语", "日語", "日本語"), "ja"),
    **dict.fromkeys(("korean", "kor", "韩文", "韩语", "韓文"), "ko"),
    **dict.fromkeys(("german", "deutsch", "deu", "ger", "德文", "德语"), "de"),
    **dict.fromkeys(("french", "fra", "fre", "法文", "法语"), "fr"),
    **dict.fromkeys(("spanish", "spa", "西班牙语"), "es"),
    **dict.fromkeys(("russian", "rus", "俄文", "俄语"), "ru"),
    **dict.fromkeys(("italian", "ita"), "it"),
    **dict.fromkeys(("portuguese", "por"), "pt"),
    **dict.fromkeys(("dutch", "nld", "dut"), "nl"),
    **dict.fromkeys(("polish", "pol"), "pl"),
    **dict.fromkeys(("czech", "ces", "cze"), "cs"),
    **dict.fromkeys(("arabic", "ara"), "ar"),
    **dict.fromkeys(("turkish", "tur"), "tr"),
    **dict.fromkeys(("vietnamese", "vie"), "vi"),
}
"""What languages are called in full, or in three letters."""

_TAG = re.compile(r"[^\W\d_]+(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|\d{3}))*")  # script and region
_BESIDE = frozenset(("text", "texts", "sentence", "sentences", "translation", "文本", "句子"))
_COMMON = frozenset(("the", "and", "of", "to", "that", "with", "this", "are", "you", "what", "his"))
_COMMON_SHARE = 0.06  # of the words; on published sets English has about twice as many, German none
_WORD = re.compile(r"[^\W\d_]+")
_SHOWN = 2000  # texts that are looked at


def language_named(name: str) -> str | None:
    """The code of the language that a name such as `en`, `zh-CN`, `English` or `sentence_de` means, if it means one."""
    parts = re.split(r"[-_\s]+", name.strip())
    left = [part for part in parts if part.lower() not in _BESIDE]
    if _TAG.fullmatch("-".join(left)) is None or (len(left) < len(parts) and left == ["id"]):
        return None
    primary = primary_language(left[0])
    return primary if primary in _CODES else _NAMES.get(primary)


def guess_language(texts: Iterable[str]) -> str | None:
    """The language of texts where their script or their most common words tell it: `zh`, `ja`, `ko` or `en`."""
    some = [text for text, _ in zip(texts, range(_SHOWN), strict=False)]
    written = written_language(some)
    if written != "en":
        return written
    return "en" if _is_english(some) else None


def _is_english(texts: Sequence[str]) -> bool:
    words = [word for text in texts for word in _WORD.findall(text.lower())]
    return bool(words) and sum(word in _COMMON for word in words) >= _COMMON_SHARE * len(words)
