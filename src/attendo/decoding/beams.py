"""Beam search: the most probable texts, several of which are followed at a time."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from attendo.decoding.outputs import Draft, Output
from attendo.decoding.paths import Limits
from attendo.decoding.rules import NEVER, Rule, under
from attendo.decoding.writers import Writer
from attendo.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Beams:
    """How beams are followed.

    Attributes:
        width: how many are followed for each prompt.
        length_penalty: outputs are ranked by their log-probability divided by their length to this power: above 0
            longer ones gain, below 0 shorter ones (arXiv 1609.08144 has another form of the same).
        best: how many outputs are wanted for each prompt.
    Raises:
        ConfigError: if fewer beams are followed than outputs are wanted.
    """

    width: int = 4
    length_penalty: float = 1.0
    best: int = 1

    def __post_init__(self) -> None:
        problems = []
        if self.width < 1:
            problems.append(f"`width` must be at least 1, but is {self.width}.")
        if not 1 <= self.best <= max(self.width, 1):
            problems.append(f"`best` must lie between 1 and `width` ({self.width}), but is {self.best}.")
        if not math.isfinite(self.length_penalty):
            problems.append(f"`length_penalty` must be a number, but is {self.length_penalty}.")
        if problems:
            raise ConfigError(problems)

    def rank(self, score: float, length: int) -> float:
        """What an output of so many tokens is ranked by."""
        return score / length**self.length_penalty

    def bound(self, score: float, length: int, longest: int) -> float:
        """What no continuation of a text of so many tokens can surpass: scores fall, and its length stays in limits."""
        return max(self.rank(score, length + 1), self.rank(score, longest))


def search(writer: Writer, beams: Beams, limits: Limits, rules: Sequence[Rule] = ()) -> list[list[Output]]:
    """The best outputs of each prompt, the best one first.

    A prompt is done when no beam can come to surpass the worst of its finished texts that would be kept, so stopping
    early never changes what is found. Rules see log-probabilities, and what they leave of these is summed.

    Args:
        writer: with room for `width` texts of each prompt.
    Raises:
        InputError: if the rules forbid every token.
    """
    texts = [_Text([Draft(prompt=prompt)]) for prompt in writer.prompts]
    alive = list(texts)
    if not alive:
        return []
    logs = writer.begin().log_softmax(1)
    while True:
        drafts = [draft for text in alive for draft in text.drafts]
        ruled = under(rules, logs, drafts)
        totals = ruled + torch.tensor([draft.score for draft in drafts], device=ruled.device)[:, None]
        rows: list[int] = []
        first = 0
        for text, (values, places) in zip(alive, _best(totals, alive, beams.width, len(limits.ends)), strict=True):
            size = len(text.drafts)
            own = slice(first, first + size)
            rows += [first + beam for beam in text.follow(values, places, logs[own], ruled[own], beams, limits)]
            first += size
        alive = [text for text in alive if text.drafts]
        if not alive:
            return [text.outputs() for text in texts]
        logs = writer.go_on(rows, [draft.ids[-1] for text in alive for draft in text.drafts]).log_softmax(1)


@dataclass
class _Text:
    """A prompt, the beams that are followed for it, and what has been finished: (rank, order, output)."""

    drafts: list[Draft]
    done: list[tuple[float, int, Output]] = field(default_factory=list)
    count: int = 0
    """Texts that have been finished."""

    def follow(
        self, values: list[float], places: list[int], logs: Tensor, ruled: Tensor, beams: Beams, limits: Limits
    ) -> list[int]:
        """Go on with the best candidates; the numbers of the beams that the new ones come from.

        Args:
            values: total scores of the candidates, the best first.
            places: beam times vocabulary, plus token.
            logs: log-probabilities of what comes next, (beams, V).
            ruled: what the rules make of them.
        """
        old, self.drafts = self.drafts, []
        sources = []
        for rank, (value, place) in enumerate(zip(values, places, strict=True)):
            if value == NEVER or len(self.drafts) == beams.width:
                break
            beam, token = divmod(place, logs.shape[1])
            score = old[beam].score + float(ruled[beam, token])
            draft = old[beam].followed(token, float(logs[beam, token]), score)
            last = limits.last(draft.ids)
            if last is None:
                self.drafts.append(draft)
                sources.append(beam)
            elif not last or rank < beams.width:
                self._finish(draft, beams, ended=last)
        if not self._goes_on(beams, limits):
            self.drafts = []
            return []
        return sources

    def outputs(self) -> list[Output]:
        """What was finished, the best first."""
        return [output for _, _, output in sorted(self.done, key=lambda each: (-each[0], -each[1]))]

    def _finish(self, draft: Draft, beams: Beams, *, ended: bool) -> None:
        """Keep a text if it is among the best."""
        score = beams.rank(draft.score, len(draft.ids))
        heapq.heappush(self.done, (score, -self.count, draft.output(ended=ended, score=score)))
        self.count += 1
        if len(self.done) > beams.best:
            heapq.heappop(self.done)

    def _goes_on(self, beams: Beams, limits: Limits) -> bool:
        """Whether a beam can still come to be among the best."""
        if not self.drafts:
            return False
        if len(self.done) < beams.best:
            return True
        best = max(self.drafts, key=lambda draft: draft.score)
        return beams.bound(best.score, len(best.ids), limits.new) > self.done[0][0]


def _best(
    totals: Float[Tensor, "R V"], texts: Sequence[_Text], width: int, ends: int
) -> list[tuple[list[float], list[int]]]:
    """The best candidates of each text: so many that enough are left when all that end a text are taken away."""
    sizes, vocabulary = [len(text.drafts) for text in texts], totals.shape[1]
    wanted = width * (1 + max(ends, 1))
    if len(set(sizes)) == 1:
        values, places = totals.view(len(texts), -1).topk(min(wanted, sizes[0] * vocabulary), 1)
        return list(zip(values.tolist(), places.tolist(), strict=True))
    found = []
    for part in totals.split(sizes):
        values, places = part.flatten().topk(min(wanted, part.numel()))
        found.append((values.tolist(), places.tolist()))
    return found
