"""Words as the pieces of a tokenizer: a word is scored where its first piece stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.tasks.pieces import EncodedPieces, OnPieces
from attendo.tasks.reading import View
from attendo.tasks.spelling import spelled_pieces
from attendo.tasks.words import Bounds, WordInputs, word_windows
from attendo.text import Encoding


@dataclass(frozen=True, eq=False)
class PieceWords(OnPieces):
    """A tokenizer, asked for the pieces that words begin with."""

    def encode_words(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> WordInputs:
        """Texts ready to be cut into batches."""
        tokenizer, most = self.pieces.tokenizer, self.pieces.max_tokens
        whole = tokenizer.encode_batch(texts)
        room = None if most is None else most - len(tokenizer.encode_batch([""])[0])
        windows = [
            word_windows(_sizes(each, words) if _too_long(each, most) else [0] * len(words), room)
            for each, words in zip(whole, bounds, strict=True)
        ]
        owners = np.repeat(np.arange(len(texts)), [len(each) for each in windows])
        flat = [window for each in windows for window in each]
        parts: list[Encoding] = []
        cut: list[Bounds] = []
        for owner, window in zip(owners.tolist(), flat, strict=True):
            words = bounds[owner][window.start : window.end]
            if len(windows[owner]) == 1 and not _too_long(whole[owner], most):
                parts.append(whole[owner])
            else:
                start, end = (words[0][0], words[-1][1]) if words else (0, 0)
                parts.append(tokenizer.encode_batch([texts[owner][start:end]], max_tokens=most)[0])
                words = [(first - start, last - start) for first, last in words]
            cut.append(words)
        places = [
            first_pieces(each, words)[window.first - window.start : window.last - window.start]
            for each, words, window in zip(parts, cut, flat, strict=True)
        ]
        return WordInputs(texts=EncodedPieces(parts), owners=owners, windows=flat, places=places)

    def view(self, texts: Sequence[str], bounds: Sequence[Bounds]) -> View:
        """The same with how their pieces are written; texts without words, or of more than one window, are left out."""
        inputs = self.encode_words(texts, bounds)
        assert isinstance(inputs.texts, EncodedPieces)
        rows, names = inputs.alone, self.pieces.tokenizer.tokens()
        own = [texts[int(inputs.owners[row])] for row in rows]
        spelled = spelled_pieces(names, [inputs.texts.encodings[row] for row in rows], own)
        return View(texts=inputs.texts, rows=rows, spelled=spelled)


def first_pieces(encoding: Encoding, words: Bounds) -> NDArray[np.int64]:
    """The piece that each word begins in, or the last one before it where it has none of its own."""
    real = np.flatnonzero(encoding.ends > encoding.starts)
    if not len(real) or not len(words):
        return np.zeros(len(words), np.int64)
    starts = np.array([start for start, _ in words])
    found = np.searchsorted(np.maximum.accumulate(encoding.ends[real]), starts, side="right")
    return real[found.clip(max=len(real) - 1)].astype(np.int64)


def _sizes(encoding: Encoding, words: Bounds) -> NDArray[np.int64]:
    """How many pieces each word has, those between it and the next word included."""
    firsts = first_pieces(encoding, words)
    return np.diff(firsts, append=len(encoding)).clip(min=0)


def _too_long(encoding: Encoding, most: int | None) -> bool:
    return most is not None and len(encoding) > most
