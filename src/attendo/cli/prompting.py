"""Lines that a person types one after the other, and answers that are shown while they are written."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from attendo.cli.input_texts import input_lines
from attendo.cli.options import add_device, add_reading
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.terminal import is_terminal, notes_shown, say
from attendo.cli.writing_options import add_writing

if TYPE_CHECKING:
    from argparse import Namespace

    from attendo.tasks import LanguageModel, Part

M = TypeVar("M", bound="LanguageModel")
QUIT = "/quit"


def add_usual(parser: Parser) -> None:
    """The options behind those that say which model is asked."""
    add_writing(parser)
    add_reading(parser)
    add_device(parser)
    add_general(parser)


def asked_model(options: Namespace, kind: type[M], needed: str) -> M:
    """The model that is named, on the device that is named.

    Args:
        needed: what is said where it is of another kind.
    Raises:
        UsageError: saying so.
    """
    from attendo.tasks import load_task_model
    from attendo.training import choose_device

    device = choose_device(options.device)
    with notes_shown():
        model = load_task_model(options.model)
    if not isinstance(model, kind):
        raise UsageError(f"{options.model} is a model for `{model.task}`; {needed}")
    model.network.to(device)
    return model


def typed_lines(mark: str, hint: str) -> Iterator[str]:
    """What is typed, or comes from a pipe, without empty lines, until QUIT or the end of the input.

    Args:
        mark: what stands before each line on a terminal.
        hint: said once before the first.
    """
    yield from itertools.takewhile(lambda line: line != QUIT, _lines(mark, hint))


def _lines(mark: str, hint: str) -> Iterator[str]:
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
