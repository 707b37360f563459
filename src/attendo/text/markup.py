"""Texts in which the names of special tokens stand for these, as the templates of dialogues write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attendo.errors import UnsupportedError
from attendo.text.marian import MarianBackend
from attendo.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    import tokenizers

Ints = NDArray[np.int32]
_FIRST = 0xF0000  # where characters begin that belong to nobody, and hold a place in a text


class MarkedTexts:
    """A tokenizer that reads special tokens out of texts, but not out of parts that are somebody's own words.

    Attributes:
        specials: the ids of tokens that stand for no text.
    Raises:
        UnsupportedError: if the tokenizer cannot.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        import tokenizers

        self._tokenizer = tokenizer
        backend = tokenizer.backend
        if isinstance(backend, MarianBackend):
            raise UnsupportedError("A tokenizer of Marian reads no special tokens out of texts; take another model.")
        self._marked: tokenizers.Tokenizer = tokenizers.Tokenizer.from_str(backend.to_str())
        self._marked.encode_special_tokens = False
        added = backend.get_added_tokens_decoder()
        named = [token.content for token in added.values()]
        self.specials = np.array(sorted(number for number, token in added.items() if token.special), np.int32)
        self._names = sorted(named, key=len, reverse=True)
        self._found = re.compile("|".join(map(re.escape, self._names))) if named else None

    def disarmed(self, text: str) -> str:
        """A text without the names of special tokens: a character that nobody uses holds the place of each."""
        if self._found is None:
            return text
        return self._found.sub(lambda found: chr(_FIRST + self._names.index(found[0])), text)

    def restored(self, text: str) -> str:
        """The text again as it was."""
        return "".join(self._name_of(each) or each for each in text)

    def encode(self, text: str) -> tuple[Ints, Ints]:
        """The tokens of a text whose special tokens are meant, but where one was disarmed; and where each begins.

        Places are those in the text as it is given, with disarmed names as single characters.
        """
        ids: list[int] = []
        places: list[int] = []
        first = 0
        for part in re.split(f"([{chr(_FIRST)}-{chr(_FIRST + max(len(self._names), 1))}])", text):
            name = self._name_of(part)
            if name is not None:
                own = self._inside(name)
                ids, places = ids + own, places + [first] * len(own)
            elif part:
                found = self._marked.encode(part, add_special_tokens=False)
                ids, places = ids + found.ids, places + [first + start for start, _ in found.offsets]
            first += len(part)
        return np.array(ids, np.int32), np.array(places, np.int32)

    def _inside(self, text: str) -> list[int]:
        """The tokens of a text in which nothing special is meant."""
        before, behind = self._tokenizer.frame
        ids = self._tokenizer.encode(text).ids
        return ids[len(before) : len(ids) - len(behind)].tolist()

    def _name_of(self, part: str) -> str | None:
        number = ord(part) - _FIRST if len(part) == 1 else -1
        return self._names[number] if 0 <= number < len(self._names) else None


def with_marks(tokenizer: Tokenizer, names: Sequence[str]) -> Tokenizer:
    """The tokenizer with further special tokens behind its own.

    Raises:
        UnsupportedError: if it takes none.
    """
    import tokenizers

    backend = tokenizer.backend
    if isinstance(backend, MarianBackend):
        raise UnsupportedError("A tokenizer of Marian takes no further tokens; take another model.")
    again = tokenizers.Tokenizer.from_str(backend.to_str())
    again.add_special_tokens(list(names))
    return Tokenizer(again, tokenizer.specials, keeps_end=tokenizer.keeps_end)
