"""Translation memories, TMX 1.4: a unit with the same text in several languages is a row, its languages are columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from attendo.data.encodings import byte_chunks, detect_encoding, read_lines
from attendo.data.rows import OnProblem, ReadOptions, Row
from attendo.errors import DataError
from attendo.metrics import primary_language

_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_MARKUP = frozenset(("bpt", "ept", "it", "ph", "ut"))
"""Parts of a segment that hold the signs of a text format, not text."""
_NOTHING = "it holds no unit with a text; TMX has `tu` elements with a `tuv` and a `seg` for each language."


def read_tmx(path: Path, options: ReadOptions, on_problem: OnProblem) -> Iterator[Row]:
    """Yield a row for each unit, by the line that it begins on.

    A column is a language without its region, unless `names` has it with one: of `en-US` and `en-GB` both are `en`, and
    the first in a unit is taken. Entities are refused: a few lines of them can stand for gigabytes.
    """
    encoding = options.encoding or _declared(path) or detect_encoding(path)
    units = _Units(path, options.names)
    parser = units.parser()
    some = False
    for line in read_lines(path, encoding):
        try:
            parser.Parse(line, False)
        except expat.ExpatError as error:
            raise _broken(error, path) from None
        for begin, texts in units.take():
            some = True
            yield Row(texts, path, begin)
    try:
        parser.Parse("", True)
    except expat.ExpatError as error:
        raise _broken(error, path) from None
    if not some:
        on_problem(DataError(_NOTHING, path=path))


class _Units:
    """What was met of a document so far."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self.path = path
        self.wanted = {name.lower().replace("_", "-"): name for name in names}
        self.done: list[tuple[int, dict[str, Any]]] = []
        self.texts: dict[str, Any] | None = None
        self.line = 0
        self.language: str | None = None
        self.parts: list[str] | None = None
        self.inside_markup = 0

    def parser(self) -> expat.XMLParserType:
        """A parser that tells this."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: self.begin(name, attributes, parser.CurrentLineNumber)
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.read
        parser.EntityDeclHandler = lambda name, *_: self.refuse(f"defines the entity `{name}`", parser)
        parser.SkippedEntityHandler = lambda name, *_: self.refuse(f"uses the unknown entity `{name}`", parser)
        return parser

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """The units that are whole by now, each once."""
        done, self.done = self.done, []
        return done

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        if self.parts is not None:
            self.inside_markup += name in _MARKUP
        elif name == "tu":
            self.texts, self.line = {}, line
        elif name == "tuv":
            self.language = self._column(attributes.get("xml:lang") or attributes.get("lang") or "")
        elif name == "seg" and self.texts is not None:
            self.parts = []

    def end(self, name: str) -> None:
        if name == "seg" and self.parts is not None:
            if self.texts is not None and self.language:
                self.texts.setdefault(self.language, "".join(self.parts))
            self.parts, self.inside_markup = None, 0
        elif self.parts is not None:
            self.inside_markup -= name in _MARKUP
        elif name == "tuv":
            self.language = None
        elif name == "tu" and self.texts is not None:
            if self.texts:
                self.done.append((self.line, self.texts))
            self.texts = None

    def read(self, text: str) -> None:
        if self.parts is not None and not self.inside_markup:
            self.parts.append(text)

    def refuse(self, what: str, parser: expat.XMLParserType) -> None:
        raise DataError(
            f"the document {what}; a translation memory needs none. Write the characters themselves.",
            path=self.path,
            line=parser.CurrentLineNumber,
        )

    def _column(self, tag: str) -> str:
        """What the texts of a language are called."""
        asked = self.wanted.get(tag.strip().lower().replace("_", "-"))
        return asked or primary_language(tag)


def _declared(path: Path) -> str | None:
    """The encoding that the document itself names."""
    found = _DECLARED.search(next(byte_chunks(path), b"")[:1024])
    return found[1].decode("ascii").lower() if found else None


def _broken(error: expat.ExpatError, path: Path) -> DataError:
    what = expat.ErrorString(error.code)
    return DataError(f"this is no sound XML ({what} at column {error.offset + 1}).", path=path, line=error.lineno)
