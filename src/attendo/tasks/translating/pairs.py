"""What a model reads and what it writes, as ids: two tokenizers, or one for both, and how a text begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from attendo.data import SourceTarget
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.tasks.reading import View
from attendo.tasks.seq2seq import Ids, Marks, RewriteBatch
from attendo.text import Tokenizer


@dataclass(frozen=True, eq=False)
class PairEncoder:
    """Reads sources and targets; it is saved with the model.

    Attributes:
        written: the tokenizer of targets, where it is another.
        marks: what frames a target.
    """

    source: PieceEncoder
    marks: Marks
    written: Tokenizer | None = None

    paired = False
    """Texts are read one by one."""
    TARGET = "target"
    """The folder of the tokenizer of targets, where that is one of attendo's own."""

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
        return self.source.files

    def encode(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> EncodedPieces:
        """Sources, ready to be cut into batches."""
        return self.source.encode(texts)

    def view(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> View:
        """Sources, with how their pieces are written."""
        return self.source.view(texts)

    def encode_targets(self, texts: Sequence[str], max_tokens: int | None) -> list[Ids]:
        """What is to be written for each text, with the token that ends it.

        Args:
            max_tokens: longer ones are cut, and do not end.
        """
        before, behind = self.target.frame
        own = not behind  # a tokenizer that closes no text: neither does it open those that are written
        found = []
        for encoding in self.target.encode_batch(texts):
            ids = encoding.ids[len(before) :] if own else encoding.ids
            ids = np.append(ids, self.marks.ends[:1]) if own else ids
            found.append(ids[:max_tokens].astype(np.int64))
        return found

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tokenizers' files, and return the settings that go beside them."""
        settings = self.source.save(folder)
        if self.written is None or self.source.contents.keys() - {"tokenizer.json", "tokenizer_config.json"}:
            return settings
        self.written.save(folder / self.TARGET)
        return settings | {"target": self.TARGET}


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
        """Some of the pairs as packed rows, filled up with one more pair that nothing is asked about."""
        sources, targets = ([side[index] for index in indices] for side in (self.sources, self.targets))
        return RewriteBatch.of(sources, targets, self.marks)


def encode_pairs(encoder: PairEncoder, pairs: Sequence[SourceTarget], max_length: int) -> EncodedPairs:
    """Pairs as ids; what is longer than a model reads is cut."""
    reader = replace(encoder.source, max_tokens=min(max_length, encoder.source.max_tokens or max_length))
    sources = reader.encode([pair.text for pair in pairs]).encodings
    targets = encoder.encode_targets([pair.target for pair in pairs], None)
    return EncodedPairs(
        sources=[each.ids.astype(np.int64) for each in sources],
        targets=[each[:max_length] for each in targets],
        marks=encoder.marks,
        cut=(sum(each.truncated > 0 for each in sources), sum(len(each) > max_length for each in targets)),
    )
