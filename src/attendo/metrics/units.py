"""What written texts are counted in: words, and characters where a script has no blanks between words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from attendo.errors import InputError, ShapeError
from attendo.metrics.answer_rules import answer_language

_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_SHARE = 0.1  # of the letters: Japanese has Chinese characters too, but hardly a sentence without kana

_ENGLISH = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")
_BARE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHARACTER = re.compile(rf"[{_BARE}]|\d+(?:[.,]\d+)+|[^\W_{_BARE}]+")
_WITHOUT_BLANKS = ("zh", "ja")

UNITS: dict[str, Callable[[str], list[str]]] = {
    "english": lambda text: _ENGLISH.findall(text.lower()),
    "words": lambda text: _WORD.findall(text.lower()),
    "characters": lambda text: _CHARACTER.findall(text.lower()),
}
"""Ways to count a text, all without punctuation and capitals.

| units | of what |
|---|---|
| `english` | runs of a to z and digits, as the original ROUGE and `rouge_score` cut them |
| `words` | runs of letters and digits of any script |
| `characters` | Chinese characters and kana one by one; words of other scripts, and numbers such as 3.14, whole |
"""


def primary_language(tag: str) -> str:
    """The language of a tag without script and region: `zh` of `zh-Hans-CN` or `ZH_cn`."""
    return re.split(r"[-_]", tag.strip(), maxsplit=1)[0].lower()


def written_language(texts: Iterable[str]) -> str:
    """`zh`, `ja` or `ko` where the script of the texts says so, else `en`."""
    texts = list(texts)
    letters = sum(sum(map(str.isalpha, text)) for text in texts)
    for language, script in (("ja", _KANA), ("ko", _HANGUL)):
        found = sum(len(script.findall(text)) for text in texts)
        if found and found >= _SHARE * letters:
            return language
    return answer_language(texts)


def units_of(language: str) -> str:
    """The name in `UNITS` by which texts of a language are counted."""
    primary = primary_language(language)
    if primary in _WITHOUT_BLANKS:
        return "characters"
    return "english" if primary == "en" else "words"


def unit_runs(units: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """How often each run of so many neighbours occurs."""
    return Counter(zip(*(units[start:] for start in range(size)), strict=False))


def reference_lists(outputs: Sequence[str], references: Sequence[str | Sequence[str]]) -> list[list[str]]:
    """The references of each output as a list of one or several.

    Raises:
        ShapeError: if there are not as many as outputs.
        InputError: if there is no output, or an output without reference.
    """
    if len(outputs) != len(references):
        raise ShapeError(f"There are {len(outputs)} outputs for {len(references)} references; give one for each.")
    if not outputs:
        raise InputError("Written texts are scored on at least one text, but there is none.")
    found = [[each] if isinstance(each, str) else list(each) for each in references]
    missing = next((number for number, each in enumerate(found, start=1) if not each), None)
    if missing is not None:
        raise InputError(f"Each output needs a reference, but number {missing} has none.")
    return found
