"""What tokens say as text: when it is whole, and as far as it is certain while it is being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attendo.tasks.writing.requests import Piece
from attendo.text import Spelling, Tokenizer

_UNKNOWN = "\ufffd"
_LONGEST_CLEANED = 4  # a blank, and the longest sign that takes away the blank before it


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the tokens of a text are read.

    Attributes:
        opens: whether they are the beginning of a text, and not the rest of a prompt.
        exact: whether every token adds what it spells, as strings that are asked for need it; the tokenizer may
            otherwise have a last word on blanks.
        stops: strings at which the text is cut.
    """

    tokenizer: Tokenizer
    opens: bool
    exact: bool
    stops: tuple[str, ...] = ()

    def text(self, ids: Sequence[int]) -> str:
        """What tokens say, up to the first string that ends it."""
        whole = self._whole(ids)
        found = [place for stop in self.stops if (place := whole.find(stop)) >= 0]
        return whole[: min(found)] if found else whole

    def certain(self, ids: Sequence[int]) -> str:
        """As much of what tokens say as no token behind them can change or take away."""
        last = len(ids)
        while last and ids[last - 1] in self._spelling.single_bytes:
            last -= 1
        whole = self._whole(ids[:last]).rstrip(_UNKNOWN)
        if self._by_tokenizer and self._spelling.cleans:
            blank = whole.rfind(" ", max(0, len(whole) - _LONGEST_CLEANED))
            whole = whole[:blank] if blank >= 0 else whole
        return whole[: len(whole) - self._open_stop(whole)]

    def stopped(self, ids: Sequence[int]) -> bool:
        """Whether the last token completes a string that ends the text."""
        if not self.stops:
            return False
        silent = self._spelling.silent
        opening = next((place for place, number in enumerate(ids) if number not in silent), 0) if self.opens else -1
        tail = self._spelling.piece(ids[-1], first=len(ids) - 1 == opening)
        enough = max(len(stop.encode()) for stop in self.stops) - 1 + len(tail)
        for place in range(len(ids) - 2, -1, -1):
            if len(tail) >= enough:
                break
            tail = self._spelling.piece(ids[place], first=place == opening) + tail
        return any(stop.encode() in tail for stop in self.stops)

    def pieces(self, ids: Sequence[int], log_probabilities: Sequence[float], names: Sequence[str]) -> tuple[Piece, ...]:
        """Each token with what it adds; one that stands for no text under its name."""
        spelled = self._spelling.pieces(ids, opens=self.opens)
        return tuple(
            Piece(names[number] if number in self._spelling.silent else each.decode(errors="replace"), log)
            for number, each, log in zip(ids, spelled, log_probabilities, strict=True)
        )

    @property
    def _spelling(self) -> Spelling:
        return self.tokenizer.spelling

    @property
    def _by_tokenizer(self) -> bool:
        return self.opens and not self.exact and not self.stops

    def _whole(self, ids: Sequence[int]) -> str:
        if self._by_tokenizer:
            return self.tokenizer.decode(ids)
        return self._spelling.joined(ids, opens=self.opens).decode(errors="replace")

    def _open_stop(self, text: str) -> int:
        """Characters at the end of a text with which such a string may have begun."""
        most = max((min(len(stop) - 1, len(text)) for stop in self.stops), default=0)
        sizes = range(most, 0, -1)
        return next((size for size in sizes if any(stop.startswith(text[-size:]) for stop in self.stops)), 0)
