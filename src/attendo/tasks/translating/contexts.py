"""What stands before a text in its document, for models that read it too."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from attendo.data import SourceTarget


def with_context(examples: Iterable[SourceTarget], count: int) -> Iterator[SourceTarget]:
    """Each text with those before it in its document; what is known to stand before a text already is kept.

    Args:
        count: how many texts before it at most.
    """
    before: deque[str] = deque(maxlen=count)
    document = None
    for example in examples:
        if example.document is None or example.document != document:
            before.clear()
        yield replace(example, before=" ".join(before)) if before and not example.before else example
        document = example.document
        if document is not None and example.text.strip():
            before.append(example.text.strip())
