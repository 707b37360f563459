"""How well a model answers in dialogues: how it foresees what people answer, and how near its own answers come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy.typing as npt

from attendo.metrics.bootstrap import Interval
from attendo.metrics.classification import ClassScore
from attendo.metrics.diversity import score_diversity
from attendo.metrics.likelihood import score_likelihood
from attendo.metrics.translation import score_translation


@dataclass(frozen=True, kw_only=True)
class DialogueScores:
    """What the answers of people cost, and how a system's own answers compare with them."""

    num_examples: int
    """Dialogues."""
    num_answers: int
    """Answers that were written to be compared."""
    bits_per_character: Interval
    perplexity: Interval
    bleu: Interval
    """Of written answers against those of people, from 0 to 100; there are many good answers, so it is low."""
    chrf: Interval
    distinct_1: Interval
    """Different words among all words of the written answers."""
    distinct_2: Interval
    """Different pairs of neighbouring words among all such pairs."""
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Answers are of no classes."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and numbers, ready for JSON."""
        return asdict(self)


def score_dialogue(
    nats: npt.ArrayLike,
    tokens: npt.ArrayLike,
    characters: npt.ArrayLike,
    written: Sequence[str],
    right: Sequence[str],
    *,
    num_examples: int,
    resamples: int = 1000,
    seed: int = 0,
) -> DialogueScores:
    """Score a system that foresees answers and writes some itself.

    Args:
        nats, tokens, characters: of the answers of people, as for `score_likelihood`.
        written: the system's own answers, and `right` those of people to the same turns.
        num_examples: dialogues that all of them are from.

    Raises:
        ShapeError: if columns differ in length.
        InputError: if there is no answer.
    """
    cost = score_likelihood(nats, tokens, characters=characters, resamples=resamples, seed=seed)
    compared = score_translation(written, right, resamples=resamples, seed=seed)
    varied = score_diversity(written, resamples=1, seed=seed)
    assert cost.bits_per_character is not None
    return DialogueScores(
        num_examples=num_examples,
        num_answers=len(written),
        bits_per_character=cost.bits_per_character,
        perplexity=cost.perplexity,
        bleu=compared.bleu,
        chrf=compared.chrf,
        distinct_1=varied.distinct_1,
        distinct_2=varied.distinct_2,
    )
