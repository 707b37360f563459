"""From windows to scores of starts and ends, what training makes of them, and the best answers of whole passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.data import plan_in_order
from attendo.tasks.answering.inputs import QuestionInputs, SpanBatch
from attendo.tasks.answering.span_search import ScoredWindow, SpanChoice, best_spans
from attendo.tasks.classify import PREDICT_TOKENS

NEVER = -1e4
"""Below any score of a token; finite, so that what is summed stays a number."""


@dataclass(kw_only=True)
class AnswerRule:
    """How an answer is chosen from scores.

    Attributes:
        max_tokens: of an answer.
        no_answer: whether a question may have none.
        threshold: the probability of there being none from which on none is given.
    """

    max_tokens: int
    no_answer: bool = False
    threshold: float = 0.5


class Targets(NamedTuple):
    """Where answers begin and end in a packed row, and which question of the batch each is for.

    Attributes:
        impossible: whether each question is known to have no answer.
    """

    starts: Int[Tensor, " A"]
    ends: Int[Tensor, " A"]
    owners: Int[Tensor, " A"]
    impossible: Tensor

    def to(self, device: torch.device) -> Targets:
        """The same on a device."""
        return Targets(*(tensor.to(device) for tensor in self))


def span_loss(scores: Float[Tensor, "N 2"], batch: SpanBatch, targets: Targets, *, no_answer: bool) -> Tensor:
    """How unlikely the right starts and ends are, over all questions, each being one choice over all its windows.

    That a passage's windows share one sum makes their scores comparable (arXiv 1710.10723, section 3.3). Of several
    right places it counts how likely they are together.
    """
    count = len(targets.impossible)
    starts = torch.tensor(batch.layout.query_starts, device=scores.device)
    windows = batch.layout.query_texts(scores.device)
    places = batch.layout.query_positions(scores.device)
    inside = (places >= batch.firsts[windows]) & (places < batch.ends[windows])
    owners = batch.owners[windows]
    total = scores.new_zeros(())
    for side, right_places in enumerate((targets.starts, targets.ends)):
        own = scores[:, side]
        whole = log_sums(own[inside], owners[inside], count)
        right = log_sums(own[right_places], targets.owners, count)
        if no_answer:
            none = own.new_full((count,), torch.inf).scatter_reduce(0, batch.owners, own[starts], "amin")
            whole = torch.logaddexp(whole, none)
            right = torch.where(targets.impossible, none, right)
        total = total + (whole - right).sum() / 2
    return total


def log_sums(values: Float[Tensor, " M"], owners: Int[Tensor, " M"], count: int) -> Float[Tensor, " B"]:
    """The logarithm of the summed exponentials of each owner's values, far below zero where it has none."""
    top = values.new_full((count,), NEVER).scatter_reduce(0, owners, values.detach(), "amax")
    sums = values.new_zeros(count).index_add(0, owners, (values - top[owners]).exp())
    return top + sums.clamp(min=torch.finfo(values.dtype).tiny).log()


@torch.inference_mode()
def score_windows(network: nn.Module, inputs: QuestionInputs) -> list[Float[Tensor, "T 2"]]:
    """The scores of each window's tokens, on the CPU."""
    device = next(network.parameters()).device
    found: list[Tensor] = [torch.zeros(0, 2)] * len(inputs.parts)
    for windows in plan_in_order(inputs.lengths, PREDICT_TOKENS):
        scores = network(inputs.texts.batch(windows).to(device)).float().cpu()
        layout = Layout(tuple(inputs.lengths[index] for index in windows))
        for window, each in zip(windows, layout.split(scores), strict=True):
            found[window] = each
    return found


def chosen_spans(
    scores: Sequence[Float[Tensor, "T 2"]], inputs: QuestionInputs, rule: AnswerRule, *, count: int = 1
) -> list[SpanChoice]:
    """The best answers to each question, in characters of its passage."""
    choices = []
    for bounds, windows in zip(inputs.bounds, inputs.windows, strict=True):
        parts = []
        for window in windows:
            part, first = inputs.parts[window], int(inputs.firsts[window])
            own = scores[window].double().numpy()
            places = bounds[part.start : part.end]
            inside = own[first : first + len(places)]
            parts.append(
                ScoredWindow(
                    start_scores=inside[:, 0],
                    end_scores=inside[:, 1],
                    allowed=places[:, 1] > places[:, 0],
                    bounds=places,
                    no_answer_score=float(own[0].sum()) if rule.no_answer else None,
                )
            )
        choices.append(best_spans(parts, max_tokens=rule.max_tokens, count=count))
    return choices


def no_answer_chance(choice: SpanChoice) -> float:
    """The probability that there is no answer; certain where the passage has no words."""
    if choice.no_answer_probability is not None:
        return choice.no_answer_probability
    return 0.0 if choice.spans else 1.0
