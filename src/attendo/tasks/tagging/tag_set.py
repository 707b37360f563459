"""The tags that a model tells apart, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attendo.data import TaggedText
from attendo.errors import DataError
from attendo.spans import OUTSIDE, SCHEMES, LabelledSpan, allowed, read_tags, write_tags

PLAIN = "plain"


@dataclass(frozen=True)
class TagSet:
    """Tags in a fixed order, and the scheme that they are written in."""

    names: tuple[str, ...]
    scheme: str

    @classmethod
    def of(cls, texts: Iterable[TaggedText], scheme: str) -> TagSet:
        """All tags that the labels of some texts need in a scheme; those of the texts where words have plain labels."""
        texts = list(texts)
        if texts and texts[0].scheme == PLAIN:
            return cls(tuple(sorted({tag for text in texts for tag in text.tags})), PLAIN)
        labels = sorted({span.label for text in texts for span in text.spans})
        spans = [(LabelledSpan(0, size, label),) for label in labels for size in (1, 2, 3)]
        found = {tag for span in spans for tag in write_tags(span, span[0].end, scheme)}
        found.discard(OUTSIDE)
        return cls((OUTSIDE, *sorted(found, key=lambda tag: (_label(tag, scheme), tag))), scheme)

    @property
    def is_plain(self) -> bool:
        """Whether each word has a label of its own."""
        return self.scheme == PLAIN

    @property
    def labels(self) -> tuple[str, ...]:
        """What spans are called."""
        if self.is_plain:
            return self.names
        return tuple(dict.fromkeys(_label(tag, self.scheme) for tag in self.names if tag != OUTSIDE))

    @cached_property
    def allowed(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Which tag may begin a text, follow another (rows come first), and end a text."""
        return allowed(self.names, self.scheme)

    def encode(self, texts: Sequence[TaggedText]) -> list[NDArray[np.int64]]:
        """The tags of each text as numbers.

        Raises:
            DataError: naming the labels that the model does not know, and where they stand.
        """
        numbers = {name: number for number, name in enumerate(self.names)}
        found = []
        for text in texts:
            tags = self._written(text)
            unknown = sorted({tag for tag in tags if tag not in numbers})
            if unknown:
                named = ", ".join(f"`{tag}`" for tag in unknown[:5])
                known = ", ".join(self.labels[:20])
                raise DataError(f"The model does not know these tags: {named} ({text.place}). It knows: {known}.")
            found.append(np.array([numbers[tag] for tag in tags], dtype=np.int64))
        return found

    def spans(self, tags: Sequence[int] | NDArray[np.int64]) -> tuple[LabelledSpan, ...]:
        """What numbers of tags mean, in words."""
        return read_tags([self.names[number] for number in tags], self.scheme)[0]

    def _written(self, text: TaggedText) -> Sequence[str]:
        if self.is_plain or text.scheme == self.scheme:
            return text.tags
        return write_tags(gold_spans(text), len(text.tags), self.scheme)


def gold_spans(text: TaggedText) -> tuple[LabelledSpan, ...]:
    """What the tags of a text mean, in words."""
    return read_tags(text.tags, text.scheme)[0]


def scheme_of(names: Iterable[str]) -> str:
    """The scheme that a loaded model's tags are written in, by their letters."""
    names = [name for name in names if name != OUTSIDE]
    letters = {name[0] for name in names if name[1:2] == "-"}
    if not letters or len(letters) > len(SCHEMES["BIOES"].letters) or any(name[1:2] != "-" for name in names):
        return PLAIN
    return next((name for name in ("BIO", "BIOES", "BMES", "BILOU") if letters <= set(SCHEMES[name].letters)), "BIO")


def _label(tag: str, scheme: str) -> str:
    return read_tags((tag,), scheme)[0][0].label
