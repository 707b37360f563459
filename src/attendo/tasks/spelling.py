"""How tokens that a model reads are written: as in their text, in lower case; what stands in no text by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attendo.text import Encoding, RowTokens


def spelled_words(text: str, bounds: Iterable[Sequence[int]]) -> list[str]:
    """The words of a text.

    Args:
        bounds: the first character of each word, and one past its last.
    """
    return [text[start:end].lower() for start, end in bounds]


def spelled_rows(tokens: RowTokens, texts: Sequence[str], pairs: Sequence[str] | None = None) -> list[list[str]]:
    """The words of each text or pair, of one that was cut those that are left."""
    spelled, place = [], 0
    for text, pair, length in zip(texts, pairs or [""] * len(texts), tokens.lengths.tolist(), strict=True):
        own = slice(place, place + length)
        bounds, second = tokens.bounds[own], tokens.seconds[own]
        spelled.append(spelled_words(text, bounds[~second].tolist()) + spelled_words(pair, bounds[second].tolist()))
        place += length
    return spelled


def spelled_pieces(
    names: Sequence[str], found: Iterable[Encoding], texts: Sequence[str], pairs: Sequence[str] | None = None
) -> list[list[str]]:
    """The pieces of each text or pair.

    Args:
        names: what the tokenizer calls its pieces; its special tokens are shown by these.
    """
    seconds = pairs or [""] * len(texts)
    return [_spelled(names, each, text, pair) for each, text, pair in zip(found, texts, seconds, strict=True)]


def _spelled(names: Sequence[str], found: Encoding, text: str, pair: str) -> list[str]:
    pieces = []
    own, last, special = text, 0, False
    for number, start, end in zip(found.ids.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True):
        if start < end and pair and (start < last or (special and last)):
            own = pair  # not all tokenizers say where a second text begins
        pieces.append(own[start:end].lower() or names[number])
        special = start == end
        last = max(end, last) if special or own is text else 0
    return pieces
