"""Texts as the command line and standard input give them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from attendo.cli.terminal import say
from attendo.errors import DataError

STANDARD_INPUT = Path("standard input")


def given_texts(texts: list[str], *others: str | None) -> Iterator[str]:
    """The texts of the command line; `others` are checked with them.

    Raises:
        DataError: if one is empty or no text.
    """
    for text in texts:
        if not text.strip():
            raise DataError("A text on the command line is empty.")
        if any("\ud800" <= character <= "\udfff" for character in text + "".join(each or "" for each in others)):
            raise DataError("A text on the command line has bytes that are no characters; give it in UTF-8.")
        hint_at_file(text, "a text; for the texts", "--input")
        yield text


def hint_at_file(text: str, taken: str, option: str) -> None:
    """Say which option reads a file, where a text is the name of one."""
    if os.path.isfile(text):
        say(f"`{text}` is taken for {taken} in that file, use {option} {text}.", "yellow")


def input_lines(*, blank: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of standard input with their numbers.

    Args:
        blank: whether lines may be empty; they are then left out.
    Raises:
        DataError: if a line is empty where none may be, or not UTF-8, or there is none.
    """
    number = 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            message = "the bytes here are not UTF-8; `iconv` converts them."
            raise DataError(message, path=STANDARD_INPUT, line=number) from None
        if text.strip():
            yield number, text
        elif not blank:
            raise DataError("the line is empty, but each must hold a text.", path=STANDARD_INPUT, line=number)
    if not number:
        raise DataError("it is empty.", path=STANDARD_INPUT)
