"""Vocabulary files of other tools, read into models of the `tokenizers` library; each error names the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attendo.errors import ModelFolderError

if TYPE_CHECKING:
    from tokenizers.models import BPE, WordPiece

AGAIN = "The file may be cut short or changed: fetch it again."
"""What to do about a damaged file."""

_FEWEST_LOST = 100  # special tokens, and those that somebody wrote in by hand


def read_word_pieces(file: Path, unknown: str | None) -> WordPiece:
    """vocab.txt: a token a line, its number that of the line."""
    from tokenizers.models import WordPiece

    vocabulary: dict[str, int] = {}
    for number, line in _lines(file):
        token = line.rstrip() or line  # a lone wide blank is a token, though no text ever leads to it
        if not token:
            raise ModelFolderError(f"{file}, line {number} is empty, but each line must hold a token. {AGAIN}")
        if token in vocabulary:
            first = vocabulary[token] + 1
            raise ModelFolderError(f"{file}, line {number} repeats the token {token!r} of line {first}. {AGAIN}")
        vocabulary[token] = number - 1
    if not unknown or unknown not in vocabulary:
        raise ModelFolderError(f"{file} has no line with the unknown token ({unknown or 'unk_token'}). {AGAIN}")
    return WordPiece(vocabulary, unk_token=unknown)


def read_merges(vocabulary_file: Path, merges_file: Path) -> BPE:
    """vocab.json with a number for each token, and merges.txt: a pair of tokens to join a line, the first first."""
    from tokenizers.models import BPE

    vocabulary = read_numbers(vocabulary_file)
    merges: list[tuple[str, str]] = []
    for number, line in _lines(merges_file):
        if line.startswith("#version"):
            continue
        left, _, right = line.partition(" ")
        if not left or not right or " " in right:
            raise ModelFolderError(
                f"{merges_file}, line {number} must be two tokens with a blank between, but is {line!r}. {AGAIN}"
            )
        for token in (left, right, left + right):
            if token not in vocabulary:
                raise ModelFolderError(
                    f"{merges_file}, line {number} needs the token {token!r}, which {vocabulary_file.name} lacks. "
                    "The files do not belong together: fetch both again."
                )
        merges.append((left, right))
    _check_reached(vocabulary, merges, merges_file)
    return BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="", fuse_unk=False)


def _check_reached(vocabulary: dict[str, int], merges: list[tuple[str, str]], file: Path) -> None:
    """Refuse pairs that were cut off at the end: tokens would be left that no pair leads to."""
    joined = {left + right for left, right in merges}
    lost = sum(len(token) > 1 and token not in joined for token in vocabulary)
    if lost > max(_FEWEST_LOST, len(vocabulary) // 10):
        raise ModelFolderError(
            f"{file} must lead to the tokens of vocab.json, but to {lost} of {len(vocabulary)} it does not. {AGAIN}"
        )


def read_numbers(file: Path) -> dict[str, int]:
    """vocab.json: tokens with their numbers."""
    text = "\n".join(line for _, line in _lines(file))
    try:
        vocabulary = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelFolderError(f"{file}, line {error.lineno} is not JSON ({error.msg}). {AGAIN}") from None
    if not isinstance(vocabulary, dict) or not vocabulary:
        raise ModelFolderError(f"{file} must hold tokens with their numbers in braces. {AGAIN}")
    for token, number in vocabulary.items():
        if type(number) is not int:
            raise ModelFolderError(f"{file} must give {token!r} a whole number, but gives {number!r}. {AGAIN}")
    return vocabulary


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers; only line feeds end a line, for other line ends may be tokens."""
    lines = file.read_bytes().split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            yield number, line.removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            raise ModelFolderError(f"{file}, line {number} is not UTF-8 text. {AGAIN}") from None
