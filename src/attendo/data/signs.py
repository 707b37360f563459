"""What texts are made of, and the signs that something happened to them on their way here."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from attendo.data.examples import Example

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['’\-][^\W{_CJK}]+)*")
_SCRIPTS = {
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a]"),
    "Chinese": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "Kana": re.compile(r"[\u3040-\u30ff]"),
    "Hangul": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "Cyrillic": re.compile(r"[\u0400-\u052f]"),
    "Greek": re.compile(r"[\u0370-\u03ff]"),
    "Arabic": re.compile(r"[\u0600-\u06ff]"),
}
_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z]{2,6}|#\d{2,5});|\s#\d{2,4};")
_MOJIBAKE = re.compile(r"[ÃÂ][\x80-\xbf]|â€|ï¿½|\ufffd|锟斤拷|[äåæçèé][\x80-\xbf]{2}|[锛銆鈥]")
_LONG = 5000
_PREFIX = 4
_ENOUGH = 10  # examples below which a share says nothing


def count_units(text: str) -> int:
    """The length of a text in words and, in Chinese, Japanese and Korean, characters."""
    return len(_UNIT.findall(text))


def script_shares(texts: Iterable[str]) -> dict[str, float]:
    """The share of each script among the letters, the largest first."""
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
    scripts: Counter[str] = Counter()
    for character, count in characters.items():
        if character.isalpha():
            scripts[_script(character)] += count
    return {script: count / scripts.total() for script, count in scripts.most_common()}


def suspicions(examples: Sequence[Example]) -> list[str]:
    """Sentences on what may have gone wrong before the texts came here."""
    found = [
        _matching(examples, lambda text: bool(_HTML.search(text)), "hold remains of HTML, such as <br /> or &amp;"),
        _matching(examples, lambda text: bool(_MOJIBAKE.search(text)), "hold characters that a wrong encoding leaves"),
        _matching(examples, lambda text: count_units(text) > _LONG, f"are longer than {_LONG:,} words or characters"),
        _prefix(examples),
    ]
    return [sentence for sentence in found if sentence] + _leaks(examples)


def _script(letter: str) -> str:
    return next((name for name, letters in _SCRIPTS.items() if letters.match(letter)), "other")


def _matching(examples: Sequence[Example], test: Callable[[str], bool], what: str) -> str | None:
    matching = [example for example in examples if test(example.text)]
    if not matching:
        return None
    return f"{len(matching):,} of {len(examples):,} texts {what} (first in {matching[0].place})."


def _prefix(examples: Sequence[Example]) -> str | None:
    """Nearly all texts begin alike: a field name, or a mark of the source."""
    begins = Counter(example.text[:_PREFIX] for example in examples if len(example.text) > _PREFIX)
    if len(examples) < _ENOUGH or not begins:
        return None
    begin, count = begins.most_common(1)[0]
    if count < 0.9 * len(examples):
        return None
    alike = [example.text for example in examples if example.text.startswith(begin)]
    first, last = min(alike), max(alike)  # what these two share at the beginning, all share
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return f"{count:,} of {len(examples):,} texts begin with `{first[: min(same, 40)]}`, which tells nothing."


def _leaks(examples: Sequence[Example]) -> list[str]:
    """Labels written in the texts that have them, and hardly in others: the answer beside the question."""
    texts: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        for label in example.labels:
            texts[label].append(example.text.casefold())
    sentences = []
    for label, own in texts.items():
        if len(label) < 2 or label.isdecimal() or len(own) < _ENOUGH:
            continue
        name = re.compile(rf"(?<![^\W{_CJK}]){re.escape(label.casefold())}(?![^\W{_CJK}])")
        inside = sum(bool(name.search(text)) for text in own) / len(own)
        if inside < 0.8:
            continue
        others = [text for other, members in texts.items() if other != label for text in members]
        outside = sum(bool(name.search(text)) for text in others) / max(1, len(others))
        if outside < inside / 10:
            sentences.append(
                f"{inside:.0%} of the texts labelled `{label}` hold the label itself, {outside:.0%} of others."
            )
    return sentences
