"""What is done to the scores of next tokens before one is chosen: rules about what has been written so far.

A rule takes scores (B, V) and the drafts that they belong to, and gives new scores; `-inf` forbids a token.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from attendo.decoding.outputs import Draft
from attendo.errors import ConfigError, InputError

NEVER = -torch.inf


class Rule(Protocol):
    """Changes the scores of next tokens."""

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]: ...


@dataclass(frozen=True)
class RepetitionPenalty:
    """Tokens that stand in the prompt or have been written count less (arXiv 1909.05858, section 4.1).

    Args:
        penalty: what positive scores are divided by, and negative ones multiplied with; 1 changes nothing.
    Raises:
        ConfigError: if it is not above 0.
    """

    penalty: float

    def __post_init__(self) -> None:
        if not self.penalty > 0:
            raise ConfigError([f"`penalty` must be above 0, but is {self.penalty}."])

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        scores = scores.clone()
        for row, draft in zip(scores, drafts, strict=True):
            seen = torch.tensor(sorted(set(draft.whole)), dtype=torch.int64, device=scores.device)
            own = row[seen]
            row[seen] = torch.where(own < 0, own * self.penalty, own / self.penalty)
        return scores


@dataclass(frozen=True)
class NoRepeat:
    """No sequence of `size` tokens occurs twice in a text, its prompt included.

    Raises:
        ConfigError: if `size` is not at least 1.
    """

    size: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError([f"`size` must be at least 1, but is {self.size}."])

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        return _forbidden(scores, [self._followers(draft.whole) for draft in drafts])

    def _followers(self, ids: list[int]) -> set[int]:
        """What has followed the last tokens before."""
        context = self.size - 1
        last = ids[len(ids) - context :] if context else []
        return {ids[i + context] for i in range(len(ids) - context) if ids[i : i + context] == last}


@dataclass(frozen=True)
class Banned:
    """Sequences of tokens that are never written; of one token or more.

    Raises:
        ConfigError: if one is empty.
    """

    sequences: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not all(self.sequences):
            raise ConfigError(["`sequences` must each have a token, but one is empty."])

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        if any(len(each) > 1 for each in self.sequences):
            return _forbidden(scores, [self._lasts(draft) for draft in drafts])
        alone = torch.tensor([token for (token,) in self.sequences], dtype=torch.int64, device=scores.device)
        return scores.index_fill(1, alone, NEVER)

    def _lasts(self, draft: Draft) -> set[int]:
        """The last tokens of sequences whose others have just been written."""
        ids = draft.whole
        return {last for *firsts, last in self.sequences if not firsts or ids[-len(firsts) :] == firsts}


@dataclass(frozen=True)
class AtLeast:
    """No text ends before it has so many new tokens.

    Args:
        ends: the tokens that end a text.
    """

    count: int
    ends: tuple[int, ...]

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        return _forbidden(scores, [self.ends if len(draft.ids) < self.count else () for draft in drafts])


@dataclass(frozen=True)
class Beginning:
    """Every text begins with these tokens."""

    ids: tuple[int, ...]

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        forced = [(self.ids[len(draft.ids)],) if len(draft.ids) < len(self.ids) else None for draft in drafts]
        return _only(scores, forced)


@dataclass(frozen=True)
class Constraint:
    """What may come next follows from what has been written.

    Args:
        allowed: the tokens that may follow new tokens, an array of them where they are many; `None` if all may.
    """

    allowed: Callable[[Sequence[int]], Collection[int] | NDArray[np.int64] | None]

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        found = [self.allowed(draft.ids) for draft in drafts]
        if any(each is not None and not len(each) for each in found):
            raise InputError("The constraint allows no token to follow what has been written, not even an end.")
        return _only(scores, found)


class Goal(Protocol):
    """Something that every text has to come to, and that few would by themselves."""

    def missing(self, ids: Sequence[int]) -> int:
        """How far a text with these new tokens is from it."""
        ...

    def nearing(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """The tokens that bring it nearer."""
        ...


@dataclass(frozen=True)
class Hurried:
    """A text that would rather end before it has come to its goal takes the next step towards it.

    Args:
        ends: the tokens that end a text.
    """

    goal: Goal
    ends: tuple[int, ...]

    def __call__(self, scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
        best = scores.argmax(1).tolist()
        late = [token in self.ends and self.goal.missing(draft.ids) for token, draft in zip(best, drafts, strict=True)]
        return _only(
            scores, [self.goal.nearing(draft.ids) if each else None for each, draft in zip(late, drafts, strict=True)]
        )


def under(rules: Iterable[Rule], scores: Float[Tensor, "B V"], drafts: Sequence[Draft]) -> Float[Tensor, "B V"]:
    """The scores after all rules, one after the other.

    Raises:
        InputError: if together they forbid every token of a text.
    """
    rules = tuple(rules)
    if not rules:
        return scores
    for rule in rules:
        scores = rule(scores, drafts)
    stuck = scores.max(1).values == NEVER
    if bool(stuck.any()):
        raise InputError(
            f"The rules forbid every token after the {len(drafts[int(stuck.nonzero()[0])].ids):,} that have been "
            "written; two of them contradict each other, or a constraint cannot be met."
        )
    return scores


def _forbidden(scores: Tensor, tokens: Sequence[Collection[int]]) -> Tensor:
    """The scores without some tokens of each row."""
    scores = scores.clone()
    for row, each in zip(scores, tokens, strict=True):
        if each:
            row[torch.tensor(sorted(each), dtype=torch.int64, device=scores.device)] = NEVER
    return scores


def _only(scores: Tensor, tokens: Sequence[Collection[int] | NDArray[np.int64] | None]) -> Tensor:
    """The scores of some tokens of each row alone; `None` stands for all."""
    scores = scores.clone()
    for row, each in zip(scores, tokens, strict=True):
        if each is not None:
            numbers = each if isinstance(each, np.ndarray) else sorted(each)
            kept = torch.tensor(numbers, dtype=torch.int64, device=scores.device)
            own = row[kept]
            row.fill_(NEVER)
            row[kept] = own
    return scores
