"""What each token of a vocabulary adds to a text, byte by byte: for whoever must know a text before it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from attendo.text.marian import MarianBackend

if TYPE_CHECKING:
    import tokenizers


class Spelling:
    """The bytes that tokens add to a text, found out by letting the tokenizer put each together with others.

    Attributes:
        silent: tokens that stand for no text, such as marks of an end; the token behind one may still be the first.
        single_bytes: tokens that are put together with their neighbours before they make a character.
        cleans: whether blanks before signs may be taken out of a text when it is whole.
    """

    def __init__(self, backend: tokenizers.Tokenizer | MarianBackend) -> None:
        self._backend = backend
        self._pieces: dict[tuple[int, bool], bytes] = {}
        steps = _steps(backend)
        self._by_alphabet = "ByteLevel" in steps
        self.silent = frozenset(_silent(backend))
        self._bytes = _single_bytes(backend) if "ByteFallback" in steps else {}
        self.single_bytes = frozenset(self._bytes)
        self.cleans = not self._by_alphabet

    def piece(self, number: int, *, first: bool) -> bytes:
        """What a token adds as the first of a text, where blanks are often left out, or behind others."""
        if (number, first) not in self._pieces:
            (self._pieces[number, False],), (self._pieces[number, True],) = self._spelled([number])
        return self._pieces[number, first]

    def pieces(self, ids: Iterable[int], *, opens: bool) -> Iterator[bytes]:
        """The bytes of each token.

        Args:
            opens: whether the first of them is the first of a text.
        """
        for number in ids:
            yield self.piece(number, first=opens)
            opens = opens and number in self.silent

    def joined(self, ids: Iterable[int], *, opens: bool) -> bytes:
        """The bytes of tokens one after the other."""
        return b"".join(self.pieces(ids, opens=opens))

    @property
    def later(self) -> list[bytes]:
        """What each token adds behind others."""
        return self._tables[0]

    @property
    def first(self) -> list[bytes]:
        """What each adds as the first token of a text."""
        return self._tables[1]

    @cached_property
    def _tables(self) -> tuple[list[bytes], list[bytes]]:
        return self._spelled(range(self._backend.get_vocab_size()))

    def _spelled(self, numbers: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
        """What tokens add, behind others and before them."""
        known = self._bytes | dict.fromkeys(self.silent, b"")
        if self._by_alphabet:
            known |= {
                number: _from_alphabet(self._backend.id_to_token(number) or "")
                for number in numbers
                if number not in known
            }
        unknown = [number for number in numbers if number not in known]
        tried = dict(zip(unknown, zip(*self._tried(unknown), strict=True), strict=True))
        found = [(known[number], known[number]) if number in known else tried[number] for number in numbers]
        return [later for later, _ in found], [first for _, first in found]

    def _tried(self, numbers: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
        """What tokens add between two others, and before one: what is done at the ends of a text plays no part."""
        anchor, alone, behind = self._anchor
        later = []
        for number, inner in zip(
            numbers, self._decoded([[*anchor, number, *anchor] for number in numbers]), strict=True
        ):
            if not inner.startswith(alone) or not inner.endswith(behind):  # a blank beside it was cleaned away
                inner = self._decoded([[*anchor, number]])[0] + behind
            later.append(inner[len(alone) : len(inner) - len(behind)].encode())
        first = []
        for number, opening in zip(numbers, self._decoded([[number, *anchor] for number in numbers]), strict=True):
            inside = opening.endswith(behind)
            first.append((opening[: len(opening) - len(behind)] if inside else self._decoded([[number]])[0]).encode())
        return later, first

    @cached_property
    def _anchor(self) -> tuple[list[int], str, str]:
        """A token of plain letters (none if there is none), what it spells as the first one, and what behind others."""
        for number in range(self._backend.get_vocab_size()):
            alone, double = self._decoded([[number], [number, number]])
            if alone.isascii() and alone.isalpha():
                return [number], alone, double[len(alone) :]
        return [], "", ""

    def _decoded(self, rows: list[list[int]]) -> list[str]:
        if isinstance(self._backend, MarianBackend):
            return [self._backend.decode(row) for row in rows]
        return self._backend.decode_batch(rows)


def _steps(backend: tokenizers.Tokenizer | MarianBackend) -> str:
    """How the library puts tokens together, as it writes that down."""
    decoder: Any = None if isinstance(backend, MarianBackend) else backend.decoder
    return "" if decoder is None else json.dumps(json.loads(decoder.__getstate__()))


def _silent(backend: tokenizers.Tokenizer | MarianBackend) -> set[int]:
    """Tokens that are left out when a text is put together."""
    if not isinstance(backend, MarianBackend):
        return {number for number, token in backend.get_added_tokens_decoder().items() if token.special}
    marks = [backend.token_to_id(name) for name in backend.names.values() if name]
    holes = [number for number in range(backend.get_vocab_size()) if backend.id_to_token(number) is None]
    return {number for number in (*marks, *holes) if number is not None}


def _single_bytes(backend: tokenizers.Tokenizer | MarianBackend) -> dict[int, bytes]:
    found = {byte: backend.token_to_id(f"<0x{byte:02X}>") for byte in range(256)}
    return {number: bytes([byte]) for byte, number in found.items() if number is not None}


def _from_alphabet(token: str) -> bytes:
    """The bytes of a token of a vocabulary of bytes; tokens that somebody added stand for their own characters."""
    table = _alphabet()
    try:
        return bytes([table[character] for character in token])
    except KeyError:
        return token.encode()


@cache
def _alphabet() -> dict[str, int]:
    """The characters that such vocabularies write bytes with: printable ones as they are, then others in order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}
