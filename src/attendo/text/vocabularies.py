"""Vocabulary files of other tools, read into models of the `tokenizers` library; each error names the line."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.errors import ModelFolderError, UnsupportedError

if TYPE_CHECKING:
    from tokenizers.models import BPE, Unigram, WordPiece

_AGAIN = "The file may be cut short or changed: fetch it again."
_UNIGRAM = 1  # `model_type` in sentencepiece_model.proto


def read_word_pieces(file: Path, unknown: str | None) -> WordPiece:
    """vocab.txt: a token a line, its number that of the line."""
    from tokenizers.models import WordPiece

    vocabulary: dict[str, int] = {}
    for number, line in _lines(file):
        token = line.rstrip() or line  # a lone wide blank is a token, though no text ever leads to it
        if not token:
            raise ModelFolderError(f"{file}, line {number} is empty, but each line must hold a token. {_AGAIN}")
        if token in vocabulary:
            first = vocabulary[token] + 1
            raise ModelFolderError(f"{file}, line {number} repeats the token {token!r} of line {first}. {_AGAIN}")
        vocabulary[token] = number - 1
    if not unknown or unknown not in vocabulary:
        raise ModelFolderError(f"{file} has no line with the unknown token ({unknown or 'unk_token'}). {_AGAIN}")
    return WordPiece(vocabulary, unk_token=unknown)


def read_merges(vocabulary_file: Path, merges_file: Path) -> BPE:
    """vocab.json with a number for each token, and merges.txt: a pair of tokens to join a line, the first first."""
    from tokenizers.models import BPE

    vocabulary = _read_numbers(vocabulary_file)
    merges: list[tuple[str, str]] = []
    for number, line in _lines(merges_file):
        if line.startswith("#version"):
            continue
        left, _, right = line.partition(" ")
        if not left or not right or " " in right:
            raise ModelFolderError(
                f"{merges_file}, line {number} must be two tokens with a blank between, but is {line!r}. {_AGAIN}"
            )
        for token in (left, right, left + right):
            if token not in vocabulary:
                raise ModelFolderError(
                    f"{merges_file}, line {number} needs the token {token!r}, which {vocabulary_file.name} lacks. "
                    "The files do not belong together: fetch both again."
                )
        merges.append((left, right))
    return BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="", fuse_unk=False)


def read_unigram(file: Path) -> tuple[Unigram, bytes]:
    """sentencepiece.bpe.model as XLM-RoBERTa numbers it, and its table of characters to replace.

    The numbers are those of fairseq: <s>, <pad>, </s>, <unk>, the pieces after the first three, <mask>.
    """
    from tokenizers.models import Unigram

    pieces: list[tuple[str, float]] = []
    table = kind = None
    try:
        for field, value in _fields(file.read_bytes()):
            if field == 1:
                piece = dict(_fields(value))
                pieces.append((piece[1].decode(), struct.unpack("<f", piece.get(2, bytes(4)))[0]))
            elif field == 2:
                kind = dict(_fields(value)).get(3, _UNIGRAM)
            elif field == 3:
                table = dict(_fields(value)).get(2, b"")
    except (LookupError, ValueError, AttributeError, TypeError, struct.error):
        raise ModelFolderError(f"{file} is not a SentencePiece model. {_AGAIN}") from None
    if table is None or kind is None or len(pieces) <= 3:
        raise ModelFolderError(f"{file} lacks the end of a SentencePiece model. {_AGAIN}")
    if kind != _UNIGRAM:
        raise UnsupportedError(f"{file} is not a unigram model, the only kind of SentencePiece that is read here.")
    named = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    return Unigram([*named, *pieces[3:], ("<mask>", 0.0)], unk_id=3, byte_fallback=False), table


def _read_numbers(file: Path) -> dict[str, int]:
    text = "\n".join(line for _, line in _lines(file))
    try:
        vocabulary = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelFolderError(f"{file}, line {error.lineno} is not JSON ({error.msg}). {_AGAIN}") from None
    if not isinstance(vocabulary, dict) or not vocabulary:
        raise ModelFolderError(f"{file} must hold tokens with their numbers in braces. {_AGAIN}")
    for token, number in vocabulary.items():
        if type(number) is not int:
            raise ModelFolderError(f"{file} must give {token!r} a whole number, but gives {number!r}. {_AGAIN}")
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
            raise ModelFolderError(f"{file}, line {number} is not UTF-8 text. {_AGAIN}") from None


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a Protocol Buffers message with their numbers: integers as such, all else as bytes."""
    at = 0

    def integer() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = integer()
        if tag & 7 == 0:
            yield tag >> 3, integer()
            continue
        size = {1: 8, 2: -1, 5: 4}[tag & 7]
        size = integer() if size < 0 else size
        if at + size > len(message):
            raise ValueError("cut short")
        yield tag >> 3, message[at : at + size]
        at += size
