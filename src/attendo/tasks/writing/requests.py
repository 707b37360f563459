"""What is to be written, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Why = Literal["end", "stop", "length"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A text that is to be written.

    Attributes:
        prompt: ids that are there already: the text so far, or what an encoder-decoder's target begins with.
        source: ids of the text that it is written from, for models that read one.
        seed: what is drawn depends on it; texts with the same prompt, source and seed are written alike.
        most: new tokens where the settings leave it open; None for as many as is usual.
    """

    prompt: tuple[int, ...]
    source: tuple[int, ...] | None = None
    seed: int = 0
    most: int | None = None


class Piece(NamedTuple):
    """A token of a text that was written.

    Attributes:
        text: what it adds; of a character that is made of several tokens each shows a replacement character.
        log_probability: under the model, whatever was asked of the text.
    """

    text: str
    log_probability: float


@dataclass(frozen=True, kw_only=True)
class Written:
    """A text as it was written.

    Attributes:
        text: without what ended it.
        score: what texts of one prompt are ranked by.
        tokens: all that was written; the token that ended the text, if any, is the last, under its own name.
        ids: of these tokens.
        why: why it stopped: at its "end", at a "stop" string, or because it reached the "length" allowed.
        others: what was written besides it where several texts were asked for, the best first.
    """

    text: str
    score: float
    tokens: tuple[Piece, ...]
    ids: tuple[int, ...]
    why: Why
    others: tuple[Written, ...] = ()

    @property
    def log_probability(self) -> float:
        """Of all tokens together."""
        return sum(token.log_probability for token in self.tokens)


def with_others(found: Sequence[Written]) -> Written:
    """The best of the texts of a request, which come the best first, with the others beside it."""
    best, *others = found
    return replace(best, others=tuple(others)) if others else best


class Part(NamedTuple):
    """Some more of a text that is being written.

    Attributes:
        request: the number of the request.
        text: what has become certain since the last part; never half a character, never part of a stop string.
        written: the whole, in the last part of each text.
    """

    request: int
    text: str
    written: Written | None = None
