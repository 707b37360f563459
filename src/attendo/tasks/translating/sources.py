"""Sources as a model reads them: in parts where they are too long, with marks for what is to be copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from attendo.data import SourceTarget
from attendo.tasks.translating.copying import Hidden, hide, put_back
from attendo.tasks.translating.pairs import PairEncoder
from attendo.tasks.writing import Why, Written
from attendo.text import CJK, Encoding, Tokenizer

_CLOSING = "\"'”’)\\]»」』）》"
_BORDERS = tuple(
    map(
        re.compile,
        (
            rf"[.!?…]+[{_CLOSING}]*(?=\s)|[。！？…]+[{_CLOSING}]*|\n",  # where a sentence ends
            rf"[,;:–—][{_CLOSING}]*(?=\s)|[，、；：—]",  # or a part of one
            r"\s",
        ),
    )
)
_REST = re.compile(r"\s*\Z")
_WITHOUT_BLANKS = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uff65]")


class Part(NamedTuple):
    """A text, or a part of one, as it is read.

    Attributes:
        text: the number of the text that it is part of.
        spans: what its marks stand for.
        gap: the white space before it in its text.
    """

    text: int
    ids: tuple[int, ...]
    spans: tuple[str, ...] = ()
    gap: str = ""


@dataclass(frozen=True)
class Sources:
    """Texts as they are read.

    Attributes:
        parts: at least one of each text that is not blank, in order.
        cut: of each text whether its end is not read.
    """

    parts: Sequence[Part]
    cut: Sequence[bool]

    def collected(self, found: Sequence[Sequence[Written]]) -> Iterator[tuple[tuple[Written, ...], tuple[str, ...]]]:
        """For each text what was written from its parts, the best first, and what is missing in the best.

        Args:
            found: what was written from each part.
        """
        own: list[list[int]] = [[] for _ in self.cut]
        for number, part in enumerate(self.parts):
            own[part.text].append(number)
        for numbers in own:
            if not numbers:
                yield (), ()
                continue
            ways = [[_filled(each, self.parts[number].spans) for each in found[number]] for number in numbers]
            ranks = range(max(map(len, ways)))
            best = [[each[min(rank, len(each) - 1)] for each in ways] for rank in ranks]
            gaps = [self.parts[number].gap for number in numbers[1:]]
            missing = tuple(span for _, spans in best[0] for span in spans)
            yield tuple(_joined([written for written, _ in each], gaps) for each in best), missing


def read_sources(encoder: PairEncoder, examples: Sequence[SourceTarget], *, whole: bool) -> Sources:
    """Texts as a model reads them.

    Args:
        whole: whether those that are too long are read in parts; only their beginning is read otherwise.
    """
    texts = [example.text for example in examples]
    hidden = [hide(text) if encoder.copies else Hidden(text) for text in texts]
    contexts = [example.before for example in examples] if encoder.context else None
    encodings = encoder.encode([each.text for each in hidden], contexts).encodings
    parts: list[Part] = []
    cut = [False] * len(texts)
    for number, (text, encoding) in enumerate(zip(texts, encodings, strict=True)):
        if not text.strip():
            continue
        room = encoder.source.max_tokens
        if not encoding.truncated or not whole or room is None:
            parts.append(Part(number, tuple(encoding.ids.tolist()), hidden[number].spans))
            cut[number] = encoding.truncated > 0
        else:
            own, cut[number] = _in_parts(encoder, number, text, room)
            parts += own
    return Sources(parts, cut)


def _in_parts(encoder: PairEncoder, number: int, text: str, room: int) -> tuple[list[Part], bool]:
    """The parts of a text that is too long, and whether one is still; marks are counted anew in each."""
    pieces = cut_to_fit(text, encoder.source.tokenizer, room)
    bare = [piece.strip() for piece in pieces]
    hidden = [hide(piece) if encoder.copies else Hidden(piece) for piece in bare]
    encodings = encoder.encode([each.text for each in hidden]).encodings
    parts, behind = [], ""
    for piece, inside, each, encoding in zip(pieces, bare, hidden, encodings, strict=True):
        start = piece.index(inside)
        parts.append(Part(number, tuple(encoding.ids.tolist()), each.spans, behind + piece[:start]))
        behind = piece[start + len(inside) :]
    return parts, any(encoding.truncated for encoding in encodings)


def cut_to_fit(text: str, tokenizer: Tokenizer, room: int) -> list[str]:
    """Cut a text into parts of at most so many tokens, each as long as it can be; none is blank, none loses a sign.

    A part ends where a sentence does, where there is none at another sign or a blank, and anywhere else only where
    there is no such place.
    """
    before, behind = tokenizer.frame
    parts, blank = [], ""
    for part in _cut(text, tokenizer, room, room - len(before) - len(behind)):
        if part.strip():
            parts.append(blank + part)
            blank = ""
        elif parts:
            parts[-1] += part
        else:
            blank += part
    return parts


def _filled(written: Written, spans: Sequence[str]) -> tuple[Written, tuple[str, ...]]:
    """A text with what its marks stand for, and what is missing in it."""
    if not spans:
        return written, ()
    text, missing = put_back(written.text, spans)
    return replace(written, text=text), missing


def _joined(parts: Sequence[Written], gaps: Sequence[str]) -> Written:
    if len(parts) == 1:
        return parts[0]
    text = parts[0].text
    for part, gap in zip(parts[1:], gaps, strict=True):
        text += _between(text, gap, part.text) + part.text
    tokens = tuple(token for part in parts for token in part.tokens)
    unfinished: list[Why] = [part.why for part in parts if part.why != "end"]
    return Written(
        text=text,
        score=float(np.average([part.score for part in parts], weights=[max(len(part.ids), 1) for part in parts])),
        tokens=tokens,
        ids=tuple(number for part in parts for number in part.ids),
        why=unfinished[0] if unfinished else "end",
    )


def _between(left: str, gap: str, right: str) -> str:
    """What stands between two written parts: the ends of lines of the source, or what their script asks for."""
    if "\n" in gap:
        return gap
    if not left or not right or _WITHOUT_BLANKS.match(left[-1]) or _WITHOUT_BLANKS.match(right[0]):
        return ""
    return " "


def _cut(text: str, tokenizer: Tokenizer, longest: int, room: int) -> list[str]:
    """Parts of a text, white space included.

    Args:
        longest: tokens of a part with what frames it.
        room: tokens of it that are tried first; a part may have more by itself than within the text.
    """
    places = _places(tokenizer.encode(text))
    parts, begin = [], 0
    while begin < len(text):
        rest = places[np.searchsorted(places[:, 0], begin) :]
        end = len(text) if len(rest) <= room else _border(text, begin, int(rest[room, 0]))
        if _REST.match(text, end):
            end = len(text)
        parts.append(text[begin:end])
        begin = end
    found = []
    for part, encoding in zip(parts, tokenizer.encode_batch([part.strip() for part in parts]), strict=True):
        over = len(encoding) - longest
        found += [part] if over <= 0 or room - over < 1 else _cut(part, tokenizer, longest, room - over)
    return found


def _places(encoding: Encoding) -> np.ndarray:
    """First character of each token of the text, and one past its last."""
    places = np.stack([encoding.starts, encoding.ends], 1)
    return places[encoding.starts < encoding.ends]


def _border(text: str, begin: int, limit: int) -> int:
    """Where a part ends that begins here, and may not go on behind the limit."""
    for border in _BORDERS:
        found = [match.end() for match in border.finditer(text, begin, min(limit + 1, len(text)))]
        inside = [end for end in found if begin < end <= limit and text[begin:end].strip()]
        if inside:
            return inside[-1]
    return max(limit, begin + 1)
