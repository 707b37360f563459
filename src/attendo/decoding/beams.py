"""Beam search: the most probable texts, several of which are followed at a time."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from attendo.decoding.outputs import Draft, Output
from attendo.decoding.paths import Limits
from attendo.decoding.rules import NEVER, Goal, Rule, under
from attendo.decoding.writers import Writer
from attendo.errors import ConfigError

Candidates: TypeAlias = tuple[list[float], list[int], list[float], list[float]]
"""Total scores, the best first; the places that they belong to, beam times vocabulary plus token; log-probabilities of
these tokens, and what the rules make of them."""

_ENDINGS = 4  # tokens that are reckoned with where any may end a text
_LEAST_LOOKED = 1e-6  # the logarithm of nothing would outweigh all else


@dataclass(frozen=True, kw_only=True)
class Beams:
    """How beams are followed.

    Attributes:
        width: how many are followed for each prompt.
        length_penalty: outputs are ranked by their log-probability divided by their length to this power: above 0
            longer ones gain, below 0 shorter ones (arXiv 1609.08144 has another form of the same).
        coverage_penalty: how much is taken away from what an output is ranked by where it hardly looked at parts of
            the text that it was written from (arXiv 1609.08144, equation 14).
        best: how many outputs are wanted for each prompt.
    Raises:
        ConfigError: if fewer beams are followed than outputs are wanted.
    """

    width: int = 4
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    best: int = 1

    def __post_init__(self) -> None:
        problems = []
        if self.width < 1:
            problems.append(f"`width` must be at least 1, but is {self.width}.")
        if not 1 <= self.best <= max(self.width, 1):
            problems.append(f"`best` must lie between 1 and `width` ({self.width}), but is {self.best}.")
        if not math.isfinite(self.length_penalty):
            problems.append(f"`length_penalty` must be a number, but is {self.length_penalty}.")
        if not 0 <= self.coverage_penalty < math.inf:
            problems.append(f"`coverage_penalty` must be at least 0, but is {self.coverage_penalty}.")
        if problems:
            raise ConfigError(problems)

    def judged(self, draft: Draft) -> float:
        """What a finished text is ranked by."""
        rank = self.rank(draft.score, len(draft.ids))
        if not self.coverage_penalty:
            return rank
        assert draft.looked is not None, "the writer watches what is looked at"
        return rank + self.coverage_penalty * float(draft.looked.clamp(_LEAST_LOOKED, 1).log().sum())

    def rank(self, score: float, length: int) -> float:
        """What an output of so many tokens is ranked by."""
        return score / length**self.length_penalty

    def bound(self, score: float, length: int, longest: int) -> float:
        """What no continuation of a text of so many tokens can surpass: scores fall, its length stays in limits, and
        all of what it is written from may yet be looked at."""
        return max(self.rank(score, length + 1), self.rank(score, longest))


def search(
    writer: Writer, beams: Beams, limits: Limits, rules: Sequence[Rule] = (), goal: Goal | None = None
) -> list[list[Output]]:
    """The best outputs of each prompt, the best one first.

    A prompt is done when no beam can come to surpass the worst of its finished texts that would be kept, so stopping
    early never changes what is found. Rules see log-probabilities, and what they leave of these is summed.

    Args:
        writer: with room for `width` texts of each prompt; it watches where there is a penalty for coverage.
        goal: what all texts have to come to, as the rules demand: the best way to come nearer is tried for every
            beam, and texts compete with those that are as far from it (arXiv 1804.06609).
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
        for draft, weights in zip(drafts, writer.looked if beams.coverage_penalty else (), strict=False):
            draft.look(weights)
        ruled = under(rules, logs, drafts)
        totals = ruled + torch.tensor([draft.score for draft in drafts], device=ruled.device)[:, None]
        rows: list[int] = []
        first = 0
        endings = max(len(limits.ends), 1) + (_ENDINGS if limits.until is not None else 0)
        for text, found in zip(alive, _best((totals, logs, ruled), alive, beams.width, endings), strict=True):
            size = len(text.drafts)
            if goal is not None:
                own = (each[first : first + size] for each in (totals, logs, ruled))
                found = _with_nearing(found, *own, text.drafts, goal)
            rows += [first + beam for beam in text.follow(found, logs.shape[1], beams, limits, goal)]
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

    def follow(self, found: Candidates, vocabulary: int, beams: Beams, limits: Limits, goal: Goal | None) -> list[int]:
        """Go on with the best candidates; the numbers of the beams that the new ones come from."""
        old, going = self.drafts, []
        for rank, (value, place, log, worth) in enumerate(zip(*found, strict=True)):
            if value == NEVER or (len(going) == beams.width and goal is None):
                break
            beam, token = divmod(place, vocabulary)
            draft = old[beam].followed(token, log, old[beam].score + worth)
            last = limits.last(draft.ids)
            if last is None:
                going.append((beam, draft))
            elif not last or rank < beams.width:
                self._finish(draft, beams, ended=last)
        going = going if goal is None else _spread(going, beams.width, goal)
        self.drafts = [draft for _, draft in going]
        if not self._goes_on(beams, limits):
            self.drafts = []
            return []
        return [beam for beam, _ in going]

    def outputs(self) -> list[Output]:
        """What was finished, the best first."""
        return [output for _, _, output in sorted(self.done, key=lambda each: (-each[0], -each[1]))]

    def _finish(self, draft: Draft, beams: Beams, *, ended: bool) -> None:
        """Keep a text if it is among the best."""
        score = beams.judged(draft)
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


Scores: TypeAlias = tuple[Float[Tensor, "R V"], Float[Tensor, "R V"], Float[Tensor, "R V"]]
"""Total scores, log-probabilities of what comes next, and what the rules make of these."""


def _best(scores: Scores, texts: Sequence[_Text], width: int, endings: int) -> list[Candidates]:
    """The best candidates of each text: so many that enough are left when those that end a text are taken away.

    Args:
        endings: tokens with which each beam may end.
    """
    sizes, vocabulary = [len(text.drafts) for text in texts], scores[0].shape[1]
    wanted = width * (1 + endings)
    if len(set(sizes)) == 1:
        values, places = scores[0].view(len(texts), -1).topk(min(wanted, sizes[0] * vocabulary), 1)
        worths = [each.reshape(len(texts), -1).gather(1, places).tolist() for each in scores[1:]]
        return list(zip(values.tolist(), places.tolist(), *worths, strict=True))
    found = []
    for totals, *others in zip(*(each.split(sizes) for each in scores), strict=True):
        values, places = totals.flatten().topk(min(wanted, totals.numel()))
        found.append((values.tolist(), places.tolist(), *(each.flatten()[places].tolist() for each in others)))
    return found


def _with_nearing(
    found: Candidates, totals: Tensor, logs: Tensor, ruled: Tensor, drafts: Sequence[Draft], goal: Goal
) -> Candidates:
    """Candidates, and with them the best of each beam that bring it nearer to the goal."""
    known = {place: (value, place, log, worth) for value, place, log, worth in zip(*found, strict=True)}
    for beam, draft in enumerate(drafts):
        tokens = torch.as_tensor(goal.nearing(draft.ids), device=totals.device)
        if len(tokens):
            value, best = totals[beam, tokens].max(0)
            token = int(tokens[best])
            place = beam * totals.shape[1] + token
            known.setdefault(place, (float(value), place, float(logs[beam, token]), float(ruled[beam, token])))
    values, places, own, worths = zip(*sorted(known.values(), key=lambda each: -each[0]), strict=True)
    return list(values), list(places), list(own), list(worths)


def _spread(going: list[tuple[int, Draft]], width: int, goal: Goal) -> list[tuple[int, Draft]]:
    """The best of those that are as far from the goal, in turn, the nearest first, until there are enough."""
    banks: dict[int, list[int]] = defaultdict(list)
    for number, (_, draft) in enumerate(going):
        banks[goal.missing(draft.ids)].append(number)
    turns = itertools.zip_longest(*(banks[missing] for missing in sorted(banks)))
    chosen = [number for turn in turns for number in turn if number is not None][:width]
    return [going[number] for number in sorted(chosen)]
