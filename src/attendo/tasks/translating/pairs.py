"""What a model reads and what it writes, as ids: two tokenizers, or one for both, and how a text begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from attendo.data import SourceTarget
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.tasks.reading import View
from attendo.tasks.seq2seq import Ids, Marks, RewriteBatch
from attendo.tasks.translating.contexts import with_context
from attendo.tasks.translating.copying import hide_both
from attendo.text import Encoding, Tokenizer


@dataclass(frozen=True, kw_only=True, eq=False)
class PairEncoder:
    """Reads sources and targets; it is saved with the model.

    Attributes:
        marks: what frames a target.
        written: the tokenizer of targets, where it is another.
        apart: whether that was made apart from the one of sources, and is not another side of the same files.
        copies: whether the model knows the marks of `copying`.
        context: how many texts before a text, in its document, are read with it.
    """

    source: PieceEncoder
    marks: Marks
    written: Tokenizer | None = None
    apart: bool = False
    copies: bool = False
    context: int = 0

    paired = False
    """Texts are read one by one."""
    TARGET = "target"
    """The folder of the tokenizer of targets, where that was made apart."""

    @property
    def target(self) -> Tokenizer:
        """The tokenizer of what is written."""
        return self.written or self.source.tokenizer

    @property
    def prompt(self) -> tuple[int, ...]:
        """What the writing of every text begins with."""
        start = self.target.frame[1][-1] if self.marks.start is None else self.marks.start
        return (start, *self.marks.forced)

    @property
    def files(self) -> list[str]:
        """The files that `save` writes."""
        return self.source.files + [f"{self.TARGET}/{name}" for name in self._target_files]

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedPieces:
        """Sources, ready to be cut into batches.

        Args:
            pairs: what is read with each; nothing where it is empty, or there is no room for both.
        """
        found = self.source.encode(texts)
        if pairs is None:
            return found
        asked = [number for number, pair in enumerate(pairs) if pair]
        both = self.source.encode([pairs[number] for number in asked], [texts[number] for number in asked])
        for number, encoding in zip(asked, both.encodings, strict=True):
            if not encoding.truncated:
                found.encodings[number] = encoding
        return found

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """Sources, with how their pieces are written."""
        return self.source.view(texts)

    def encode_targets(self, texts: Sequence[str], max_tokens: int | None) -> list[Ids]:
        """What is to be written for each text, with the token that ends it.

        Args:
            max_tokens: longer ones are cut, and do not end.
        """
        return [self.framed(each)[:max_tokens] for each in self.target.encode_batch(texts)]

    def framed(self, encoding: Encoding) -> Ids:
        """The ids of a target with what frames it when it is written."""
        before, behind = self._frame
        ids = encoding.ids.astype(np.int64)
        if behind:
            return ids
        return np.append(ids[len(before) :], self.marks.ends[0])  # what closes no text opens none either

    @cached_property
    def opening(self) -> int:
        """How many tokens before a target are not written."""
        before, behind = self._frame
        return 0 if behind else len(before)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizers' files, and return the settings that go beside them."""
        settings = self.source.save(folder) | {"copies": self.copies, "context": self.context}
        if not self.apart:
            return settings
        self.target.save(folder / self.TARGET)
        return settings | {"target": self.TARGET}

    @cached_property
    def _frame(self) -> tuple[list[int], list[int]]:
        return self.target.frame

    @cached_property
    def _target_files(self) -> list[str]:
        if not self.apart:
            return []
        return PieceEncoder.made(self.target, None).files


@dataclass(frozen=True, eq=False)
class EncodedPairs:
    """Pairs as ids, each in a row of its own.

    Attributes:
        cut: how many sources and how many targets were longer than is read.
    """

    sources: Sequence[Ids]
    targets: Sequence[Ids]
    marks: Marks
    cut: tuple[int, int] = (0, 0)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each pair, of both sides together."""
        return [len(source) + len(target) for source, target in zip(self.sources, self.targets, strict=True)]

    def batch(self, indices: Sequence[int]) -> RewriteBatch:
        """Some of the pairs as packed rows, filled up with more pairs that nothing is asked about."""
        sources, targets = ([side[index] for index in indices] for side in (self.sources, self.targets))
        return RewriteBatch.of(sources, targets, self.marks)


def encode_pairs(encoder: PairEncoder, pairs: Sequence[SourceTarget], max_length: int) -> EncodedPairs:
    """Pairs as ids; what is longer than a model reads is cut."""
    reader = replace(encoder.source, max_tokens=min(max_length, encoder.source.max_tokens or max_length))
    both = [(pair.text, pair.target) for pair in pairs]
    if encoder.copies:
        both = [hide_both(*texts) for texts in both]
    contexts = [pair.before for pair in with_context(pairs, encoder.context)] if encoder.context else None
    sources = replace(encoder, source=reader).encode([text for text, _ in both], contexts).encodings
    targets = encoder.encode_targets([target for _, target in both], None)
    return EncodedPairs(
        sources=[each.ids.astype(np.int64) for each in sources],
        targets=[each[:max_length] for each in targets],
        marks=encoder.marks,
        cut=(sum(each.truncated > 0 for each in sources), sum(len(each) > max_length for each in targets)),
    )
