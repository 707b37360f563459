"""Documents as tokens, cut to what a model reads at once; laid end to end they are packed rows without padding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attendo.text import CJK, Encoding, Tokenizer

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]

FRAME = -1
"""The word of the tokens that frame a piece and stand for no text."""
_TEXTS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of documents end to end.

    Attributes:
        ids: rows of the vocabulary.
        words: which word of its piece each token is of, counted from 0; `FRAME` for tokens that stand for no text.
        starts: where each piece begins, and where the last one ends.
    """

    ids: Ints
    words: Ints
    starts: Longs

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> list[int]:
        """Tokens of each piece."""
        return np.diff(self.starts).tolist()

    def take(self, indices: Sequence[int]) -> tuple[Ints, Ints, Longs]:
        """The ids and words of some pieces end to end, and their lengths."""
        chosen = np.asarray(indices, dtype=np.int64)
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[chosen] - ends + lengths, lengths)
        return self.ids[places], self.words[places], lengths

    def each(self, indices: Sequence[int]) -> tuple[list[Ints], list[Ints]]:
        """The ids and words of some pieces, one by one."""
        ids, words, lengths = self.take(indices)
        ends = np.cumsum(lengths)[:-1]
        return np.split(ids, ends), np.split(words, ends)

    def of_words(self, least: int, *, whole: bool) -> Pieces:
        """The pieces that have so many words at least, or so many tokens of text."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.starts))
        new = self.words != FRAME
        if whole:
            new[1:] &= (self.words[1:] != self.words[:-1]) | (owner[1:] != owner[:-1])
        chosen = np.flatnonzero(np.bincount(owner[new], minlength=len(self)) >= least)
        ids, words, lengths = self.take(chosen.tolist())
        return Pieces(ids, words, np.cumsum([0, *lengths.tolist()]))


def cut_texts(tokenizer: Tokenizer, texts: Sequence[str], max_length: int, *, end: int | None = None) -> Pieces:
    """Texts as pieces of at most `max_length` tokens, the special tokens around each included.

    A longer text is cut into pieces of like length. One without a token that is known gives nothing to learn, and is
    left out.

    Args:
        end: a token behind the last piece of each text, where it is to be learned that a text ends.
    """
    before, behind = tokenizer.frame
    room = max_length - len(before) - len(behind) - (end is not None)
    unknown = tokenizer.specials.unk
    ids: list[Ints] = []
    words: list[Ints] = []
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        for encoding in tokenizer.encode_batch(texts[first : first + _TEXTS_AT_ONCE]):
            inside = slice(len(before), len(encoding) - len(behind))
            if np.all(encoding.ids[inside] == (-1 if unknown is None else unknown)):
                continue
            for piece_ids, piece_words, last in _cut(encoding, inside, room):
                tail = [*behind, *([end] if last and end is not None else [])]
                ids.append(np.array([*before, *piece_ids.tolist(), *tail], dtype=np.int32))
                frame = [FRAME] * len(before), [FRAME] * len(tail)
                words.append(np.array([*frame[0], *piece_words.tolist(), *frame[1]], dtype=np.int32))
    starts = np.cumsum([0, *map(len, ids)])
    empty = [np.zeros(0, dtype=np.int32)]
    return Pieces(np.concatenate(ids or empty), np.concatenate(words or empty), starts)


def _cut(encoding: Encoding, inside: slice, room: int) -> Iterator[tuple[Ints, Ints, bool]]:
    """The tokens of one text in parts of like length, and whether a part is the last."""
    ids, words = encoding.ids[inside], _counted(encoding.words[inside])
    parts = -(-len(ids) // room)
    borders = [len(ids) * part // parts for part in range(parts + 1)]
    for number, (start, stop) in enumerate(pairwise(borders), start=1):
        yield ids[start:stop], words[start:stop] - words[start], number == parts


def _counted(words: Ints) -> Ints:
    """Words counted from 0 on; white space is a word of its own wherever it is a token."""
    new = (words[1:] != words[:-1]) | (words[1:] == -1)
    return np.concatenate([[0], np.cumsum(new)]).astype(np.int32)


def standing_alone(tokenizer: Tokenizer) -> Bools:
    """Which tokens are single characters of scripts without blanks between words, such as Chinese."""
    alone = re.compile(f"(##|\u2581)?[{CJK}]")
    return np.array([alone.fullmatch(token) is not None for token in tokenizer.tokens()])


def plain_tokens(tokenizer: Tokenizer) -> Ints:
    """The ids that stand for text."""
    special = {*asdict(tokenizer.specials).values(), *tokenizer.frame[0], *tokenizer.frame[1]}
    return np.array([number for number in range(tokenizer.vocab_size) if number not in special], dtype=np.int32)
