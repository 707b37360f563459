"""What decoding gives: tokens with their probabilities, and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Output:
    """A text as a model wrote it.

    Attributes:
        ids: the new tokens; the one that ended the text is the last of them.
        log_probabilities: of each token under the model, whatever rules then said.
        score: what outputs of one prompt are ranked by.
        ended: whether the text came to its end; otherwise it reached the limit.
    """

    ids: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    score: float
    ended: bool

    @property
    def body(self) -> tuple[int, ...]:
        """The tokens without the one that ended the text."""
        return self.ids[:-1] if self.ended else self.ids


class Token(NamedTuple):
    """A token as it is written.

    Attributes:
        text: the number of the prompt.
        log_probability: under the model, whatever rules then said.
        last: None while the text goes on; else whether it ended (True) or reached the limit (False).
    """

    text: int
    id: int
    log_probability: float
    last: bool | None


@dataclass(kw_only=True)
class Draft:
    """A text that is being written.

    Attributes:
        prompt: what the model continues; nothing where it writes from another text.
        looked: how much has been looked at each token that the text is written from, if somebody watches.
    """

    prompt: tuple[int, ...] = ()
    ids: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    score: float = 0.0
    looked: Tensor | None = None

    @property
    def whole(self) -> list[int]:
        """The prompt and what has been written after it."""
        return [*self.prompt, *self.ids]

    def add(self, token: int, log_probability: float) -> None:
        """Take in one more token, which counts as much as it is probable."""
        self.ids.append(token)
        self.log_probabilities.append(log_probability)
        self.score += log_probability

    def followed(self, token: int, log_probability: float, score: float) -> Draft:
        """Another draft: this one and one more token."""
        return Draft(
            prompt=self.prompt,
            ids=[*self.ids, token],
            log_probabilities=[*self.log_probabilities, log_probability],
            score=score,
            looked=self.looked,
        )

    def look(self, weights: Float[Tensor, " S"]) -> None:
        """Take in what was looked at while the next token was scored."""
        self.looked = weights if self.looked is None else self.looked + weights

    def output(self, *, ended: bool, score: float | None = None) -> Output:
        """What has been written, as it stands."""
        return Output(
            ids=tuple(self.ids),
            log_probabilities=tuple(self.log_probabilities),
            score=self.score if score is None else score,
            ended=ended,
        )
