"""From scores of where an answer begins and ends to the best answers of a document, over all of its windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from attendo.errors import ConfigError, ShapeError

Floats: TypeAlias = npt.NDArray[np.float64]
_NEVER = np.iinfo(np.int64).max


class Span(NamedTuple):
    """Characters `start` to `end` (not included) of the document; `window` is the one that scored it best."""

    start: int
    end: int
    score: float
    probability: float
    window: int


class SpanChoice(NamedTuple):
    """The best spans, best first, and what speaks for no answer at all (`None` where that cannot be)."""

    spans: tuple[Span, ...]
    no_answer_score: float | None = None
    no_answer_probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class ScoredWindow:
    """What a model said of one window of a document; one entry for each of its T tokens."""

    start_scores: npt.ArrayLike
    end_scores: npt.ArrayLike
    allowed: npt.ArrayLike
    """True for the tokens of the document: an answer lies within them, question and special tokens are none."""
    bounds: npt.ArrayLike
    """(T, 2): first character of each token in the document, and the one after its last."""
    no_answer_score: float | None = None
    """Score of "no answer", mostly of the pair of the first token with itself."""


def best_spans(parts: Sequence[ScoredWindow], *, max_tokens: int, count: int = 1) -> SpanChoice:
    """The `count` best distinct spans of a document.

    The score of a pair of tokens is that of the first as a start and of the second as an end; a pair may be at most
    `max_tokens` tokens long. Windows overlap, so that the same characters may be scored several times: they are one
    span, and the best of its scores counts. Probabilities are the softmax over all spans of all windows, each taken
    once, and "no answer" where it may be said. Of its scores the lowest counts, since a document has no answer only if
    none of its windows has one. Of equal spans those come first that begin, and then end, first.

    Held at a time are the pairs of a window and those of earlier ones that a later one may have again: `max_tokens`
    for each token, never all pairs.

    Raises:
        ShapeError: if the arrays of a window differ in length.
        ConfigError: if `max_tokens` or `count` is below 1, or only some windows have a score for "no answer".
    """
    _check(parts, max_tokens, count)
    found, log_total = _search([_pairs(part, number, max_tokens) for number, part in enumerate(parts)], count)
    no_answer = min((part.no_answer_score for part in parts if part.no_answer_score is not None), default=None)
    if no_answer is not None:
        log_total = float(np.logaddexp(log_total, no_answer))
    spans = tuple(
        Span(start, end, score, float(np.exp(score - log_total)), window)
        for start, end, score, window in zip(
            found.starts.tolist(), found.ends.tolist(), found.scores.tolist(), found.windows.tolist(), strict=True
        )
    )
    if no_answer is None:
        return SpanChoice(spans)
    return SpanChoice(spans, float(no_answer), float(np.exp(no_answer - log_total)))


class _Pairs(NamedTuple):
    """Spans as columns."""

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    scores: Floats
    windows: npt.NDArray[np.int64]

    def take(self, places: npt.NDArray[Any]) -> _Pairs:
        return _Pairs(self.starts[places], self.ends[places], self.scores[places], self.windows[places])

    def joined(self, other: _Pairs) -> _Pairs:
        return _Pairs(
            np.concatenate([self.starts, other.starts]),
            np.concatenate([self.ends, other.ends]),
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.windows, other.windows]),
        )


_NO_PLACES = np.empty(0, np.int64)
_NONE = _Pairs(_NO_PLACES, _NO_PLACES, np.empty(0), _NO_PLACES)


class _Later(NamedTuple):
    """The pairs of a window, made when they are needed, and the first character that it may answer with."""

    make: Callable[[], _Pairs]
    first: int


def _pairs(part: ScoredWindow, number: int, max_tokens: int) -> _Later:
    allowed = np.asarray(part.allowed, dtype=bool)
    bounds = np.asarray(part.bounds, dtype=np.int64).reshape(-1, 2)
    starts = np.where(allowed, np.asarray(part.start_scores, dtype=np.float64), -np.inf)
    ends = np.where(allowed, np.asarray(part.end_scores, dtype=np.float64), -np.inf)

    def make() -> _Pairs:
        if not allowed.any():
            return _NONE
        reach = min(max_tokens, len(ends))
        padded = np.concatenate([ends, np.full(reach - 1, -np.inf)])
        band = starts[:, None] + np.lib.stride_tricks.sliding_window_view(padded, reach)[: len(starts)]
        first, length = np.nonzero(band > -np.inf)
        return _Pairs(
            bounds[first, 0], bounds[first + length, 1], band[first, length], np.full(len(first), number, np.int64)
        )

    return _Later(make, int(bounds[allowed, 0].min()) if allowed.any() else _NEVER)


def _search(later: Sequence[_Later], count: int) -> tuple[_Pairs, float]:
    """The best spans, and the logarithm of the summed exponentials of all."""
    best, open_pairs, log_total = _NONE, _NONE, -np.inf
    borders = np.minimum.accumulate([_NEVER, *(each.first for each in later[:0:-1])])[::-1]
    for each, border in zip(later, borders, strict=False):
        merged = _merged(open_pairs.joined(each.make()))
        settled = merged.starts < border
        open_pairs = merged.take(~settled)
        done = merged.take(settled)
        if len(done.scores):
            log_total = float(np.logaddexp(log_total, _log_sum(done.scores)))
            best = _best(best.joined(done), count)
    return best, log_total


def _merged(pairs: _Pairs) -> _Pairs:
    """Each span once, with the best of its scores; of equal ones the first.

    What is joined here is sorted already but for its seam, and a stable sort takes little time for that.
    """
    if not len(pairs.scores):
        return pairs
    keys = pairs.starts * (pairs.ends.max() + 1) + pairs.ends
    order = np.argsort(keys, kind="stable")
    begins = _begins(keys[order])
    if begins.all():
        return pairs.take(order)
    scores, groups = pairs.scores[order], np.cumsum(begins) - 1
    best = np.flatnonzero(scores == np.maximum.reduceat(scores, np.flatnonzero(begins))[groups])
    return pairs.take(order[best[_begins(groups[best])]])


def _begins(values: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    return np.concatenate([[True], values[1:] != values[:-1]])


def _best(pairs: _Pairs, count: int) -> _Pairs:
    if len(pairs.scores) > count:
        least = np.partition(pairs.scores, -count)[-count]
        pairs = pairs.take(pairs.scores >= least)
    return pairs.take(np.lexsort((pairs.ends, pairs.starts, -pairs.scores))[:count])


def _log_sum(scores: Floats) -> float:
    top = scores.max()
    return float(top + np.log(np.exp(scores - top).sum()))


def _check(parts: Sequence[ScoredWindow], max_tokens: int, count: int) -> None:
    problems = [
        f"`{name}` must be at least 1, but is {value}."
        for name, value in (("max_tokens", max_tokens), ("count", count))
        if value < 1
    ]
    if len({part.no_answer_score is None for part in parts}) > 1:
        problems.append("Either all windows of a document have a `no_answer_score`, or none has.")
    if problems:
        raise ConfigError(problems)
    for part in parts:
        sizes = [len(np.asarray(column)) for column in (part.start_scores, part.end_scores, part.allowed, part.bounds)]
        if len(set(sizes)) > 1:
            raise ShapeError(f"A window needs one entry for each token in each array, but they have {sizes} entries.")
