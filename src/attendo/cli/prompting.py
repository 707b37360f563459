"""Lines that a person types one after the other, and answers that are shown while they are written."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from attendo.cli.input_texts import input_lines
from attendo.cli.terminal import is_terminal, say

if TYPE_CHECKING:
    from attendo.tasks import Part


def typed_lines(mark: str, hint: str) -> Iterator[str]:
    """What is typed, or comes from a pipe, without empty lines, until the end of the input.

    Args:
        mark: what stands before each line on a terminal.
        hint: said once before the first.
    """
    if not is_terminal(sys.stdin):
        yield from (text for _, text in input_lines(blank=True))
        return
    say(hint, "dim")
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - lines can then be edited and called back
    while True:
        try:
            line = input(mark)
        except EOFError:
            say("")
            return
        if line.strip():
            yield line.strip()


def show(parts: Iterable[Part]) -> str:
    """Write parts as they come, until they end or Ctrl-C stops them; what was written."""
    written = []
    try:
        for part in parts:
            written.append(part.text)
            print(part.text, end="", flush=True)
    except KeyboardInterrupt:
        say(" (stopped)", "dim")
    print(flush=True)
    return "".join(written)
