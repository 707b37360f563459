"""SentencePiece's tables of pieces (sentencepiece.bpe.model, spiece.model, tokenizer.model, *.spm)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.text.vocabularies import AGAIN

if TYPE_CHECKING:
    from tokenizers.models import BPE, Unigram
    from tokenizers.normalizers import Normalizer

BLANK = "\u2581"
"""How pieces spell a blank."""

UNIGRAM, BYTE_PAIRS = 1, 2
"""`model_type` in sentencepiece_model.proto."""

_NORMAL, _CONTROL, _USER_DEFINED, _BYTE = 1, 3, 4, 6  # `type` of a piece there


class Piece(NamedTuple):
    """A row of the table."""

    text: str
    score: float
    type: int


@dataclass(frozen=True, kw_only=True)
class PieceTable:
    """What a SentencePiece file says."""

    file: Path
    pieces: tuple[Piece, ...]
    kind: int
    characters: bytes
    """Which characters to replace by which, compiled; empty if none."""
    unknown: int
    byte_fallback: bool
    opens_with_blank: bool
    """Whether a blank is put before every text."""
    joins_blanks: bool
    """Whether runs of blanks become one, and those at both ends vanish."""

    @property
    def user_defined(self) -> list[str]:
        """Pieces that are cut out of a text before all else."""
        return [piece.text for piece in self.pieces if piece.type == _USER_DEFINED]

    def unigram(self, entries: list[tuple[str, float]], unknown: int) -> Unigram:
        """The likeliest pieces, with the numbers that `entries` give them.

        Raises:
            UnsupportedError: if the file is not of this kind.
        """
        from tokenizers.models import Unigram

        if self.kind != UNIGRAM:
            raise UnsupportedError(
                f"{self.file} is not a unigram model, the only kind of SentencePiece that its family has."
            )
        return Unigram(entries, unk_id=unknown, byte_fallback=self.byte_fallback)

    def byte_pairs(self) -> BPE:
        """Pieces joined in the order of their scores; the rules are those that lead to a piece from two others.

        Raises:
            UnsupportedError: if the file is not of this kind.
        """
        from tokenizers.models import BPE

        if self.kind != BYTE_PAIRS:
            raise UnsupportedError(f"{self.file} is not a model of byte pairs, the only kind that its family has.")
        numbers = {piece.text: number for number, piece in enumerate(self.pieces)}
        joined = {piece.text for piece in self.pieces if piece.type == _NORMAL}
        ordered = sorted((piece for piece in self.pieces if piece.text in joined), key=lambda piece: -piece.score)
        merges = [
            (piece.text[:at], piece.text[at:])
            for piece in ordered
            for at in range(1, len(piece.text))
            if piece.text[:at] in joined and piece.text[at:] in joined
        ]
        return BPE(
            vocab=numbers,
            merges=merges,
            unk_token=self.pieces[self.unknown].text,
            fuse_unk=True,
            byte_fallback=self.byte_fallback,
        )

    def entries(self) -> list[tuple[str, float]]:
        """Pieces with their scores."""
        return [(piece.text, piece.score) for piece in self.pieces]

    def replacements(self) -> list[Normalizer]:
        """The steps that replace characters; none if the table of characters is empty."""
        from tokenizers import normalizers

        return [normalizers.Precompiled(self.characters)] if self.characters else []


def read_piece_table(file: Path) -> PieceTable:
    """Read a SentencePiece file.

    Raises:
        ModelFolderError: if it is cut short or not such a file.
    """
    pieces: list[Piece] = []
    trainer: dict[int, Any] | None = None
    normalizer: dict[int, Any] | None = None
    try:
        for field, value in message_fields(file.read_bytes()):
            if field == 1:
                row = dict(message_fields(value))
                score = struct.unpack("<f", row.get(2, bytes(4)))[0]
                pieces.append(Piece(row[1].decode(), score, int(row.get(3, _NORMAL))))
            elif field == 2:
                trainer = dict(message_fields(value))
            elif field == 3:
                normalizer = dict(message_fields(value))
        if trainer is None or normalizer is None or len(pieces) <= 3:
            raise ModelFolderError(f"{file} lacks the end of a SentencePiece model. {AGAIN}")
        table = PieceTable(
            file=file,
            pieces=tuple(pieces),
            kind=int(trainer.get(3, UNIGRAM)),
            characters=bytes(normalizer.get(2, b"")),
            unknown=int(trainer.get(40, 0)),
            byte_fallback=bool(trainer.get(35, 0)),
            opens_with_blank=bool(normalizer.get(3, 1)),
            joins_blanks=bool(normalizer.get(4, 1)),
        )
    except (LookupError, ValueError, AttributeError, TypeError, struct.error) as error:
        if isinstance(error, ModelFolderError):
            raise
        raise ModelFolderError(f"{file} is not a SentencePiece model. {AGAIN}") from None
    _check(table)
    return table


def _check(table: PieceTable) -> None:
    """Refuse what would be read without a word and answer wrongly."""
    first: dict[str, int] = {}
    for number, piece in enumerate(table.pieces):
        if not piece.text:
            raise ModelFolderError(f"{table.file} is not a SentencePiece model: piece {number} is empty. {AGAIN}")
        if not -1e9 < piece.score < 1e9:
            raise ModelFolderError(
                f"{table.file} is not a SentencePiece model: piece {number} ({piece.text!r}) has the score "
                f"{piece.score}. {AGAIN}"
            )
        if piece.text in first:
            raise ModelFolderError(
                f"{table.file} is not a SentencePiece model: pieces {first[piece.text]} and {number} are both "
                f"{piece.text!r}. {AGAIN}"
            )
        first[piece.text] = number
    if not 0 <= table.unknown < len(table.pieces):
        raise ModelFolderError(
            f"{table.file} is not a SentencePiece model: the unknown piece has the number {table.unknown}, but there "
            f"are {len(table.pieces)} pieces. {AGAIN}"
        )


def message_fields(message: bytes) -> Iterator[tuple[int, Any]]:
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
