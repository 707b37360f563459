"""Lines that a person types one after the other, or that come from another program."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from attendo.cli.input_texts import input_lines
from attendo.cli.terminal import is_terminal, say


def typed_lines(mark: str, hint: str) -> Iterator[str]:
    """What is typed, without empty lines, until the end of the input; from a pipe its lines.

    Args:
        mark: what stands before each line on a terminal.
        hint: said once before the first.
    """
    if not is_terminal(sys.stdin):
        yield from (text for _, text in input_lines())
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
