"""Marian's tokenizers: SentencePiece cuts the text, and a vocabulary of their own numbers the pieces.

The package `sentencepiece` does the cutting. It adds up scores in single precision, and in long texts without blanks
that decides which of two almost equally likely ways is taken; nothing else gives the same pieces there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attendo.errors import ModelFolderError
from attendo.text.readers import Sources
from attendo.text.sentencepieces import BLANK, PieceTable, message_fields, read_piece_table
from attendo.text.vocabularies import AGAIN, read_numbers

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

_FILES = ("source.spm", "target.spm", "vocab.json", "target_vocab.json", "tokenizer_config.json")


@dataclass(frozen=True, kw_only=True)
class PieceEncoding:
    """The tokens of a row, as the `tokenizers` library gives them."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    sequence_ids: list[int | None]

    @property
    def type_ids(self) -> list[int]:
        """All tokens are of one kind."""
        return [0] * len(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(kw_only=True, eq=False)
class MarianBackend:
    """Answers as the tokenizers of the `tokenizers` library do, as far as `Tokenizer` asks."""

    cutter: PieceTable
    """Cuts texts into pieces."""
    joiner: PieceTable
    """Puts pieces together again."""
    numbers: Mapping[str, int]
    names: Mapping[str, str | None]
    contents: Mapping[str, bytes]
    """The files that it was read from."""
    cleans_blanks: bool = False
    """Whether blanks before signs are taken out of what is decoded."""
    post_processor: None = None
    pre_tokenizer: None = None
    encode_special_tokens: bool = True
    kind: str = field(default="unigram", init=False)

    @cached_property
    def _processor(self) -> Any:
        return _load(self.contents[self.cutter.file.name], self.cutter)

    @cached_property
    def _decoder(self) -> Any:
        return _load(self.contents[self.joiner.file.name], self.joiner)

    @cached_property
    def _tokens(self) -> dict[int, str]:
        return {number: token for token, number in self.numbers.items()}

    @property
    def normalizer(self) -> Normalizer | None:
        """What becomes of characters before they are cut."""
        from tokenizers import normalizers

        steps = self.cutter.replacements()
        return normalizers.Sequence(steps) if steps else None

    def no_padding(self) -> None:
        """There is none."""

    def no_truncation(self) -> None:
        """There is none."""

    def num_special_tokens_to_add(self, pair: bool) -> int:
        """Only the end of the row is marked."""
        return 1

    def get_vocab(self) -> Mapping[str, int]:
        return self.numbers

    def get_vocab_size(self) -> int:
        return len(self.numbers)

    def token_to_id(self, token: str) -> int | None:
        return self.numbers.get(token)

    def id_to_token(self, number: int) -> str | None:
        return self._tokens.get(number)

    def encode_batch(self, rows: Sequence[str | tuple[str, str]]) -> list[PieceEncoding]:
        """The tokens of texts or pairs."""
        return [self._row((row,) if isinstance(row, str) else row) for row in rows]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, without special tokens and without numbers that are none."""
        hidden = set(self.names.values())
        tokens = [self._tokens[number] for number in ids if number in self._tokens]
        text = self._decoder.decode_pieces([token for token in tokens if token not in hidden])
        text = text.replace(BLANK, " ").strip()
        if self.cleans_blanks:
            for spelled, meant in CLEANED.items():
                text = text.replace(spelled, meant)
        return text

    def _row(self, texts: Sequence[str]) -> PieceEncoding:
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        owners: list[int | None] = []
        for column, text in enumerate(texts):
            found = self._cut(text)
            unknown = self.numbers[str(self.names["unk"])]
            ids += [self.numbers.get(piece, unknown) for piece, _ in found]
            offsets += [place for _, place in found]
            owners += [column] * len(found)
        ids.append(self.numbers[str(self.names["eos"])])
        return PieceEncoding(ids=ids, offsets=[*offsets, (0, 0)], sequence_ids=[*owners, None])

    def _cut(self, text: str) -> list[tuple[str, tuple[int, int]]]:
        """Pieces with their places; a language in front (">>fra<<") is a piece of its own."""
        found: list[tuple[str, tuple[int, int]]] = []
        start = text.find("<<") + 2 if text.startswith(">>") and "<<" in text else 0
        if start:
            found.append((text[:start], (0, start)))
        message = self._processor.encode(text[start:], out_type="serialized_proto")
        rows = [dict(message_fields(value)) for number, value in message_fields(message) if number == 2]
        pieces = [row[1].decode() for row in rows]
        places = np.array([(row.get(4, 0), row.get(5, 0)) for row in rows], dtype=np.int64).reshape(-1, 2)
        if not text.isascii():
            places = _in_characters(text[start:], places)
        return found + [(piece, (a + start, b + start)) for piece, (a, b) in zip(pieces, places.tolist(), strict=True)]


CLEANED = {
    " .": ".",
    " ?": "?",
    " !": "!",
    " ,": ",",
    " ' ": "'",
    " n't": "n't",
    " 'm": "'m",
    " 's": "'s",
    " 've": "'ve",
    " 're": "'re",
}
"""Which blanks the setting `clean_up_tokenization_spaces` takes out of decoded texts, one after the other."""


def _in_characters(text: str, places: np.ndarray) -> np.ndarray:
    """Places in the UTF-8 bytes of a text as places in its characters."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    widths = 1 + (codes > 0x7F) + (codes > 0x7FF) + (codes > 0xFFFF)
    firsts = np.concatenate([[0], np.cumsum(widths)])
    starts = np.searchsorted(firsts, places[:, 0], side="right") - 1
    return np.stack([starts, np.searchsorted(firsts, places[:, 1])], axis=1)


def _load(content: bytes, table: PieceTable) -> Any:
    from sentencepiece import SentencePieceProcessor

    try:
        return SentencePieceProcessor(model_proto=content)
    except (RuntimeError, OSError, ValueError):
        raise ModelFolderError(f"{table.file} is not a SentencePiece model. {AGAIN}") from None


def read_marian(sources: Sources) -> MarianBackend:
    """source.spm, target.spm and vocab.json; and target_vocab.json, if the languages have vocabularies of their own."""
    folder = sources.files[0].parent
    contents = {name: (folder / name).read_bytes() for name in _FILES if (folder / name).is_file()}
    own = sources.flag("separate_vocabs", False)
    target = sources.side == "target"
    tables = {name: read_piece_table(folder / name) for name in _FILES[:2] if name in contents}
    table = tables.get("target.spm" if target else "source.spm", tables["source.spm"])
    file = folder / ("target_vocab.json" if own and target else "vocab.json")
    if not file.is_file():
        raise ModelFolderError(f"{folder} has source.spm, but no {file.name}, which belongs to it.")
    numbers = read_numbers(file)
    for role in ("unk", "eos"):
        if sources.names.get(role) not in numbers:
            raise ModelFolderError(f"{file} must hold the special token {sources.names.get(role)!r}, but does not.")
    backend = MarianBackend(
        cutter=table,
        joiner=table if own else tables["source.spm"],
        numbers=numbers,
        names=sources.names,
        contents=contents,
        cleans_blanks=sources.flag("clean_up_tokenization_spaces", False),
    )
    backend.encode_batch(["a"])  # damaged files show themselves now
    backend.decode(numbers.values())
    if backend.normalizer is not None:
        backend.normalizer.normalize_str("\uff21")
    return backend
