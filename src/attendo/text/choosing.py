"""Choose a tokenizer by looking at the texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from attendo.text.characters import CJK, checked_texts
from attendo.text.specials import SPECIAL_TOKENS

_PIECES_PER_ROOT = 14  # pieces worth learning per square root of the number of words: each is then seen often enough
CJK_SHARE = 0.5
"""With more of the letters, a text counts as Chinese or Japanese."""
_SMALLEST, _LARGEST = 1_000, 32_000
_ALONE, _WORD = f"[{CJK}]", rf"[^\W_{CJK}]+"  # compiled when they are first used: that takes milliseconds


@dataclass(frozen=True, kw_only=True)
class TokenizerChoice:
    """Settings for `train_tokenizer`, with the reason."""

    kind: str
    """A name in `TOKENIZERS`."""
    vocab_size: int
    """Number of ids at most."""
    why: str
    """One sentence for the user."""


def choose_tokenizer(sample: Iterable[str], *, num_texts: int | None = None) -> TokenizerChoice:
    """Choose kind and size of the vocabulary for texts like these.

    WordPiece suits both languages, because Chinese characters stand alone in it: what differs is the size, which has
    room for every character seen more than once and for pieces of words by the square root of the words to learn from.

    Args:
        num_texts: how many texts the sample stands for, if it is not all there is.
    """
    counts: Counter[str] = Counter()
    words = rows = 0
    for text in checked_texts(sample, "sample"):
        counts.update(text)
        words += len(re.findall(_WORD, text))
        rows += 1
    scale = 1.0 if num_texts is None or not rows else num_texts / rows
    words = round(words * scale)
    frequent = [character for character, count in counts.items() if count * scale >= 2 and not character.isspace()]
    alone = sum(re.match(_ALONE, character) is not None for character in frequent)
    room = len(SPECIAL_TOKENS) + alone + 2 * (len(frequent) - alone) + _PIECES_PER_ROOT * math.sqrt(words)
    size = min(max(math.ceil(room / 100) * 100, _SMALLEST), _LARGEST)
    share = _chinese_share(counts)
    if share >= CJK_SHARE:
        why = (
            f"{share:.0%} of the letters are Chinese or Japanese, so each character is a token and other words are cut "
            f"up; {size:,} entries hold {alone:,} characters seen more than once and pieces of {words:,} words."
        )
    else:
        why = (
            f"Only {share:.0%} of the letters are Chinese or Japanese, so frequent words stay whole, others are cut; "
            f"{size:,} entries, because there are {words:,} words to learn from."
        )
    return TokenizerChoice(kind="wordpiece", vocab_size=size, why=why)


def chinese_share(texts: Iterable[str]) -> float:
    """How many of the letters are Chinese or Japanese, from 0 to 1."""
    counts: Counter[str] = Counter()
    for text in checked_texts(texts):
        counts.update(text)
    return _chinese_share(counts)


def _chinese_share(counts: Counter[str]) -> float:
    letters = sum(count for character, count in counts.items() if character.isalpha())
    chinese = sum(count for character, count in counts.items() if character.isalpha() and re.match(_ALONE, character))
    return chinese / letters if letters else 0.0
