"""Plain lines of text, with the label at the beginning of each or without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attendo.data.encodings import read_lines
from attendo.data.rows import OnProblem, ReadOptions, Row

_FASTTEXT = "__label__"
_MARKED = re.compile(rf"((?:{_FASTTEXT}\S+\s+)*{_FASTTEXT}\S+)(?:\s+(.*))?", re.DOTALL)
_LABEL = re.compile(r"[+-]?\d+|[A-Z][A-Z_]+(:\S+)?")  # a class number, or a code such as NUM:dist


def read_labelled(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield a row of `label` and `text` for each line that is not blank; fastText's labels make a list."""
    split = None
    for number, line in enumerate(read_lines(path, options.encoding), start=1):
        if line.strip():
            split = split or (_split_fasttext if line.startswith(_FASTTEXT) else _split_first_word)
            yield Row(split(line.strip()), path, number)


def read_texts(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield a row of `text` for every line, also the blank ones, so that rows and lines correspond."""
    for number, line in enumerate(read_lines(path, options.encoding), start=1):
        yield Row({"text": line.removesuffix("\n")}, path, number)


def begins_with_labels(lines: Sequence[str], labelled: bool) -> bool:
    """Whether the first words of lines are labels: few, and unless labels must be there, of the look of labels.

    Prose is not to lose its first words, hence the caution where labels are not sure to be there.
    """
    words = [line.split(maxsplit=1) for line in lines if line.strip()]
    firsts = [word[0] for word in words]
    if not words or firsts[0].startswith(_FASTTEXT):
        return bool(words)
    if sum(len(word) > 1 for word in words) <= len(words) / 2:
        return False
    if labelled:
        return len(set(firsts)) <= max(2, len(firsts) // 2)
    return len(set(firsts)) <= len(firsts) // 2 and all(_LABEL.fullmatch(first) for first in firsts)


def _split_first_word(line: str) -> dict[str, Any]:
    label, *text = line.split(maxsplit=1)
    return {"label": label, "text": text[0] if text else ""}


def _split_fasttext(line: str) -> dict[str, Any]:
    marked = _MARKED.fullmatch(line)
    if marked is None:
        return {"label": None, "text": line}
    labels = [label.removeprefix(_FASTTEXT) for label in marked[1].split()]
    return {"label": labels if len(labels) > 1 else labels[0], "text": marked[2] or ""}
