"""From bytes to lines of text: compression, character encodings, and the line on which either of them breaks."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from attendo.errors import ConfigError, DataError

_CHUNK = 1 << 17
_EVIDENCE = 1 << 17  # bytes of lines that are not plain ASCII: what an encoding is judged by
_COMMON = {  # rows of punctuation and of the characters in everyday use
    "big5": re.compile(rb"[\xa1-\xc6].", re.DOTALL),
    "gb18030": re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"),
}
_CHINESE_SHARE = 0.9
_WESTERN_SHARE = 0.6  # more letters than this with accents, and it is another script in Latin-1's clothes
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def byte_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, decompressed if it is gzip, whatever its name says."""
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2).startswith(b"\x1f\x8b")
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            while chunk := stream.read(_CHUNK):
                yield chunk
    except FileNotFoundError:
        raise DataError(f"there is no such file{_neighbour(path)}.", path=path) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataError("the gzip file is cut short or damaged; make or fetch it again.", path=path) from None
    except OSError as error:
        raise DataError(f"it cannot be read ({error.strerror or error}).", path=path) from None


def read_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    """The lines of a text file, each ending in a line feed; `None` finds the encoding out.

    Raises:
        DataError: at the first bytes that the encoding does not know, with their line.
    """
    return _lines(path, encoding, translate=True)


def read_fed_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    """The same without their ends, where nothing but a line feed ends a line, alone or behind a carriage return.

    For files whose lines belong to those of other files: a carriage return within a line must not make two of it.
    """
    return (line[:-1].removesuffix("\r") for line in _lines(path, encoding, translate=False))


def _lines(path: Path, encoding: str | None, *, translate: bool) -> Iterator[str]:
    encoding = encoding or detect_encoding(path)
    decoder = io.IncrementalNewlineDecoder(_decoder(encoding), translate=translate)
    before, rest = 0, ""
    for chunk in _and_an_end(byte_chunks(path)):
        state = decoder.getstate()
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            decoder.setstate(state)
            raise _undecodable(path, encoding, before + _line_feeds_until_failure(decoder, chunk) + 1) from None
        *whole, rest = (rest + text).split("\n")
        before += len(whole)
        for line in whole:
            yield line + "\n"
    if rest:
        yield rest + "\n"


def first_lines(path: Path, encoding: str, *, limit: int = 1000) -> list[str]:
    """Enough lines to tell by what a file is."""
    return list(islice(read_lines(path, encoding), limit))


def detect_encoding(path: Path) -> str:
    """Name the encoding of a text file: UTF-8 if all of it is, else what its mark or its non-ASCII lines say.

    Text that is mostly, but not all, UTF-8 counts as UTF-8, so that its broken line is reported rather than
    turned into other characters.

    Raises:
        DataError: it is no text, or in a script for which the encodings known here are unlikely.
    """
    start = next(byte_chunks(path), b"")
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    if b"\0" in start[:4096]:
        raise DataError("this is not a text file, or one in an encoding that must be named with `encoding`.", path=path)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _and_an_end(byte_chunks(path)):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return _judge(_non_ascii_lines(path), path)
    return "utf-8"


def _judge(evidence: bytes, path: Path) -> str:
    read_as_utf8 = evidence.decode("utf-8", "surrogateescape")
    characters = sum(character > "\x7f" for character in read_as_utf8)
    broken = sum("\udc80" <= character <= "\udcff" for character in read_as_utf8)
    if broken < characters - broken:
        return "utf-8"
    share, encoding = max((_common_share(evidence, name), name) for name in _COMMON)
    if share >= _CHINESE_SHARE:
        return encoding
    if sum(byte > 0x7F for byte in evidence) <= _WESTERN_SHARE * len(evidence.replace(b" ", b"")):
        return _western(evidence)
    from charset_normalizer import from_bytes

    best = from_bytes(evidence).best()
    if best is not None and best.encoding == "gb18030":  # characters that are not in everyday use
        return best.encoding
    perhaps = f", perhaps {best.encoding}" if best is not None else ""
    raise DataError(
        f"its encoding is not certain{perhaps}; save it as UTF-8, or name the encoding with `encoding`.", path=path
    )


def _common_share(evidence: bytes, encoding: str) -> float:
    """How much of the non-ASCII text is of the frequent characters, which both Chinese encodings keep apart."""
    characters = Counter(character for character in evidence.decode(encoding, "replace") if character > "\x7f")
    common = sum(
        count
        for character, count in characters.items()
        if _COMMON[encoding].match(character.encode(encoding, "replace"))
    )
    return common / max(1, characters.total())


def _western(evidence: bytes) -> str:
    """Windows text calls itself Latin-1, but has quotation marks where Latin-1 has control characters."""
    try:
        evidence.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252" if any(0x80 <= byte <= 0x9F for byte in evidence) else "latin-1"


def _non_ascii_lines(path: Path) -> bytes:
    kept, size, rest = [], 0, b""
    for chunk in _and_an_end(byte_chunks(path)):
        *whole, rest = (rest + chunk).split(b"\n") if chunk else (rest, b"")
        for line in whole:
            if not line.isascii():
                kept.append(line)
                size += len(line)
        if size > _EVIDENCE:
            break
    return b"\n".join(kept)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        "".encode(encoding)  # refuses, unlike a look-up, the codecs that are no text encodings
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ConfigError(
            f"`encoding` is `{encoding}`, which is not known; utf-8, utf-16, gb18030, big5 and latin-1 are."
        ) from None
    return codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)()


def _and_an_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from chunks
    yield b""


def _line_feeds_until_failure(decoder: io.IncrementalNewlineDecoder, chunk: bytes) -> int:
    """Byte by byte, since no codec says how many lines the good part of a chunk had."""
    count = 0
    try:
        for byte in chunk:
            count += decoder.decode(bytes([byte])).count("\n")
    except UnicodeDecodeError:
        pass
    return count


def _undecodable(path: Path, encoding: str, line: int) -> DataError:
    return DataError(
        f"the bytes here are not {encoding.upper()}. Save the file as UTF-8, or name its encoding with `encoding`.",
        path=path,
        line=line,
    )


def _neighbour(path: Path) -> str:
    if not path.parent.is_dir():
        return f", nor a folder {path.parent}"
    names = [entry.name for entry in islice(path.parent.iterdir(), 1000)]
    close = get_close_matches(path.name, names, n=1)
    return f"; {path.with_name(close[0])} exists" if close else ""
