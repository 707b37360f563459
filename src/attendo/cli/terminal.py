"""Writing for people: consoles that suit the terminal, and streams that cannot fail on a character."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def soften_streams() -> None:
    """Let a character that a stream's encoding lacks be written as an escape instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def console(*, stderr: bool = False, file: TextIO | None = None) -> Console:
    """A console that takes what it is given literally; it heeds NO_COLOR and COLUMNS."""
    from rich.console import Console

    return Console(stderr=stderr, file=file, markup=False, highlight=False, emoji=False)


def say(sentence: str, style: str = "") -> None:
    """Tell the user something beside the results, on standard error."""
    if is_terminal(sys.stderr):
        console(stderr=True).print(sentence, style=style or None, soft_wrap=True)
    else:
        print(sentence, file=sys.stderr, flush=True)


@contextlib.contextmanager
def resumable() -> Iterator[None]:
    """Let an interruption say that the work is not lost."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; repeat the command to go on from the last checkpoint.") from None


@contextlib.contextmanager
def notes_shown() -> Iterator[None]:
    """Inside the block, what the library logs, such as its guesses, is told to the user."""
    import logging

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage(), "dim")

    logger, teller = logging.getLogger("attendo"), Teller(logging.INFO)
    before = logger.level
    logger.addHandler(teller)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(teller)


def print_json(value: Any) -> None:
    """Write a value as JSON, in plain ASCII where standard output knows no more."""
    print(json.dumps(value, ensure_ascii=not knows_unicode(sys.stdout), indent=2, default=str))


def knows_unicode(stream: object) -> bool:
    """Whether every character can be written to the stream."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def is_terminal(stream: object) -> bool:
    """Whether a person reads the stream."""
    return bool(getattr(stream, "isatty", bool)())


def one_line(text: str) -> str:
    """A text as it can be shown on one line of a terminal, without what would move its cursor."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """A text with a blank for each character that cannot be seen."""
    return "".join(c if c.isprintable() else " " for c in text)


def drop_output() -> None:
    """Throw away what standard output still holds where it cannot be written: the interpreter would try again."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
