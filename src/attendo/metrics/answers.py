"""All scores of extracted answers on one set of questions, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from attendo.errors import ConfigError, InputError, ShapeError
from attendo.metrics.answer_rules import ANSWER_RULES, AnswerRules, answer_language, usual_rules
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore
from attendo.metrics.sums import Floats, column_mean


@dataclass(frozen=True, kw_only=True)
class AnswerPart:
    """Scores of some of the questions, between 0 and 1."""

    num_examples: int
    exact_match: Interval
    f1: Interval


@dataclass(frozen=True, kw_only=True)
class AnswerThresholds:
    """What would be reached if questions were left without an answer above the best of all no-answer scores.

    A threshold of 0 with a score of no more than the share of questions without answer means: answer none. The
    threshold is chosen on the questions it is judged by, so that both scores flatter.
    """

    best_exact: float
    best_exact_threshold: float
    best_f1: float
    best_f1_threshold: float


@dataclass(frozen=True, kw_only=True)
class AnswerScores:
    """Scores between 0 and 1; also apart for questions with and without answer, where some have none."""

    num_examples: int
    rules: str
    """A name from `ANSWER_RULES`."""
    exact_match: Interval
    f1: Interval
    has_answer: AnswerPart | None = None
    no_answer: AnswerPart | None = None
    best: AnswerThresholds | None = None
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Answers are of no classes."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and numbers, ready for JSON; parts that are not there are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def score_answers(
    predictions: Sequence[str],
    golds: Sequence[Sequence[str]],
    *,
    language: str | None = None,
    rules: str | None = None,
    no_answer: Sequence[float] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> AnswerScores:
    """Score one predicted text per question against its right answers.

    Args:
        predictions: the empty text for "no answer".
        golds: the right answers of each question; none for a question that the passage does not answer.
        language: `en` or `zh`; found from the answers if not given.
        rules: a name from `ANSWER_RULES`; by default the usual ones of the language.
        no_answer: for each question the probability that there is no answer; with it the best thresholds are sought.

    Raises:
        ShapeError: if the columns differ in length.
        InputError: if there is no question, or a no-answer score is no probability.
    """
    if len(predictions) != len(golds):
        raise ShapeError(f"There are {len(predictions)} predictions for {len(golds)} questions; give one for each.")
    if not golds:
        raise InputError("Answers are scored on at least one question, but there is none.")
    chosen = _chosen(golds, language, rules)
    values = np.array([chosen.score(text, right) for text, right in zip(predictions, golds, strict=True)])
    answered = np.array([bool(right) for right in golds])
    best = None
    if no_answer is not None:
        best = _thresholds(values, predictions, answered, _probabilities(no_answer, len(golds)))
    return AnswerScores(
        num_examples=len(golds),
        rules=chosen.name,
        has_answer=_part(values, answered, resamples, seed) if not answered.all() else None,
        no_answer=_part(values, ~answered, resamples, seed),
        best=best,
        **_measured(values, resamples, seed),
    )


def answer_f1(
    predictions: Sequence[str], golds: Sequence[Sequence[str]], *, language: str | None = None
) -> npt.NDArray[np.float64]:
    """The F1 of each predicted text with the right answer that is nearest to it."""
    chosen = _chosen(golds, language, None)
    return np.array([chosen.score(text, right)[1] for text, right in zip(predictions, golds, strict=True)])


def paired_answers(
    golds: Sequence[Sequence[str]],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    language: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """How much higher the F1 of our answers is than that of others to the same questions."""
    scored = [answer_f1(each, golds, language=language) for each in (ours, theirs)]
    return paired_bootstrap(column_mean(0), np.zeros(len(golds)), *scored, resamples=resamples, seed=seed)


def _part(values: Floats, which: npt.NDArray[np.bool_], resamples: int, seed: int) -> AnswerPart | None:
    """Scores of some of the questions, if there are any."""
    if not which.any():
        return None
    return AnswerPart(num_examples=int(which.sum()), **_measured(values[which], resamples, seed))


def _chosen(golds: Sequence[Sequence[str]], language: str | None, rules: str | None) -> AnswerRules:
    if rules is not None:
        if rules not in ANSWER_RULES:
            raise ConfigError(f"`rules` is `{rules}`; it may be {', '.join(ANSWER_RULES)}.")
        return ANSWER_RULES[rules]
    language = language or answer_language(chain.from_iterable(golds))
    if language not in ("en", "zh"):
        raise ConfigError(f"`language` is `{language}`; it may be en or zh.")
    return usual_rules(language, all_answered=all(golds))


_METRICS = {"exact_match": column_mean(0), "f1": column_mean(1)}


def _measured(values: Floats, resamples: int, seed: int) -> dict[str, Interval]:
    return intervals(_METRICS, values, resamples=resamples, seed=seed)


def _probabilities(scores: Sequence[float], count: int) -> Floats:
    found = np.asarray(scores, dtype=np.float64)
    if found.shape != (count,):
        raise ShapeError(f"`no_answer` must hold one probability for each of {count} questions, but is {found.shape}.")
    if not ((found >= 0) & (found <= 1)).all():
        raise InputError("`no_answer` must hold probabilities, from 0 to 1. Differences d of scores become 1/(1+e^-d).")
    return found


def _thresholds(
    values: Floats, predictions: Sequence[str], answered: npt.NDArray[np.bool_], no_answer: Floats
) -> AnswerThresholds:
    exact = _best(values[:, 0], predictions, answered, no_answer)
    f1 = _best(values[:, 1], predictions, answered, no_answer)
    return AnswerThresholds(best_exact=exact[0], best_exact_threshold=exact[1], best_f1=f1[0], best_f1_threshold=f1[1])


def _best(
    values: Floats, predictions: Sequence[str], answered: npt.NDArray[np.bool_], no_answer: Floats
) -> tuple[float, float]:
    """The best score, and the no-answer score up to which it answers, as the evaluation of SQuAD 2.0 seeks them.

    It begins with no question answered and answers one more at a time, the surest first. Questions of equal scores
    are taken one after the other as they come, as there, though no threshold could part them.
    """
    order = np.argsort(no_answer, kind="stable")
    spoken = np.array([bool(text) for text in predictions])
    gains = np.where(answered, values, -spoken.astype(np.float64))[order]
    reached = np.cumsum(np.concatenate([[float((~answered).sum())], gains]))
    first = int(reached.argmax())
    threshold = float(no_answer[order[first - 1]]) if first else 0.0
    return float(reached[first]) / len(values), threshold
