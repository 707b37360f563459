"""Writing one way on from each prompt: the best token each time, or one that is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from attendo.decoding.chances import Shaping, draw
from attendo.decoding.outputs import Draft, Output, Token
from attendo.decoding.rules import Rule, under
from attendo.decoding.writers import Writer


class Choice(Protocol):
    """Chooses a token for each text."""

    def __call__(self, scores: Float[Tensor, "B V"], texts: Sequence[int]) -> list[int]:
        """
        Args:
            texts: the number of the prompt of each row.
        """
        ...


class Best:
    """The token with the largest score; of equal ones the first."""

    def __call__(self, scores: Float[Tensor, "B V"], texts: Sequence[int]) -> list[int]:
        return scores.max(1).indices.tolist()  # which looks less far than argmax


class Drawn:
    """A token drawn by its probability, each text with a generator of its own.

    Args:
        shapings: what is done to the probabilities, in this order.
        seeds: of each text.
    """

    def __init__(self, shapings: Sequence[Shaping], seeds: Sequence[int]) -> None:
        self._shapings = tuple(shapings)
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, scores: Float[Tensor, "B V"], texts: Sequence[int]) -> list[int]:
        for shaping in self._shapings:
            scores = shaping(scores)
        return draw(scores, [self._generators[text] for text in texts])


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a text is at its end.

    Attributes:
        ends: the tokens that end a text.
        new: how many tokens a text may grow by at most.
        until: says of new tokens whether a text is at its end with them, whatever the last of them is.
    """

    ends: tuple[int, ...]
    new: int
    until: Callable[[Sequence[int]], bool] | None = None

    def last(self, ids: Sequence[int]) -> bool | None:
        """None if a text with these new tokens goes on; else whether it ended or has reached the limit."""
        if ids[-1] in self.ends or (self.until is not None and self.until(ids)):
            return True
        return False if len(ids) >= self.new else None


def stream(writer: Writer, choice: Choice, limits: Limits, rules: Sequence[Rule] = ()) -> Iterator[Token]:
    """The tokens of all texts as they are written, one of each text in turn; texts that are done leave.

    Raises:
        InputError: if the rules forbid every token.
    """
    for _, token in _steps(writer, choice, limits, rules, 1):
        yield token


def write(
    writer: Writer, choice: Choice, limits: Limits, rules: Sequence[Rule] = (), *, copies: int = 1
) -> list[Output]:
    """What is written after each prompt.

    Args:
        writer: with room for `copies` texts of each prompt.
        copies: texts that are written after each prompt, which are neighbours in what is returned; the prompt is read
            once. A choice that draws has a generator for each of them.
    Raises:
        InputError: if the rules forbid every token.
    """
    outputs: dict[int, Output] = {}
    for draft, token in _steps(writer, choice, limits, rules, copies):
        if token.last is not None:
            outputs[token.text] = draft.output(ended=token.last)
    return [outputs[number] for number in range(copies * len(writer.prompts))]


def log_probabilities(scores: Float[Tensor, "B V"], tokens: Sequence[int]) -> list[float]:
    """Of one token of each text."""
    return scores.log_softmax(1).gather(1, torch.tensor(tokens, device=scores.device)[:, None])[:, 0].tolist()


def _steps(
    writer: Writer, choice: Choice, limits: Limits, rules: Sequence[Rule], copies: int
) -> Iterator[tuple[Draft, Token]]:
    """Each token with the draft that it has become part of."""
    drafts = [Draft(prompt=prompt) for prompt in writer.prompts for _ in range(copies)]
    if not drafts:
        return
    alive = list(range(len(drafts)))
    rows = [text // copies for text in alive]  # of the writer's texts, the one that each draft goes on from
    scores = writer.begin()[rows]
    while True:
        own = [drafts[text] for text in alive]
        chosen = choice(under(rules, scores, own), alive)
        logs = log_probabilities(scores, chosen)
        staying = []
        for row, (text, draft, token, log) in enumerate(zip(alive, own, chosen, logs, strict=True)):
            draft.add(token, log)
            last = limits.last(draft.ids)
            if last is None:
                staying.append(row)
            yield draft, Token(text, token, log, last)
        if not staying:
            return
        alive, tokens = [alive[row] for row in staying], [chosen[row] for row in staying]
        scores = writer.go_on([rows[row] for row in staying], tokens)
        rows = list(range(len(staying)))
